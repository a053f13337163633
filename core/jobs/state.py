"""The states of a job and the moves between them; there are no others."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


OPEN = (State.QUEUED, State.RUNNING)
ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.REJECTED)

MOVES: dict[State | None, frozenset[State]] = {
    None: frozenset({State.QUEUED, State.REJECTED}),
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED}),
    State.RUNNING: frozenset(
        {State.RUNNING, State.QUEUED, State.SUCCEEDED, State.FAILED, State.CANCELLED}
    ),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.REJECTED: frozenset(),
}


def check_move(leaving: State | None, to: State) -> None:
    """Refuse a move that the table does not have: it would be a fault of ours, not of a person's."""
    if to not in MOVES[leaving]:
        raise ValueError(f"a job cannot go from {leaving} to {to}")


class AttemptState(StrEnum):
    """Where one call to a vendor stands: open are intent, submitted and unknown."""

    INTENT = "intent"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    LOST = "lost"
