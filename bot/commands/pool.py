"""pool: what a community's moderators can grant from, and who has granted today."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import communities
from core.app import App
from core.errors import Value
from core.messenger import Say

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """pool takes nothing."""


async def _run(app: App, call: Call, _: Pool) -> Reply:
    assert call.authority is not None
    pool = await communities.pool(app, call.authority.community)
    today = sum(amount for _, amount in pool.today)
    rules = app.rules.grants
    limits: dict[str, Value] = {
        "moderator": rules.per_moderator,
        "recipient": rules.per_recipient,
        "alone": rules.approve_above,
    }
    lines = [
        Say(key="pool-open" if pool.open else "pool-funded", values={"free": pool.free}),
        Say(key="pool-anywhere" if pool.anywhere else "pool-here"),
        Say(key="pool-limits", values=limits),
        Say(key="pool-today", values={"amount": today}),
    ]
    for actor, amount in pool.today[:SHOWN_MAX]:
        lines.append(Say(key="pool-line", values={"actor": actor, "amount": amount}))
    return Reply(lines=tuple(lines))


COMMAND = Command(
    name="pool",
    summary="Show this community's pool of credits (moderators)",
    params=Pool,
    run=_run,
    private=True,
    moderators=True,
)
