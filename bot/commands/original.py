"""original: the full-quality files of a result."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core.app import App
from core.errors import NotFound
from core.jobs import library
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The job whose files are wanted."""

    job: str = option("The job of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Original) -> Reply:
    row = await library.visible(app, call.person, params.job, call.address)
    pictures = await library.pictures(app, row.id)
    if not pictures:
        raise NotFound("job-gone")
    attached = await library.originals(app, row.id, pictures)
    return Reply(
        lines=(Say(key="original", values={"count": len(pictures)}),),
        attached=attached,
        pictures=pictures,
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
