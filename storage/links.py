"""Links: two people who turned out to be one, the codes that prove it, and what moved, for the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    insert,
    literal,
    select,
    update,
)

from storage.database import Moment, metadata
from storage.jobs import job
from storage.logins import login, session
from storage.pages import page_message
from storage.payments import customer, order, payment
from storage.people import identity
from storage.standings import standing
from storage.styles import style

link_code = Table(
    "link_code",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("until", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_link_code_until", "until"),
)

link = Table(
    "link",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kept", String(32), ForeignKey("person.id"), nullable=False),
    Column("gone", String(32), ForeignKey("person.id"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("undone_at", Moment),
    Index("ix_link_kept", "kept"),
    Index("ix_link_gone", "gone"),
)

link_moved = Table(
    "link_moved",
    metadata,
    Column("link_id", String(32), ForeignKey("link.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", Text, primary_key=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A person who went into another; `undone_at` where the operator parted them again."""

    id: str
    kept: str
    gone: str
    made_at: datetime
    undone_at: datetime | None


_IDENTITY_KEY = identity.c.platform + literal(":") + identity.c.external_id
_CUSTOMER_KEY = customer.c.till + literal(":") + customer.c.external_id
# What belongs to a person, and by what its rows are found again.
_BELONGINGS: Mapping[str, tuple[Table, ColumnElement[str]]] = {
    "identity": (identity, _IDENTITY_KEY),
    "job": (job, job.c.id),
    "page": (page_message, page_message.c.id),
    "session": (session, session.c.hash),
    "login": (login, login.c.hash),
    "order": (order, order.c.id),
    "payment": (payment, payment.c.id),
    "customer": (customer, _CUSTOMER_KEY),
    "standing": (standing, standing.c.external_id),
    "style": (style, style.c.id),
}

_LINK = [link.c[item.name] for item in fields(LinkRow)]
_ADD_CODE = insert(link_code)
_USE_CODE = (
    update(link_code)
    .where(
        link_code.c.hash == bindparam("of_hash"),
        link_code.c.used_at.is_(None),
        link_code.c.until > bindparam("at"),
    )
    .values(used_at=bindparam("at"))
    .returning(link_code.c.person_id)
)
_PURGE = delete(link_code).where(
    link_code.c.hash.in_(
        select(link_code.c.hash)
        .where(link_code.c.until < bindparam("before"))
        .limit(bindparam("most"))
    )
)
_ADD = insert(link)
_GET = select(*_LINK).where(link.c.id == bindparam("of_link"))
_KEPT_BY = select(link.c.kept).where(link.c.gone == bindparam("person"), link.c.undone_at.is_(None))
_CLOSURE = (
    select(link.c.gone)
    .where(link.c.kept == bindparam("person"), link.c.undone_at.is_(None))
    .cte("gone_into", recursive=True)
)
_CLOSURE = _CLOSURE.union(
    select(link.c.gone).where(link.c.kept == _CLOSURE.c.gone, link.c.undone_at.is_(None))
)
_GONE_INTO = select(_CLOSURE.c.gone).order_by(_CLOSURE.c.gone)
_NOTE = insert(link_moved)
_NOTED = (
    select(link_moved.c.key)
    .where(link_moved.c.link_id == bindparam("of_link"), link_moved.c.kind == bindparam("of_kind"))
    .order_by(link_moved.c.key)
)
_UNDO = (
    update(link)
    .where(link.c.id == bindparam("of_link"), link.c.undone_at.is_(None))
    .values(undone_at=bindparam("at"))
)


def add_code(
    connection: Connection, hash_: str, person_id: str, now: datetime, until: datetime
) -> None:
    """A code that may be typed once."""
    connection.execute(_ADD_CODE, {"hash": hash_, "person_id": person_id, "until": until})


def use_code(connection: Connection, hash_: str, now: datetime) -> str | None:
    """Use a code up: the person who made it; None where it is unknown, used or over."""
    return connection.execute(_USE_CODE, {"of_hash": hash_, "at": now}).scalar_one_or_none()


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget codes that were over then; how many."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount


def add(connection: Connection, row: LinkRow) -> None:
    """Two people are one from now on."""
    connection.execute(_ADD, {item.name: getattr(row, item.name) for item in fields(LinkRow)})


def find(connection: Connection, link_id: str) -> LinkRow | None:
    """A link by its id."""
    row = connection.execute(_GET, {"of_link": link_id}).one_or_none()
    return None if row is None else LinkRow(**row._mapping)


def kept_by(connection: Connection, person_id: str) -> str | None:
    """Whom a person has gone into; None: they are a person of their own."""
    return connection.execute(_KEPT_BY, {"person": person_id}).scalar_one_or_none()


def kept(connection: Connection, person_id: str) -> str:
    """Who a person is now, however many links have led there."""
    while (into := kept_by(connection, person_id)) is not None:
        person_id = into
    return person_id


def gone_into(connection: Connection, person_id: str) -> list[str]:
    """Who has gone into a person, also by way of others."""
    return list(connection.execute(_GONE_INTO, {"person": person_id}).scalars())


def move(connection: Connection, row: LinkRow) -> None:
    """All that belongs to who is gone goes to who is kept, and is written down."""
    for kind, (table, key) in _BELONGINGS.items():
        mine = table.c.person_id == row.gone
        found = select(literal(row.id), literal(kind), cast(key, Text)).where(mine)
        names = ["link_id", "kind", "key"]
        connection.execute(insert(link_moved).from_select(names, found))
        connection.execute(update(table).where(mine).values(person_id=row.kept))


def note(connection: Connection, link_id: str, kind: str, key: str) -> None:
    """Write down something else that a link has moved, which only the rules can move back."""
    connection.execute(_NOTE, {"link_id": link_id, "kind": kind, "key": key})


def noted(connection: Connection, link_id: str, kind: str) -> list[str]:
    """What was written down of a kind."""
    return list(connection.execute(_NOTED, {"of_link": link_id, "of_kind": kind}).scalars())


def move_back(connection: Connection, row: LinkRow, now: datetime) -> bool:
    """What was moved goes back, where it is still there; False where that was done before."""
    if connection.execute(_UNDO, {"of_link": row.id, "at": now}).rowcount == 0:
        return False
    for kind, (table, key) in _BELONGINGS.items():
        keys = select(link_moved.c.key).where(
            link_moved.c.link_id == row.id, link_moved.c.kind == kind
        )
        connection.execute(
            update(table).where(cast(key, Text).in_(keys)).values(person_id=row.gone)
        )
    return True
