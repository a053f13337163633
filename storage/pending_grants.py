"""Grants that wait for a second moderator."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    String,
    Table,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata
from storage.ledger import NOTE_LENGTH

pending_grant = Table(
    "pending_grant",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("inbox", String(180), nullable=False, unique=True),
    Column("community", String(100), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("asked_by", String(32), ForeignKey("person.id"), nullable=False),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("target", String(120), nullable=False),
    Column("name", String(100), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", String(NOTE_LENGTH), nullable=False),
    Column("state", String(10), nullable=False, server_default="pending"),
    Column("asked_at", Moment, nullable=False),
    CheckConstraint("state IN ('pending', 'approved', 'refused')", name="states"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRow:
    """A grant as it was asked for, by whom, and for whom."""

    id: str
    inbox: str
    community: str
    actor: str
    asked_by: str
    person_id: str
    target: str
    name: str
    amount: int
    reason: str
    state: str
    asked_at: datetime


_PENDING = [pending_grant.c[item.name] for item in fields(PendingRow)]
_ADD = {
    name: new(pending_grant).on_conflict_do_nothing()
    for name, new in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_FIND = select(*_PENDING).where(pending_grant.c.id == bindparam("of_grant"))
_OF_INBOX = select(*_PENDING).where(pending_grant.c.inbox == bindparam("of_inbox"))
_END = (
    update(pending_grant)
    .where(
        pending_grant.c.id == bindparam("of_grant"),
        pending_grant.c.state == literal_column("'pending'"),
    )
    .values(state=bindparam("to"))
)


def add(connection: Connection, row: PendingRow) -> None:
    """A grant that has to wait."""
    values = {item.name: getattr(row, item.name) for item in fields(PendingRow)}
    connection.execute(_ADD[connection.dialect.name], values)


def find(connection: Connection, grant_id: str) -> PendingRow | None:
    """A grant that waits, or has waited."""
    row = connection.execute(_FIND, {"of_grant": grant_id}).one_or_none()
    return None if row is None else PendingRow(**row._mapping)


def of_inbox(connection: Connection, inbox: str) -> PendingRow | None:
    """The grant that an event asked for."""
    row = connection.execute(_OF_INBOX, {"of_inbox": inbox}).one_or_none()
    return None if row is None else PendingRow(**row._mapping)


def end(connection: Connection, grant_id: str, state: str) -> bool:
    """Decide about a grant, once; False where that was done."""
    return connection.execute(_END, {"of_grant": grant_id, "to": state}).rowcount == 1
