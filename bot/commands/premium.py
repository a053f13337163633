"""premium: packs of credits that Discord itself sells, each as Discord's own button."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Call, Command, Reply
from core import premium
from core.app import App
from core.errors import UserError
from core.messenger import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Premium:
    """premium takes nothing."""


def _check(app: App, _: Premium) -> None:
    if not premium.packs(app.rules):
        raise UserError("premium-none")


async def _run(app: App, call: Call, _: Premium) -> Reply:
    lines = [Say(key="premium")]
    if app.rules.terms:
        lines.append(Say(key="payment-terms", values={"operator": app.rules.terms}))
    buttons = counter.premium_buttons(app, call.identity.platform)
    return Reply(lines=tuple(lines), buttons=buttons)


COMMAND = Command(
    name="premium",
    summary="Buy credits from Discord",
    params=Premium,
    run=_run,
    private=True,
    check=_check,
    platforms=frozenset({premium.PLATFORM}),
)
