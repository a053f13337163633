"""balance: what is there, and what of it is held."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Call, Command, Reply
from core import wallets
from core.app import App
from core.messenger import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """balance takes nothing."""


async def _run(app: App, call: Call, _: Balance) -> Reply:
    wallet = (await wallets.balance(app, call.person)).wallet
    return Reply(
        lines=(Say(key="balance", values={"free": wallet.free, "held": wallet.pending}),),
        buttons=counter.buy_buttons(app, call),
    )


COMMAND = Command(
    name="balance",
    summary="Show your credits",
    params=Balance,
    run=_run,
    private=True,
)
