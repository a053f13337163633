"""Where a job's message stands, and whether its first answer is still waited for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from storage.jobs import job

_SET_ADDRESS = (
    update(job)
    .where(job.c.id == bindparam("of_job"))
    .values(address=bindparam("place"), answered_at=bindparam("at"))
)
_ANSWER = _SET_ADDRESS.where(job.c.answered_at.is_(None))
_UNANSWERED = (
    update(job)
    .where(job.c.id == bindparam("of_job"), job.c.answered_at.is_(None))
    .values(answered_at=bindparam("at"))
)


def set_address(connection: Connection, job_id: str, address: str, answered_at: datetime) -> None:
    """Where the job's message stands now: its first answer has been shown."""
    connection.execute(_SET_ADDRESS, {"of_job": job_id, "place": address, "at": answered_at})


def answer(connection: Connection, job_id: str, address: str, now: datetime) -> bool:
    """The first answer stands there; False where nobody waits for it any more."""
    values = {"of_job": job_id, "place": address, "at": now}
    return connection.execute(_ANSWER, values).rowcount == 1


def wait_no_longer(connection: Connection, job_id: str, now: datetime) -> None:
    """The result goes out without a first answer: one that comes now is too late."""
    connection.execute(_UNANSWERED, {"of_job": job_id, "at": now})
