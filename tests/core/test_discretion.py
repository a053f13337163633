"""Who wants results for themselves: asked often, read seldom, and never waited for long."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core import discretion, preferences
from core.app import App
from core.discretion import Discretion
from core.people import recognise
from storage.database import Database
from tests.fakes.studio import Studio


class Counting:
    """The database, with its reads counted; `before` is awaited first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0
        self.before: Callable[[], Awaitable[object]] | None = None

    async def read(self, work: Any, *args: Any) -> Any:  # noqa: ANN401
        self.reads += 1
        if self.before is not None:
            await self.before()
        return await self._database.read(work, *args)


class Held:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.s = 100.0

    def steady_s(self) -> float:
        return self.s


@dataclasses.dataclass
class House:
    """What is asked, and what stands behind it."""

    app: App
    asked: Discretion
    database: Counting
    clock: Held

    async def choose(self, user: str, private: bool | None) -> None:
        """As another process would write it down."""
        person = await recognise(self.app, "test", user, user)
        await preferences.put(self.app, person, private=private)

    async def quiet(self) -> None:
        """Let what is read in the background end."""
        reads, self.database.before = self.database.reads, None
        for _ in range(200):
            await asyncio.sleep(0.005)
            if self.asked._reading is None or self.asked._reading.done():
                return
        raise AssertionError(f"{reads} reads, and one does not end")


@pytest.fixture
def house(room: Studio) -> House:
    database: Any = Counting(room.app.database)
    clock: Any = Held()
    app = dataclasses.replace(room.app, database=database, clock=clock)
    return House(room.app, Discretion(app, "test"), database, clock)


async def test_many_are_answered_by_one_read(house: House) -> None:
    await house.choose("ann", True)
    await house.choose("ben", False)
    await house.choose("cleo", None)
    wanted = await asyncio.gather(*(house.asked.wanted(user) for user in ("ann", "ben") * 5))
    assert wanted == [True, False] * 5
    assert not await house.asked.wanted("cleo")
    assert not await house.asked.wanted("nobody")
    assert not await Discretion(house.app, "other").wanted("ann")
    assert house.database.reads == 1


async def test_what_another_process_wrote_is_known_seconds_later(house: House) -> None:
    assert not await house.asked.wanted("ann")
    await house.choose("ann", True)
    house.clock.s += discretion.LIFE_S
    assert not await house.asked.wanted("ann")
    assert house.database.reads == 1
    house.clock.s += 0.1
    # It is read beside the answer, not before it.
    assert not await house.asked.wanted("ann")
    await house.quiet()
    assert await house.asked.wanted("ann")
    await house.choose("ann", False)
    house.clock.s += discretion.AGE_S_MAX + 1
    assert not await house.asked.wanted("ann")


async def test_what_may_have_changed_here_is_asked_at_once(house: House) -> None:
    assert not await house.asked.wanted("ann")
    await house.choose("ann", True)
    house.asked.forget("ann")
    assert await house.asked.wanted("ann")
    assert not await house.asked.wanted("ben")
    reads = house.database.reads
    house.clock.s += discretion.LIFE_S + 1
    await house.asked.wanted("ben")
    await house.quiet()
    assert await house.asked.wanted("ann")
    assert house.database.reads == reads + 1


async def test_what_changes_while_it_is_read_stays_unsure(house: House) -> None:
    async def change() -> None:
        house.database.before = None
        await house.choose("ann", True)
        house.asked.forget("ann")

    house.database.before = change
    await house.asked.wanted("ben")
    assert house.asked._unsure == {"ann"}
    assert await house.asked.wanted("ann")


async def test_nobody_waits_for_a_database_that_does_not_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        await asyncio.sleep(0)
        raise OSError("no such host")

    monkeypatch.setattr(preferences, "GLANCE_S_MAX", 0.02)
    await house.choose("ann", True)
    for before in (broken, lambda: asyncio.sleep(60)):
        house.database.before = before
        async with asyncio.timeout(1):
            assert not await house.asked.wanted("ann")
            house.asked.forget("ann")
            assert not await house.asked.wanted("ann")
        house.asked._unsure.clear()
    if house.asked._reading is not None:
        house.asked._reading.cancel()


async def test_it_remembers_only_so_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discretion, "UNSURE_MAX", 2)
    await house.choose("ann", True)
    for user in ("a", "b", "c"):
        house.asked.forget(user)
    assert house.asked._unsure == set()
    assert await house.asked.wanted("ann")
