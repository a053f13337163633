"""audit: what was done in a community with its credits, by whom, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import communities
from core.app import App
from core.communities import Logged
from core.errors import Value
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The options of audit."""

    before: int | None = option(
        "Older entries, before this number", default=None, min=1, max=1_000_000_000
    )


async def _run(app: App, call: Call, params: Audit) -> Reply:
    assert call.authority is not None
    found = await communities.history(app, call.authority.community, params.before)
    if not found:
        return Reply(lines=(Say(key="audit-empty"),))
    lines = [_line(item) for item in found]
    last = found[-1].row.number or 0
    if last > 1:
        lines.append(Say(key="audit-more", values={"before": str(last)}))
    return Reply(lines=tuple(lines))


def _line(item: Logged) -> Say:
    row = item.row
    values: dict[str, Value] = {
        "number": str(row.number),
        "when": f"{row.made_at:%Y-%m-%d %H:%M} UTC",
        "verb": row.verb,
        "actor": item.actor,
        "amount": row.amount or 0,
        "reason": row.reason or "-",
    }
    if item.target:
        return Say(key="audit-line", values={**values, "target": item.target})
    return Say(key="audit-line-pool", values=values)


COMMAND = Command(
    name="audit",
    summary="Show what was done with this community's credits (moderators)",
    params=Audit,
    run=_run,
    private=True,
    moderators=True,
)
