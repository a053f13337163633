"""One-time login links and the sessions they open, kept by hash only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from storage.database import Moment, metadata

login = Table(
    "login",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("until", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_login_until", "until"),
)

session = Table(
    "session",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("until", Moment, nullable=False),
    Index("ix_session_until", "until"),
)

_PURGE = [
    delete(table).where(
        table.c.hash.in_(
            select(table.c.hash).where(table.c.until < bindparam("before")).limit(bindparam("most"))
        )
    )
    for table in (login, session)
]


def add_login(
    connection: Connection, hash_: str, person_id: str, *, now: datetime, until: datetime
) -> None:
    """A link that may be used once; links that are over are forgotten."""
    connection.execute(delete(login).where(login.c.until < now))
    connection.execute(insert(login).values(hash=hash_, person_id=person_id, until=until))


def use_login(connection: Connection, hash_: str, now: datetime) -> str | None:
    """Use a link up: the person it was made for; None where it is unknown, used or over."""
    return connection.execute(
        update(login)
        .where(login.c.hash == hash_, login.c.used_at.is_(None), login.c.until > now)
        .values(used_at=now)
        .returning(login.c.person_id)
    ).scalar_one_or_none()


def add_session(
    connection: Connection, hash_: str, person_id: str, *, now: datetime, until: datetime
) -> None:
    """A browser that came with a link; sessions that are over are forgotten."""
    connection.execute(delete(session).where(session.c.until < now))
    connection.execute(insert(session).values(hash=hash_, person_id=person_id, until=until))


def find_session(connection: Connection, hash_: str, now: datetime) -> str | None:
    """The person of a session that is not over."""
    return connection.execute(
        select(session.c.person_id).where(session.c.hash == hash_, session.c.until > now)
    ).scalar_one_or_none()


def end_session(connection: Connection, hash_: str) -> None:
    """Sign out."""
    connection.execute(delete(session).where(session.c.hash == hash_))


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget links and sessions that were over before this, and up to so many of each; how many."""
    values = {"before": before, "most": limit}
    return sum(connection.execute(statement, values).rowcount for statement in _PURGE)
