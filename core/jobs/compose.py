"""What a job's one message shows: a function of the job's row alone, so that it can be shown again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from core import records, routing
from core.app import App
from core.ids import new_id
from core.jobs import library
from core.jobs.state import State
from core.messenger import NEW_ROW, Attached, Delivery, Picture, Say, Stage
from core.operations.base import ROW, Operation
from core.options import from_json
from storage.jobs import JobRow

# What is there sooner needs no announcement.
READY_S_MIN = 5.0

_STAGES = {
    State.QUEUED: Stage.QUEUED,
    State.RUNNING: Stage.RUNNING,
    State.SUCCEEDED: Stage.SUCCEEDED,
    State.FAILED: Stage.FAILED,
    State.CANCELLED: Stage.CANCELLED,
    State.REJECTED: Stage.FAILED,
}


def final(
    app: App,
    row: JobRow,
    delivery_id: str,
    pictures: Sequence[Picture] = (),
    attached: Sequence[Attached] = (),
) -> Delivery:
    """The message of a job that has ended."""
    return Delivery(
        id=delivery_id,
        job_id=row.id,
        operation=row.operation,
        stage=_STAGES[State(row.state)],
        lines=records.read_lines(row.lines),
        prompt=words_of(app, row),
        attached=tuple(attached),
        pictures=tuple(pictures),
        actions=actions(app, row, len(pictures)),
    )


def passing(
    app: App,
    row: JobRow,
    lines: tuple[Say, ...],
    attached: Sequence[Attached] = (),
    stage: Stage = Stage.RUNNING,
) -> Delivery:
    """The message of a job that somebody works on, or that still waits."""
    return Delivery(
        id=new_id(),
        job_id=row.id,
        operation=row.operation,
        stage=stage,
        lines=lines,
        prompt=words_of(app, row),
        attached=tuple(attached),
        actions=("cancel",),
    )


def waiting(
    app: App,
    *,
    place: int,
    held: int,
    own_key: bool,
    ready_s: float | None,
    left: int | None = None,
) -> tuple[Say, ...]:
    """What a job's message says while it waits: its place (1 is next), when it is ready, what it costs.

    `left`: what its person has beside that, where it is known.
    """
    paid = Say(key="held-own-key" if own_key else "held-free")
    if held and left is not None:
        paid = Say(key="held", values={"held": held, "left": left})
    elif held:
        paid = Say(key="held-alone", values={"held": held})
    at = () if ready_s is None else ready(app, ready_s)
    return (Say(key="queued", values={"place": place}), *at, paid)


def ready(app: App, seconds: float) -> tuple[Say, ...]:
    """When a job will be done, where that is worth saying: from now on, and as Unix time."""
    if seconds < READY_S_MIN:
        return ()
    at = math.ceil(app.clock.now().timestamp() + seconds)
    return (Say(key="ready", values={"seconds": math.ceil(seconds), "at": at}),)


def words_of(app: App, row: JobRow) -> str | None:
    """The words that a job is shown with."""
    operation = app.operations.get(row.operation)
    if operation is None:
        return None
    params: object = from_json(operation.params, row.params)
    return operation.heading(params)


def actions(app: App, row: JobRow, pictures: int) -> tuple[str, ...]:
    """Names of the buttons under a job's message; `take-one:2` acts on the second picture."""
    operation = app.operations.get(row.operation)
    if row.state != State.SUCCEEDED or operation is None:
        return ("again", "delete")
    params: object = from_json(operation.params, row.params)
    repeats = operation.request is not None and not operation.once(params)
    ends = [
        *(["again"] if repeats else []),
        *([] if operation.texts else ["favourite", "original"]),
    ]
    rows = [_numbered("imagine-text", len(library.texts_of(row)))] if operation.texts else []
    if operation.changes and not operation.texts:
        rows = _changes(app, pictures)
    return _joined([*rows, [*ends, "info", "delete"]])


def _changes(app: App, pictures: int) -> list[list[str]]:
    """What can be done with the pictures of a result, in rows."""
    offered = [
        action for item in app.operations.values() if _can(app, item) for action in item.actions
    ]
    offered.sort(key=lambda action: action.place)
    if pictures > 1:
        return [_numbered(action.name, pictures) for action in offered if action.each]
    single = (action for action in offered if action.single)
    by_row = itertools.groupby(single, key=lambda action: action.place // ROW)
    return [[action.name for action in row] for _, row in by_row]


def _can(app: App, operation: Operation) -> bool:
    return operation.local is not None or bool(routing.available(app, operation))


def _numbered(name: str, count: int) -> list[str]:
    """One button, or one for each of several."""
    return [name] if count == 1 else [f"{name}:{place}" for place in range(1, count + 1)]


def _joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    joined: list[str] = []
    for names in rows:
        joined += [NEW_ROW, *names] if joined else names
    return tuple(joined)
