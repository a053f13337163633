"""link-no: leave two accounts as they are; the button under the question."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import linking
from core.app import App
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNo:
    """The link that was asked about."""

    job: str = option("The question of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: LinkNo) -> Reply:
    await linking.refuse(app, call.person, params.job)
    return Reply(lines=(Say(key="link-left"),))


COMMAND = Command(
    name="link-no",
    summary="Leave both accounts as they are",
    params=LinkNo,
    run=_run,
    private=True,
    hidden=True,
)
