"""Lots: credits that came in together, with where from and until when; what is left of each.

A person's lots come to `max(posted, 0)` of their account: below zero, where a payment was taken back,
new credits repay first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from storage.database import Moment, metadata
from storage.ledger import ACCOUNT_LENGTH, ID_LENGTH, account

lot = Table(
    "lot",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("account", String(ACCOUNT_LENGTH), ForeignKey("account.id"), nullable=False),
    Column("source", String(20), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("expires_at", Moment),
    Column("made_at", Moment, nullable=False),
    CheckConstraint("remaining >= 0 AND remaining <= amount", name="within"),
)
_LEFT = lot.c.remaining > literal_column("0")
Index("ix_lot_left", lot.c.account, sqlite_where=_LEFT, postgresql_where=_LEFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRow:
    """Credits that came in together; spent by expiry, then `rank`, then age."""

    id: str
    account: str
    source: str
    rank: int
    amount: int
    remaining: int
    expires_at: datetime | None
    made_at: datetime


_LOT = [lot.c[item.name] for item in fields(LotRow)]

_ADD = insert(lot)
_ORDER: tuple[ColumnElement[Any], ...] = (
    lot.c.expires_at.is_(None),
    lot.c.expires_at,
    lot.c.rank,
    lot.c.made_at,
    lot.c.id,
)
_LOTS = select(*_LOT).where(lot.c.account == bindparam("of_account"), _LEFT).order_by(*_ORDER)
_FIND = select(*_LOT).where(lot.c.id == bindparam("of_lot"))
_FIRST = (
    select(lot.c.id)
    .where(lot.c.account == bindparam("of_account"), _LEFT)
    .order_by(*_ORDER)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_TAKE_FIRST = (
    update(lot)
    .where(lot.c.id == _FIRST, lot.c.remaining >= bindparam("less"))
    .values(remaining=lot.c.remaining - bindparam("less"))
)
_TAKE = (
    update(lot)
    .where(lot.c.id == bindparam("of_lot"))
    .values(remaining=lot.c.remaining - bindparam("less"))
)
_EXPIRES = (
    update(account)
    .where(account.c.id == bindparam("of_account"))
    .values(
        expires_at=select(func.min(lot.c.expires_at))
        .where(lot.c.account == bindparam("of_account"), _LEFT)
        .scalar_subquery()
    )
)


def set_expiry(connection: Connection, account_id: str) -> None:
    """Note when the soonest of an account's lots expires."""
    connection.execute(_EXPIRES, {"of_account": account_id})


def add(connection: Connection, row: LotRow) -> None:
    """Credits that came in."""
    connection.execute(_ADD, {item.name: getattr(row, item.name) for item in fields(LotRow)})


def find(connection: Connection, lot_id: str) -> LotRow | None:
    """A lot by its id."""
    row = connection.execute(_FIND, {"of_lot": lot_id}).one_or_none()
    return None if row is None else LotRow(**row._mapping)


def left(connection: Connection, account_id: str) -> list[LotRow]:
    """Lots with something left, in the order they are spent."""
    rows = connection.execute(_LOTS, {"of_account": account_id})
    return [LotRow(**row._mapping) for row in rows]


def take_first(connection: Connection, account_id: str, amount: int) -> bool:
    """Take credits out of the lot that is spent first; False where it has too few."""
    values = {"of_account": account_id, "less": amount}
    return connection.execute(_TAKE_FIRST, values).rowcount == 1


def take(connection: Connection, lot_id: str, amount: int) -> None:
    """Take credits out of a lot."""
    connection.execute(_TAKE, {"of_lot": lot_id, "less": amount})
