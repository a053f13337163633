"""Jobs, their attempts and their pictures; every move of a job names the state it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from storage.database import Moment, metadata

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
)
Index(
    "ix_job_waiting",
    job.c.priority.desc(),
    job.c.id,
    sqlite_where=job.c.state == literal_column("'queued'"),
    postgresql_where=job.c.state == literal_column("'queued'"),
)
Index(
    "ix_job_running",
    job.c.person_id,
    job.c.lease_until,
    sqlite_where=job.c.state == literal_column("'running'"),
    postgresql_where=job.c.state == literal_column("'running'"),
)
Index("ix_job_person", job.c.person_id, job.c.id)

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
)
Index(
    "uq_attempt_open",
    attempt.c.job_id,
    unique=True,
    sqlite_where=attempt.c.state.in_(
        [literal_column("'intent'"), literal_column("'submitted'"), literal_column("'unknown'")]
    ),
    postgresql_where=attempt.c.state.in_(
        [literal_column("'intent'"), literal_column("'submitted'"), literal_column("'unknown'")]
    ),
)
Index("ix_attempt_job", attempt.c.job_id)

picture = Table(
    "picture",
    metadata,
    Column("job_id", String(32), ForeignKey("job.id"), primary_key=True),
    Column("role", String(6), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Index("ix_picture_sha256", "sha256"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job as it is stored; `count` pictures were asked for; params, address and lines are JSON."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One call to a vendor, written before it is made."""

    id: str
    job_id: str
    vendor: str
    model: str
    state: str
    vendor_id: str | None
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A picture that a job was given (role input) or made (role output)."""

    role: str
    position: int
    sha256: str
    media_type: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A job that somebody works on, or has stopped working on when its lease is over."""

    id: str
    person_id: str
    lease_until: datetime


_JOB = [job.c[item.name] for item in fields(JobRow)]
_ATTEMPT = [attempt.c[item.name] for item in fields(AttemptRow)]
_PICTURE = [picture.c[item.name] for item in fields(PictureRow)]


def _job(row: Row[tuple[object, ...]] | None) -> JobRow | None:
    return None if row is None else JobRow(**row._mapping)


def add(connection: Connection, row: JobRow) -> None:
    """A new job."""
    values = {item.name: getattr(row, item.name) for item in fields(JobRow)}
    connection.execute(insert(job).values(values))


def get(connection: Connection, job_id: str) -> JobRow | None:
    """One job by its id."""
    return _job(connection.execute(select(*_JOB).where(job.c.id == job_id)).one_or_none())


def of_person(
    connection: Connection, person_id: str, states: Sequence[str], limit: int
) -> list[JobRow]:
    """A person's jobs in these states, oldest first."""
    rows = connection.execute(
        select(*_JOB)
        .where(job.c.person_id == person_id, job.c.state.in_(states))
        .order_by(job.c.id)
        .limit(limit)
    )
    return [JobRow(**row._mapping) for row in rows]


def waiting_before(connection: Connection, job_id: str, priority: int, limit: int) -> int:
    """How many queued jobs stand before this one by priority and age; counted up to `limit`."""
    ahead = (
        select(literal_column("1"))
        .where(
            job.c.state == "queued",
            or_(job.c.priority > priority, (job.c.priority == priority) & (job.c.id < job_id)),
        )
        .limit(limit)
        .subquery()
    )
    return connection.execute(select(func.count()).select_from(ahead)).scalar_one()


def count_waiting(connection: Connection, limit: int) -> int:
    """How many jobs are queued, counted up to `limit`."""
    waiting = select(literal_column("1")).where(job.c.state == "queued").limit(limit).subquery()
    return connection.execute(select(func.count()).select_from(waiting)).scalar_one()


def count_open(connection: Connection, person_id: str) -> int:
    """How many of a person's jobs have not ended."""
    return connection.execute(
        select(func.count())
        .select_from(job)
        .where(job.c.person_id == person_id, job.c.state.in_(["queued", "running"]))
    ).scalar_one()


def running(connection: Connection) -> list[Running]:
    """All jobs in state running; there are at most as many as worker slots, and crashed ones."""
    rows = connection.execute(
        select(job.c.id, job.c.person_id, job.c.lease_until).where(job.c.state == "running")
    )
    return [Running(**row._mapping) for row in rows]


def next_of_others(connection: Connection, but_not: Sequence[str]) -> Row[tuple[str, int]] | None:
    """The first queued job of anybody who is not in `but_not`: (id, priority)."""
    return connection.execute(
        _next().where(job.c.person_id.not_in(but_not)) if but_not else _next()
    ).one_or_none()


def next_of(connection: Connection, persons: Sequence[str]) -> Row[tuple[str, int]] | None:
    """The first queued job of these people: (id, priority)."""
    return connection.execute(_next().where(job.c.person_id.in_(persons))).one_or_none()


