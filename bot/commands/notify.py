"""notify: be told once when the credits run low."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import wallets
from core.app import App
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """The options of notify."""

    below: int = option("Tell me below so many credits; 0 for never", min=0, max=1_000_000)


async def _run(app: App, call: Call, params: Notify) -> Reply:
    await wallets.set_notice(app, call.person, params.below)
    return Reply(lines=(Say(key="notify-set", values={"below": params.below}),))


COMMAND = Command(
    name="notify",
    summary="Be told when your credits run low",
    params=Notify,
    run=_run,
    private=True,
)
