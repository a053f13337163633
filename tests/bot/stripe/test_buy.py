"""From /buy to credits: the thinnest path, and everything that must not become credits."""

from __future__ import annotations

import dataclasses
import time

from bot.command import Button
from tests.bot.stripe.conftest import Market


async def test_buy_shows_packs_with_prices_and_buttons(shop: Market) -> None:
    reply = await shop.run("buy")
    assert [line.key for line in reply.lines] == ["buy-title", *["buy-pack"] * 3]
    assert reply.lines[1].values["price"] == "€5.00"
    names = ["stripe-small", "stripe-medium", "stripe-large"]
    assert [button.given for button in reply.buttons] == [("pack", name) for name in names]
    second = reply.buttons[1]
    assert second.label == "500 credits: €20.00"
    assert Button.unpack(second.pack()) == dataclasses.replace(second, label=None)
    assert reply.private


async def test_a_paid_pack_is_credited_once_and_confirmed_where_it_was_asked(shop: Market) -> None:
    session = await shop.session("buy", pack="medium")
    assert await shop.free() == 100
    shop.stripe.world.pay(session)
    for told in shop.stripe.world.events:
        for _ in range(3):
            assert await shop.stripe.deliver(told) == 200
    assert await shop.free() == 600
    assert await shop.said() == ["payment-credited"]
    address, delivery = shop.ear.heard[0]
    assert address.place == "room-7"
    assert delivery.lines[0].values == {"credits": 500, "left": 600, "item": "medium"}


async def test_a_button_leads_to_the_page_of_its_pack(shop: Market) -> None:
    session = await shop.session("buy", pack="stripe-large")
    made = shop.stripe.world.objects[session]
    assert made["amount_total"] == 4000
    assert made["client_reference_id"] == made["metadata"]["order"]
    assert made["payment_intent_data"]["metadata"] == made["metadata"]
    assert 23 * 3600 < int(made["expires_at"]) - time.time() <= 24 * 3600


async def test_a_slow_method_is_credited_when_the_money_is_there(shop: Market) -> None:
    session = await shop.session("buy", pack="small")
    shop.stripe.world.pay(session, later=True)
    await shop.stripe.deliver_all()
    assert await shop.free() == 100
    shop.stripe.world.arrive(session)
    await shop.stripe.deliver_all()
    assert await shop.free() == 200


async def test_a_slow_method_that_fails_is_told_and_credits_nothing(shop: Market) -> None:
    session = await shop.session("buy", pack="small")
    shop.stripe.world.pay(session, later=True)
    shop.stripe.world.fail(session)
    assert set(await shop.stripe.deliver_all()) == {200}
    assert await shop.free() == 100
    assert await shop.said() == ["payment-failed"]
