"""Our work on pixels beside pyvips and OpenCV, on one thread each, in a process of its own.

`python -m benchmarks.peers` prints one line of JSON: for each comparison, the seconds of both sides.
Where one thread is compared with one, it is CPU time, which a busy machine changes least.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import Image

from benchmarks.measure import in_turns
from benchmarks.photos import photos
from core.pixels import TASKS

CELL_PX = 1024
THUMBNAIL_PX = 512
GAP_PX = 8
PAPER = [236, 236, 233]
AT_ONCE = 2


async def measured() -> dict[str, tuple[float, float]]:
    """Ours and theirs, by the name of the comparison."""
    cv2.setNumThreads(1)
    found = {}
    for side in (1024, 4096):
        sources = await photos(side)
        found[f"previews {side}"] = await in_turns(
            _timed(time.process_time, partial(_ours, sources)),
            _timed(time.process_time, partial(_theirs, sources)),
        )
        found[f"threads {side}"] = await in_turns(
            _timed(time.perf_counter, partial(_at_once, sources)),
            _timed(time.perf_counter, partial(_one_by_one, sources)),
        )
    picture = Image.open(io.BytesIO((await photos(1024))[0])).convert("RGB")
    for scale in (2, 4):
        size = (picture.width * scale, picture.height * scale)
        found[f"lanczos {scale}"] = await in_turns(
            _timed(time.process_time, partial(picture.resize, size, Image.Resampling.LANCZOS)),
            _timed(time.process_time, partial(_by_opencv, np.asarray(picture), size)),
        )
    return found


def _timed(
    clock: Callable[[], float], work: Callable[[], object]
) -> Callable[[], Awaitable[float]]:
    async def once() -> float:
        began = clock()
        work()
        return clock() - began

    return once


def _ours(sources: list[bytes]) -> list[bytes]:
    _, files = TASKS["previews"]({"side": THUMBNAIL_PX}, list(sources))
    return files


def _theirs(sources: list[bytes]) -> list[bytes]:
    """The same by pyvips, as quick as it can: decoded while it is made smaller, once each."""
    cells, files = [], []
    for data in sources:
        cell = pyvips.Image.thumbnail_buffer(data, CELL_PX).copy_memory()
        files.append(cell.thumbnail_image(THUMBNAIL_PX).webpsave_buffer(Q=80, effort=4))
        cells.append(cell)
    sheet = pyvips.Image.arrayjoin(cells, across=2, shim=GAP_PX, background=PAPER)
    return [sheet.jpegsave_buffer(Q=90, subsample_mode="on"), *files]


def _at_once(sources: list[bytes]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(_ours, [sources] * AT_ONCE))


def _one_by_one(sources: list[bytes]) -> None:
    for _ in range(AT_ONCE):
        _ours(sources)


def _by_opencv(pixels: NDArray[np.uint8], size: tuple[int, int]) -> None:
    cv2.resize(pixels, size, interpolation=cv2.INTER_LANCZOS4)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(measured())) + "\n")
