"""Submissions as fast as they go: ours, the same statements on the bare driver, and a process that writes.

`python -m benchmarks.submitting <database> <person>` prints a line when it is ready. For each line it
reads, it submits at an even pace and answers with a line of JSON: how long each one took.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiosqlite
import asyncpg
from sqlalchemy import Connection, Engine, event

from core.app import App, Rules
from core.ids import new_id
from core.jobs.submit import Order, submit
from core.messenger import Address
from core.operations.imagine import OPERATION, Imagine
from storage.database import POSTGRES_CONNECTIONS_MAX
from tests.fakes.studio import studio

One = Callable[[int], Awaitable[object]]

RULES = Rules(queued_max=100_000, vendor_order=("sketch",))
PACE = 150.0
PACED = 300

# Everything that a submission leaves, taken back so that each round finds the same.
_RESTORE = (
    "DELETE FROM hold WHERE state = 'pending'",
    "UPDATE account SET pending = 0 WHERE pending > 0",
    "DELETE FROM job WHERE state = 'queued'",
    "DELETE FROM inbox",
)


@contextlib.asynccontextmanager
async def app(url: str) -> AsyncIterator[App]:
    """The rules on a database, without anything that works on the jobs."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        async with studio(url, Path(folder), rules=RULES) as opened:
            yield opened.app


def order(person_id: str) -> Order:
    """A picture that costs something."""
    return Order(
        person_id=person_id,
        community=None,
        operation=OPERATION,
        params=Imagine(prompt="a fox", model="sketch"),
        address=Address(platform="test", place="room", user=person_id, message=new_id()),
        inbox=f"bench:{new_id()}",
    )


def restore(connection: Connection) -> None:
    """Take back what was submitted."""
    for statement in _RESTORE:
        connection.exec_driver_sql(statement)


async def rate(one: One, tasks: int, each: int) -> float:
    """How many a second, by so many tasks."""

    async def several(task: int) -> None:
        for _ in range(each):
            await one(task)

    began = time.perf_counter()
    await asyncio.gather(*(several(task) for task in range(tasks)))
    return tasks * each / (time.perf_counter() - began)


class Bare:
    """The statements of one submission as they were sent, for the driver alone."""

    def __init__(
        self, statements: list[tuple[str, tuple[Any, ...]]], known: dict[str, str]
    ) -> None:
        self._statements = statements
        self._known = known

    @classmethod
    async def of(cls, opened: App, person_id: str) -> Bare:
        """Submit once and listen."""
        heard: list[tuple[str, tuple[Any, ...]]] = []

        def hear(_: object, __: object, sql: str, values: Any, *___: object) -> None:  # noqa: ANN401
            heard.append((sql, tuple(values)))

        asked = order(person_id)
        event.listen(Engine, "before_cursor_execute", hear)
        try:
            accepted = await submit(opened, asked)
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
        known = {"job": accepted.job_id, "inbox": asked.inbox, "person": person_id}
        return cls(heard, known)

    @property
    def count(self) -> int:
        """How many statements a submission is."""
        return len(self._statements)

    def anew(self, person_id: str) -> list[tuple[str, tuple[Any, ...]]]:
        """The same for another job of another person."""
        new = {
            self._known["job"]: new_id(),
            self._known["inbox"]: f"bench:{new_id()}",
            self._known["person"]: person_id,
            f"person:{self._known['person']}": f"person:{person_id}",
        }
        return [
            (sql, tuple(new.get(item, item) if isinstance(item, str) else item for item in values))
            for sql, values in self._statements
        ]


@contextlib.asynccontextmanager
async def bare_sqlite(url: str, bare: Bare) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """One connection of aiosqlite, whose transactions go one after the other."""
    lock = asyncio.Lock()
    async with aiosqlite.connect(urlsplit(url).path, isolation_level=None) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            await connection.execute(f"PRAGMA {pragma}")

        async def one(person_id: str) -> None:
            async with lock:
                await connection.execute("BEGIN IMMEDIATE")
                for sql, values in bare.anew(person_id):
                    await connection.execute_fetchall(sql, values)
                await connection.execute("COMMIT")

        yield one


@contextlib.asynccontextmanager
async def bare_postgres(url: str, bare: Bare) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """As many connections of asyncpg as ours has."""
    size = POSTGRES_CONNECTIONS_MAX
    async with asyncpg.create_pool(url, min_size=size, max_size=size) as pool:

        async def one(person_id: str) -> None:
            async with pool.acquire() as connection, connection.transaction():
                for sql, values in bare.anew(person_id):
                    await connection.fetch(sql, *values)

        yield one


async def _paced(opened: App, person_id: str) -> list[float]:
    taken = []
    began = time.perf_counter()
    for number in range(PACED):
        await asyncio.sleep(max(0.0, began + number / PACE - time.perf_counter()))
        asked = order(person_id)
        started = time.perf_counter()
        await submit(opened, asked)
        taken.append(time.perf_counter() - started)
    return taken


async def ask(child: Process) -> list[float]:
    """Let a process write once more; how long each of its submissions took, in seconds."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b"go\n")
    taken: list[float] = json.loads(await child.stdout.readline())
    return taken


async def _write(url: str, person_id: str) -> None:
    async with app(url) as opened:
        await submit(opened, order(person_id))
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await _paced(opened, person_id)), flush=True)


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1], sys.argv[2]))
