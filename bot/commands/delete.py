"""delete: throw a result away: its message, its words and its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core.app import App
from core.jobs import library
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The job to throw away."""

    job: str = option("The job of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Delete) -> Reply:
    stood = await library.remove(app, call.person, params.job)
    messenger = app.messengers.get(stood.platform)
    if messenger is not None:
        await messenger.remove(stood)
    return Reply(lines=(Say(key="deleted"),), private=True)


COMMAND = Command(
    name="delete",
    summary="Throw this result away",
    params=Delete,
    run=_run,
    private=True,
    hidden=True,
)
