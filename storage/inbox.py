"""The inbox: each event of a platform once; the same event again finds what the first one became."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Index, String, Table, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("job_id", String(32), nullable=False),
    Column("received_at", Moment, nullable=False),
    Index("ix_inbox_received", "received_at"),
)


_RECEIVE = {
    name: insert(inbox).on_conflict_do_nothing().returning(inbox.c.job_id)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_FIND = select(inbox.c.job_id).where(inbox.c.key == bindparam("of_key"))
_PURGE = delete(inbox).where(
    inbox.c.key.in_(
        select(inbox.c.key)
        .where(inbox.c.received_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)


def receive(connection: Connection, key: str, job_id: str, now: datetime) -> str:
    """Enter an event as the beginning of `job_id`; returns the job that it began the first time."""
    entered = connection.execute(
        _RECEIVE[connection.dialect.name], {"key": key, "job_id": job_id, "received_at": now}
    ).scalar_one_or_none()
    return entered if entered is not None else find(connection, key) or job_id


def find(connection: Connection, key: str) -> str | None:
    """The job that an event began, if it was received."""
    return connection.execute(_FIND, {"of_key": key}).scalar_one_or_none()


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget events received before this, and up to so many of them; how many there were."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount
