"""refuse: say no to a grant that waits; the button under it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import grants
from core.app import App
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """The grant that waits."""

    job: str = option("The grant of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Refuse) -> Reply:
    assert call.authority is not None
    ended = await grants.refuse(app, call.authority, params.job)
    said = Say(key="grant-refused", values={"name": ended.name, "amount": ended.amount})
    return Reply(lines=(said,))


COMMAND = Command(
    name="refuse",
    summary="Refuse this grant",
    params=Refuse,
    run=_run,
    hidden=True,
    moderators=True,
    announced=True,
)
