"""again: the same job once more, with a new seed; the button under a result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from bot import orders
from bot.command import Call, Command, Reply
from core.app import App
from core.errors import NotFound
from core.jobs import library
from core.jobs.submit import Order
from core.options import by_default, from_json, option


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The job to repeat."""

    job: str = option("The job of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Again) -> Reply:
    row = await library.own(app, call.person, params.job)
    operation = app.operations.get(row.operation)
    if operation is None:
        raise NotFound("operation-gone", operation=row.operation)
    same: Any = from_json(operation.params, row.params)
    if hasattr(same, "seed"):
        same = dataclasses.replace(same, seed=None)
    order = Order(
        person_id=call.person,
        community=call.community,
        operation=operation,
        params=same,
        address=call.address,
        inbox=call.inbox,
        parent_id=row.id,
        like=row.model,
        by_default=by_default(row.params),
    )
    return await orders.place(app, order)


COMMAND = Command(
    name="again",
    summary="The same once more",
    params=Again,
    run=_run,
    results=True,
    hidden=True,
)
