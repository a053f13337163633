"""gallery-delete-yes: throw those pictures away that were asked about; the button under the question."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import removal
from core.app import App
from core.errors import NotFound
from core.jobs.cancel import open_jobs
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryDeleteYes:
    """The question that is answered."""

    job: str = option("The question of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: GalleryDeleteYes) -> Reply:
    marks = await removal.asked(app, call.person, params.job)
    removed = await removal.remove(app, call.person, marks)
    if not removed.pictures:
        raise NotFound("gallery-deleted-before")
    lines = [Say(key="gallery-deleted", values={"count": removed.pictures})]
    if removed.stay:
        lines.append(Say(key="gallery-messages-stay", values={"count": removed.stay}))
    running = await open_jobs(app, call.person)
    if running:
        lines.append(Say(key="gallery-running-left", values={"count": len(running)}))
    return Reply(lines=tuple(lines))


COMMAND = Command(
    name="gallery-delete-yes",
    summary="Yes, throw these pictures away",
    params=GalleryDeleteYes,
    run=_run,
    private=True,
    hidden=True,
)
