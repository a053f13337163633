"""delete: throw a result away: its message, its words and its pictures; or one of these alone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import gallery, removal
from core.app import App
from core.gallery import Mark
from core.jobs import library
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The job to throw away; with a position, that picture alone."""

    job: str = option("The job of a button", length_max=32, hidden=True)
    position: int | None = option("Which of its pictures", default=None, min=1, max=9, hidden=True)


async def _run(app: App, call: Call, params: Delete) -> Reply:
    if params.position is not None:
        return await _one(app, call, Mark(params.job, params.position - 1))
    stood = await library.remove(app, call.person, params.job)
    messenger = app.messengers.get(stood.platform)
    if messenger is not None:
        await messenger.remove(stood)
    return Reply(lines=(Say(key="deleted"),), private=True)


async def _one(app: App, call: Call, mark: Mark) -> Reply:
    await gallery.find(app, call.person, mark)
    removed = await removal.remove(app, call.person, [mark])
    lines = [Say(key="deleted")]
    if removed.stay:
        lines.append(Say(key="gallery-messages-stay", values={"count": removed.stay}))
    return Reply(lines=tuple(lines), private=True)


COMMAND = Command(
    name="delete",
    summary="Throw this result away",
    params=Delete,
    run=_run,
    private=True,
    hidden=True,
)
