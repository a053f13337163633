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
    insert,
    literal_column,
    select,
    update,
)

from storage.database import Moment, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("job_id", String(32), ForeignKey("job.id"), nullable=False),
    Column("state", String(13), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("reason", String(40)),
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


_COLUMNS = [delivery.c[item.name] for item in fields(DeliveryRow)]


def add(connection: Connection, row: DeliveryRow) -> None:
    """Something to show; whoever adds it holds it until `due_at`."""
    values = {item.name: getattr(row, item.name) for item in fields(DeliveryRow)}
    connection.execute(insert(delivery).values(values))


def due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Deliveries that nobody is carrying and whose time has come."""
    return list(
        connection.execute(
            select(delivery.c.id)
            .where(delivery.c.state == literal_column("'pending'"), delivery.c.due_at <= now)
            .order_by(delivery.c.due_at)
            .limit(limit)
        ).scalars()
    )


def take(
    connection: Connection, delivery_id: str, *, now: datetime, lease_until: datetime
) -> DeliveryRow | None:
    """Carry a due delivery until `lease_until`; None where another took it."""
    row = connection.execute(
        update(delivery)
        .where(
            delivery.c.id == delivery_id, delivery.c.state == "pending", delivery.c.due_at <= now
        )
        .values(epoch=delivery.c.epoch + 1, due_at=lease_until)
        .returning(*_COLUMNS)
    ).one_or_none()
    return None if row is None else DeliveryRow(**row._mapping)


def postpone(
    connection: Connection, delivery_id: str, epoch: int, due_at: datetime, *, tried: bool
) -> None:
    """Put it back for later; `tried` counts against its limit."""
    connection.execute(
        update(delivery)
        .where(
            delivery.c.id == delivery_id,
            delivery.c.state == "pending",
            delivery.c.epoch == epoch,
        )
        .values(due_at=due_at, tries=delivery.c.tries + (1 if tried else 0))
    )


def end(
    connection: Connection,
    delivery_id: str,
    state: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    """sent, or undeliverable for a reason. Not fenced: a message that stands is a fact."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id, delivery.c.state == "pending")
        .values(state=state, reason=reason, ended_at=now)
    )


def of_job(connection: Connection, job_id: str) -> list[DeliveryRow]:
    """All deliveries of a job."""
    rows = connection.execute(
        select(*_COLUMNS).where(delivery.c.job_id == job_id).order_by(delivery.c.id)
    )
    return [DeliveryRow(**row._mapping) for row in rows]
