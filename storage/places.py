"""Places in the queue: whose message says which, and who is just changing it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from storage.jobs import COLUMNS, QUEUED, JobRow, job

_NEXT = (
    select(*COLUMNS)
    .where(QUEUED)
    .order_by(job.c.priority.desc(), job.c.id)
    .limit(bindparam("most"))
)
_BEGIN = (
    update(job)
    .where(
        job.c.id == bindparam("of_job"),
        QUEUED,
        job.c.answered_at.is_not(None),
        or_(job.c.telling_until.is_(None), job.c.telling_until < bindparam("at")),
    )
    .values(told_place=bindparam("place"), telling_until=bindparam("until"))
)
_END = (
    update(job)
    .where(job.c.id == bindparam("of_job"), job.c.telling_until == bindparam("until"))
    .values(telling_until=None)
)


def first(connection: Connection, limit: int) -> list[JobRow]:
    """The queued jobs that stand first, by priority and age."""
    rows = connection.execute(_NEXT, {"most": limit})
    return [JobRow(**row._mapping) for row in rows]


def begin(
    connection: Connection, job_id: str, place: int, *, now: datetime, until: datetime
) -> bool:
    """Keep a queued job's message until then for telling its place; False where it is another's."""
    values = {"of_job": job_id, "place": place, "at": now, "until": until}
    return connection.execute(_BEGIN, values).rowcount == 1


def end(connection: Connection, job_id: str, until: datetime) -> None:
    """Let go of a message that was kept until then."""
    connection.execute(_END, {"of_job": job_id, "until": until})
