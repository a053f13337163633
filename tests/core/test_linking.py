"""Linking: two people become one with one wallet, once, and can be parted again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import accounts, books, credits, linking, statements, wallets
from core.credits import Entry
from core.people import recognise
from storage.database import Connection
from tests.fakes.studio import Studio, studio


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """An Atelier with the offline provider."""
    async with studio(database_url, tmp_path) as opened:
        yield opened
        assert await books.check(opened.app) is None


async def person(room: Studio, user: str) -> str:
    return await recognise(room.app, "test", user, user)


async def code(room: Studio, user: str) -> str:
    reply = await room.run("link", user)
    assert reply.lines[0].key == "link-code", reply.lines
    return str(reply.lines[0].values["code"])


async def link(room: Studio, kept: str = "ann", gone: str = "ben") -> linking.Linked:
    typed = await code(room, kept)
    return await linking.link(
        room.app, await person(room, gone), f" {typed[:5].lower()}-{typed[5:]} "
    )


async def test_two_become_one_and_the_bonus_is_had_once(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    await wallets.grant(room.app, ben, 7)
    await room.run("imagine", "ben", prompt="a fox", model="sketch")
    await room.work()
    done = await link(room)
    assert (done.moved, done.returned) == (106, 100)
    assert await person(room, "ben") == ann
    found = await wallets.balance(room.app, ann)
    assert found.wallet.free == 106
    page = await statements.page(room.app, ann, None)
    kinds = [line.kind for line in page.lines]
    assert kinds.count("spend") == 1
    assert "signup-back" in kinds
    reply = await room.run("balance", "ben")
    assert reply.lines[0].values == {"free": 106, "held": 0}


async def test_a_code_is_good_once_and_not_for_its_maker(room: Studio) -> None:
    typed = await code(room, "ann")
    own = await room.run("link", "ann", code=typed)
    assert own.lines[0].key == "link-same"
    assert (await room.run("link", "ben", code=typed)).lines[0].key == "link-done"
    assert (await room.run("link", "eve", code=typed)).lines[0].key == "link-code-wrong"
    for wrong in ("", "x", "1O0I" * 3, "A" * 10):
        reply = await room.run("link", "eve", code=wrong or "-")
        assert reply.lines[0].key == "link-code-wrong"


async def test_not_while_a_job_runs(room: Studio) -> None:
    await room.run("imagine", "ben", prompt="a fox", model="sketch")
    typed = await code(room, "ann")
    assert (await room.run("link", "ben", code=typed)).lines[0].key == "link-busy"
    await room.work()
    assert (await room.run("link", "ben", code=typed)).lines[0].key == "link-done"


async def test_the_operator_parts_them_again(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    await wallets.grant(room.app, ben, 50)
    await room.run("imagine", "ben", prompt="a fox", model="sketch")
    await room.work()
    done = await link(room)
    await linking.unlink(room.app, done.link_id)
    assert await person(room, "ben") == ben
    assert await person(room, "ann") == ann
    left = [(await wallets.balance(room.app, who)).wallet.free for who in (ann, ben)]
    assert sum(left) == 149
    assert left[1] >= 49
    again = await room.run("history", "ben")
    assert again.lines[0].key == "history-title"


async def test_what_is_owed_moves_too(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")

    def owe(connection: Connection) -> None:
        entry = Entry(
            id="refund:test",
            debit=accounts.person(ben),
            credit=accounts.STRIPE,
            amount=130,
            kind="refund",
        )
        credits.take(connection, entry, room.app.clock.now(), may_fall=True)

    await room.app.database.transaction(owe)
    # Together they had 100 twice, and 130 were taken back: of the second 100, the 70 left go back too.
    assert (await link(room)).returned == 70
    found = await wallets.balance(room.app, ann)
    assert found.wallet.free == 0
