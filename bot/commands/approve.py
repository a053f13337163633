"""approve: let a grant happen that another moderator asked for; the button under it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import grants
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """The grant that waits."""

    job: str = option("The grant of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Approve) -> Reply:
    assert call.authority is not None
    made = await grants.approve(app, call.authority, call.person, params.job)
    values: dict[str, Value] = {
        "name": made.name,
        "amount": made.amount,
        "reason": made.reason,
        "number": str(made.number),
    }
    return Reply(lines=(Say(key="granted", values=values),))


COMMAND = Command(
    name="approve",
    summary="Approve this grant",
    params=Approve,
    run=_run,
    hidden=True,
    moderators=True,
    announced=True,
)
