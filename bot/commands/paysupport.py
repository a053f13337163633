"""paysupport: whom to write to about a payment, and one's last payments with their ids."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import payments
from core.app import App
from core.errors import Value
from core.messenger import Say

SHOWN_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PaySupport:
    """paysupport takes nothing."""


async def _run(app: App, call: Call, _: PaySupport) -> Reply:
    lines = [Say(key="paysupport-operator")]
    if app.rules.support:
        lines = [Say(key="paysupport", values={"operator": app.rules.support})]
    if app.rules.terms:
        lines.append(Say(key="payment-terms", values={"operator": app.rules.terms}))
    found = await payments.latest(app, call.person, SHOWN_MAX)
    lines.append(Say(key="paysupport-payments", values={"count": len(found)}))
    for row in found:
        titles = [pack.title for pack in app.rules.packs if pack.id == row.item]
        values: dict[str, Value] = {
            "date": f"{row.updated_at:%Y-%m-%d}",
            "item": titles[0] if titles else row.item,
            "credits": row.applied,
            "id": row.id,
        }
        lines.append(Say(key="paysupport-payment", values=values))
    return Reply(lines=tuple(lines))


COMMAND = Command(
    name="paysupport",
    summary="Get help with a payment",
    params=PaySupport,
    run=_run,
    private=True,
)
