"""Our work on pixels: beside the best library for each step, and beside the event loop.

What stands beside the loop comes first, in a process that has loaded neither Pillow nor its peers, as a
worker; the peers are measured in a process of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable

from benchmarks.answer import frontend
from benchmarks.fakes import platforms
from benchmarks.measure import Figure, in_turns, percentile
from benchmarks.memory import watched
from benchmarks.photos import photos
from benchmarks.workbench import all_shown, bench, redis, working
from core.images import Images
from core.sandbox import ENVIRONMENT, Limits, Sandbox

RATE = 10.0
SECONDS = 6.0
ACK_ROUNDS = 5
AT_ONCE = 8
ACK_RATIO_MAX = 1.2
MEMORY_MB_MAX = 600
STALL_S_MAX = 0.010
PEER_RATIO_MAX = 1.4
SPEED_UP_MIN = 1.8
TICK_S = 0.001


async def figures() -> AsyncIterator[Figure]:
    """Beside the loop, then beside the peers."""
    large = await photos(4096)
    async for figure in _beside_the_frontend(large):
        yield figure
    for side, sources in ((1024, await photos(1024)), (4096, large)):
        yield await _two_children(side, sources)
        yield await _stall(side, sources)
    found = await _peers()
    for name, (ours, theirs) in found.items():
        yield _compared(name, ours, theirs)


async def _beside_the_frontend(sources: list[bytes]) -> AsyncIterator[Figure]:
    """First answers while eight pictures are worked on, and the memory of all that."""
    idle: list[float] = []
    busy: list[float] = []
    used: list[float] = []
    async with platforms() as people, redis() as url:
        discord = (people.discord_token, people.discord_url)
        async with bench(None, url, discord) as opened, working(opened.parts), frontend(opened):
            await people.type(RATE, 1)
            for _ in range(ACK_ROUNDS):
                idle += await people.type(RATE, SECONDS)
                async with _at_work(opened.parts.app.images, sources), watched(used):
                    busy += await people.type(RATE, SECONDS)
                await all_shown(opened.parts)
    one, two = percentile(idle, 0.99), percentile(busy, 0.99)
    yield Figure(
        name=f"first answer, p99, while {AT_ONCE} pictures of 4096 px are worked on, against idle",
        value=f"{two / one:.2f}",
        target=f"<= {ACK_RATIO_MAX}",
        good=two / one <= ACK_RATIO_MAX,
        note=f"{two * 1000:.1f} ms against {one * 1000:.1f}; "
        f"p50 {percentile(busy, 0.5) * 1000:.1f} against {percentile(idle, 0.5) * 1000:.1f}",
    )
    yield Figure(
        name="peak memory of frontend, worker and children at that",
        value=f"{max(used):.0f} MB",
        target=f"<= {MEMORY_MB_MAX} MB",
        good=max(used) <= MEMORY_MB_MAX,
    )


@contextlib.asynccontextmanager
async def _at_work(images: Images, sources: list[bytes]) -> AsyncIterator[None]:
    """Eight pictures go through the gate and become thumbnails, over and over."""

    async def work(data: bytes) -> None:
        while True:
            admitted = await images.admit(data)
            await images.thumbnail(admitted.data)

    tasks = [asyncio.create_task(work(sources[n % len(sources)])) for n in range(AT_ONCE)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _two_children(side: int, sources: list[bytes]) -> Figure:
    """Two pipelines at once, in two children and in one."""
    pools = [Images(Sandbox("core.pixels", Limits(children_max=count))) for count in (2, 1)]
    two, one = (_pipelines(pool, sources) for pool in pools)
    await two()
    await one()
    taken = await in_turns(two, one)
    for pool in pools:
        await pool.close()
    return _speed_up(f"{side} px, four PNG to a grid and thumbnails, two children", *taken)


def _pipelines(images: Images, sources: list[bytes]) -> Callable[[], Awaitable[float]]:
    async def once() -> float:
        began = time.perf_counter()
        await asyncio.gather(images.previews(sources), images.previews(sources))
        return time.perf_counter() - began

    return once


async def _stall(side: int, sources: list[bytes]) -> Figure:
    """The longest time the event loop stood still during it, beside that of a loop with nothing to do."""
    images = Images()
    await images.previews(sources)
    still: list[float] = []
    busy: list[float] = []
    async with _ticking(busy):
        began = time.perf_counter()
        await asyncio.gather(images.previews(sources), images.previews(sources))
        taken_s = time.perf_counter() - began
    async with _ticking(still):
        await asyncio.sleep(taken_s)
    await images.close()
    return Figure(
        name=f"longest stall of the event loop during two of these at once, {side} px",
        value=f"{max(busy) * 1000:.1f} ms",
        target=f"<= {STALL_S_MAX * 1000:.0f} ms",
        good=max(busy) <= STALL_S_MAX,
        note=f"{max(still) * 1000:.1f} ms in as long without work",
    )


@contextlib.asynccontextmanager
async def _ticking(late: list[float]) -> AsyncIterator[None]:
    """How late a tick of each millisecond came, as CPU time of the loop's thread."""

    async def tick() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(TICK_S)
            late.append(time.thread_time() - before)

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _peers() -> dict[str, tuple[float, float]]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.peers",
        stdout=PIPE,
        env={**os.environ, **ENVIRONMENT, "VIPS_CONCURRENCY": "1"},
    )
    out, _ = await child.communicate()
    found: dict[str, tuple[float, float]] = json.loads(out)
    return found


def _compared(name: str, ours: float, theirs: float) -> Figure:
    what, detail = name.split()
    if what == "threads":
        return _speed_up(
            f"{detail} px, four PNG to a grid and thumbnails, two threads", ours, theirs
        )
    if what == "lanczos":
        title = f"Lanczos, {detail} times as large, against OpenCV's"
    else:
        title = f"{detail} px, four PNG to a grid and thumbnails, against pyvips"
    return Figure(
        name=title,
        value=f"{ours / theirs:.2f}",
        target=f"<= {PEER_RATIO_MAX}",
        good=ours / theirs <= PEER_RATIO_MAX,
        note=f"{ours * 1000:.0f} ms against {theirs * 1000:.0f}",
    )


def _speed_up(name: str, two: float, one: float) -> Figure:
    return Figure(
        name=f"{name} against one",
        value=f"{one / two:.2f}",
        target=f">= {SPEED_UP_MIN}",
        good=one / two >= SPEED_UP_MIN,
        note=f"{two * 1000:.0f} ms against {one * 1000:.0f}",
    )
