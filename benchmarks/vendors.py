"""`atelier up` with the page alone: two vendors set up against none, start and memory, in turns."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from benchmarks.idle import compiled, resident, up
from benchmarks.measure import Figure, in_turns
from providers.base import discover

# Nothing is asked of a vendor at the start; were it asked, it would not be found here.
NOWHERE = "http://127.0.0.1:9"
TWO = {
    "OPENAI_API_KEY": "sk-of-nobody",
    "OPENAI_BASE_URL": NOWHERE,
    "GEMINI_API_KEY": "key-of-nobody",
    "GOOGLE_GEMINI_BASE_URL": NOWHERE,
}
RATIO_MAX = 1.2
REST_S = 3.0


async def figures() -> AsyncIterator[Figure]:
    """Ready, and resident memory at rest, each as a ratio."""
    await compiled()
    for vendor in discover().values():
        for name in vendor.settings:
            os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        async with up(folder, {}):
            """The very first start makes the database."""
        with_two: list[float] = []
        with_none: list[float] = []
        ready = await in_turns(_start(folder, TWO, with_two), _start(folder, {}, with_none))
    used = statistics.median(with_two), statistics.median(with_none)
    yield _ratio("atelier up ready with two vendors against none", ready, "s", 2)
    yield _ratio("resident with two vendors against none", used, "MB", 0)


def _start(
    folder: str, settings: Mapping[str, str], used: list[float]
) -> Callable[[], Awaitable[float]]:
    """One start: the seconds until it is ready; `used` takes its megabytes a little later."""

    async def start() -> float:
        async with up(folder, settings) as (ready_s, process):
            await asyncio.sleep(REST_S)
            used.append(resident(process)[0])
        return ready_s

    return start


def _ratio(name: str, sides: tuple[float, float], unit: str, digits: int) -> Figure:
    two, none = sides
    return Figure(
        name=name,
        value=f"{two / none:.2f}",
        target=f"<= {RATIO_MAX}",
        good=two / none <= RATIO_MAX,
        note=f"{two:.{digits}f} {unit} against {none:.{digits}f}",
    )
