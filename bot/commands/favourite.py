"""favourite: a picture becomes one of the person's favourites, or is none any more."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import gallery
from core.app import App
from core.gallery import Mark
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourite:
    """Which picture of which job."""

    job: str = option("The job of a button", length_max=32, hidden=True)
    position: int = option("Which of its pictures", default=1, min=1, max=9, hidden=True)


async def _run(app: App, call: Call, params: Favourite) -> Reply:
    mark = Mark(params.job, params.position - 1)
    on = await gallery.favourite(app, call.person, mark)
    return Reply(lines=(Say(key="favourite-added" if on else "favourite-removed"),))


COMMAND = Command(
    name="favourite",
    summary="Keep this picture among your favourites, or not any more",
    params=Favourite,
    run=_run,
    private=True,
    hidden=True,
)
