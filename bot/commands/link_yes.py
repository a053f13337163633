"""link-yes: let two accounts become one; the button under the question."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import linking
from core.app import App
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkYes:
    """The link that was asked about."""

    job: str = option("The question of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: LinkYes) -> Reply:
    done = await linking.confirm(app, call.person, params.job)
    lines = [Say(key="link-done", values={"credits": done.moved, "link": done.link_id})]
    if done.returned:
        lines.append(Say(key="link-bonus", values={"credits": done.returned}))
    return Reply(lines=tuple(lines))


COMMAND = Command(
    name="link-yes",
    summary="Make both accounts one",
    params=LinkYes,
    run=_run,
    private=True,
    hidden=True,
)
