"""Notices: sentences to a person that no command of theirs waits for, and whether they were said."""

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
    Text,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

notice = Table(
    "notice",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("made_at", Moment, nullable=False),
)
_PENDING = notice.c.state == literal_column("'pending'")
Index("ix_notice_due", notice.c.due_at, sqlite_where=_PENDING, postgresql_where=_PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice: pending, sent or undeliverable; `due_at` is also the lease of who carries it."""

    id: str
    person_id: str
    address: str
    lines: str
    state: str
    tries: int
    due_at: datetime
    made_at: datetime


_ROW = [notice.c[item.name] for item in fields(NoticeRow)]
_ADD = {
    name: new(notice).on_conflict_do_nothing()
    for name, new in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_DUE = (
    select(notice.c.id)
    .where(_PENDING, notice.c.due_at <= bindparam("at"))
    .order_by(notice.c.due_at)
    .limit(bindparam("most"))
)
_TAKE = (
    update(notice)
    .where(notice.c.id == bindparam("of_notice"), _PENDING, notice.c.due_at <= bindparam("at"))
    .values(due_at=bindparam("until"), tries=notice.c.tries + 1)
    .returning(*_ROW)
)
_END = (
    update(notice)
    .where(notice.c.id == bindparam("of_notice"), _PENDING)
    .values(state=bindparam("to"))
)
_POSTPONE = (
    update(notice)
    .where(notice.c.id == bindparam("of_notice"), _PENDING)
    .values(due_at=bindparam("until"))
)


def add(connection: Connection, row: NoticeRow) -> None:
    """Something to say, once: its id is derived from what it tells."""
    values = {item.name: getattr(row, item.name) for item in fields(NoticeRow)}
    connection.execute(_ADD[connection.dialect.name], values)


def due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Notices whose time has come."""
    return list(connection.execute(_DUE, {"at": now, "most": limit}).scalars())


def take(
    connection: Connection, notice_id: str, now: datetime, until: datetime
) -> NoticeRow | None:
    """Carry a notice; None where another does."""
    values = {"of_notice": notice_id, "at": now, "until": until}
    row = connection.execute(_TAKE, values).one_or_none()
    return None if row is None else NoticeRow(**row._mapping)


def end(connection: Connection, notice_id: str, state: str) -> None:
    """sent, or undeliverable."""
    connection.execute(_END, {"of_notice": notice_id, "to": state})


def postpone(connection: Connection, notice_id: str, until: datetime) -> None:
    """Try again later."""
    connection.execute(_POSTPONE, {"of_notice": notice_id, "until": until})
