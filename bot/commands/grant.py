"""grant: credits for somebody, out of the community's pool."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply
from core import grants
from core.app import App
from core.errors import Value
from core.grants import Ask, Granted
from core.messenger import Say
from core.options import Mentioned, option


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The options of grant."""

    person: Mentioned = option("Who gets the credits")
    amount: int = option("How many credits", min=1, max=1_000_000)
    reason: str = option("What they are for; everybody here sees it", main=True, length_max=200)


async def _run(app: App, call: Call, params: Grant) -> Reply:
    assert call.authority is not None
    ask = Ask(
        authority=call.authority,
        by=call.person,
        target=params.person,
        amount=params.amount,
        reason=params.reason,
        inbox=call.inbox,
    )
    made = await grants.grant(app, ask)
    values: dict[str, Value] = {"name": made.name, "amount": made.amount, "reason": made.reason}
    if isinstance(made, Granted):
        return Reply(lines=(Say(key="granted", values={**values, "number": str(made.number)}),))
    return Reply(
        lines=(Say(key="grant-waits", values={**values, "limit": made.limit}),),
        buttons=(
            Button(command="approve", job_id=made.id),
            Button(command="refuse", job_id=made.id),
        ),
    )


COMMAND = Command(
    name="grant",
    summary="Give credits out of this community's pool (moderators)",
    params=Grant,
    run=_run,
    moderators=True,
    announced=True,
)