def _next() -> Select[tuple[str, int]]:
    # Two workers on PostgreSQL pass each other by; on SQLite there is one writer.
    return (
        select(job.c.id, job.c.priority)
        .where(job.c.state == literal_column("'queued'"))
        .order_by(job.c.priority.desc(), job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def start(
    connection: Connection, job_id: str, *, now: datetime, lease_until: datetime
) -> JobRow | None:
    """queued, or running with its lease over, to running in a new epoch; None: another was first."""
    row = connection.execute(
        update(job)
        .where(
            job.c.id == job_id,
            or_(job.c.state == "queued", (job.c.state == "running") & (job.c.lease_until < now)),
        )
        .values(
            state="running",
            epoch=job.c.epoch + 1,
            lease_until=lease_until,
            started_at=func.coalesce(job.c.started_at, now),
        )
        .returning(*_JOB)
    ).one_or_none()
    return _job(row)


def beat(connection: Connection, job_id: str, epoch: int, lease_until: datetime) -> bool | None:
    """Keep a job: whether its person asked to cancel it; None where it is no longer ours."""
    return connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.state == "running", job.c.epoch == epoch)
        .values(lease_until=lease_until)
        .returning(job.c.cancel_asked)
    ).scalar_one_or_none()


def release(connection: Connection, job_id: str, epoch: int) -> bool:
    """Running back to queued, when its worker goes away in good order."""
    changed = connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.state == "running", job.c.epoch == epoch)
        .values(state="queued", lease_until=None)
    )
    return changed.rowcount == 1


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
    row = connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.state == leaving, job.c.epoch == epoch)
        .values(state=state, captured=captured, lines=lines, finished_at=now, lease_until=None)
        .returning(*_JOB)
    ).one_or_none()
    return _job(row)


def ask_cancel(connection: Connection, job_id: str) -> bool:
    """Tell the worker of a running job to stop it."""
    changed = connection.execute(
        update(job).where(job.c.id == job_id, job.c.state == "running").values(cancel_asked=True)
    )
    return changed.rowcount == 1


def set_address(
    connection: Connection, job_id: str, address: str, answered_at: datetime | None = None
) -> None:
    """Where the job's message stands now, and that its first answer has been shown."""
    values: dict[str, object] = {"address": address}
    if answered_at is not None:
        values["answered_at"] = answered_at
    connection.execute(update(job).where(job.c.id == job_id).values(values))


def mark_deleted(connection: Connection, job_id: str, now: datetime) -> None:
    """The person threw the result away; its words go with it."""
    connection.execute(
        update(job).where(job.c.id == job_id).values(deleted_at=now, params="{}", lines="[]")
    )


def add_pictures(connection: Connection, job_id: str, rows: Sequence[PictureRow]) -> None:
    """Tie pictures to a job."""
    if rows:
        connection.execute(
            insert(picture),
            [
                {"job_id": job_id, **{item.name: getattr(row, item.name) for item in fields(row)}}
                for row in rows
            ],
        )


def pictures(connection: Connection, job_id: str, role: str) -> list[PictureRow]:
    """The pictures of a job in one role, in order."""
    rows = connection.execute(
        select(*_PICTURE)
        .where(picture.c.job_id == job_id, picture.c.role == role)
        .order_by(picture.c.position)
    )
    return [PictureRow(**row._mapping) for row in rows]


def drop_pictures(connection: Connection, job_id: str) -> list[str]:
    """Untie a job's pictures; the hashes that nothing refers to any more."""
    hashes = set(
        connection.execute(select(picture.c.sha256).where(picture.c.job_id == job_id)).scalars()
    )
    connection.execute(delete(picture).where(picture.c.job_id == job_id))
    kept = set(
        connection.execute(select(picture.c.sha256).where(picture.c.sha256.in_(hashes))).scalars()
    )
    return sorted(hashes - kept)


def open_attempt(connection: Connection, job_id: str) -> AttemptRow | None:
    """The attempt of a job whose outcome is not known yet; there is at most one."""
    row = connection.execute(
        select(*_ATTEMPT).where(
            attempt.c.job_id == job_id, attempt.c.state.in_(["intent", "submitted", "unknown"])
        )
    ).one_or_none()
    return None if row is None else AttemptRow(**row._mapping)


def count_attempts(connection: Connection, job_id: str) -> int:
    """How many calls were begun for a job."""
    return connection.execute(
        select(func.count()).select_from(attempt).where(attempt.c.job_id == job_id)
    ).scalar_one()


def add_attempt(connection: Connection, row: AttemptRow, epoch: int) -> bool:
    """Write down a call before it is made; False where the job is no longer ours."""
    mine = connection.execute(
        select(job.c.id).where(
            job.c.id == row.job_id, job.c.state == "running", job.c.epoch == epoch
        )
    ).one_or_none()
    if mine is None:
        return False
    values = {item.name: getattr(row, item.name) for item in fields(AttemptRow)}
    connection.execute(insert(attempt).values(values))
    return True


def name_attempt(connection: Connection, attempt_id: str, vendor_id: str) -> None:
    """Keep the vendor's own id of a call; not fenced, since knowledge is never stale."""
    connection.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id, attempt.c.state.in_(["intent", "unknown"]))
        .values(state="submitted", vendor_id=vendor_id)
    )


def end_attempt(
    connection: Connection,
    attempt_id: str,
    state: str,
    now: datetime,
    *,
    fault: str | None = None,
    cost_usd: float | None = None,
) -> None:
    """done, refused, unknown or lost."""
    connection.execute(
        update(attempt)
        .where(
            attempt.c.id == attempt_id,
            attempt.c.state.in_(["intent", "submitted", "unknown"]),
        )
        .values(state=state, fault=fault, cost_usd=cost_usd, finished_at=now)
    )
