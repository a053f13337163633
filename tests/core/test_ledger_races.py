"""Many at once: the last credits are spent once, however many want them, and nobody waits in a circle."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core import accounts, credits
from core.books import difference
from core.credits import Entry, Uncovered
from migrations.upgrade import upgrade
from storage import database, ledger
from storage.database import Database
from tests.fakes.money import add_person
from tests.fakes.spenders import EACH, PERSON, give_back, spend

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LAST = 100
TASKS = 64
PROCESSES = 4
REPEATS = 200
CROSSINGS = 40


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Database]:
    """A database where two people have credits."""
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url)
    connected = database.connect(url)
    await connected.transaction(begin)
    yield connected
    await connected.close()


def begin(connection: Connection) -> None:
    """One with the last credits, another with some too."""
    for person in (PERSON, "ben"):
        own = add_person(connection, person, NOW)
        entry = Entry(
            id=f"buy:{person}", debit=accounts.STRIPE, credit=own, amount=LAST, kind="purchase"
        )
        credits.put(connection, entry, NOW, source="pack")
    for pool in ("pool:one", "pool:two"):
        accounts.open_pool(connection, pool)
        entry = Entry(
            id=f"fund:{pool}", debit=accounts.OPERATOR, credit=pool, amount=LAST, kind="fund"
        )
        credits.fund(connection, entry, NOW)


async def given_back(opened: Database) -> None:
    """The holds of a round are there to the credit, and go."""
    assert await opened.transaction(give_back) == LAST // EACH


@pytest.mark.timeout(120)
async def test_tasks_spend_the_last_credits_once(opened: Database) -> None:
    for _ in range(REPEATS):
        assert await spend(opened, TASKS) == LAST
        await given_back(opened)
    assert await opened.snapshot(difference) is None


@pytest.mark.timeout(120)
async def test_processes_spend_the_last_credits_once(opened: Database, database_url: str) -> None:
    async with spenders(database_url) as children:
        for _ in range(REPEATS):
            for child in children:
                assert child.stdin is not None
                child.stdin.write(b"go\n")
            assert sum([await told(child) for child in children]) == LAST
            await given_back(opened)
    assert await opened.snapshot(difference) is None


@contextlib.asynccontextmanager
async def spenders(url: str) -> AsyncIterator[list[Process]]:
    """The processes, ready; they end by themselves when their input does."""
    children = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fakes.spenders", url, str(TASKS // PROCESSES)),
            stdin=PIPE,
            stdout=PIPE,
            cwd=ROOT,
        )
        for _ in range(PROCESSES)
    ]
    try:
        for child in children:
            assert await told(child) == 0
        yield children
    finally:
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        await asyncio.gather(*(child.wait() for child in children))


async def told(child: Process) -> int:
    """What a process says."""
    assert child.stdout is not None
    return int(await child.stdout.readline())


async def test_transfers_in_opposite_directions_do_not_wait_in_a_circle(opened: Database) -> None:
    def between(connection: Connection, name: str, debit: str, credit: str) -> None:
        entry = Entry(id=name, debit=debit, credit=credit, amount=1, kind="fund")
        assert credits.fund(connection, entry, NOW)

    ways = [("pool:one", "pool:two"), ("pool:two", "pool:one")] * CROSSINGS
    await asyncio.gather(
        *(opened.transaction(between, f"move:{n}", *way) for n, way in enumerate(ways))
    )
    for pool in ("pool:one", "pool:two"):
        row = await opened.read(ledger.read, pool)
        assert row is not None
        assert row.posted == LAST
    assert await opened.snapshot(difference) is None


async def test_gifts_in_opposite_directions_do_not_wait_in_a_circle(opened: Database) -> None:
    people = (accounts.person(PERSON), accounts.person("ben"))
    ways = [people, people[::-1]] * CROSSINGS
    await asyncio.gather(*(opened.transaction(give, f"{n}", *way) for n, way in enumerate(ways)))
    rows = [await opened.read(ledger.read, name) for name in people]
    assert [row and row.posted for row in rows] == [LAST, LAST]
    assert await opened.snapshot(difference) is None


def give(connection: Connection, name: str, giver: str, to: str) -> None:
    """One credit that was bought, from one to the other: two transfers, both accounts locked before."""
    credits.lock(connection, [giver, to])
    out = Entry(id=f"{name}:out", debit=giver, credit=accounts.OPERATOR, amount=1, kind="gift")
    assert credits.take(connection, out, NOW, sources=credits.BOUGHT)
    into = Entry(id=f"{name}:in", debit=accounts.OPERATOR, credit=to, amount=1, kind="gift")
    assert credits.put(connection, into, NOW, source="gift")


async def test_the_same_entry_many_times_at_once_is_done_once(opened: Database) -> None:
    own = accounts.person(PERSON)
    into = Entry(id="twice", debit=accounts.STRIPE, credit=own, amount=5, kind="purchase")
    back = Entry(id="back", debit=own, credit=accounts.STRIPE, amount=3, kind="refund")
    puts = [opened.transaction(credits.put, into, NOW, source="pack") for _ in range(8)]
    takes = [opened.transaction(credits.take, back, NOW, first="twice") for _ in range(8)]
    done = await asyncio.gather(*puts, *takes)
    assert (sum(done[:8]), sum(done[8:])) == (1, 1)
    row = await opened.read(ledger.read, own)
    assert row is not None
    assert row.posted == LAST + 5 - 3
    assert await opened.snapshot(difference) is None


async def test_from_bought_credits_alone_no_more_goes_than_was_bought(opened: Database) -> None:
    own = accounts.person(PERSON)
    free = Entry(id="free", debit=accounts.OPERATOR, credit=own, amount=50, kind="operator")
    await opened.transaction(credits.put, free, NOW, source="operator")
    out = Entry(id="out", debit=own, credit=accounts.OPERATOR, amount=LAST + 1, kind="gift")
    with pytest.raises(Uncovered) as refused:
        await opened.transaction(credits.take, out, NOW, sources=credits.BOUGHT)
    assert (refused.value.needs, refused.value.has) == (LAST + 1, LAST)
    assert await opened.snapshot(difference) is None


async def test_an_expiry_is_noted_whatever_the_lot_is_called(opened: Database) -> None:
    own = accounts.person(PERSON)
    for end in "ab":
        entry = Entry(
            id="x" * 199 + end, debit=accounts.OPERATOR, credit=own, amount=7, kind="operator"
        )
        await opened.transaction(credits.put, entry, NOW, source="operator", expires_at=NOW)
    assert await opened.transaction(credits.expire, own, NOW) == 14
    assert await opened.snapshot(difference) is None
