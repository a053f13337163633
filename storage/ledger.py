"""Wallets and holds: whole credits, guarded by conditional updates."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from storage.database import metadata

wallet = Table(
    "wallet",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("posted", Integer, nullable=False),
    Column("pending", Integer, nullable=False, server_default="0"),
    CheckConstraint("pending >= 0 AND posted >= pending", name="covered"),
)

hold = Table(
    "hold",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("wallet.person_id"), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("captured", Integer, nullable=False, server_default="0"),
    Column("state", String(10), nullable=False, server_default="pending"),
    CheckConstraint("amount >= 0 AND captured >= 0 AND captured <= amount", name="within"),
    CheckConstraint("state IN ('pending', 'captured', 'voided')", name="state"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """Credits of one person: `posted` is what is there, `pending` is the part that is held."""

    posted: int
    pending: int

    @property
    def free(self) -> int:
        """What can be spent."""
        return self.posted - self.pending


_OPEN = insert(wallet)
_READ = select(wallet.c.posted, wallet.c.pending).where(wallet.c.person_id == bindparam("person"))
_ADD = (
    update(wallet)
    .where(wallet.c.person_id == bindparam("person"))
    .values(posted=wallet.c.posted + bindparam("more"))
)
_RESERVE = (
    update(wallet)
    .where(
        wallet.c.person_id == bindparam("person"),
        wallet.c.posted - wallet.c.pending >= bindparam("more"),
    )
    .values(pending=wallet.c.pending + bindparam("more"))
    .returning(wallet.c.posted - wallet.c.pending)
)
_HOLD = insert(hold)
_RESOLVE = (
    update(hold)
    .where(hold.c.job_id == bindparam("of_job"), hold.c.state == literal_column("'pending'"))
    .values(captured=bindparam("taken"), state=bindparam("to"))
    .returning(hold.c.person_id, hold.c.amount)
)
_SETTLE = (
    update(wallet)
    .where(wallet.c.person_id == bindparam("person"))
    .values(
        posted=wallet.c.posted - bindparam("taken"), pending=wallet.c.pending - bindparam("held")
    )
    .returning(wallet.c.posted, wallet.c.pending)
)


def open_wallet(connection: Connection, person_id: str, credits: int) -> None:
    """A new person's wallet."""
    connection.execute(_OPEN, {"person_id": person_id, "posted": credits})


def read_wallet(connection: Connection, person_id: str) -> Wallet:
    """What the person has."""
    row = connection.execute(_READ, {"person": person_id}).one()
    return Wallet(posted=row.posted, pending=row.pending)


def add(connection: Connection, person_id: str, credits: int) -> None:
    """Put credits in."""
    connection.execute(_ADD, {"person": person_id, "more": credits})


def place_hold(connection: Connection, job_id: str, person_id: str, amount: int) -> int | None:
    """Set credits aside for a job; what is left free, or None where there is too little."""
    reserved = connection.execute(_RESERVE, {"person": person_id, "more": amount})
    left = reserved.scalar_one_or_none()
    if left is not None:
        connection.execute(_HOLD, {"job_id": job_id, "person_id": person_id, "amount": amount})
    return left


def resolve_hold(connection: Connection, job_id: str, captured: int) -> Wallet | None:
    """End a pending hold once: take `captured`, free the rest; None where it had ended already."""
    state = "captured" if captured else "voided"
    resolved = connection.execute(
        _RESOLVE, {"of_job": job_id, "taken": captured, "to": state}
    ).one_or_none()
    if resolved is None:
        return None
    left = connection.execute(
        _SETTLE, {"person": resolved.person_id, "taken": captured, "held": resolved.amount}
    ).one()
    return Wallet(posted=left.posted, pending=left.pending)
