"""redeem: the credits of a code."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import coupons, wallets
from core.app import App
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem:
    """The options of redeem."""

    code: str = option("The code", main=True, length_max=64)


async def _run(app: App, call: Call, params: Redeem) -> Reply:
    amount = await coupons.redeem(app, call.person, params.code, call.inbox)
    free = (await wallets.balance(app, call.person)).wallet.free
    return Reply(lines=(Say(key="redeemed", values={"amount": amount, "free": free}),))


COMMAND = Command(
    name="redeem",
    summary="Get the credits of a code",
    params=Redeem,
    run=_run,
    private=True,
)
