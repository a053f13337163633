"""Packs for Telegram Stars: from the command to the invoice, the payment and the credits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.telegram import stars as till
from core import accounts, credits, notices, stars
from core.app import Rules
from core.clock import SystemClock
from core.credits import Entry
from core.offers import Pack
from storage import payments, people
from storage.database import Connection
from tests.bot.telegram.conftest import House, house, serving
from tests.conftest import on_sqlite
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_server import lost, refused, unreached
from tests.fakes.telegram_stars import NotPaid
from tests.fakes.telegram_world import JSON, Chat, User
from tests.servers import locked

SIGNUP, PACK, STARS = 100, 100, 350
PACKS = (
    Pack(id="small", title="100 credits", credits=PACK, amount=500, stars=STARS),
    Pack(id="large", title="1200 credits", credits=1200, amount=4000, stars=2800),
    Pack(id="card-only", title="By card", credits=10, amount=100),
)
RULES = Rules(packs=PACKS, support="help@example.com", terms="https://example.com/terms")


@pytest.fixture
async def shop(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A house that sells, whose frontend polls."""
    async with house(tmp_path, database_url, rules=RULES) as opened:
        await opened.start()
        yield opened


def is_invoice(message: JSON) -> bool:
    return "invoice" in message


def says(text: str) -> Callable[[JSON], bool]:
    return lambda message: text in message.get("text", "")


async def invoice_for(shop: House, user: User, words: str = "/stars small") -> JSON:
    await shop.server.message(words, user=user)
    return await shop.server.see(shop.server.private(user), is_invoice)


async def until_free(shop: House, user: User, free: int) -> None:
    for _ in range(500):
        if (await shop.wallet(user))[0] == free:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{await shop.wallet(user)}, not {free}")


async def told(shop: House, user: User) -> list[str]:
    """What was said to a person after all that is due was said."""
    await notices.carry_due(shop.studio.app)
    shown = shop.server.shown(shop.server.private(user))
    return [item["text"] for item in shown if "text" in item]


def _outcomes(connection: Connection) -> list[tuple[str, str | None]]:
    events = select(payments.event.c.outcome, payments.event.c.reason)
    return [(row.outcome, row.reason) for row in connection.execute(events)]


async def outcomes(shop: House) -> list[tuple[str, str | None]]:
    return await shop.studio.app.database.read(_outcomes)


async def heard(shop: House, count: int) -> list[tuple[str, str | None]]:
    """What became of the events, once there are so many."""
    async with asyncio.timeout(10):
        while len(found := await outcomes(shop)) < count:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.01)
    return found


def _change_order(connection: Connection, /, **values: object) -> None:
    connection.execute(update(payments.order).values(**values))


async def test_a_pack_is_chosen_paid_and_credited(shop: House) -> None:
    server = shop.server
    ann = server.user()
    await server.message("/stars", user=ann)
    offered = await server.see(server.private(ann))
    assert "https://example.com/terms" in offered["text"]
    assert callbacks(offered) == ["stars:pack=small", "stars:pack=large"]
    await server.press(offered, "stars:pack=small", ann)
    invoice = await server.see(server.private(ann), is_invoice)
    assert invoice["invoice"]["total_amount"] == STARS
    assert invoice["invoice"]["title"] == "100 credits"
    assert invoice["invoice"]["start_parameter"] == "stars"
    await server.pay(invoice, ann)
    await until_free(shop, ann, SIGNUP + PACK)
    said = await told(shop, ann)
    assert said[-1] == "Paid, thank you: 100 credits added, you have 200 now."
    assert await outcomes(shop) == [("merged", None)]


async def test_the_same_payment_told_again_changes_nothing(shop: House) -> None:
    server = shop.server
    ann = server.user()
    paid = await server.pay(await invoice_for(shop, ann), ann)
    await until_free(shop, ann, SIGNUP + PACK)
    for _ in range(3):
        await server.again(server.update_of(paid))
        await server.until(lambda: not server.world.updates)
    await shop.crash()
    await server.again(server.update_of(paid))
    await shop.start()
    await server.until(lambda: not server.world.updates)
    assert (await shop.wallet(ann))[0] == SIGNUP + PACK
    assert len([line for line in await told(shop, ann) if "thank you" in line]) == 1


async def test_an_invoice_is_for_who_asked_alone(shop: House) -> None:
    server = shop.server
    ann, bob = server.user("Ann"), server.user("Bob")
    await server.message("/help", user=bob)
    await server.see(server.private(bob))
    invoice = await invoice_for(shop, ann)
    with pytest.raises(NotPaid, match="somebody else"):
        await server.pay(invoice, bob)
    # Should Telegram ever take the money all the same, nobody is credited and everybody is told.
    await server.paid(invoice, bob)
    assert await heard(shop, 1) == [("quarantined", "paid by another than who asked")]
    assert (await shop.wallet(ann))[0] == (await shop.wallet(bob))[0] == SIGNUP
    assert "does not fit what was asked for" in (await told(shop, bob))[-1]


