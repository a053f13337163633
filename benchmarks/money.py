"""Money: whether a large ledger is slower than a small one, and what our way to the database costs.

The ledgers are filled by the database itself; the person whose balance and submissions are timed has a
hundred of the rows, as everybody. What a round has submitted is taken back before the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from benchmarks import ledger_rows, submitting
from benchmarks.ledger_rows import person
from benchmarks.measure import ROUNDS, Figure, in_turns, percentile
from benchmarks.submitting import Bare, order, restore
from benchmarks.workbench import postgres
from core import books, wallets
from core.app import App
from core.jobs.submit import submit

SMALL, LARGE = 1_000, 1_000_000
TIMES = 100
SIZE_MAX = 1.1
TASKS, EACH = 16, 25
BARE_MIN = {"SQLite": 0.8, "PostgreSQL": 0.55}
WRITERS = 3
WRITERS_MAX = 3.0
ROUNDS_OF_SIZE = 7


async def figures() -> AsyncIterator[Figure]:
    """Both databases; several processes on SQLite alone."""
    async with _ledgers("SQLite") as (small, large, url):
        async for figure in _of_size("SQLite", small, large):
            yield figure
        yield await _against_bare("SQLite", small, url)
        yield await _writers(url, small)
    async with _ledgers("PostgreSQL") as (small, large, url):
        async for figure in _of_size("PostgreSQL", small, large):
            yield figure
        yield await _against_bare("PostgreSQL", small, url)


@contextlib.asynccontextmanager
async def _ledgers(kind: str) -> AsyncIterator[tuple[App, App, str]]:
    """A small and a large one, and the address of the small one."""
    async with contextlib.AsyncExitStack() as stack:
        opened = []
        urls = []
        for rows in (SMALL, LARGE):
            if kind == "SQLite":
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="atelier-bench-"))
                url = f"sqlite:///{Path(folder) / 'bench.db'}"
            else:
                url = await stack.enter_async_context(postgres())
            app = await stack.enter_async_context(submitting.app(url))
            await ledger_rows.fill(url, rows)
            opened.append(app)
            urls.append(url)
        yield opened[0], opened[1], urls[0]


async def _of_size(kind: str, small: App, large: App) -> AsyncIterator[Figure]:
    for name, one in (("balance", _balances), ("submission", _submissions)):
        for app in (small, large):
            await one(app)
        many, few = await in_turns(partial(one, large), partial(one, small), ROUNDS_OF_SIZE)
        yield Figure(
            name=f"{name} at 1,000,000 transfers against 1,000, {kind}",
            value=f"{many / few:.2f}",
            target=f"<= {SIZE_MAX}",
            good=many / few <= SIZE_MAX,
            note=f"{many * 1e6:.0f} us against {few * 1e6:.0f}",
        )
    began = time.perf_counter()
    wrong = await books.audit(large)
    assert wrong is None, wrong.sentence
    spent_s = time.perf_counter() - began
    yield Figure(name=f"the audit of 1,000,000 transfers, {kind}", value=f"{spent_s:.1f} s")


async def _balances(app: App) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        await wallets.balance(app, person(3))
    return (time.perf_counter() - began) / TIMES


async def _submissions(app: App) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        await submit(app, order(person(3)))
    spent_s = time.perf_counter() - began
    await app.database.transaction(restore)
    return spent_s / TIMES


async def _against_bare(kind: str, app: App, url: str) -> Figure:
    """Ours with all that is around it; theirs the statements alone."""
    people = [person(number % (SMALL // ledger_rows.EACH)) for number in range(TASKS)]
    bare = await Bare.of(app, people[0])
    driver = submitting.bare_sqlite if kind == "SQLite" else submitting.bare_postgres
    async with driver(url, bare) as plain:

        async def ours() -> float:
            return await measured(lambda task: submit(app, order(people[task])))

        async def theirs() -> float:
            return await measured(lambda task: plain(people[task]))

        async def measured(one: submitting.One) -> float:
            found = await submitting.rate(one, TASKS, EACH)
            await app.database.transaction(restore)
            return found

        await ours(), await theirs()
        mine, bare_rate = await in_turns(ours, theirs)
    least = BARE_MIN[kind]
    return Figure(
        name=f"submissions of {TASKS} tasks against the bare driver, {kind}",
        value=f"{mine / bare_rate:.2f}",
        target=f">= {least}",
        good=mine / bare_rate >= least,
        note=f"{mine:.0f}/s against {bare_rate:.0f}, {bare.count} statements each",
    )


async def _writers(url: str, app: App) -> Figure:
    """The slowest of three processes against one that is alone."""
    async with contextlib.AsyncExitStack() as stack:
        children = [
            await stack.enter_async_context(_writer(url, person(number)))
            for number in range(WRITERS)
        ]

        async def p99(count: int) -> float:
            taken = await asyncio.gather(*(submitting.ask(child) for child in children[:count]))
            await app.database.transaction(restore)
            return max(percentile(mine, 0.99) for mine in taken)

        await p99(WRITERS)
        several, alone = await in_turns(lambda: p99(WRITERS), lambda: p99(1), ROUNDS)
    ratio = several / alone
    return Figure(
        name=f"p99 of a submission with {WRITERS} writing processes against one, SQLite",
        value=f"{ratio:.2f}",
        target=f"<= {WRITERS_MAX:.0f}",
        good=ratio <= WRITERS_MAX,
        note=f"{several * 1e3:.1f} ms against {alone * 1e3:.1f}, {submitting.PACE:.0f}/s each",
    )


@contextlib.asynccontextmanager
async def _writer(url: str, person_id: str) -> AsyncIterator[Process]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.submitting", url, person_id),
        stdin=PIPE,
        stdout=PIPE,
        limit=2**22,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert await child.stdout.readline() == b"ready\n"
        yield child
    finally:
        child.stdin.close()
        await child.wait()
