"""Pick-up: from the call of `submit` to the moment the worker holds the claimed job, beside stock arq.

Both run in one process on one redis-server, a job at a time at random moments. Our side includes the
acceptance's transaction, the bell, and the claim's transaction on SQLite with synchronous=FULL; arq's
side is `enqueue_job` to the function's first line, with arq's own settings (a look every 0.5 s).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from unittest import mock

import psutil
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func

from benchmarks.measure import ROUNDS, Figure, percentile
from benchmarks.workbench import Bench, bench, call, redis, working
from core.app import App
from core.jobs import execute
from core.jobs.claim import claim
from core.jobs.submit import Order, submit
from core.operations.imagine import OPERATION, Imagine
from core.people import recognise
from storage.jobs import JobRow

SAMPLES = 20
# As long as arq's own look, so that submissions fall anywhere between two looks.
PAUSE_S_MAX = 0.5
RATIO_MAX = 1 / 30
IDLE_S = 12.0
IDLE_SHARE_MAX = 0.03

Pick = Callable[[], Awaitable[float]]


async def figures() -> AsyncIterator[Figure]:
    """The ratios of p50 and p95, then what an idle worker costs."""
    async with (
        redis() as url,
        bench(None, url) as opened,
        working(opened.parts),
        _ours(opened) as ours,
        _arqs(url) as theirs,
    ):
        for item in await _ratios(ours, theirs):
            yield item
    yield await _idle()


async def _ratios(ours: Pick, theirs: Pick) -> list[Figure]:
    sides: dict[Pick, list[list[float]]] = {ours: [], theirs: []}
    for number in range(ROUNDS):
        for side in (ours, theirs)[:: 1 if number % 2 else -1]:
            sides[side].append([await side() for _ in range(SAMPLES)])
    told = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        mine, stock = (
            statistics.median(percentile(values, share) for values in sides[side])
            for side in (ours, theirs)
        )
        told.append(
            Figure(
                name=f"pick-up {name} against stock arq",
                value=f"1/{stock / mine:.0f}",
                target="<= 1/30",
                good=mine / stock <= RATIO_MAX,
                note=f"{mine * 1000:.1f} ms against {stock * 1000:.0f} ms",
            )
        )
    return told


@contextlib.asynccontextmanager
async def _ours(opened: Bench) -> AsyncIterator[Pick]:
    claimed: asyncio.Queue[float] = asyncio.Queue()

    async def timed(app: App) -> JobRow | None:
        row = await claim(app)
        if row is not None:
            claimed.put_nowait(time.perf_counter())
        return row

    app = opened.parts.app
    person = await recognise(app, "web", "ann", "ann")

    async def pick() -> float:
        await asyncio.sleep(random.uniform(0, PAUSE_S_MAX))
        asked = call("ann")
        order = Order(
            person_id=person,
            community=None,
            operation=OPERATION,
            params=Imagine(prompt="a fox", model="gpt-image-2.5-flare"),
            address=asked.address,
            inbox=asked.inbox,
        )
        began = time.perf_counter()
        await submit(app, order)
        return await claimed.get() - began

    with mock.patch.object(execute, "claim", timed):
        yield pick


@contextlib.asynccontextmanager
async def _arqs(url: str) -> AsyncIterator[Pick]:
    started: asyncio.Queue[float] = asyncio.Queue()

    async def job(ctx: dict[Any, Any]) -> None:
        started.put_nowait(time.perf_counter())

    settings = RedisSettings.from_dsn(url)
    pool = await create_pool(settings)
    worker = Worker(
        functions=[func(job, name="job")], redis_settings=settings, handle_signals=False
    )
    running = asyncio.create_task(worker.async_run())

    async def pick() -> float:
        await asyncio.sleep(random.uniform(0, PAUSE_S_MAX))
        began = time.perf_counter()
        await pool.enqueue_job("job")
        return await started.get() - began

    try:
        yield pick
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await worker.close()
        await pool.aclose()


async def _idle() -> Figure:
    """The share of one core that a worker process and its redis-server use with nothing to do."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        async with redis() as url:
            environment = {
                **os.environ,
                "REDIS_URL": url,
                "ATELIER_DATA_DIR": folder,
                "DATABASE_URL": f"sqlite:///{folder}/atelier.db",
                "LOG_LEVEL": "error",
            }
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "worker", env=environment
            )
            try:
                await asyncio.sleep(5.0)
                watched = [psutil.Process(child.pid), *_servers()]
                before = _spent_s(watched)
                await asyncio.sleep(IDLE_S)
                share = (_spent_s(watched) - before) / IDLE_S
            finally:
                child.terminate()
                await child.wait()
    return Figure(
        name="an idle worker and its Redis",
        value=f"{share:.1%} of a core",
        target="<= 3 %",
        good=share <= IDLE_SHARE_MAX,
    )


def _servers() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    servers = [item for item in found if item.name() in {"redis-server", "valkey-server"}]
    assert servers, [item.name() for item in found]
    return servers


def _spent_s(processes: list[psutil.Process]) -> float:
    times = [item.cpu_times() for item in processes]
    return sum(item.user + item.system for item in times)
