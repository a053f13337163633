"""Attempts: each call to a vendor, written down before it is made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from storage.database import Moment, metadata
from storage.jobs import job

# The fault of a call that was stopped from our side: it says nothing of the vendor.
CANCELLED = "cancelled"

attempt = Table(
    "attempt",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("job_id", String(32), ForeignKey("job.id"), nullable=False),
    Column("vendor", String(40), nullable=False),
    Column("model", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("vendor_id", String(200)),
    Column("fault", String(20)),
    Column("cost_usd", Float),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("own_key", Boolean, nullable=False, server_default="0"),
)
_OPEN = attempt.c.state.in_(
    [literal_column("'intent'"), literal_column("'submitted'"), literal_column("'unknown'")]
)
Index(
    "uq_attempt_open",
    attempt.c.job_id,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_attempt_job", attempt.c.job_id)
Index("ix_attempt_started", attempt.c.started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One call to a vendor, on the person's own key or ours; open: intent, submitted and unknown."""

    id: str
    job_id: str
    vendor: str
    model: str
    state: str
    vendor_id: str | None
    started_at: datetime
    own_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRow:
    """How one call went that has ended."""

    vendor: str
    model: str
    state: str
    fault: str | None
    own_key: bool
    cost_usd: float | None
    started_at: datetime
    finished_at: datetime | None


_NAMES = tuple(item.name for item in fields(AttemptRow))

_OPEN_ONE = select(*(attempt.c[name] for name in _NAMES)).where(
    attempt.c.job_id == bindparam("of_job"), _OPEN
)
_MEASURED = (
    select(*(attempt.c[item.name] for item in fields(MeasuredRow)))
    .where(attempt.c.started_at >= bindparam("since"), attempt.c.finished_at.is_not(None))
    .order_by(attempt.c.started_at.desc())
    .limit(bindparam("most"))
)
_LOST = (
    select(func.count())
    .select_from(attempt)
    .where(attempt.c.job_id == bindparam("of_job"), attempt.c.state == literal_column("'lost'"))
)
_ADD = insert(attempt).from_select(
    _NAMES,
    select(*(bindparam(f"new_{name}", type_=attempt.c[name].type) for name in _NAMES)).where(
        job.c.id == bindparam("of_job"),
        job.c.state == literal_column("'running'"),
        job.c.epoch == bindparam("of_epoch"),
    ),
)
_NAME = (
    update(attempt)
    .where(
        attempt.c.id == bindparam("of_attempt"),
        attempt.c.state.in_([literal_column("'intent'"), literal_column("'unknown'")]),
    )
    .values(state="submitted", vendor_id=bindparam("theirs"))
)
_NAME_AT = _NAME.where(attempt.c.vendor == bindparam("of_vendor"), attempt.c.own_key.is_(False))
_END = (
    update(attempt)
    .where(attempt.c.id == bindparam("of_attempt"), _OPEN)
    .values(
        state=bindparam("to"),
        fault=bindparam("why"),
        cost_usd=bindparam("usd"),
        finished_at=bindparam("at"),
    )
)


def open_one(connection: Connection, job_id: str) -> AttemptRow | None:
    """The attempt of a job whose outcome is not known yet; there is at most one."""
    row = connection.execute(_OPEN_ONE, {"of_job": job_id}).one_or_none()
    return None if row is None else AttemptRow(**row._mapping)


def measured(connection: Connection, since: datetime, limit: int) -> list[MeasuredRow]:
    """The newest calls that began since then and have ended."""
    rows = connection.execute(_MEASURED, {"since": since, "most": limit})
    return [MeasuredRow(**row._mapping) for row in rows]


def lost(connection: Connection, job_id: str) -> int:
    """How many calls of a job may have been paid for nothing."""
    return connection.execute(_LOST, {"of_job": job_id}).scalar_one()


def add(connection: Connection, row: AttemptRow, epoch: int) -> bool:
    """Write down a call before it is made; False where the job is no longer ours."""
    values = {f"new_{name}": getattr(row, name) for name in _NAMES}
    values |= {"of_job": row.job_id, "of_epoch": epoch}
    return connection.execute(_ADD, values).rowcount == 1


def name(connection: Connection, attempt_id: str, vendor_id: str) -> None:
    """Keep the vendor's own id of a call; not fenced, since knowledge is never stale."""
    connection.execute(_NAME, {"of_attempt": attempt_id, "theirs": vendor_id})


def name_at(connection: Connection, attempt_id: str, vendor: str, vendor_id: str) -> None:
    """Keep the id that this vendor tells of a call on our key, unless one is known."""
    values = {"of_attempt": attempt_id, "of_vendor": vendor, "theirs": vendor_id}
    connection.execute(_NAME_AT, values)


def end(
    connection: Connection,
    attempt_id: str,
    state: str,
    now: datetime,
    *,
    fault: str | None = None,
    cost_usd: float | None = None,
) -> None:
    """done, refused, unknown or lost."""
    values = {"of_attempt": attempt_id, "to": state, "why": fault, "usd": cost_usd, "at": now}
    connection.execute(_END, values)
