"""billing: the page with a person's receipts, cards and subscription."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply
from core import shop
from core.app import App
from core.messenger import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """billing takes nothing."""


async def _run(app: App, call: Call, _: Billing) -> Reply:
    url = await shop.portal(app, call.person, call.identity.platform)
    return Reply(lines=(Say(key="billing"),), buttons=(Button(command="billing", url=url),))


COMMAND = Command(
    name="billing",
    summary="Your receipts, and the end of a subscription",
    params=Billing,
    run=_run,
    private=True,
)
