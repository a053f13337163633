"""What goes back: refunds by parts, refunds that fail, disputes; a balance may fall below zero."""

from __future__ import annotations

import pytest

from core import accounts, credits
from core import shop as counter
from core.credits import Entry
from core.errors import UserError
from core.ids import new_id
from tests.bot.stripe.conftest import Market
from tests.bot.web.conftest import plain
from tests.fakes.studio import upload


async def test_three_partial_refunds_take_their_part(shop: Market) -> None:
    intent = await shop.bought(pack="medium")
    left = []
    for amount in (500, 500, 1000):
        shop.stripe.world.refund(intent, amount)
        await shop.stripe.deliver_all()
        left.append(await shop.free() - 100)
    assert left == [375, 250, 0]


async def test_a_refund_that_fails_later_gives_back(shop: Market) -> None:
    intent = await shop.bought()
    refund = shop.stripe.world.refund(intent)
    await shop.stripe.deliver_all()
    assert await shop.free() == 100
    shop.stripe.world.fail_refund(refund["id"])
    await shop.stripe.deliver_all()
    assert await shop.free() == 200
    assert sorted(await shop.said()) == ["payment-credited", "payment-refund", "payment-restored"]


@pytest.mark.parametrize(("outcome", "left"), [("won", 200), ("lost", 100)])
async def test_a_dispute_freezes_and_then_settles(shop: Market, outcome: str, left: int) -> None:
    intent = await shop.bought()
    dispute = shop.stripe.world.dispute(intent)
    await shop.stripe.deliver_all()
    assert await shop.free() == 100
    shop.stripe.world.close_dispute(dispute, outcome)
    await shop.stripe.deliver_all()
    assert await shop.free() == left


async def test_an_inquiry_takes_nothing(shop: Market) -> None:
    intent = await shop.bought()
    dispute = shop.stripe.world.dispute(intent)
    shop.stripe.world.events[-1].body["data"]["object"]["status"] = "warning_needs_response"
    shop.stripe.world.close_dispute(dispute, "warning_closed")
    await shop.stripe.deliver_all()
    assert await shop.free() == 200


async def test_below_zero_only_what_is_free_runs_and_the_next_purchase_repays(
    shop: Market,
) -> None:
    intent = await shop.bought()
    await spend(shop, await shop.free())
    shop.stripe.world.refund(intent)
    await shop.stripe.deliver_all()
    assert await shop.free() == -100
    refused = await shop.run("imagine", prompt="a fox")
    assert [line.key for line in refused.lines] == ["not-enough-credits-buy"]
    assert [button.command for button in refused.buttons] == ["buy"]
    free = await shop.run("palette", image=upload(plain()))
    assert free.job_id is not None
    await shop.bought()
    assert await shop.free() == 0


async def spend(shop: Market, amount: int) -> None:
    """Take credits out, as jobs would."""
    entry = Entry(
        id=new_id(),
        debit=accounts.person(await shop.person()),
        credit=accounts.REVENUE,
        amount=amount,
        kind="spend",
    )
    await shop.app.database.transaction(credits.take, entry, shop.app.clock.now())


async def test_the_operators_refund_counts_at_once_and_only_once(shop: Market) -> None:
    intent = await shop.bought(pack="medium")
    row = await counter.refund(shop.app, f"stripe:{intent}", 500)
    assert (row.applied, await shop.free()) == (375, 475)
    await shop.stripe.deliver_all()
    assert await shop.free() == 475
    row = await counter.refund(shop.app, f"stripe:{intent}", None)
    assert row.applied == 0
    with pytest.raises(UserError, match="till-failed"):
        await counter.refund(shop.app, f"stripe:{intent}", 1)
    with pytest.raises(UserError, match="payment-unknown"):
        await counter.refund(shop.app, "stripe:pi_nobody", None)


async def test_the_operators_refund_of_a_month_finds_what_paid_it(shop: Market) -> None:
    shop.stripe.world.pay(await shop.session("subscribe", plan="creator"))
    world = shop.stripe.world
    bill = next(item["id"] for item in world.objects.values() if item["object"] == "invoice")
    for told in world.events:
        # An endpoint that does not send this event.
        if told.body["type"] != "invoice_payment.paid":
            await shop.stripe.deliver(told)
    row = await counter.refund(shop.app, f"stripe:{bill}", 1450)
    assert row.applied == 25
    assert await shop.free() == 125
