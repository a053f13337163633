"""Holds: credits set aside for a job until it ends, out of one account or two."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    insert,
    literal_column,
    update,
)

from storage.database import metadata
from storage.ledger import ACCOUNT_LENGTH

hold = Table(
    "hold",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("account", String(ACCOUNT_LENGTH), ForeignKey("account.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("scoped", String(ACCOUNT_LENGTH), ForeignKey("account.id")),
    Column("scoped_amount", BigInteger, nullable=False, server_default="0"),
    Column("captured", BigInteger, nullable=False, server_default="0"),
    Column("state", String(10), nullable=False, server_default="pending"),
    CheckConstraint("amount >= 0 AND scoped_amount >= 0", name="amounts"),
    CheckConstraint("captured >= 0 AND captured <= amount + scoped_amount", name="part"),
    CheckConstraint("state IN ('pending', 'captured', 'voided')", name="states"),
)
_PENDING = hold.c.state == literal_column("'pending'")
Index("ix_hold_pending", hold.c.account, sqlite_where=_PENDING, postgresql_where=_PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """Credits set aside for one job, out of a community's and of the person's own account."""

    job_id: str
    account: str
    amount: int
    scoped: str | None
    scoped_amount: int
    captured: int
    state: str


_HOLD = [hold.c[item.name] for item in fields(HoldRow)]

_ADD = insert(hold)
_END = (
    update(hold)
    .where(hold.c.job_id == bindparam("of_job"), _PENDING)
    .values(captured=bindparam("taken"), state=bindparam("to"))
    .returning(*_HOLD)
)


def add(
    connection: Connection,
    job_id: str,
    account_id: str,
    amount: int,
    scoped: str | None = None,
    scoped_amount: int = 0,
) -> None:
    """Write down what is held for a job."""
    values = {
        "job_id": job_id,
        "account": account_id,
        "amount": amount,
        "scoped": scoped,
        "scoped_amount": scoped_amount,
    }
    connection.execute(_ADD, values)


def end(connection: Connection, job_id: str, captured: int) -> HoldRow | None:
    """End a pending hold, once; None where it had ended, or never was."""
    values = {
        "of_job": job_id,
        "taken": captured,
        "to": "captured" if captured else "voided",
    }
    row = connection.execute(_END, values).one_or_none()
    return None if row is None else HoldRow(**row._mapping)
