"""Keys of two people who become one, and of two who are parted again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import keys, linking
from core.app import App, Rules
from core.errors import NotFound, UserError
from core.offers import Plan
from core.people import recognise
from core.sealing import Seals
from storage import keys as stored
from tests.fakes.locksmith import GOOD, OTHER, Locksmith
from tests.fakes.studio import studio

RULES = Rules(plans=(Plan(id="free", title="Free", keys=10),))
VENDORS = ("lock", "door", "gate")


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    """The rules, with vendors that people bring keys for."""
    async with studio(database_url, tmp_path, rules=RULES) as opened:
        found = opened.app
        for name in VENDORS:
            found = Locksmith(name).beside(found)
        yield found


async def person(app: App, user: str) -> str:
    return await recognise(app, "test", user, user)


async def link(app: App, kept: str, gone: str) -> linking.Linked:
    code = await linking.make_code(app, kept)
    asked = await linking.ask(app, gone, code)
    return await linking.confirm(app, gone, asked.id)


async def owned(app: App, person_id: str) -> dict[str, str]:
    """A person's keys, each of which opens and is not off."""
    found = {}
    for row in await keys.listed(app, person_id):
        async with keys.opened(app, person_id, row.vendor):
            found[row.vendor] = row.last4
    return found


G, O = GOOD[-4:], OTHER[-4:]  # noqa: E741


async def test_keys_go_to_who_is_kept_and_back(app: App) -> None:
    ann, ben = await person(app, "ann"), await person(app, "ben")
    await keys.add(app, ann, "lock", GOOD)
    await keys.add(app, ben, "lock", OTHER)
    await keys.add(app, ben, "door", OTHER)
    await keys.add(app, ben, "gate", OTHER)
    await keys.prefer(app, ben, "only", False)
    ticket = await keys.make_ticket(app, ben)
    done = await link(app, ann, ben)
    assert await owned(app, ann) == {"lock": G, "door": O, "gate": O}
    assert await owned(app, ben) == {}
    assert await app.database.read(stored.find_data_key, ben) is None
    assert (await keys.preference(app, ann)).prefer == "only"
    assert await keys.peek_ticket(app, ticket) == ann
    # Whoever read who they are before the link writes to who is kept.
    await keys.add(app, ben, "gate", GOOD)
    assert await owned(app, ann) == {"lock": G, "door": O, "gate": G}
    await linking.unlink(app, done.link_id)
    assert await owned(app, ann) == {"lock": G, "gate": G}
    assert await owned(app, ben) == {"door": O}


async def test_keys_go_back_through_links_undone_the_newest_first(app: App) -> None:
    ann, ben, eve = [await person(app, user) for user in ("ann", "ben", "eve")]
    await keys.add(app, ben, "lock", OTHER)
    first = await link(app, ann, ben)
    second = await link(app, eve, ann)
    assert await owned(app, eve) == {"lock": O}
    await linking.unlink(app, second.link_id)
    assert await owned(app, ann) == {"lock": O}
    await linking.unlink(app, first.link_id)
    assert [await owned(app, who) for who in (ann, ben, eve)] == [{}, {"lock": O}, {}]


async def test_a_key_that_does_not_open_is_not_lost_by_a_link(app: App) -> None:
    ann, ben = await person(app, "ann"), await person(app, "ben")
    await keys.add(app, ben, "lock", OTHER)
    other = dataclasses.replace(app, seals=Seals("another master key, also long enough"))
    with pytest.raises(UserError, match="keys-unreadable"):
        await link(other, ann, ben)
    assert await person(app, "ben") == ben
    assert await owned(app, ben) == {"lock": O}
    await keys.remove(other, ben, "lock")
    await link(other, ann, ben)
    assert await person(app, "ben") == ann


async def test_a_link_under_two_master_keys(app: App) -> None:
    ann, ben = await person(app, "ann"), await person(app, "ben")
    await keys.add(app, ben, "lock", OTHER)
    await keys.add(app, ann, "door", GOOD)
    both = Seals("another master key, also long enough", ["a master key for tests, long enough"])
    newer = dataclasses.replace(app, seals=both)
    await link(newer, ann, ben)
    assert await owned(newer, ann) == {"lock": O, "door": G}


async def test_keys_that_come_while_a_link_is_made_are_not_lost(app: App) -> None:
    for number in range(6):
        ann, ben = await person(app, f"ann{number}"), await person(app, f"ben{number}")
        await keys.add(app, ben, "lock", OTHER)
        code = await linking.make_code(app, ann)
        asked = await linking.ask(app, ben, code)
        await asyncio.gather(
            keys.add(app, ben, "door", OTHER),
            linking.confirm(app, ben, asked.id),
            keys.add(app, ben, "gate", OTHER),
            keys.add(app, ann, "lock", GOOD),
        )
        assert await owned(app, ann) == {"lock": G, "door": O, "gate": O}
        assert await owned(app, ben) == {}
        with pytest.raises(NotFound):
            await keys.test(app, ben, "lock")
