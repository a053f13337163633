"""imagine-text: draw a prompt that a job has written; the button under it is its person's consent."""

from __future__ import annotations

from dataclasses import dataclass

from bot import orders
from bot.command import Call, Command, Reply
from core.app import App
from core.errors import NotFound
from core.jobs import library
from core.jobs.submit import Order
from core.operations.imagine import PROMPT_LENGTH_MAX
from core.options import option, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagineText:
    """Which text of which job."""

    job: str = option("The job of a button", length_max=32, hidden=True)
    position: int = option("Which of its texts", default=1, min=1, max=9, hidden=True)


async def _run(app: App, call: Call, params: ImagineText) -> Reply:
    row = await library.own(app, call.person, params.job)
    texts = library.texts_of(row)
    if params.position > len(texts):
        raise NotFound("job-gone")
    operation = app.operations["imagine"]
    prompt = texts[params.position - 1][:PROMPT_LENGTH_MAX]
    written: object = parse(operation.params, {"prompt": prompt})
    filled, by_default = await orders.of_settings(app, call, operation, written, {"prompt"})
    order = Order(
        person_id=call.person,
        community=call.community,
        operation=operation,
        params=filled,
        address=call.address,
        inbox=call.inbox,
        parent_id=row.id,
        by_default=by_default,
    )
    return await orders.place(app, order)


COMMAND = Command(
    name="imagine-text",
    summary="Draw this prompt",
    params=ImagineText,
    run=_run,
    results=True,
    hidden=True,
)
