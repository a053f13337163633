"""An operation that is ordered: the first answer, which later becomes the result."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import TypeVar

from bot.command import Button, Call, Reply, buttons_for
from core import preferences
from core.app import App
from core.errors import NotFound
from core.jobs import compose, library
from core.jobs.accept import Accepted
from core.jobs.submit import Order, submit, submit_all
from core.messenger import Say
from core.operations.base import Operation

P = TypeVar("P")


async def of_settings(
    app: App, call: Call, operation: Operation, params: P, given: Collection[str]
) -> tuple[P, frozenset[str]]:
    """The parameters with what was not `given` filled from the person's settings, and what was filled."""
    return await preferences.applied(
        app,
        operation,
        params,
        given,
        call.preferences,
        person_id=call.person,
        community=call.community,
    )


async def place(app: App, order: Order) -> Reply:
    """Order it, and say that it waits, or show what has been made before; raises UserError.

    Where it comes to several jobs, the others' answers stand beside the first.
    """
    orders = _several(order)
    accepted = await submit_all(app, orders)
    replies = [await _reply(app, *each) for each in zip(orders, accepted, strict=True)]
    return dataclasses.replace(replies[0], beside=tuple(replies[1:]))


def _several(order: Order) -> list[Order]:
    """An order of one event as the jobs that it comes to: each later one with a message of its own."""
    first, *others = order.operation.several(order.params)
    beside = dataclasses.replace(order.address, message=None, beside=True)
    return [
        dataclasses.replace(order, params=first),
        *(
            dataclasses.replace(
                order, params=params, address=beside, inbox=f"{order.inbox}:{number}"
            )
            for number, params in enumerate(others, start=2)
        ),
    ]


async def _reply(app: App, order: Order, accepted: Accepted) -> Reply:
    if not (accepted.done and order.operation.once(order.params)):
        return _waiting(app, accepted, order.operation.heading(order.params))
    try:
        return await _before(app, accepted.job_id)
    except NotFound:
        anew = dataclasses.replace(order, anew=True, inbox=f"{order.inbox}:anew")
        return _waiting(app, await submit(app, anew), order.operation.heading(order.params))


async def _before(app: App, job_id: str) -> Reply:
    """A result that was made before, as it stands; raises NotFound where its files are gone."""
    row = await library.find(app, job_id)
    files = await library.originals(app, row.id)
    pictures = tuple(item.picture for item in files.values() if item.picture is not None)
    return Reply(
        lines=(Say(key="made-before"),),
        prompt=compose.words_of(app, row),
        attached=tuple(files.values()),
        pictures=pictures,
        buttons=buttons_for(row.id, compose.actions(app, row, len(pictures))),
    )


def _waiting(app: App, accepted: Accepted, words: str | None) -> Reply:
    return Reply(
        lines=compose.waiting(
            app,
            place=accepted.place,
            held=accepted.held,
            left=accepted.left,
            own_key=accepted.own_key,
            ready_s=accepted.ready_s,
        ),
        prompt=words,
        buttons=(Button(command="cancel", job_id=accepted.job_id),),
        job_id=accepted.job_id,
    )
