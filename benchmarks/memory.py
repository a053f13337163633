"""How much memory a process and its pictures' children take at most, watched from a process of its own.

`python -m benchmarks.memory <pid>` looks until its input ends, then prints megabytes. Pages that several
of them share are counted once (PSS, where the kernel tells it).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator

import psutil

LOOK_S = 0.05
NICENESS = 19


@contextlib.asynccontextmanager
async def watched(used: list[float]) -> AsyncIterator[None]:
    """Add the most megabytes that this process and its children took meanwhile."""
    watcher = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.memory", str(os.getpid()), stdin=PIPE, stdout=PIPE
    )
    try:
        yield
    finally:
        out, _ = await watcher.communicate(b"")
        used.append(float(out))


def _watch(whole: psutil.Process) -> float:
    most = 0.0
    while not select.select([sys.stdin], [], [], LOOK_S)[0]:
        most = max(most, _megabytes(whole))
    return most


def _megabytes(whole: psutil.Process) -> float:
    found = _taken(whole)
    for child in whole.children():
        with contextlib.suppress(psutil.Error):
            if any("sandbox_child" in word for word in child.cmdline()):
                found += _taken(child)
    return found / 2**20


def _taken(process: psutil.Process) -> int:
    told = process.memory_full_info() if psutil.LINUX else process.memory_info()
    taken: int = getattr(told, "pss", told.rss)
    return taken


if __name__ == "__main__":
    os.nice(NICENESS)
    sys.stdout.write(f"{_watch(psutil.Process(int(sys.argv[1]))):.1f}\n")
