"""The log of what was done with authority: rows are only added, and numbered within a community."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    literal_column,
    select,
)

from storage.database import Moment, metadata
from storage.ledger import ID_LENGTH, NOTE_LENGTH

audit = Table(
    "audit",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("community", String(100)),
    Column("number", Integer),
    Column("verb", String(20), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("target", String(120)),
    Column("person_id", String(32)),
    Column("amount", BigInteger),
    Column("reason", String(NOTE_LENGTH)),
    Column("transfer_id", String(ID_LENGTH)),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("community", "number", name="uq_audit_number"),
    Index("ix_audit_transfer", "transfer_id"),
    Index("ix_audit_made", "community", "made_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who did what, to whom, how much, where, when and why; `transfer_id` is what the ledger has of it."""

    id: str
    community: str | None
    number: int | None
    verb: str
    actor: str
    target: str | None
    person_id: str | None
    amount: int | None
    reason: str | None
    transfer_id: str | None
    made_at: datetime


_AUDIT = [audit.c[item.name] for item in fields(AuditRow)]
_HERE = audit.c.community == bindparam("of_community")
_GRANTED = (_HERE, audit.c.verb == literal_column("'grant'"), audit.c.made_at >= bindparam("since"))

_ADD = insert(audit)
_LAST = select(func.coalesce(func.max(audit.c.number), 0)).where(_HERE)
_FIND = select(*_AUDIT).where(_HERE, audit.c.number == bindparam("of_number"))
_OF_TRANSFER = (
    select(*_AUDIT)
    .where(audit.c.transfer_id == bindparam("of_transfer"))
    .order_by(audit.c.id)
    .limit(literal_column("1"))
)
_PAGE = (
    select(*_AUDIT)
    .where(_HERE, audit.c.number < bindparam("before"))
    .order_by(audit.c.number.desc())
    .limit(bindparam("most"))
)
_SUM = select(func.coalesce(func.sum(audit.c.amount), 0))
_BY = _SUM.where(*_GRANTED, audit.c.actor == bindparam("by"))
_TO = _SUM.where(*_GRANTED, audit.c.person_id == bindparam("to"))
_BY_WHOM = (
    select(audit.c.actor, func.sum(audit.c.amount))
    .where(*_GRANTED)
    .group_by(audit.c.actor)
    .order_by(func.sum(audit.c.amount).desc())
)


def add(connection: Connection, row: AuditRow) -> None:
    """Write down what was done."""
    connection.execute(_ADD, {item.name: getattr(row, item.name) for item in fields(AuditRow)})


def last(connection: Connection, community: str) -> int:
    """The number of a community's latest row, 0 where there is none."""
    return int(connection.execute(_LAST, {"of_community": community}).scalar_one())


def find(connection: Connection, community: str, number: int) -> AuditRow | None:
    """A row of a community by its number."""
    values = {"of_community": community, "of_number": number}
    row = connection.execute(_FIND, values).one_or_none()
    return None if row is None else AuditRow(**row._mapping)


def of_transfer(connection: Connection, transfer_id: str) -> AuditRow | None:
    """The first row that tells of a transfer."""
    row = connection.execute(_OF_TRANSFER, {"of_transfer": transfer_id}).one_or_none()
    return None if row is None else AuditRow(**row._mapping)


def page(connection: Connection, community: str, before: int, limit: int) -> list[AuditRow]:
    """A community's rows before a number, newest first."""
    values = {"of_community": community, "before": before, "most": limit}
    return [AuditRow(**row._mapping) for row in connection.execute(_PAGE, values)]


def granted_by(connection: Connection, community: str, actor: str, since: datetime) -> int:
    """How much somebody has granted in a community since then."""
    values = {"of_community": community, "by": actor, "since": since}
    return int(connection.execute(_BY, values).scalar_one())


def granted_to(connection: Connection, community: str, person_id: str, since: datetime) -> int:
    """How much a person was granted in a community since then."""
    values = {"of_community": community, "to": person_id, "since": since}
    return int(connection.execute(_TO, values).scalar_one())


def granted(connection: Connection, community: str, since: datetime) -> list[tuple[str, int]]:
    """Who has granted how much in a community since then."""
    rows = connection.execute(_BY_WHOM, {"of_community": community, "since": since})
    return [(actor, int(amount)) for actor, amount in rows]
