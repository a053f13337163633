"""Photo-like PNG files for benchmarks, drawn in a process of their own so that ours does not grow."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

DRAW = """
import sys
from pathlib import Path
from PIL import Image
from tests.fakes.photos import noisy, photo
side, count, noise, folder = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
for seed in range(count):
    drawn = photo(1024, seed).resize((side, side), Image.Resampling.BICUBIC)
    noisy(drawn, noise, seed).save(Path(folder, f"{seed}.png"))
"""
PHOTOS = 4
NOISE = {1024: 3.0, 4096: 1.2}  # as much as the gate's limit of bytes lets in


async def photos(side: int) -> list[bytes]:
    """Four of them, of side x side px."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        words = (str(side), str(PHOTOS), str(NOISE[side]), folder)
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", DRAW, *words)
        assert await child.wait() == 0
        return [(Path(folder) / f"{seed}.png").read_bytes() for seed in range(PHOTOS)]
