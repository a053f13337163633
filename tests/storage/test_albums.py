"""Parts of albums: taken by one at a time, however many ask at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from migrations.upgrade import upgrade
from storage import albums, database
from storage.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWNERS = [f"owner-{number}" for number in range(8)]


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Database]:
    """A database with an album of two parts."""
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url)
    found = database.connect(url)
    for update_id, body in ((2**40 + 1, "second"), (2**40, "first")):
        assert await found.transaction(albums.keep, update_id, "a", body, NOW)
    yield found
    await found.close()


async def take(opened: Database, owner: str, now: datetime = NOW) -> list[str]:
    return await opened.transaction(
        albums.take, "a", owner, now=now, until=now + timedelta(seconds=60)
    )


async def test_one_of_many_gets_all_parts_in_order(opened: Database) -> None:
    # The first rounds open the connections, the others are really at once.
    for day in range(10):
        now = NOW + timedelta(days=day)
        taken = await asyncio.gather(*(take(opened, owner, now) for owner in OWNERS))
        assert sorted(taken) == [[]] * 7 + [["first", "second"]]


async def test_the_owner_takes_it_again_and_others_when_its_time_is_over(opened: Database) -> None:
    assert len(await take(opened, "one")) == 2
    assert len(await take(opened, "one")) == 2
    assert await take(opened, "other", NOW + timedelta(seconds=59)) == []
    assert len(await take(opened, "other", NOW + timedelta(seconds=61))) == 2


async def test_a_part_that_slips_in_behind_the_end_begins_nothing(opened: Database) -> None:
    await take(opened, "one")
    await opened.transaction(albums.end, "a")
    assert not await opened.transaction(albums.keep, 7, "a", "late", NOW)
    assert await opened.read(albums.left, 10) == {}
    # As where it was being committed while the end was.
    await opened.transaction(albums.keep, 8, "b", "slipped in", NOW)
    await opened.transaction(_into, "b", "a")
    assert await take(opened, "other", NOW + timedelta(seconds=61)) == []
    assert await opened.read(albums.left, 10) == {}


def _into(connection: database.Connection, album: str, other: str) -> None:
    table = albums.album_part
    connection.execute(table.update().where(table.c.album == album).values(album=other))


async def test_the_same_part_again_is_kept_once(opened: Database) -> None:
    assert await opened.transaction(albums.keep, 2**40, "a", "first", NOW)
    assert await opened.read(albums.count, "a") == 2
