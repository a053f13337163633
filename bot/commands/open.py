"""open: one picture of the gallery by itself, with all that can be done with it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from bot import gallery as pages
from bot import i18n
from bot.command import Button, Call, Command, Reply, buttons_for
from core import gallery
from core.app import App
from core.errors import NotFound
from core.gallery import Mark, ResultRow
from core.jobs import library
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Which picture of which job."""

    job: str = option("The job of a button", length_max=32, hidden=True)
    position: int = option("Which of its pictures", default=1, min=1, max=9, hidden=True)


async def _run(app: App, call: Call, params: Open) -> Reply:
    row = await gallery.find(app, call.person, Mark(params.job, params.position - 1))
    buttons = await _buttons(app, call, row)
    if pages.shows_links(app, call):
        return Reply(
            lines=pages.told(row),
            prompt=gallery.words(row) or None,
            pictures=(gallery.picture(row),),
            buttons=buttons,
        )
    limits = app.messengers[call.address.platform].limits
    shown = await gallery.shown(
        app,
        row,
        "picture",
        bytes_max=call.address.bytes_max or limits.bytes_max,
        side_sum_max=limits.side_sum_max,
    )
    if shown is None:
        raise NotFound("gallery-file-gone")
    return Reply(
        lines=pages.told(row),
        prompt=gallery.words(row) or None,
        attached=(shown,),
        buttons=buttons,
        album=True,
    )


async def _buttons(app: App, call: Call, row: ResultRow) -> tuple[Button, ...]:
    job = await library.own(app, call.person, row.job_id)
    count = len(await library.pictures(app, row.job_id))
    actions = gallery.actions(app, job, count, row.position + 1)
    found = [
        dataclasses.replace(item, label=pages.label_of(call, item.command, row))
        for item in buttons_for(row.job_id, actions)
    ]
    parent = await gallery.first_of(app, call.person, row.parent_id)
    if parent is not None:
        label = i18n.translate(call.language, "button-open-parent")
        above = Button(command="open", job_id=parent.job_id, position=parent.position + 1)
        found.append(dataclasses.replace(above, label=label, row=found[-1].row + 1))
    return tuple(found)


COMMAND = Command(
    name="open",
    summary="One of your pictures, with all that can be done with it",
    params=Open,
    run=_run,
    private=True,
    hidden=True,
)
