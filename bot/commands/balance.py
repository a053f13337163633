"""balance: what is there, what of it is held, until when, and what this month has used."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Call, Command, Reply
from core import wallets
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.wallets import Month, Part

LOTS_SHOWN_MAX = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """balance takes nothing."""


async def _run(app: App, call: Call, _: Balance) -> Reply:
    found = await wallets.balance(app, call.person)
    wallet = found.wallet
    lines = [Say(key="balance", values={"free": wallet.free, "held": wallet.pending})]
    lines += _expiring(found.own)
    for part in found.scoped:
        here = part.community == call.community
        key = "balance-here" if here else "balance-elsewhere"
        values: dict[str, Value] = {
            "credits": part.posted - part.pending,
            "community": part.community or "",
        }
        lines += [Say(key=key, values=values), *_expiring(part)]
    lines += _month(await wallets.month(app, call.person))
    return Reply(lines=tuple(lines), buttons=counter.buy_buttons(app, call))


def _expiring(part: Part) -> list[Say]:
    """Each lot that will not stay."""
    return [
        Say(
            key="balance-expires",
            values={
                "credits": item.remaining,
                "source": item.source,
                "date": item.expires_at.date().isoformat(),
            },
        )
        for item in part.lots
        if item.expires_at is not None
    ][:LOTS_SHOWN_MAX]


def _month(month: Month) -> list[Say]:
    standing = month.standing
    values: dict[str, Value] = {
        "plan": standing.plan.title,
        "used": month.used,
        "date": standing.period_end.date().isoformat(),
    }
    lines = [Say(key="balance-month", values=values)]
    if standing.plan.credits:
        left = {"left": month.plan_left, "credits": standing.plan.credits}
        lines.append(Say(key="balance-plan-left", values={**values, **left}))
    return lines


COMMAND = Command(
    name="balance",
    summary="Show your credits, what expires, and this month's use",
    params=Balance,
    run=_run,
    private=True,
)
