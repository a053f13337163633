"""Jobs; every move of a job names the state and the epoch that it leaves.

The statements are built once, with bound parameters: building one costs several times its execution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from storage.database import Moment, metadata

AHEAD_MAX = 1000

job = Table(
    "job",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("community", String(100)),
    Column("operation", String(40), nullable=False),
    Column("model", String(100)),
    Column("params", Text, nullable=False),
    Column("parent_id", String(32)),
    Column("address", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("price", Integer, nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("running_max", Integer, nullable=False, server_default="4"),
    Column("state", String(10), nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("lease_until", Moment),
    Column("cancel_asked", Boolean, nullable=False, server_default="0"),
    Column("captured", Integer, nullable=False, server_default="0"),
    Column("lines", Text, nullable=False, server_default="[]"),
    Column("created_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("deleted_at", Moment),
    Column("own_key", Boolean, nullable=False, server_default="0"),
    Column("persona", String(100)),
    Column("told_place", Integer),
    Column("telling_until", Moment),
)

# Literal, not bound: a planner can then use the partial indexes.
QUEUED = job.c.state == literal_column("'queued'")
_RUNNING = job.c.state == literal_column("'running'")

Index(
    "ix_job_waiting",
    job.c.priority.desc(),
    job.c.id,
    sqlite_where=QUEUED,
    postgresql_where=QUEUED,
)
Index(
    "ix_job_running",
    job.c.person_id,
    job.c.lease_until,
    sqlite_where=_RUNNING,
    postgresql_where=_RUNNING,
)
Index(
    "ix_job_waiting_of",
    job.c.person_id,
    job.c.priority.desc(),
    job.c.id,
    sqlite_where=QUEUED,
    postgresql_where=QUEUED,
)
Index("ix_job_person", job.c.person_id, job.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job as it is stored; `count` pictures were asked for; params, address and lines are JSON.

    `told_place` is what its waiting message says; until `telling_until` somebody may be changing that.
    """

    id: str
    person_id: str
    community: str | None
    operation: str
    model: str | None
    params: str
    parent_id: str | None
    address: str
    count: int
    price: int
    priority: int
    running_max: int
    state: str
    epoch: int
    lease_until: datetime | None
    cancel_asked: bool
    captured: int
    lines: str
    created_at: datetime
    answered_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    deleted_at: datetime | None
    own_key: bool = False
    persona: str | None = None
    told_place: int | None = None
    telling_until: datetime | None = None


_NAMES = tuple(item.name for item in fields(JobRow))
COLUMNS = [job.c[name] for name in _NAMES]

_MINE = (job.c.id == bindparam("of_job")) & _RUNNING & (job.c.epoch == bindparam("of_epoch"))
_OPEN = job.c.state.in_([literal_column("'queued'"), literal_column("'running'")])

