"""The life of a subscription: each month brings its credits once, and the plan follows Stripe."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from core import plans, wallets
from storage import payments
from tests.bot.stripe.conftest import Market


async def subscribed(shop: Market, plan: str = "creator") -> str:
    subscription = shop.stripe.world.pay(await shop.session("subscribe", plan=plan))
    assert set(await shop.stripe.deliver_all()) == {200}
    return subscription


async def test_the_first_month_is_credited_once_until_it_ends(shop: Market) -> None:
    subscription = await subscribed(shop)
    for told in shop.stripe.world.events:
        assert await shop.stripe.deliver(told) == 200
    assert await shop.free() == 150
    item = shop.stripe.world.objects[subscription]["items"]["data"][0]
    end = datetime.fromtimestamp(item["current_period_end"], UTC)
    balance = await wallets.balance(shop.app, await shop.person())
    assert [lot.expires_at for lot in balance.own.lots if lot.source == "plan"] == [end]
    standing = await shop.standing()
    assert (standing.plan.id, standing.period_end, standing.ends) == ("creator", end, False)
    assert await shop.said() == ["plan-credited"]
    assert await shop.held_back() == []


async def test_a_plan_without_credits_is_confirmed_too(shop: Market) -> None:
    await subscribed(shop, "premium")
    assert await shop.free() == 100
    assert await shop.said() == ["plan-begun"]
    assert (await shop.standing()).plan.id == "premium"


async def test_each_month_brings_its_credits_and_the_last_one_ends_it(shop: Market) -> None:
    subscription = await subscribed(shop)
    shop.stripe.world.offset_s = 5
    shop.stripe.world.renew(subscription)
    await shop.stripe.deliver_all()
    assert await shop.free() == 200
    shop.stripe.world.offset_s = 10
    shop.stripe.world.cancel(subscription)
    await shop.stripe.deliver_all()
    assert (await shop.standing()).ends
    shown = await shop.run("plans")
    assert shown.lines[0].key == "plan-yours-ends"
    again = await shop.run("subscribe", plan="creator")
    assert [line.key for line in again.lines] == ["plan-changed"]
    await shop.stripe.deliver_all()
    assert not (await shop.standing()).ends
    shop.stripe.world.offset_s = 20
    shop.stripe.world.end(subscription)
    await shop.stripe.deliver_all()
    assert (await shop.standing()).plan.id == "free"
    assert await shop.free() == 200
    assert sorted(await shop.said()) == ["plan-credited", "plan-credited", "plan-ended"]


async def test_up_and_down_from_now_on_never_brings_more_than_was_paid(shop: Market) -> None:
    await subscribed(shop, "premium")
    shop.stripe.world.offset_s = 5
    assert (await shop.run("subscribe", plan="creator")).lines[0].key == "plan-changed"
    await shop.stripe.deliver_all()
    assert (await shop.standing()).plan.id == "creator"
    # Half of the difference of 24 euro was paid: 12 of 29.
    assert await shop.free() == 100 + 50 * 1200 // 2900
    for offset_s in (10, 15, 20):
        shop.stripe.world.offset_s = offset_s
        plan = "premium" if offset_s != 15 else "creator"
        await shop.run("subscribe", plan=plan)
        await shop.stripe.deliver_all()
    assert (await shop.standing()).plan.id == "premium"
    paid = sum(
        item["amount_paid"]
        for item in shop.stripe.world.objects.values()
        if item["object"] == "invoice" and item["billing_reason"] == "subscription_update"
    )
    assert await shop.free() <= 100 + 50 * paid // 2900
    assert await shop.held_back() == []
    already = await shop.run("subscribe", plan="premium")
    assert already.lines[0].key == "plan-already"


async def test_who_has_a_plan_from_the_operator_can_subscribe(shop: Market) -> None:
    await plans.assign(shop.app, await shop.person(), "premium")
    shop.stripe.world.offset_s = 5
    subscription = await subscribed(shop)
    standing = await shop.standing()
    assert (standing.plan.id, standing.external_id) == ("creator", subscription)
    assert await shop.held_back() == []


async def test_a_cheaper_plan_costs_less_from_the_next_month_on(shop: Market) -> None:
    subscription = await subscribed(shop)
    world = shop.stripe.world
    world.offset_s = 5
    lowered = await shop.run("subscribe", plan="premium")
    assert [line.key for line in lowered.lines] == ["plan-lowered"]
    await shop.stripe.deliver_all()
    assert (await shop.standing()).plan.id == "premium"
    assert await shop.free() == 150
    bills = [item["total"] for item in world.objects.values() if item["object"] == "invoice"]
    assert bills == [2900]
    world.offset_s = 10
    assert world.renew(subscription)["total"] == 500
    await shop.stripe.deliver_all()
    assert await shop.free() == 150
    assert await shop.held_back() == []


async def test_a_card_that_is_refused_changes_nothing(shop: Market) -> None:
    subscription = await subscribed(shop, "premium")
    shop.stripe.world.broke.add(shop.stripe.world.objects[subscription]["customer"])
    refused = await shop.run("subscribe", plan="creator")
    assert [line.key for line in refused.lines] == ["card-refused"]
    await shop.stripe.deliver_all()
    assert (await shop.standing()).plan.id == "premium"


async def test_past_due_is_told_and_resumes(shop: Market) -> None:
    subscription = await subscribed(shop)
    shop.stripe.world.offset_s = 5
    await shop.said()
    bill = shop.stripe.world.renew(subscription, paid=False)
    await shop.stripe.deliver_all()
    await shop.said()
    assert (await shop.standing()).status == "past_due"
    assert (await shop.run("plans")).lines[0].key == "plan-yours-past-due"
    assert await shop.free() == 150
    shop.stripe.world.offset_s = 10
    shop.stripe.world.recover(subscription, bill["id"])
    await shop.stripe.deliver_all()
    assert (await shop.standing()).status == "active"
    assert await shop.free() == 200
    assert await shop.said() == ["plan-credited", "plan-past-due", "plan-credited"]


@pytest.mark.parametrize("status", ["unpaid", "paused"])
async def test_a_subscription_that_nobody_pays_is_over_until_it_is_paid(
    shop: Market, status: str
) -> None:
    subscription = await subscribed(shop)
    world = shop.stripe.world
    world.offset_s = 5
    bill = world.renew(subscription, paid=False)
    world.objects[subscription]["status"] = status
    world.tell("customer.subscription.updated", world.objects[subscription])
    await shop.stripe.deliver_all()
    assert (await shop.standing()).plan.id == "free"
    assert "plan-ended" in await shop.said()
    world.offset_s = 10
    world.recover(subscription, bill["id"])
    await shop.stripe.deliver_all()
    standing = await shop.standing()
    assert (standing.plan.id, standing.status, standing.ends) == ("creator", "active", False)


async def test_in_any_order_the_plan_is_the_same(shop: Market) -> None:
    subscription = shop.stripe.world.pay(await shop.session("subscribe", plan="creator"))
    shop.stripe.world.offset_s = 5
    shop.stripe.world.renew(subscription)
    shop.stripe.world.cancel(subscription)
    told = list(shop.stripe.world.events)
    random.Random(4).shuffle(told)
    for item in told:
        assert await shop.stripe.deliver(item) == 200
    assert await shop.free() == 200
    standing = await shop.standing()
    assert (standing.plan.id, standing.status, standing.ends) == ("creator", "active", True)


async def test_a_refund_before_its_invoice_waits_for_it(shop: Market) -> None:
    shop.stripe.world.pay(await shop.session("subscribe", plan="creator"))
    world = shop.stripe.world
    bill = next(item["id"] for item in world.objects.values() if item["object"] == "invoice")
    early = len(world.events)
    world.refund(world.intent_of(bill))
    for told in world.events[early:]:
        if told.body["type"] == "charge.refunded":
            told.delivered = True  # an endpoint that is told the refunds alone
        else:
            assert await shop.stripe.deliver(told) == 200
    assert await shop.free() == 100
    await shop.stripe.deliver_all()
    assert await shop.free() == 100
    row = await shop.payment(bill)
    assert (row.credits, row.applied) == (50, 0)


async def test_a_dispute_of_an_invoice_finds_it(shop: Market) -> None:
    await subscribed(shop)
    world = shop.stripe.world
    bill = next(item["id"] for item in world.objects.values() if item["object"] == "invoice")
    dispute = world.dispute(world.intent_of(bill))
    await shop.stripe.deliver_all()
    assert await shop.free() == 100
    world.close_dispute(dispute, "won")
    await shop.stripe.deliver_all()
    assert await shop.free() == 150


async def test_of_two_customers_who_pays_for_the_plan_or_the_latest(shop: Market) -> None:
    ann = await shop.person()
    add, now = payments.add_customer, shop.app.clock.now()

    async def billed() -> str:
        reply = await shop.run("billing")
        url = reply.buttons[0].url or ""
        return str(shop.stripe.world.objects[url.rpartition("/")[2]]["customer"])

    first, second = (shop.stripe.world.new("cus", "customer")["id"] for _ in range(2))
    await shop.app.database.statement(add, "stripe", second, ann, now + timedelta(seconds=9))
    await shop.app.database.statement(add, "stripe", first, ann, now)
    assert await billed() == second
    subscription = await subscribed(shop)
    assert shop.stripe.world.objects[subscription]["customer"] == second
    third = shop.stripe.world.new("cus", "customer")["id"]
    await shop.app.database.statement(add, "stripe", third, ann, now + timedelta(days=1))
    assert await billed() == second
    shop.stripe.world.offset_s = 5
    shop.stripe.world.end(subscription)
    await shop.stripe.deliver_all()
    assert await billed() == third


async def test_the_portal_is_for_who_has_bought(shop: Market) -> None:
    assert (await shop.run("billing")).lines[0].key == "billing-none"
    await subscribed(shop)
    reply = await shop.run("billing")
    assert reply.buttons[0].url is not None
    assert reply.buttons[0].url.startswith("https://billing.stripe.com/")
    assert reply.private
