"""The master key rotates while people's keys are used, however often the rotation is killed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from core import keyring, rotation
from core.app import Rules
from core.clock import SystemClock
from core.keyring import NewKey
from core.offers import Plan
from core.sealing import Seals
from migrations.upgrade import upgrade
from storage import database, keys
from storage.database import Database
from tests.fakes.keyholders import VENDOR, fill

ROOT = Path(__file__).parents[2]
OLD, NEW, LOST = (f"the {name} master key, which is long enough" for name in ("old", "new", "lost"))
RULES = Rules(plans=(Plan(id="free", title="Free", keys=10),))
PEOPLE = 10_000
KILLS = 5
BATCHES_PER_KILL = 6
ROTATION_S_MAX = 60.0
PAUSE_S = 0.005


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the tables."""
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url)
    found = database.connect(url)
    yield found
    await found.close()


async def unsealed(opened: Database, seals: Seals, who: str, vendor: str = VENDOR) -> str:
    found = await opened.read(keys.with_data_key, who, vendor)
    assert found is not None
    row, data_key = found
    return seals.unseal(data_key, row)


class Load:
    """People whose keys are used, added and replaced, by processes of before and after."""

    def __init__(self, opened: Database, secrets: dict[str, str]) -> None:
        self._opened = opened
        self._secrets = secrets
        self._people = list(secrets)
        self._seals = (Seals(NEW, [OLD]), Seals(OLD, [NEW]))
        self._random = random.Random(7)
        self.read = self.added = 0
        self.failed: list[BaseException | None] = []

    async def reading(self) -> None:
        """Open one key after the other."""
        for seals in itertools.cycle(self._seals):
            who = self._random.choice(self._people)
            assert await unsealed(self._opened, seals, who) == self._secrets[who]
            self.read += 1

    async def adding(self) -> None:
        """The only key anew and with it a new data key, or a second one that goes again."""
        for number, seals in enumerate(itertools.cycle(self._seals)):
            who = self._random.choice(self._people)
            vendor = VENDOR if number % 3 else "another"
            new = NewKey(vendor=vendor, secret=self._secrets[who], now=SystemClock().now())
            await self._opened.transaction(keyring.put, seals, who, new, RULES)
            assert await unsealed(self._opened, seals, who, vendor) == new.secret
            if vendor != VENDOR:
                await self._opened.transaction(keys.remove, who, vendor)
            self.added += 1
            await asyncio.sleep(PAUSE_S)


@contextlib.asynccontextmanager
async def under_load(load: Load) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in (load.reading(), load.reading(), load.adding())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        load.failed += [end for end in ends if not isinstance(end, asyncio.CancelledError)]


async def rotator(url: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.rotator", database.normalized(url), NEW, OLD),
        stdout=PIPE,
        cwd=ROOT,
    )


@pytest.mark.timeout(300)
async def test_rotation_under_load_with_kills(opened: Database, database_url: str) -> None:
    secrets = await opened.transaction(fill, Seals(OLD), PEOPLE)
    load = Load(opened, secrets)
    async with under_load(load):
        for _ in range(KILLS):
            child = await rotator(database_url)
            assert child.stdout is not None
            for _ in range(BATCHES_PER_KILL):
                line = await child.stdout.readline()
                assert line
                assert not line.startswith(b"left"), "it was over before it was killed"
            child.kill()
            await child.wait()
        began = time.monotonic()
        # Two at once do no harm either.
        children = [await rotator(database_url) for _ in range(2)]
        ends = [(await child.communicate())[0].splitlines()[-1] for child in children]
        took_s = time.monotonic() - began
    assert [child.returncode for child in children] == [0, 0]
    assert all(end.startswith(b"left") and end.endswith(b" 0") for end in ends)
    assert took_s < ROTATION_S_MAX
    assert load.failed == []
    assert load.read > 100
    assert load.added > 10
    # What a process of before has wrapped behind the last pass.
    last = await rotation.rotate(opened, Seals(NEW, [OLD]), lambda *_: None)
    assert (last.left, last.broken) == ({}, 0)
    only_new = Seals(NEW)
    assert await opened.read(keys.versions) == {only_new.version: PEOPLE}
    for who, secret in secrets.items():
        assert await unsealed(opened, only_new, who) == secret


async def test_what_cannot_be_unwrapped_is_left_and_counted(opened: Database) -> None:
    await opened.transaction(fill, Seals(OLD), 5)
    lost = await opened.transaction(fill, Seals(LOST), 3)
    (spoilt,) = await opened.transaction(fill, Seals(OLD), 1)

    def spoil(connection: Connection) -> None:
        mine = keys.data_key.c.person_id == spoilt
        connection.execute(update(keys.data_key).where(mine).values(wrapped=b"x" * 60))

    await opened.transaction(spoil)
    heard = []
    seals = Seals(NEW, [OLD])
    missing = {Seals(LOST).version: 3}
    assert await rotation.missing(opened, seals) == missing
    found = await rotation.rotate(opened, seals, lambda *told: heard.append(told))
    assert (found.done, found.broken, found.missing) == (5, 1, missing)
    assert found.left == {**missing, Seals(OLD).version: 1}
    assert heard == [(5, 4)]
    again = await rotation.rotate(opened, Seals(NEW, [OLD, LOST]), lambda *_: None)
    assert (again.done, again.missing, again.broken) == (3, {}, 1)
    for who, secret in lost.items():
        assert await unsealed(opened, Seals(NEW), who) == secret


async def test_a_wrapping_that_changed_meanwhile_is_left_alone(opened: Database) -> None:
    (who,) = await opened.transaction(fill, Seals(OLD), 1)
    seals = Seals(NEW, [OLD])
    before = await opened.read(keys.find_data_key, who)
    assert before is not None
    change = [(before, seals.rewrap(before))]
    assert await opened.transaction(keys.rewrap, change) == 1
    after = await opened.read(keys.find_data_key, who)
    assert await opened.transaction(keys.rewrap, [(before, seals.rewrap(before))]) == 0
    assert await opened.read(keys.find_data_key, who) == after
