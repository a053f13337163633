"""What a job's one message shows: a function of the job's row alone, so that it can be shown again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from core import records
from core.ids import new_id
from core.jobs.state import State
from core.messenger import Attached, Delivery, Picture, Say, Stage
from storage.jobs import JobRow

_STAGES = {
    State.QUEUED: Stage.QUEUED,
    State.RUNNING: Stage.RUNNING,
    State.SUCCEEDED: Stage.SUCCEEDED,
    State.FAILED: Stage.FAILED,
    State.CANCELLED: Stage.CANCELLED,
    State.REJECTED: Stage.FAILED,
}


def final(
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
        prompt=prompt_of(row),
        attached=tuple(attached),
        pictures=tuple(pictures),
        actions=actions(row, len(pictures)),
    )


def passing(row: JobRow, line: Say, attached: Sequence[Attached] = ()) -> Delivery:
    """The message of a job that somebody works on."""
    return Delivery(
        id=new_id(),
        job_id=row.id,
        operation=row.operation,
        stage=Stage.RUNNING,
        lines=(line,),
        prompt=prompt_of(row),
        attached=tuple(attached),
        actions=("cancel",),
    )


def prompt_of(row: JobRow) -> str | None:
    """The person's own words in a job's parameters."""
    prompt = json.loads(row.params).get("prompt")
    return prompt if isinstance(prompt, str) else None


def actions(row: JobRow, pictures: int) -> tuple[str, ...]:
    """Names of the buttons under a job's pictures; `edit-result:2` acts on the second picture."""
    if row.state != State.SUCCEEDED:
        return ("again", "delete")
    if pictures <= 1:
        return ("again", "edit-result", "original", "delete")
    edits = (f"edit-result:{place}" for place in range(1, pictures + 1))
    return ("again", *edits, "original", "delete")
