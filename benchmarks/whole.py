"""The whole path with an instant provider against an empty arq job, in jobs a second.

Ours: from the first command to the last result edited on the page, ten people at once. Theirs: a job
that does nothing, from the first `enqueue_job` to the last one done, through the same worker loop with
the same bell and as many slots.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import func

from benchmarks.measure import Figure, in_turns
from benchmarks.workbench import (
    SETTLE_S,
    SLOTS,
    Bench,
    all_shown,
    bench,
    postgres,
    redis,
    working,
)
from bot.command import Call
from bot.news import News
from bot.worker import BellWorker

PEOPLE = 10
JOBS = 300
EMPTY_JOBS = 1000
RATIO_MIN = 0.15
TOPIC = "empty"


async def figures() -> AsyncIterator[Figure]:
    """On each database."""
    yield await _figure("SQLite, synchronous=FULL", None)
    async with postgres() as url:
        yield await _figure("PostgreSQL", url)


async def _figure(name: str, database_url: str | None) -> Figure:
    async with (
        redis() as url,
        bench(database_url, url) as opened,
        working(opened.parts),
        _empty(url, opened.parts.news) as empty,
    ):
        await _whole(opened)  # the first time opens connections and starts the pictures' child
        ours, theirs = await in_turns(lambda: _whole(opened), empty.rate)
    return Figure(
        name=f"whole path against an empty arq job, {name}",
        value=f"{ours / theirs:.2f}",
        target=">= 0.15",
        good=ours / theirs >= RATIO_MIN,
        note=f"{ours:.0f} jobs/s against {theirs:.0f}",
    )


async def _whole(opened: Bench) -> float:
    calls = [
        [await opened.message(f"person-{place}") for _ in range(JOBS // PEOPLE)]
        for place in range(PEOPLE)
    ]
    began = time.perf_counter()
    await asyncio.gather(*(_give(opened, mine) for mine in calls))
    await all_shown(opened.parts)
    return JOBS / (time.perf_counter() - began)


async def _give(opened: Bench, calls: list[Call]) -> None:
    for asked in calls:
        await opened.give(asked)


class _Empty:
    """Counts empty jobs."""

    def __init__(self, redis_url: str, news: News) -> None:
        self._settings = RedisSettings.from_dsn(redis_url)
        self._news = news
        self._left = 0
        self._done = asyncio.Event()

    async def job(self, ctx: dict[Any, Any]) -> None:
        """Nothing."""
        self._left -= 1
        if self._left == 0:
            self._done.set()

    def worker(self) -> BellWorker:
        """The same loop as ours, on a queue of its own."""
        return BellWorker(
            functions=[func(self.job, name="job")],
            queue_name=TOPIC,
            redis_settings=self._settings,
            handle_signals=False,
            max_jobs=SLOTS,
            keep_result=0,
            max_tries=1,
        )

    async def rate(self) -> float:
        """Jobs a second."""
        self._left = EMPTY_JOBS
        self._done.clear()
        pool = await create_pool(self._settings, default_queue_name=TOPIC)
        began = time.perf_counter()
        await asyncio.gather(*(self._enqueue(pool) for _ in range(PEOPLE)))
        await self._done.wait()
        spent_s = time.perf_counter() - began
        await pool.aclose()
        return EMPTY_JOBS / spent_s

    async def _enqueue(self, pool: Any) -> None:  # noqa: ANN401
        for _ in range(EMPTY_JOBS // PEOPLE):
            await pool.enqueue_job("job")
            await self._news.publish(TOPIC)


@contextlib.asynccontextmanager
async def _empty(redis_url: str, news: News) -> AsyncIterator[_Empty]:
    empty = _Empty(redis_url, news)
    worker = empty.worker()
    with news.listen(TOPIC) as rung:
        worker.rung = rung
        running = asyncio.create_task(worker.async_run())
        await asyncio.sleep(SETTLE_S)
        try:
            yield empty
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await worker.close()
