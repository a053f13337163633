"""Wallets as people and the operator see them: what is there and until when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import accounts, credits, plans
from core.app import App, Rules
from core.credits import Entry, Wallet
from core.errors import BadOption
from core.ids import first_id_at, new_id
from core.plans import Standing
from storage import ledger, links, lots
from storage.database import Connection
from storage.ledger import AccountRow
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
    scoped = tuple(part for part in parts if part.community is not None and part.lots)
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


def ids_of(connection: Connection, person_id: str) -> list[str]:
    """The names of a person's accounts, and of those of people who have gone into this one."""
    people = [person_id, *links.gone_into(connection, person_id)]
    return [row.id for who in people for row in ledger.of_owner(connection, who)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A person's own month: their plan, what jobs have used, and what is left of the plan's credits."""

    standing: Standing
    used: int
    plan_left: int


async def month(app: App, person_id: str) -> Month:
    """How far a person's month has come."""
    return await app.database.read(_month, person_id, app.rules, app.clock.now())


def _month(connection: Connection, person_id: str, rules: Rules, now: datetime) -> Month:
    standing = plans.of_person(connection, person_id, rules, now)
    since = first_id_at(standing.period_start)
    found = lots.left(connection, accounts.person(person_id))
    return Month(
        standing=standing,
        used=ledger.spent(connection, ids_of(connection, person_id), since),
        plan_left=sum(
            item.remaining for item in found if item.source == "plan" and not _is_over(item, now)
        ),
    )


async def set_notice(app: App, person_id: str, below: int) -> None:
    """Tell a person once when they fall below so many credits; 0: never."""
    await app.database.statement(ledger.set_notice, accounts.person(person_id), below)


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
    expires_at = None if days is None else now + timedelta(days=days)

    def put(connection: Connection) -> str:
        kept = accounts.keep(connection, person_id)
        entry = Entry(
            id=f"operator:{key or new_id()}",
            debit=accounts.OPERATOR,
            credit=accounts.person(kept),
            amount=amount,
            kind="operator",
            actor="operator",
            note=note,
        )
        credits.put(connection, entry, now, source="operator", expires_at=expires_at)
        return kept

    return await balance(app, await app.database.transaction(put))
