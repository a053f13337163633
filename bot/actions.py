"""The buttons under results as commands: each begins an operation with a picture of the result."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

from bot import orders
from bot.command import Call, Command, Reply
from core.app import App
from core.jobs import library
from core.jobs.submit import Order
from core.operations.base import Action, Operation
from core.options import Kind, option, options_of, parse

PICTURES_MAX = 9


def command(operation: Operation, action: Action) -> Command:
    """The hidden command of a button."""

    async def run(app: App, call: Call, params: Any) -> Reply:  # noqa: ANN401 - made below
        row = await library.own(app, call.person, params.job)
        picture = await library.one(app, row.id, params.position)
        takes = {item.name for item in options_of(operation.params)}
        values = {
            **library.taken_over(app, row, takes.intersection(action.keeps)),
            **action.given,
            **{name: getattr(params, name) for name in action.asks},
            _picture_of(operation): picture,
        }
        order = Order(
            person_id=call.person,
            community=call.community,
            operation=operation,
            params=parse(operation.params, values),
            address=call.address,
            inbox=call.inbox,
            parent_id=row.id,
            like=await library.maker(app, row),
        )
        return await orders.place(app, order)

    return Command(
        name=action.name,
        summary=operation.summary,
        params=_params(operation, action),
        run=run,
        results=True,
        hidden=True,
    )


def _params(operation: Operation, action: Action) -> type:
    """What a press says: which picture of which job, and the words that the button asks for."""
    hints = typing.get_type_hints(operation.params)
    asked = [
        (item.name, hints[item.name], dataclasses.field(metadata=item.metadata))
        for item in dataclasses.fields(operation.params)
        if item.name in action.asks
    ]
    job = option("The job of a button", length_max=32, hidden=True)
    position = option("Which of its pictures", default=1, min=1, max=PICTURES_MAX, hidden=True)
    return dataclasses.make_dataclass(
        "Pressed",
        [*asked, ("job", str, job), ("position", int, position)],
        frozen=True,
        slots=True,
        kw_only=True,
    )


def _picture_of(operation: Operation) -> str:
    """The option that takes the picture of the result."""
    return next(item.name for item in options_of(operation.params) if item.kind is Kind.IMAGE)
