"""How long calls took lately, and how many jobs run now: what waiting people are told is made of this."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, literal_column, select

from storage.attempts import attempt
from storage.jobs import job

_TOOK = (
    select(attempt.c.started_at, attempt.c.finished_at)
    .where(
        attempt.c.started_at >= bindparam("since"),
        attempt.c.model == bindparam("of_model"),
        attempt.c.state == literal_column("'done'"),
        attempt.c.finished_at.is_not(None),
    )
    .order_by(attempt.c.started_at.desc())
    .limit(bindparam("most"))
)
_RUNNING = (
    select(literal_column("1"))
    .where(job.c.state == literal_column("'running'"))
    .limit(bindparam("most"))
    .subquery()
)
_COUNT_RUNNING = select(func.count()).select_from(_RUNNING)


def took(connection: Connection, model: str, since: datetime, limit: int) -> list[float]:
    """The seconds of a model's newest calls that made something."""
    rows = connection.execute(_TOOK, {"of_model": model, "since": since, "most": limit})
    return [(row.finished_at - row.started_at).total_seconds() for row in rows]


def running(connection: Connection, limit: int) -> int:
    """How many jobs run, at most `limit`."""
    return connection.execute(_COUNT_RUNNING, {"most": limit}).scalar_one()
