"""Claiming the next job out of 10,000 that wait against out of 10, in turns.

Nine jobs of other people run meanwhile, as in a worker whose tenth slot has come free. Each claim is
taken back before the next one, which is not timed.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import asdict

from sqlalchemy import insert

from benchmarks.measure import Figure, in_turns
from benchmarks.workbench import Bench, bench, postgres, redis
from core.clock import SystemClock
from core.ids import new_id
from core.jobs.claim import claim
from storage import jobs
from storage.database import Connection
from storage.jobs import JobRow
from storage.people import person

CLAIMS = 100
RUNNING = 9
SHAPES = ((1_000, 10), (10_000, 1))
FEW = 10
RATIO_MAX = 1.2


async def figures() -> AsyncIterator[Figure]:
    """Both shapes on both databases."""
    async with redis() as url:
        for people, each in SHAPES:
            async with bench(None, url) as small, bench(None, url) as large:
                yield await _figure("SQLite", small, large, people, each)
            async with (
                postgres() as one,
                postgres() as other,
                bench(one, url) as small,
                bench(other, url) as large,
            ):
                yield await _figure("PostgreSQL", small, large, people, each)


async def _figure(name: str, small: Bench, large: Bench, people: int, each: int) -> Figure:
    await _fill(small, FEW, 1)
    await _fill(large, people, each)
    many, few = await in_turns(lambda: _claims(large), lambda: _claims(small))
    return Figure(
        name=f"claiming one of 10,000 ({people:,} people x {each}) against one of 10, {name}",
        value=f"{many / few:.2f}",
        target="<= 1.2",
        good=many / few <= RATIO_MAX,
        note=f"{many * 1e6:.0f} us against {few * 1e6:.0f}",
    )


async def _fill(opened: Bench, people: int, each: int) -> None:
    database = opened.parts.app.database
    await database.transaction(_add, RUNNING, 1)
    for _ in range(RUNNING):
        assert await claim(opened.parts.app) is not None
    await database.transaction(_add, people, each)
    # As autovacuum does after so many new rows.
    await database.transaction(lambda connection: connection.exec_driver_sql("ANALYZE") and None)


def _add(connection: Connection, people: int, each: int) -> None:
    persons = [new_id() for _ in range(people)]
    now = SystemClock().now()
    connection.execute(insert(person), [{"id": item, "created_at": now} for item in persons])
    rows = [asdict(_row(asked_by)) for _ in range(each) for asked_by in persons]
    connection.execute(insert(jobs.job), rows)


def _row(asked_by: str) -> JobRow:
    return JobRow(
        id=new_id(),
        person_id=asked_by,
        community=None,
        operation="imagine",
        model=None,
        params='{"prompt": "a fox"}',
        parent_id=None,
        address="{}",
        count=1,
        price=1,
        priority=0,
        running_max=4,
        state="queued",
        epoch=0,
        lease_until=None,
        cancel_asked=False,
        captured=0,
        lines="[]",
        created_at=SystemClock().now(),
        answered_at=None,
        started_at=None,
        finished_at=None,
        deleted_at=None,
    )


async def _claims(opened: Bench) -> float:
    app = opened.parts.app
    spent_s = 0.0
    for _ in range(CLAIMS):
        began = time.perf_counter()
        row = await claim(app)
        spent_s += time.perf_counter() - began
        assert row is not None
        await app.database.transaction(jobs.release, row.id, row.epoch)
    return spent_s / CLAIMS
