"""Erasure: of what was said and told long ago only the ids stay, so that nothing is done twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Update,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    update,
)

from storage.notices import notice
from storage.payments import event

_TOLD = and_(
    event.c.body != literal_column("''"),
    event.c.outcome != literal_column("'quarantined'"),
    # Giving Stars back needs to know who paid them.
    or_(event.c.till != literal_column("'stars'"), event.c.kind != literal_column("'paid'")),
)
_SAID = and_(
    notice.c.address != literal_column("''"), notice.c.state != literal_column("'pending'")
)


def _old(name: str, age: Column[datetime], erasable: ColumnElement[bool]) -> Update:
    """A statement for what is older than `before`, with the index that finds it."""
    Index(name, age, sqlite_where=erasable, postgresql_where=erasable)
    table = age.table
    some = select(table.c.id).where(erasable, age < bindparam("before")).limit(bindparam("most"))
    return update(table).where(table.c.id.in_(some))


_BODIES = _old("ix_payment_event_erasable", event.c.received_at, _TOLD).values(body="")
_NOTICES = _old("ix_notice_erasable", notice.c.made_at, _SAID).values(address="", lines="[]")


def bodies(connection: Connection, before: datetime, limit: int) -> int:
    """Blank old events of tills that nobody has to look at; how many."""
    return connection.execute(_BODIES, {"before": before, "most": limit}).rowcount


def notices(connection: Connection, before: datetime, limit: int) -> int:
    """Blank old notices that are over: where they went, and what they said; how many."""
    return connection.execute(_NOTICES, {"before": before, "most": limit}).rowcount
