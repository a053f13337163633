"""subscribe: the page where a plan is paid, or another plan from now on."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Button, Call, Command, Reply, Suggestion
from core import plans, shop
from core.app import App
from core.errors import UserError
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """The options of subscribe."""

    plan: str | None = option("Which plan", default=None, main=True, suggest="plans", length_max=40)


async def _run(app: App, call: Call, params: Subscribe) -> Reply:
    offers = shop.subscriptions(app, call.identity.platform)
    if not offers:
        raise UserError("shop-closed")
    if params.plan is None:
        sold = [plan for plan in app.rules.plans if plan.is_sold]
        lines = [counter.plan_line(app, plan, call.language) for plan in sold]
        return Reply(
            lines=tuple(lines), buttons=counter.buttons("subscribe", "plan", offers, call.language)
        )
    named = plans.find(app.rules, (params.plan or "").strip().lower())
    if named is not None and named.on_request:
        raise UserError("plan-on-request", plan=named.title)
    offer = shop.choose(offers, "plan", params.plan)
    found = await shop.subscribe(app, call.person, offer, call.address)
    price = counter.price(call.language, offer.price)
    if isinstance(found, shop.Moved):
        key = "plan-changed" if found.settled else "plan-lowered"
        said = Say(key=key, values={"title": offer.item.title, "price": price})
        return Reply(lines=(said,))
    said = Say(key="subscribe-link", values={"title": offer.item.title, "price": price})
    return Reply(lines=(said,), buttons=(Button(command="pay", url=found.url),))


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    found = [plan for plan in app.rules.plans if plan.is_sold] if option == "plan" else []
    return tuple(counter.suggestion(plan) for plan in found if typed.lower() in plan.id)


COMMAND = Command(
    name="subscribe",
    summary="Subscribe to a plan, or change to another",
    params=Subscribe,
    run=_run,
    private=True,
    suggest=_suggest,
)
