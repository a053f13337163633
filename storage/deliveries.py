"""Deliveries: what still has to be shown in a chat, and who is carrying it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from storage.database import Moment, metadata

REASON_LENGTH = 40

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("job_id", String(32), ForeignKey("job.id"), nullable=False),
    Column("state", String(13), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("reason", String(REASON_LENGTH)),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_delivery_job", "job_id"),
)
Index(
    "ix_delivery_due",
    delivery.c.due_at,
    sqlite_where=delivery.c.state == literal_column("'pending'"),
    postgresql_where=delivery.c.state == literal_column("'pending'"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One message to be edited: pending until sent or undeliverable; `due_at` is also its lease."""

    id: str
    job_id: str
    state: str
    epoch: int
    tries: int
    due_at: datetime
    reason: str | None
    created_at: datetime


_NAMES = tuple(item.name for item in fields(DeliveryRow))
_COLUMNS = [delivery.c[name] for name in _NAMES]
_PENDING = delivery.c.state == literal_column("'pending'")

_ADD = insert(delivery)
_DUE = (
    select(delivery.c.id)
    .where(_PENDING, delivery.c.due_at <= bindparam("at"))
    .order_by(delivery.c.due_at)
    .limit(bindparam("most"))
)
_TAKE = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("of_delivery"),
        _PENDING,
        delivery.c.due_at <= bindparam("at"),
    )
    .values(epoch=delivery.c.epoch + 1, due_at=bindparam("until"))
    .returning(*_COLUMNS)
)
_POSTPONE = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("of_delivery"),
        _PENDING,
        delivery.c.epoch == bindparam("of_epoch"),
    )
    .values(due_at=bindparam("until"), tries=delivery.c.tries + bindparam("more"))
)
_END = (
    update(delivery)
    .where(delivery.c.id == bindparam("of_delivery"), _PENDING)
    .values(state=bindparam("to"), reason=bindparam("why"), ended_at=bindparam("at"))
)
_OF_JOB = select(*_COLUMNS).where(delivery.c.job_id == bindparam("of_job")).order_by(delivery.c.id)


def add(connection: Connection, row: DeliveryRow) -> None:
    """Something to show; whoever adds it carries it until `due_at`."""
    connection.execute(_ADD, {name: getattr(row, name) for name in _NAMES})


def due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Deliveries that nobody is carrying and whose time has come."""
    return list(connection.execute(_DUE, {"at": now, "most": limit}).scalars())


def take(
    connection: Connection, delivery_id: str, *, now: datetime, lease_until: datetime
) -> DeliveryRow | None:
    """Carry a due delivery until `lease_until`; None where another took it."""
    values = {"of_delivery": delivery_id, "at": now, "until": lease_until}
    row = connection.execute(_TAKE, values).one_or_none()
    return None if row is None else DeliveryRow(**row._mapping)


def postpone(
    connection: Connection, delivery_id: str, epoch: int, due_at: datetime, *, tried: bool
) -> None:
    """Put it back for later, or keep carrying it; `tried` counts against its limit."""
    values = {
        "of_delivery": delivery_id,
        "of_epoch": epoch,
        "until": due_at,
        "more": 1 if tried else 0,
    }
    connection.execute(_POSTPONE, values)


def end(
    connection: Connection,
    delivery_id: str,
    state: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    """sent, or undeliverable for a reason. Not fenced: a message that stands is a fact."""
    values = {
        "of_delivery": delivery_id,
        "to": state,
        "why": reason[:REASON_LENGTH] if reason else None,
        "at": now,
    }
    connection.execute(_END, values)


def of_job(connection: Connection, job_id: str) -> list[DeliveryRow]:
    """All deliveries of a job."""
    rows = connection.execute(_OF_JOB, {"of_job": job_id})
    return [DeliveryRow(**row._mapping) for row in rows]
