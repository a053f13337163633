"""original: the full-quality files of a result, or of one of its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from bot.gallery import shows_links
from core import gallery
from core.app import App
from core.errors import NotFound
from core.gallery import Mark
from core.jobs import library
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The job whose files are wanted; with a position, that one alone."""

    job: str = option("The job of a button", length_max=32, hidden=True)
    position: int | None = option("Which of its pictures", default=None, min=1, max=9, hidden=True)


async def _run(app: App, call: Call, params: Original) -> Reply:
    row = await library.visible(app, call.person, params.job, call.address)
    attached = await library.originals(app, row.id, params.position)
    if not attached:
        raise NotFound("job-gone")
    if not shows_links(app, call):
        # Where files are links, it is counted when they are followed.
        await gallery.downloaded(app, [Mark(row.id, place) for place in attached])
    return Reply(
        lines=(Say(key="original", values={"count": len(attached)}),),
        attached=tuple(attached.values()),
        pictures=tuple(item.picture for item in attached.values() if item.picture is not None),
        private=True,
    )


COMMAND = Command(
    name="original",
    summary="The full-quality files of this result",
    params=Original,
    run=_run,
    private=True,
    hidden=True,
)
