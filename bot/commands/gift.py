"""gift: credits that one has bought, for somebody else."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import gifts
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.options import Mentioned, option


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """The options of gift."""

    person: Mentioned = option("Who gets the credits")
    amount: int = option("How many of the credits you have bought", min=1, max=1_000_000)


async def _run(app: App, call: Call, params: Gift) -> Reply:
    left = await gifts.give(app, call.person, params.person, params.amount, call.inbox)
    values: dict[str, Value] = {"name": params.person.name, "amount": params.amount, "left": left}
    return Reply(lines=(Say(key="gift-given", values=values),))


COMMAND = Command(
    name="gift",
    summary="Give credits that you have bought to somebody",
    params=Gift,
    run=_run,
    private=True,
)
