"""Standings: which plan a person is on, until when, and in what state its till says it is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    delete,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

standing = Table(
    "standing",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("plan", String(40), nullable=False),
    Column("status", String(10), nullable=False),
    Column("till", String(20), nullable=False),
    Column("external_id", String(180), nullable=False),
    Column("period_start", Moment, nullable=False),
    Column("period_end", Moment, nullable=False),
    Column("ends", Boolean, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("customer", String(180)),
    Index("ix_standing_external", "external_id"),
    Index("ix_standing_due", "till", "period_end"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """A person's plan: active, past_due or ended; `ends`: not renewed; `told_at` by the till's clock.

    `customer` is whom the till knows as its payer.
    """

    person_id: str
    plan: str
    status: str
    till: str
    external_id: str
    period_start: datetime
    period_end: datetime
    ends: bool
    told_at: datetime
    customer: str | None = None


_ROW = [standing.c[item.name] for item in fields(StandingRow)]
_CHANGED = [item.name for item in fields(StandingRow) if item.name != "person_id"]
_FIND = select(*_ROW).where(standing.c.person_id == bindparam("person"))


def _upsert(dialect: str) -> object:
    new = (sqlite_insert if dialect == "sqlite" else postgresql_insert)(standing)
    return new.on_conflict_do_update(
        index_elements=[standing.c.person_id],
        set_={name: new.excluded[name] for name in _CHANGED},
        # What a till said earlier is never newer, in whatever order it comes.
        where=standing.c.told_at <= new.excluded.told_at,
    )


_PUT = {name: _upsert(name) for name in ("sqlite", "postgresql")}
_LOCK = _FIND.with_for_update()
_DUE = (
    select(standing.c.person_id)
    .where(
        standing.c.till == bindparam("of_till"),
        standing.c.status != literal_column("'ended'"),
        standing.c.period_end <= bindparam("at"),
    )
    .order_by(standing.c.period_end)
    .limit(bindparam("most"))
)
_DROP = delete(standing).where(standing.c.person_id == bindparam("person"))
_FORGET = (
    update(standing)
    .where(standing.c.person_id == bindparam("person"))
    .values(status="ended", period_end=bindparam("at"))
)


def find(connection: Connection, person_id: str) -> StandingRow | None:
    """A person's plan, if they have or had one."""
    row = connection.execute(_FIND, {"person": person_id}).one_or_none()
    return None if row is None else StandingRow(**row._mapping)


def locked(connection: Connection, person_id: str) -> StandingRow | None:
    """A person's plan, kept still until the end."""
    row = connection.execute(_LOCK, {"person": person_id}).one_or_none()
    return None if row is None else StandingRow(**row._mapping)


def due(connection: Connection, till: str, now: datetime, limit: int) -> list[str]:
    """The people whose plan is a till's and whose month is over."""
    values = {"of_till": till, "at": now, "most": limit}
    return list(connection.execute(_DUE, values).scalars())


def put(connection: Connection, row: StandingRow) -> None:
    """What a till says now; older news change nothing."""
    values = {item.name: getattr(row, item.name) for item in fields(StandingRow)}
    connection.execute(_PUT[connection.dialect.name], values)  # type: ignore[call-overload]


def end(connection: Connection, person_id: str, now: datetime) -> None:
    """The operator ends a plan."""
    connection.execute(_FORGET, {"person": person_id, "at": now})


def drop(connection: Connection, person_id: str) -> None:
    """Forget a plan that has ended, where another takes its place."""
    connection.execute(_DROP, {"person": person_id})
