"""Linking: two people become one with one wallet, once, and can be parted again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.command import Reply
from core import (
    accounts,
    books,
    communities,
    coupons,
    credits,
    gifts,
    grants,
    linking,
    payments,
    statements,
    wallets,
)
from core.authority import Authority
from core.credits import Entry
from core.errors import UserError
from core.options import Mentioned
from core.payments import Change, Claim
from core.people import recognise
from storage import jobs, standings
from storage.database import Connection
from storage.standings import StandingRow
from tests.fakes.pictures import encode
from tests.fakes.studio import Studio, studio, upload

SMALL = encode(Image.new("RGB", (8, 8), (200, 30, 30)))


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
    return await linked(room, await person(room, gone), f" {typed[:5].lower()}-{typed[5:]} ")


async def linked(room: Studio, person_id: str, typed: str) -> linking.Linked:
    """A code typed, and a yes to the question that follows."""
    asked = await linking.ask(room.app, person_id, typed)
    return await linking.confirm(room.app, person_id, asked.id)


async def say_yes(room: Studio, user: str, typed: str) -> Reply:
    """The same with the buttons."""
    reply = await room.run("link", user, code=typed)
    if reply.error:
        return reply
    assert reply.private
    return await room.dispatch.press(reply.buttons[0].pack(), room.call(user))


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
    assert (await say_yes(room, "ben", typed)).lines[0].key == "link-done"
    assert (await room.run("link", "eve", code=typed)).lines[0].key == "link-code-wrong"
    for wrong in ("", "x", "1O0I" * 3, "A" * 10):
        reply = await room.run("link", "eve", code=wrong or "-")
        assert reply.lines[0].key == "link-code-wrong"


async def test_not_while_a_job_runs(room: Studio) -> None:
    await room.run("imagine", "ben", prompt="a fox", model="sketch")
    typed = await code(room, "ann")
    assert (await room.run("link", "ben", code=typed)).lines[0].key == "link-busy"
    await room.work()
    assert (await say_yes(room, "ben", typed)).lines[0].key == "link-done"


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


def change(payment: str, person_id: str, amount: int = 500) -> Change:
    claim = Claim(
        person_id=person_id, kind="pack", item="small", credits=40, amount=amount, currency="eur"
    )
    return Change(payment=payment, till="stripe", paid=amount, currency="eur", claim=claim)


async def settle(room: Studio, payment: str, person_id: str) -> None:
    told = change(payment, person_id)
    reason = await room.app.database.transaction(payments.settle, told, room.app.clock.now())
    assert reason is None


async def free(room: Studio, person_id: str) -> int:
    return (await wallets.balance(room.app, person_id)).wallet.free


async def test_whoever_was_read_before_a_link_is_who_is_kept(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    eve, (coupon,) = await person(room, "eve"), await coupons.make(room.app, 5)
    await communities.fund(room.app, "promotion", 100)
    await link(room)
    assert (await wallets.grant(room.app, ben, 7)).wallet.free == 107
    await settle(room, "stripe:p1", ben)
    assert await free(room, ann) == 147
    assert (await payments.latest(room.app, ann, 1))[0].id == "stripe:p1"
    assert await coupons.redeem(room.app, ben, coupon, "inbox:1") == 5
    me = Mentioned(platform="test", id="ann", name="ann")
    with pytest.raises(UserError, match="gift-self"):
        await gifts.give(room.app, ben, me, 3, "inbox:2")
    you = Mentioned(platform="test", id="eve", name="eve")
    assert await gifts.give(room.app, ben, you, 3, "inbox:3") == 37
    assert (await free(room, ann), await free(room, eve)) == (149, 103)
    assert await free(room, ben) == 0


async def test_a_job_of_who_has_just_gone_is_of_who_is_kept(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    await link(room)
    for name in ("imagine", "palette"):
        call = dataclasses.replace(room.call("ben", prompt="a fox", model="sketch"), person=ben)
        if name == "palette":
            call = dataclasses.replace(call, arguments={}, uploads=(upload(SMALL),))
        reply = await room.dispatch.run(name, call)
        assert reply.job_id is not None, reply.lines
        row = await room.app.database.read(jobs.get, reply.job_id)
        assert row is not None
        assert row.person_id == ann
    await room.work()


async def test_credits_that_come_while_a_link_is_made_are_not_lost(room: Studio) -> None:
    for number in range(6):
        kept, gone = f"ann{number}", f"ben{number}"
        ann, ben = await person(room, kept), await person(room, gone)
        await settle(room, f"stripe:{number}:0", ben)
        typed = await code(room, kept)
        later = [settle(room, f"stripe:{number}:{each}", ben) for each in (0, 1, 2)]
        done = linked(room, ben, typed)
        await asyncio.gather(later[0], later[1], done, wallets.grant(room.app, ben, 7), later[2])
        assert (await free(room, ann), await free(room, ben)) == (100 + 3 * 40 + 7, 0)
        assert len(await payments.latest(room.app, ann, 5)) == 3


PLACE = "test:1"


def moderator(user: str) -> Authority:
    return Authority(community=PLACE, actor=f"test:{user}")


async def asked(room: Studio, by: str, target: str) -> str:
    """A grant that waits; its id."""
    ask = grants.Ask(
        authority=moderator(by),
        by=await person(room, by),
        target=Mentioned(platform="test", id=target, name=target),
        amount=room.app.rules.grants.approve_above + 1,
        reason="good work",
        inbox=f"inbox:{by}:{target}",
    )
    waits = await grants.grant(room.app, ask)
    assert isinstance(waits, grants.Waits)
    return waits.id


async def test_a_grant_that_waits_knows_who_people_are_by_now(room: Studio) -> None:
    await communities.fund(room.app, PLACE, 10_000, anywhere=True)
    ann, ben = await person(room, "ann"), await person(room, "ben")
    by_ben, for_ben = await asked(room, "ben", "eve"), await asked(room, "bob", "ben")
    await link(room)
    with pytest.raises(UserError, match="grant-own"):
        await grants.approve(room.app, moderator("ann"), ann, by_ben)
    with pytest.raises(UserError, match="grant-for-oneself"):
        await grants.approve(room.app, moderator("ann"), ann, for_ben)
    before = await free(room, ann)
    made = await grants.approve(room.app, moderator("joe"), await person(room, "joe"), for_ben)
    assert (await free(room, ann), await free(room, ben)) == (before + made.amount, 0)


async def test_the_bonus_is_had_once_in_whatever_order(room: Studio) -> None:
    ann = await person(room, "ann")
    await link(room, "ann", "ben")
    await link(room, "eve", "ann")
    eve = await person(room, "eve")
    assert await free(room, eve) == 100
    await link(room, "bob", "joe")
    await link(room, "eve", "bob")
    assert (await free(room, eve), await free(room, ann)) == (100, 0)
    assert {await person(room, user) for user in ("ann", "ben", "bob", "joe")} == {eve}
    # What was had before is still theirs to see, by way of however many links.
    ids = await room.app.database.read(wallets.ids_of, eve)
    assert len(ids) == 5


async def test_links_are_undone_the_newest_first(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    await wallets.grant(room.app, ben, 50)
    first = await link(room, "ann", "ben")
    second = await link(room, "eve", "ann")
    with pytest.raises(UserError, match="link-newer"):
        await linking.unlink(room.app, first.link_id)
    await linking.unlink(room.app, second.link_id)
    await linking.unlink(room.app, first.link_id)
    eve = await person(room, "eve")
    assert (await person(room, "ann"), await person(room, "ben")) == (ann, ben)
    left = [await free(room, who) for who in (ann, ben, eve)]
    assert sum(left) == 150
    assert left[1] >= 50


async def test_lots_with_long_names_move_each(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    for end in "ab":
        await wallets.grant(room.app, ben, 7, key="x" * 190 + end)
    done = await link(room)
    assert (await free(room, ann), await free(room, ben)) == (114, 0)
    await linking.unlink(room.app, done.link_id)
    assert await free(room, ann) + await free(room, ben) == 114


async def test_a_plan_that_is_paid_stays_beside_one_of_the_operator(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    now = room.app.clock.now()

    def stand(connection: Connection, person_id: str, till: str) -> None:
        row = StandingRow(
            person_id=person_id,
            plan=till,
            status="active",
            till=till,
            external_id=f"{till}:{person_id}",
            period_start=now,
            period_end=now + timedelta(days=30),
            ends=False,
            told_at=now,
        )
        standings.put(connection, row)

    for user, till in ((ann, "operator"), (ben, "stripe")):
        await room.app.database.transaction(stand, user, till)
    await link(room)
    kept = await room.app.database.read(standings.find, ann)
    assert kept is not None
    assert kept.till == "stripe"
    await room.app.database.transaction(stand, await person(room, "eve"), "stripe")
    with pytest.raises(UserError, match="link-two-plans"):
        await link(room, "ann", "eve")


async def test_a_code_links_nobody_without_their_yes(room: Studio) -> None:
    ann, ben = await person(room, "ann"), await person(room, "ben")
    reply = await room.run("link", "ben", code=await code(room, "ann"))
    assert reply.lines[0].key == "link-ask"
    assert reply.lines[0].values == {"credits": 100, "account": "ann (test)", "minutes": 10}
    yes, no = (button.pack() for button in reply.buttons)
    assert await person(room, "ben") == ben

    async def press(packed: str, user: str) -> str:
        return (await room.dispatch.press(packed, room.call(user))).lines[0].key

    # Only of who typed the code, and a no is the end of it.
    assert [await press(each, "eve") for each in (yes, no)] == ["link-over"] * 2
    assert await press(yes, "ann") == "link-over"
    assert await press(no, "ben") == "link-left"
    assert [await press(each, "ben") for each in (yes, no)] == ["link-over"] * 2
    assert await person(room, "ben") == ben
    reply = await room.run("link", "ben", code=await code(room, "ann"))
    yes = reply.buttons[0].pack()
    pressed = await asyncio.gather(*(press(yes, "ben") for _ in range(3)))
    assert sorted(pressed) == ["link-done", "link-over", "link-over"]
    assert await person(room, "ben") == ann


async def test_a_question_is_over_after_ten_minutes(room: Studio) -> None:
    ben = await person(room, "ben")
    asked = await linking.ask(room.app, ben, await code(room, "ann"))
    later = Later(room.app.clock.now() + timedelta(seconds=linking.CODE_S_MAX))
    with pytest.raises(UserError, match="link-over"):
        await linking.confirm(dataclasses.replace(room.app, clock=later), ben, asked.id)
    assert await person(room, "ben") == ben


class Later:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The moment."""
        return self._at

    def steady_s(self) -> float:
        """No time passes."""
        return 0.0