_ADD = insert(job)
_GET = select(*COLUMNS).where(job.c.id == bindparam("of_job"))
_OF_PERSON = (
    select(*COLUMNS)
    .where(
        job.c.person_id == bindparam("person"),
        job.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(job.c.id)
    .limit(bindparam("most"))
)
_AHEAD = (
    select(literal_column("1"))
    .where(
        QUEUED,
        or_(
            job.c.priority > bindparam("rank"),
            (job.c.priority == bindparam("rank")) & (job.c.id < bindparam("of_job")),
        ),
    )
    .limit(literal_column(str(AHEAD_MAX)))
    .subquery()
)
_COUNT_AHEAD = select(func.count()).select_from(_AHEAD)
_WAITING = select(literal_column("1")).where(QUEUED).limit(bindparam("most")).subquery()
_COUNT_WAITING = select(func.count()).select_from(_WAITING)
_SINCE = (
    select(func.count())
    .select_from(job)
    .where(
        job.c.person_id == bindparam("person"),
        job.c.id >= bindparam("since"),
        job.c.operation == bindparam("of_operation"),
        job.c.state != literal_column("'rejected'"),
    )
)
_OPEN_AND_AHEAD = select(
    select(func.count())
    .select_from(job)
    .where(job.c.person_id == bindparam("person"), _OPEN)
    .scalar_subquery(),
    _COUNT_AHEAD.scalar_subquery(),
)
_EXPIRED_COUNT = (
    select(func.count()).select_from(job).where(_RUNNING, job.c.lease_until < bindparam("at"))
)
# Literal too: PostgreSQL plans a bound limit anew each time, which takes longer than the look itself.
_ONE: ColumnElement[int] = literal_column("1")
# Two workers on PostgreSQL pass each other by; on SQLite there is one writer.
_other = job.alias("other")
_other_running = _other.c.state == literal_column("'running'")
_other_queued = _other.c.state == literal_column("'queued'")
# People with running jobs, and how many: never more than there are slots.
_BUSY = (
    select(_other.c.person_id, func.count().label("load"))
    .where(_other_running)
    .group_by(_other.c.person_id)
    .subquery("busy")
)
_EXPIRED = (
    select(job.c.id, literal_column("2147483647").label("rank"), literal_column("-1").label("load"))
    .where(_RUNNING, job.c.lease_until < bindparam("at"))
    .order_by(job.c.lease_until)
    .limit(_ONE)
    .with_for_update(skip_locked=True)
    .subquery("expired")
)
_OF_FRESH = (
    select(job.c.id, job.c.priority.label("rank"), literal_column("0").label("load"))
    .where(QUEUED, job.c.person_id.not_in(select(_other.c.person_id).where(_other_running)))
    .order_by(job.c.priority.desc(), job.c.id)
    .limit(_ONE)
    .with_for_update(skip_locked=True)
    .subquery("fresh")
)
_FIRST_OF_BUSY = (
    select(_other.c.id)
    .where(_other_queued, _other.c.person_id == _BUSY.c.person_id)
    .order_by(_other.c.priority.desc(), _other.c.id)
    .limit(_ONE)
    .correlate(_BUSY)
    .scalar_subquery()
)
_OF_BUSY = (
    select(job.c.id, job.c.priority.label("rank"), _BUSY.c.load)
    .select_from(_BUSY.join(job, job.c.id == _FIRST_OF_BUSY))
    .where(_BUSY.c.load < job.c.running_max)
    .order_by(job.c.priority.desc(), _BUSY.c.load, job.c.id)
    .limit(_ONE)
    .with_for_update(of=job, skip_locked=True)
    .subquery("of_busy")
)
_CANDIDATES = union_all(select(_EXPIRED), select(_OF_FRESH), select(_OF_BUSY)).subquery()
_NEXT = (
    select(_CANDIDATES.c.id)
    .order_by(_CANDIDATES.c.rank.desc(), _CANDIDATES.c.load, _CANDIDATES.c.id)
    .limit(_ONE)
    .scalar_subquery()
)
_START = (
    update(job)
    .where(
        job.c.id == _NEXT,
        or_(QUEUED, _RUNNING & (job.c.lease_until < bindparam("at"))),
    )
    .values(
        state="running",
        epoch=job.c.epoch + 1,
        lease_until=bindparam("until"),
        started_at=func.coalesce(job.c.started_at, bindparam("at")),
    )
    .returning(*COLUMNS)
)
_BEAT = (
    update(job).where(_MINE).values(lease_until=bindparam("until")).returning(job.c.cancel_asked)
)
_RELEASE = update(job).where(_MINE).values(state="queued", lease_until=None)
_FINISH = (
    update(job)
    .where(
        job.c.id == bindparam("of_job"),
        job.c.state == bindparam("leaving"),
        job.c.epoch == bindparam("of_epoch"),
        # A job that its person has cancelled is never charged, however far it has come.
        or_(job.c.cancel_asked.is_(False), bindparam("to") != literal_column("'succeeded'")),
    )
    .values(
        state=bindparam("to"),
        captured=bindparam("taken"),
        lines=bindparam("text"),
        finished_at=bindparam("at"),
        lease_until=None,
    )
    .returning(*COLUMNS)
)
_ASK_CANCEL = update(job).where(job.c.id == bindparam("of_job"), _RUNNING).values(cancel_asked=True)
_MARK_DELETED = (
    update(job)
    .where(job.c.id == bindparam("of_job"))
    .values(deleted_at=bindparam("at"), params="{}", lines="[]", persona=None)
)


def _row(row: Row[Any, Any] | None) -> JobRow | None:
    return None if row is None else JobRow(**row._mapping)


def add(connection: Connection, row: JobRow) -> None:
    """A new job."""
    connection.execute(_ADD, {name: getattr(row, name) for name in _NAMES})


def get(connection: Connection, job_id: str) -> JobRow | None:
    """One job by its id."""
    return _row(connection.execute(_GET, {"of_job": job_id}).one_or_none())


def of_person(
    connection: Connection, person_id: str, states: Sequence[str], limit: int
) -> list[JobRow]:
    """A person's jobs in these states, oldest first."""
    values = {"person": person_id, "states": list(states), "most": limit}
    return [JobRow(**row._mapping) for row in connection.execute(_OF_PERSON, values)]


def waiting_before(connection: Connection, job_id: str, priority: int) -> int:
    """How many queued jobs stand before this one by priority and age; counted up to AHEAD_MAX."""
    values = {"rank": priority, "of_job": job_id}
    return connection.execute(_COUNT_AHEAD, values).scalar_one()


def count_waiting(connection: Connection, limit: int) -> int:
    """How many jobs are queued, counted up to `limit`."""
    return connection.execute(_COUNT_WAITING, {"most": limit}).scalar_one()


def count_open_and_ahead(
    connection: Connection, person_id: str, job_id: str, priority: int
) -> tuple[int, int]:
    """How many jobs of a person have not ended, and how many of all stand before this one."""
    values = {"person": person_id, "rank": priority, "of_job": job_id}
    row = connection.execute(_OPEN_AND_AHEAD, values).one()
    return row[0], row[1]


def count_since(connection: Connection, person_id: str, operation: str, since: str) -> int:
    """How many jobs of one operation a person has begun since an id was made."""
    values = {"person": person_id, "of_operation": operation, "since": since}
    return connection.execute(_SINCE, values).scalar_one()


def count_expired(connection: Connection, now: datetime) -> int:
    """How many running jobs have lost their worker."""
    return connection.execute(_EXPIRED_COUNT, {"at": now}).scalar_one()


def start_next(connection: Connection, *, now: datetime, lease_until: datetime) -> JobRow | None:
    """Take the next job by policy, in a new epoch; None: nothing may run, or another was first.

    First a running one whose lease is over; then by priority, whose person has the least running
    (fewer than the job's `running_max`), and age. The cost does not grow with the queue.
    """
    values = {"at": now, "until": lease_until}
    return _row(connection.execute(_START, values).one_or_none())


def beat(connection: Connection, job_id: str, epoch: int, lease_until: datetime) -> bool | None:
    """Keep a job: whether its person asked to cancel it; None where it is no longer ours."""
    values = {"of_job": job_id, "of_epoch": epoch, "until": lease_until}
    return connection.execute(_BEAT, values).scalar_one_or_none()


def release(connection: Connection, job_id: str, epoch: int) -> bool:
    """Running back to queued, when its worker goes away in good order."""
    return connection.execute(_RELEASE, {"of_job": job_id, "of_epoch": epoch}).rowcount == 1


def finish(
    connection: Connection,
    job_id: str,
    *,
    leaving: str,
    epoch: int,
    state: str,
    captured: int,
    lines: str,
    now: datetime,
) -> JobRow | None:
    """To an end state from `leaving` in this epoch; None where somebody else ended it."""
    values = {
        "of_job": job_id,
        "leaving": leaving,
        "of_epoch": epoch,
        "to": state,
        "taken": captured,
        "text": lines,
        "at": now,
    }
    return _row(connection.execute(_FINISH, values).one_or_none())


def ask_cancel(connection: Connection, job_id: str) -> bool:
    """Tell the worker of a running job to stop it."""
    return connection.execute(_ASK_CANCEL, {"of_job": job_id}).rowcount == 1


def mark_deleted(connection: Connection, job_id: str, now: datetime) -> None:
    """The person threw the result away; its words go with it."""
    connection.execute(_MARK_DELETED, {"of_job": job_id, "at": now})
