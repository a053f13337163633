"""Results that may be given again: which job made, or makes, what an identical request asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    delete,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata
from storage.jobs import job
from storage.pictures import picture

result = Table(
    "result",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("job_id", String(32), ForeignKey("job.id"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Index("ix_result_made", "made_at"),
)

_VALUES: dict[str, BindParameter[Any]] = {"job_id": bindparam("of_job"), "made_at": bindparam("at")}
_PUT = {
    name: new(result)
    .values(key=bindparam("under"), **_VALUES)
    .on_conflict_do_update(index_elements=["key"], set_=_VALUES)
    for name, new in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_FIND = (
    select(result.c.job_id)
    .join(job, job.c.id == result.c.job_id)
    .where(
        result.c.key == bindparam("under"),
        result.c.made_at >= bindparam("since"),
        job.c.deleted_at.is_(None),
    )
)
_BEFORE = (
    select(job.c.id, job.c.state)
    .join(picture, picture.c.job_id == job.c.id)
    .where(
        picture.c.sha256 == bindparam("source"),
        picture.c.role == "input",
        picture.c.position == 0,
        job.c.person_id == bindparam("person"),
        job.c.operation == bindparam("named"),
        job.c.params == bindparam("asked"),
        job.c.state.in_(["queued", "running", "succeeded"]),
        job.c.deleted_at.is_(None),
    )
    .order_by(job.c.id.desc())
    .limit(1)
)
_PURGE = delete(result).where(
    result.c.key.in_(
        select(result.c.key).where(result.c.made_at < bindparam("before")).limit(bindparam("most"))
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A job that makes, or has made, the very same."""

    id: str
    state: str


def before(
    connection: Connection, person_id: str, operation: str, params: str, sha256: str
) -> Before | None:
    """The latest job of a person that was given the same parameters and the same first picture."""
    values = {"person": person_id, "named": operation, "asked": params, "source": sha256}
    row = connection.execute(_BEFORE, values).one_or_none()
    return None if row is None else Before(id=row.id, state=row.state)


def put(connection: Connection, key: str, job_id: str, now: datetime) -> None:
    """Remember what a job made, in the place of what was made before."""
    values = {"under": key, "of_job": job_id, "at": now}
    connection.execute(_PUT[connection.dialect.name], values)


def find(connection: Connection, key: str, since: datetime) -> str | None:
    """The job that made this since then, unless its result was thrown away."""
    return connection.execute(_FIND, {"under": key, "since": since}).scalar_one_or_none()


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget old ones; how many."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount
