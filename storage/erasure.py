"""Erasure: of what was said and told long ago only the ids stay, so that nothing is done twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, literal, not_, select, update

from storage.notices import notice
from storage.payments import event

# Giving Stars back needs to know who paid them.
_NEEDED = and_(event.c.till == literal("stars"), event.c.kind == literal("paid"))
_BODIES = (
    update(event)
    .where(
        event.c.id.in_(
            select(event.c.id)
            .where(
                event.c.received_at < bindparam("before"),
                event.c.body != literal(""),
                event.c.outcome != literal("quarantined"),
                not_(_NEEDED),
            )
            .limit(bindparam("most"))
        )
    )
    .values(body="")
)
_NOTICES = (
    update(notice)
    .where(
        notice.c.id.in_(
            select(notice.c.id)
            .where(
                notice.c.made_at < bindparam("before"),
                notice.c.address != literal(""),
                notice.c.state != literal("pending"),
            )
            .limit(bindparam("most"))
        )
    )
    .values(address="", lines="[]")
)


def bodies(connection: Connection, before: datetime, limit: int) -> int:
    """Blank old events of tills that nobody has to look at; how many."""
    return connection.execute(_BODIES, {"before": before, "most": limit}).rowcount


def notices(connection: Connection, before: datetime, limit: int) -> int:
    """Blank old notices that are over: where they went, and what they said; how many."""
    return connection.execute(_NOTICES, {"before": before, "most": limit}).rowcount
