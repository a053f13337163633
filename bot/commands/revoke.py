"""revoke: take back what is left of a grant."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import grants
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """The options of revoke."""

    grant: int = option("The number of the grant", min=1, max=1_000_000_000)
    reason: str | None = option("Why", default=None, main=True, length_max=180)


async def _run(app: App, call: Call, params: Revoke) -> Reply:
    assert call.authority is not None
    taken = await grants.revoke(app, call.authority, params.grant, params.reason, call.inbox)
    values: dict[str, Value] = {
        "number": str(taken.number),
        "amount": taken.amount,
        "name": taken.name,
    }
    return Reply(lines=(Say(key="revoked", values=values),))


COMMAND = Command(
    name="revoke",
    summary="Take back what is left of a grant (moderators)",
    params=Revoke,
    run=_run,
    moderators=True,
    announced=True,
)
