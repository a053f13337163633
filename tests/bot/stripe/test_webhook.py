"""The webhook's door: only Stripe is heard, and what nobody can account for brings nothing."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from bot.command import Reply
from core import payments
from core import shop as counter
from core.intake import event as row_of
from storage import payments as stored
from tests.bot.stripe.conftest import Market


async def paid(shop: Market, **wrong: Any) -> None:  # noqa: ANN401
    shop.stripe.world.pay(await shop.session("buy", pack="small"), **wrong)


async def test_a_forged_signature_is_not_heard(shop: Market) -> None:
    await paid(shop)
    told = shop.stripe.world.events[-1]
    assert await shop.stripe.deliver(told, secret="whsec_another") == 400
    async with shop.door.http.post(shop.stripe.webhook or "", data=told.text.encode()) as answer:
        assert answer.status == 400
    for garbage in (b"\xff\xfe", b"{}", b"[]"):
        async with shop.door.http.post(shop.stripe.webhook or "", data=garbage) as answer:
            assert answer.status == 400
    assert await shop.free() == 100


@pytest.mark.parametrize(("age_s", "status"), [(290, 200), (310, 400), (9000, 400)])
async def test_an_old_signature_is_not_heard(shop: Market, age_s: int, status: int) -> None:
    await paid(shop)
    told = shop.stripe.world.events[-1]
    assert await shop.stripe.deliver(told, at=time.time() - age_s) == status
    assert await shop.free() == (200 if status == 200 else 100)


async def test_a_payment_of_another_mode_is_held_back(shop: Market) -> None:
    shop.stripe.world.live = True
    await paid(shop)
    assert await shop.stripe.deliver_all() == [200]
    assert await shop.free() == 100
    assert await shop.held_back() == ["of live mode, unlike the key here"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"amount_total": 1}, "paid 1, not 500 eur"),
        ({"amount_total": 50000}, "paid 50000, not 500 eur"),
        ({"currency": "usd"}, "paid in usd, not eur"),
        ({"client_reference_id": "f" * 32}, "a checkout that we did not begin"),
        ({"client_reference_id": None, "metadata": {}}, "a checkout that we did not begin"),
        (
            {"client_reference_id": "f" * 32, "metadata": {"order": "f" * 32}},
            f"no order '{'f' * 32}' here",
        ),
        ({"payment_intent": None}, "nothing was paid for it"),
        ({"payment_intent": {}}, "not understood: KeyError('id')"),
        ({"mode": "subscription"}, "is of a pack"),
    ],
)
async def test_a_wrong_payment_is_held_back_and_brings_nothing(
    shop: Market, wrong: dict[str, object], reason: str
) -> None:
    await paid(shop, **wrong)
    assert await shop.stripe.deliver_all() == [200]
    assert await shop.free() == 100
    (held,) = await shop.held_back()
    assert reason in held
    assert await shop.said() == []


async def test_another_persons_customer_is_held_back(shop: Market) -> None:
    await shop.bought("7")
    mine = shop.stripe.world.objects[await shop.session("buy", "7", pack="small")]["customer"]
    shop.stripe.world.pay(await shop.session("buy", "8", pack="small"), customer=mine)
    assert await shop.stripe.deliver_all() == [200]
    assert await shop.free("8") == 100
    (held,) = await shop.held_back()
    assert "is not who ordered" in held


async def test_an_invoice_of_nobody_is_held_back(shop: Market) -> None:
    shop.stripe.world.pay(await shop.session("subscribe", plan="creator"))
    for told in shop.stripe.world.events:
        thing = told.body["data"]["object"]
        if told.body["type"] == "invoice.paid":
            thing["parent"]["subscription_details"]["metadata"] = {}
    await shop.stripe.deliver_all()
    assert await shop.held_back() == ["an invoice that answers no order"]
    assert await shop.free() == 100


async def test_more_than_the_price_of_a_month_is_held_back(shop: Market) -> None:
    shop.stripe.world.pay(await shop.session("subscribe", plan="creator"))
    for told in shop.stripe.world.events:
        if told.body["type"] == "invoice.paid":
            told.body["data"]["object"]["amount_paid"] = 9999
    await shop.stripe.deliver_all()
    assert set(await shop.held_back()) == {"paid 9999, not 2900 eur"}
    assert await shop.free() == 100


async def test_an_event_of_no_interest_is_kept_and_passed_over(shop: Market) -> None:
    told = shop.stripe.world.tell("product.created", {"id": "prod_1", "object": "product"})
    assert await shop.stripe.deliver(told) == 200
    row = row_of("stripe", told.body["id"], "x", "", shop.app.clock.now())
    assert not await shop.app.database.transaction(payments.receive, row)
    assert await shop.held_back() == []


async def test_a_session_that_nobody_paid_is_over(shop: Market) -> None:
    session = shop.stripe.world.objects[await shop.session("buy", pack="small")]
    shop.stripe.world.tell("checkout.session.expired", session)
    assert await shop.stripe.deliver_all() == [200]
    assert await shop.free() == 100


@pytest.mark.parametrize("fault", [500, 429, "drop"])
async def test_a_stripe_that_fails_is_a_sentence(shop: Market, fault: int | str) -> None:
    await shop.session("buy", pack="small")
    shop.stripe.script.append(fault)
    reply: Reply = await shop.run("buy", pack="small")
    assert [line.key for line in reply.lines] == ["till-failed"]
    assert reply.error
    await shop.session("buy", pack="small")


async def test_three_days_without_ears_are_caught_up(shop: Market) -> None:
    await shop.bought("1")
    assert await counter.catch_up(shop.app) == 1
    world = shop.stripe.world
    intents = []
    for user in range(2, 8):
        sessions = [await shop.session("buy", str(user), pack="small") for _ in range(20)]
        intents += [world.pay(session) for session in sessions]
    world.refund(intents[0])
    days = 3 * 24 * 3600
    for told in world.events:
        told.body["created"] -= days
    # Stripe gave up on some long ago: those are in the list all the same.
    for told in world.events[::3]:
        told.delivered = True
    world.offset_s = -days
    await aged(shop, days)
    assert await counter.catch_up(shop.app) > 100
    assert [await shop.free(str(user)) for user in range(1, 8)] == [200, 2000, *[2100] * 5]
    assert await counter.catch_up(shop.app) == len([t for t in world.events if not t.delivered])
    assert await shop.held_back() == []


async def aged(shop: Market, seconds: int) -> None:
    """As if all had been taken in for the last time so long ago."""
    at = shop.app.clock.now() - timedelta(seconds=seconds)
    await shop.app.database.statement(stored.set_caught_up, "stripe", at)


async def test_without_an_order_nothing_is_asked_of_stripe(shop: Market) -> None:
    assert await counter.catch_up(shop.app) == 0
    assert shop.stripe.requests == []


async def test_the_page_after_a_payment(shop: Market) -> None:
    assert "Paid, thank you" in await shop.door.html("/paid")
    assert "Nothing was paid" in await shop.door.html("/paid?no")
