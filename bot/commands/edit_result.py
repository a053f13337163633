"""edit-result: change a picture of a result; the button asks for the words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.catalogue import waiting
from bot.command import Call, Command, Reply
from core.app import App
from core.errors import NotFound
from core.jobs import library
from core.jobs.submit import Order, submit
from core.options import option, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class EditResult:
    """Which picture of which job, and what to change."""

    prompt: str = option("What to change", main=True, length_max=2000)
    job: str = option("The job of a button", length_max=32, hidden=True)
    position: int = option("Which of its pictures", default=1, min=1, max=9, hidden=True)


async def _run(app: App, call: Call, params: EditResult) -> Reply:
    row = await library.own(app, call.person, params.job)
    pictures = await library.pictures(app, row.id)
    if params.position > len(pictures):
        raise NotFound("job-gone")
    operation = app.operations["edit"]
    values = {"image": pictures[params.position - 1], "prompt": params.prompt}
    order = Order(
        person_id=call.person,
        community=call.community,
        operation=operation,
        params=parse(operation.params, values),
        address=call.address,
        inbox=call.inbox,
        parent_id=row.id,
    )
    return waiting(await submit(app, order), params.prompt)


COMMAND = Command(
    name="edit-result",
    summary="Change a picture of this result",
    params=EditResult,
    run=_run,
    hidden=True,
)
