"""Slots: ten slots of 100 ms jobs on the whole path, as a share of the ideal 100 jobs a second.

The jobs wait in the queue before the worker starts. The rate is taken at the provider, between its
50th and its 450th answer: what a slot does besides the call is what is missing from the ideal.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from benchmarks.measure import ROUNDS, Figure
from benchmarks.workbench import SLOTS, Instant, bench, postgres, redis, working
from providers.base import Accepted, ImageRequest, ImageResult, Partial

JOB_S = 0.1
JOBS = 500
EDGE = 50
PEOPLE = 50
SHARE_MIN = 0.95


class _Timed(Instant):
    """Notes when each answer was given."""

    def __init__(self) -> None:
        super().__init__(JOB_S)
        self.times: list[float] = []

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """One picture, 100 ms later."""
        result = await super().run(request, partial=partial, accepted=accepted)
        self.times.append(time.perf_counter())
        return result


async def figures() -> AsyncIterator[Figure]:
    """On each database."""
    yield _figure("SQLite", [await _share(None) for _ in range(ROUNDS)])
    shares = []
    for _ in range(ROUNDS):
        async with postgres() as url:
            shares.append(await _share(url))
    yield _figure("PostgreSQL", shares)


def _figure(name: str, shares: list[float]) -> Figure:
    share = statistics.median(shares)
    return Figure(
        name=f"ten slots of 100 ms jobs, {name}",
        value=f"{share:.0%} of the ideal rate",
        target=">= 95 %",
        good=share >= SHARE_MIN,
    )


async def _share(database_url: str | None) -> float:
    async with redis() as url, bench(database_url, url) as opened:
        provider = _Timed()
        assert isinstance(opened.parts.app.providers, dict)
        opened.parts.app.providers["openai"] = provider
        await asyncio.gather(*(_submit(opened.command, place) for place in range(PEOPLE)))
        async with working(opened.parts):
            while len(provider.times) < JOBS - EDGE:  # noqa: ASYNC110 - a look costs nothing
                await asyncio.sleep(JOB_S)
    first, last = provider.times[EDGE], provider.times[JOBS - EDGE - 1]
    rate = (JOBS - 2 * EDGE - 1) / (last - first)
    return rate * JOB_S / SLOTS


async def _submit(command: Callable[[str], Awaitable[str]], place: int) -> None:
    for _ in range(JOBS // PEOPLE):
        await command(f"person-{place}")