async def test_a_payment_of_another_amount_is_held_back(shop: House) -> None:
    ann = shop.server.user()
    invoice = await invoice_for(shop, ann)
    with pytest.raises(NotPaid, match="changed"):
        await shop.server.pay(invoice, ann, amount=1)
    await shop.server.paid(invoice, ann, amount=1)
    assert await heard(shop, 1) == [("quarantined", "paid 1, not 350 xtr")]
    assert (await shop.wallet(ann))[0] == SIGNUP


async def test_a_paid_invoice_is_not_sold_again(shop: House) -> None:
    ann = shop.server.user()
    invoice = await invoice_for(shop, ann)
    await shop.server.pay(invoice, ann)
    await until_free(shop, ann, SIGNUP + PACK)
    with pytest.raises(NotPaid, match="paid already"):
        await shop.server.pay(invoice, ann)


async def test_late_and_forged_invoices_are_refused(shop: House) -> None:
    server, database = shop.server, shop.studio.app.database
    ann = server.user()
    invoice = await invoice_for(shop, ann)
    order_id = server.world.invoices[ann.id, invoice["message_id"]].partition(".")[0]
    for payload in ("", "nothing", f"{order_id}.{'0' * 32}", f"{'0' * 32}.{'0' * 32}"):
        with pytest.raises(NotPaid, match="not known"):
            await server.pay(invoice, ann, payload=payload or ".")
    await database.transaction(_change_order, credits=99)
    with pytest.raises(NotPaid, match="pack has changed"):
        await server.pay(invoice, ann)
    late = shop.studio.app.clock.now() - stars.ORDER_AGE - timedelta(seconds=1)
    await database.transaction(_change_order, credits=PACK, created_at=late)
    with pytest.raises(NotPaid, match="more than a day old"):
        await server.pay(invoice, ann)
    assert await outcomes(shop) == []


async def test_a_refusal_speaks_the_payers_language(shop: House) -> None:
    ann = shop.server.user()
    bea = shop.server.user("Bea", language="fr")
    invoice = await invoice_for(shop, ann)
    with pytest.raises(NotPaid, match="quelqu’un d’autre"):
        await shop.server.pay(invoice, bea)


async def test_it_is_answered_in_time_while_the_database_is_locked(
    shop: House, database_url: str
) -> None:
    ann = shop.server.user()
    invoice = await invoice_for(shop, ann)
    began = asyncio.get_running_loop().time()
    async with locked(database_url):
        asked = await shop.server.check_out(invoice, ann)
        hold = asyncio.create_task(asyncio.sleep(5.0))
        answer = await shop.server.verdict(asked)
        await hold
    assert asyncio.get_running_loop().time() - began < 8.0
    # SQLite reads while another writes; PostgreSQL's tables were locked for readers too.
    if database_url.startswith("sqlite"):
        assert answer["ok"]
    else:
        assert "Try again in a minute" in answer["error_message"]
    await shop.server.pay(invoice, ann)
    await until_free(shop, ann, SIGNUP + PACK)


@on_sqlite
async def test_an_answer_that_is_lost_is_given_again(shop: House) -> None:
    server = shop.server
    ann = server.user()
    invoice = await invoice_for(shop, ann)
    for fault in (unreached(), lost()):
        server.fail("answerPreCheckoutQuery", fault)
        answer = await server.verdict(await server.check_out(invoice, ann))
        assert answer["ok"]
    server.fail("answerPreCheckoutQuery", refused(400, "Bad Request: QUERY_ID_INVALID"))
    await server.check_out(invoice, ann)
    await server.until(lambda: not server.world.updates)


def _group(shop: House, user: User, *, started: bool) -> Chat:
    shop.server.private(user, started=started)
    return shop.server.group()


async def test_in_a_group_the_invoice_comes_privately(shop: House) -> None:
    server = shop.server
    ann = server.user()
    group = _group(shop, ann, started=True)
    await server.message("/stars small", user=ann, chat=group)
    hint = await server.see(group)
    assert hint["text"] == "I have written to you privately."
    invoice = await server.see(server.private(ann), is_invoice)
    await server.pay(invoice, ann)
    await until_free(shop, ann, SIGNUP + PACK)
    assert "thank you" in (await told(shop, ann))[-1]
    assert len(server.shown(group)) == 1


