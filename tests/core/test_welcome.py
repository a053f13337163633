"""The free credits to begin with: for who comes themselves, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import accounts, books, communities, gifts, grants, wallets
from core.authority import Authority
from core.credits import Entry, put
from core.errors import UserError
from core.options import Mentioned
from core.people import recognise
from storage import people
from storage.database import Connection
from tests.fakes.studio import Studio, studio

EVE = Mentioned(platform="test", id="eve", name="Eve")


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """An Atelier with the offline provider."""
    async with studio(database_url, tmp_path) as opened:
        yield opened
        assert await books.check(opened.app) is None


async def person(room: Studio, user: str, *, came: bool = True) -> str:
    return await recognise(room.app, "test", user, user, came=came)


async def free(room: Studio, person_id: str) -> int:
    return (await wallets.balance(room.app, person_id)).wallet.free


async def test_whom_others_name_costs_the_pool_nothing_until_they_come(room: Studio) -> None:
    await communities.fund(room.app, "test:1", 1000, anywhere=True)
    ask = grants.Ask(
        authority=Authority(community="test:1", actor="test:ann"),
        by=await person(room, "ann"),
        target=EVE,
        amount=5,
        reason="hello",
        inbox="inbox:1",
    )
    await grants.grant(room.app, ask)
    eve = await person(room, "eve", came=False)
    assert await free(room, eve) == 5
    assert await asyncio.gather(*(person(room, "eve") for _ in range(4))) == [eve] * 4
    assert await free(room, eve) == 105
    await room.run("balance", "eve")
    assert await free(room, eve) == 105


async def test_a_gift_that_cannot_be_makes_nobody_known(room: Studio) -> None:
    ann = await person(room, "ann")
    with pytest.raises(UserError, match="gift-too-much"):
        await gifts.give(room.app, ann, EVE, 5, "inbox:1")
    assert await room.app.database.read(people.find, "test", "eve") is None

    def buy(connection: Connection) -> None:
        entry = Entry(
            id="pack:1",
            debit=accounts.STRIPE,
            credit=accounts.person(ann),
            amount=9,
            kind="pack",
        )
        put(connection, entry, room.app.clock.now(), source="pack")

    await room.app.database.transaction(buy)
    assert await gifts.give(room.app, ann, EVE, 5, "inbox:2") == 4
    assert await free(room, await person(room, "eve", came=False)) == 5
