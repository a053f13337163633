"""plans: what each plan costs and allows, and which one a person is on."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Call, Command, Reply
from core import plans, shop
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.plans import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """plans takes nothing."""


async def _run(app: App, call: Call, _: Plans) -> Reply:
    standing = await plans.standing(app, call.person)
    lines = [_yours(standing)]
    lines += [counter.plan_line(app, plan, call.language) for plan in app.rules.plans]
    offers = shop.subscriptions(app, call.identity.platform)
    return Reply(
        lines=tuple(lines), buttons=counter.buttons("subscribe", "plan", offers, call.language)
    )


def _yours(standing: Standing) -> Say:
    values: dict[str, Value] = {
        "title": standing.plan.title,
        "until": standing.period_end.date().isoformat(),
    }
    if standing.till is None:
        return Say(key="plan-yours", values=values)
    if standing.status == "past_due":
        return Say(key="plan-yours-past-due", values=values)
    return Say(key="plan-yours-ends" if standing.ends else "plan-yours-renews", values=values)


COMMAND = Command(
    name="plans",
    summary="Plans with their prices and limits, and yours",
    params=Plans,
    run=_run,
    private=True,
)
