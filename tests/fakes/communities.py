"""What tests look at in a community: its pool, its transfers and its log."""

from __future__ import annotations

from sqlalchemy import select

from core import accounts
from core.app import App
from storage import audits, ledger
from storage.audits import audit
from storage.database import Connection
from storage.ledger import transfer

State = tuple[int, tuple[str, ...], int]


async def state(app: App, community: str) -> State:
    """The pool's balance, the ids of the community's transfers, and how long its log is."""
    return await app.database.read(_state, community)


def _state(connection: Connection, community: str) -> State:
    pool = ledger.read(connection, accounts.pool(community))
    ids = select(transfer.c.id).where(transfer.c.community == community).order_by(transfer.c.seq)
    return (
        pool.free if pool is not None else 0,
        tuple(connection.execute(ids).scalars()),
        audits.last(connection, community),
    )


async def verbs(app: App, community: str) -> list[tuple[str, str, int | None]]:
    """Who did what, and how much, from the first on."""
    return await app.database.read(_verbs, community)


def _verbs(connection: Connection, community: str) -> list[tuple[str, str, int | None]]:
    found = (
        select(audit.c.actor, audit.c.verb, audit.c.amount)
        .where(audit.c.community == community)
        .order_by(audit.c.number)
    )
    return [(row.actor, row.verb, row.amount) for row in connection.execute(found)]