@on_sqlite
async def test_in_a_group_it_says_how_to_open_the_private_chat(shop: House) -> None:
    server = shop.server
    ann = server.user()
    group = _group(shop, ann, started=False)
    await server.message("/stars small", user=ann, chat=group)
    invited = await server.see(group)
    (button,) = invited["reply_markup"]["inline_keyboard"][0]
    assert button["url"] == "https://t.me/atelier_test_bot?start=stars"
    await server.message("/start stars", user=ann)
    assert callbacks(await server.see(server.private(ann)))[0] == "stars:pack=small"


@on_sqlite
async def test_an_unknown_pack_and_one_that_is_not_sold_here(shop: House) -> None:
    ann = shop.server.user()
    for name in ("card-only", "none"):
        await shop.server.message(f"/stars {name}", user=ann)
        await shop.server.see(shop.server.private(ann), says(f"no pack “{name}”"))


@on_sqlite
async def test_nothing_is_sold_where_no_pack_has_a_price(chat: House) -> None:
    ann = chat.server.user()
    await chat.server.message("/stars", user=ann)
    await chat.server.see(chat.server.private(ann), says("Nothing is sold"))
    assert not chat.server.asked("getStarTransactions")


@on_sqlite
async def test_paysupport_tells_whom_to_ask_and_what_was_paid(shop: House) -> None:
    server = shop.server
    ann = server.user()
    paid = await server.pay(await invoice_for(shop, ann), ann)
    await until_free(shop, ann, SIGNUP + PACK)
    await server.message("/paysupport", user=ann)
    shown = await server.see(server.private(ann), says("Your last payment:"))
    assert "help@example.com" in shown["text"]
    assert "https://example.com/terms" in shown["text"]
    assert f"100 credits · stars:{server.charge_of(paid)}" in shown["text"]


async def test_a_refund_takes_the_credits_back_also_when_they_are_spent(shop: House) -> None:
    server, app = shop.server, shop.studio.app
    ann = server.user()
    paid = await server.pay(await invoice_for(shop, ann), ann)
    await until_free(shop, ann, SIGNUP + PACK)
    await app.database.transaction(_spend, str(ann.id), 150)
    charge = server.charge_of(paid)
    server.fail("refundStarPayment", lost())
    with pytest.raises(till.RefundRefused, match="Try again"):
        await till.refund(app, shop.settings, charge)
    assert "350 Stars" in await till.refund(app, shop.settings, charge)
    await server.until(lambda: not server.world.updates)
    assert (await shop.wallet(ann))[0] == SIGNUP + PACK - 150 - PACK
    said = await told(shop, ann)
    assert any("refunded: 100 credits were taken back, you have -50 now" in line for line in said)
    assert sum(outcome == "merged" for outcome, _ in await outcomes(shop)) == 2
    with pytest.raises(till.RefundRefused, match="no payment"):
        await till.refund(app, shop.settings, "unheard-of")


def _spend(connection: Connection, user: str, amount: int) -> None:
    person = people.find(connection, "telegram", user)
    assert person is not None
    entry = Entry(
        id="test:spent",
        debit=accounts.person(person),
        credit=accounts.REVENUE,
        amount=amount,
        kind="spend",
    )
    credits.take(connection, entry, SystemClock().now())


async def test_what_was_paid_while_the_bot_was_down_is_credited_at_the_start(
    shop: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(till, "PAGE", 2)
    server = shop.server
    buyers = [server.user(f"Person {number}") for number in range(5)]
    bills = [await invoice_for(shop, person) for person in buyers]
    await shop.stop()
    charges = [
        server.charge_of(await server.paid(bill, person))
        for bill, person in zip(bills, buyers, strict=True)
    ]
    server.world.transactions.insert(1, _withdrawal())
    server._methods.refund_star_payment(
        {"user_id": buyers[0].id, "telegram_payment_charge_id": charges[0]}, {}
    )
    # Updates are kept for a day: this outage was longer.
    server.world.updates.clear()
    await shop.start()
    for person in buyers[1:]:
        await until_free(shop, person, SIGNUP + PACK)
    assert await heard(shop, 6) == [("merged", None)] * 6
    assert (await shop.wallet(buyers[0]))[0] == SIGNUP
    assert await till.catch_up(shop.studio.app, shop.settings) == 0


def _withdrawal() -> JSON:
    return {"id": "w1", "amount": 1000, "date": 1, "receiver": {"type": "fragment"}}


@on_sqlite
async def test_by_webhook(tmp_path: Path, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            house(tmp_path, database_url, rules=RULES, public_url=url) as shop,
            serving(shop, listener),
        ):
            await shop.start()
            ann = shop.server.user()
            await shop.server.pay(await invoice_for(shop, ann), ann)
            await until_free(shop, ann, SIGNUP + PACK)
            assert set(shop.server.webhook_answers) == {200}
            assert "pre_checkout_query" in (shop.server.world.allowed or ())
