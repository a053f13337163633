"""Wallets as people and the operator see them: what is there and until when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import accounts, credits
from core.app import App
from core.credits import Entry, Wallet
from core.errors import BadOption
from core.ids import new_id
from storage import ledger, lots
from storage.database import Connection
from storage.ledger import AccountRow, TransferRow
from storage.lots import LotRow

GRANT_MAX = 1_000_000_000
PAGE = 10
EXPORT_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Credits of one account: the person's own (community None), or good in one community only."""

    community: str | None
    posted: int
    pending: int
    lots: tuple[LotRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """All credits of a person; `own` and the parts are without what has expired."""

    own: Part
    scoped: tuple[Part, ...]

    @property
    def wallet(self) -> Wallet:
        """What is good everywhere."""
        return Wallet(posted=self.own.posted, pending=self.own.pending)


async def balance(app: App, person_id: str) -> Balance:
    """What a person has, lot by lot."""
    return await app.database.read(_balance, person_id, app.clock.now())


def _balance(connection: Connection, person_id: str, now: datetime) -> Balance:
    parts = [_part(connection, row, now) for row in ledger.of_owner(connection, person_id)]
    own = next(part for part in parts if part.community is None)
    scoped = tuple(part for part in parts if part.community is not None and part.posted)
    return Balance(own=own, scoped=scoped)


def _part(connection: Connection, row: AccountRow, now: datetime) -> Part:
    """An account as it will be once what has expired is taken out."""
    found = lots.left(connection, row.id)
    over = sum(item.remaining for item in found if _is_over(item, now))
    return Part(
        community=row.scope,
        posted=row.posted - min(over, max(row.free, 0)),
        pending=row.pending,
        lots=tuple(item for item in found if not _is_over(item, now)),
    )


def _is_over(item: LotRow, now: datetime) -> bool:
    return item.expires_at is not None and item.expires_at <= now


async def history(
    app: App, person_id: str, *, limit: int = PAGE, before: str | None = None
) -> list[TransferRow]:
    """A person's latest transfers, newest first; `before` is the `seq` of the last one seen."""
    return await app.database.read(_history, person_id, min(limit, EXPORT_MAX), before or "~")


def _history(connection: Connection, person_id: str, limit: int, before: str) -> list[TransferRow]:
    return ledger.history(connection, ids_of(connection, person_id), limit, before)


def ids_of(connection: Connection, person_id: str) -> Sequence[str]:
    """The names of a person's accounts."""
    return [row.id for row in ledger.of_owner(connection, person_id)]


async def grant(
    app: App,
    person_id: str,
    amount: int,
    *,
    key: str | None = None,
    note: str | None = None,
    days: int | None = None,
) -> Balance:
    """Credits of the operator for a person; the same `key` again does nothing. What is there then."""
    if not 0 < amount <= GRANT_MAX:
        raise BadOption("option-out-of-range", option="amount", value=amount, min=1, max=GRANT_MAX)
    now = app.clock.now()
    entry = Entry(
        id=f"operator:{key or new_id()}",
        debit=accounts.OPERATOR,
        credit=accounts.person(person_id),
        amount=amount,
        kind="operator",
        actor="operator",
        note=note,
    )
    expires_at = None if days is None else now + timedelta(days=days)
    await app.database.transaction(
        credits.put, entry, now, source="operator", expires_at=expires_at
    )
    return await balance(app, person_id)
