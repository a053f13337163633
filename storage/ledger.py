"""The ledger: accounts and the transfers between them. Whole credits; transfers are only added.

What guards a balance is its columns `posted - pending`, moved by conditional updates. An account of
the system (stripe, revenue …) keeps no balance: it is the sum of its transfers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata
from storage.marks import mark

# While this mark is set, nothing is held: the books do not add up.
STOPPED = "ledger-drift"

ID_LENGTH = 200
ACCOUNT_LENGTH = 160
NOTE_LENGTH = 200

account = Table(
    "account",
    metadata,
    Column("id", String(ACCOUNT_LENGTH), primary_key=True),
    Column("kind", String(6), nullable=False),
    Column("owner", String(100), nullable=False),
    Column("scope", String(100)),
    Column("posted", BigInteger, nullable=False, server_default="0"),
    Column("pending", BigInteger, nullable=False, server_default="0"),
    Column("expires_at", Moment),
    Column("notice_below", BigInteger, nullable=False, server_default="0"),
    Column("noticed", Boolean, nullable=False, server_default="0"),
    CheckConstraint("pending >= 0", name="pending"),
    CheckConstraint("kind <> 'pool' OR posted >= pending", name="floor"),
    CheckConstraint("kind IN ('person', 'pool', 'system')", name="kind"),
    Index("ix_account_owner", "owner"),
)
_EXPIRING = account.c.expires_at.is_not(None)
Index(
    "ix_account_expires",
    account.c.expires_at,
    sqlite_where=_EXPIRING,
    postgresql_where=_EXPIRING,
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("seq", String(32), nullable=False, unique=True),
    Column("debit", String(ACCOUNT_LENGTH), ForeignKey("account.id"), nullable=False),
    Column("credit", String(ACCOUNT_LENGTH), ForeignKey("account.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("reference", String(ID_LENGTH)),
    Column("actor", String(120)),
    Column("community", String(100)),
    Column("note", String(NOTE_LENGTH)),
    Column("made_at", Moment, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("debit <> credit", name="sides"),
    Index("ix_transfer_debit", "debit", "seq"),
    Index("ix_transfer_credit", "credit", "seq"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One balance: `posted` is what is there, `pending` the part that is held; scope: a community."""

    id: str
    kind: str
    owner: str
    scope: str | None
    posted: int
    pending: int
    expires_at: datetime | None
    notice_below: int
    noticed: bool

    @property
    def free(self) -> int:
        """What can be spent."""
        return self.posted - self.pending


class Moved(NamedTuple):
    """A balance after a change; `low`: below its owner's limit, which has not been told yet."""

    posted: int
    pending: int
    low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """Credits from one account to another; the id is derived, so that a replay is found."""

    id: str
    seq: str
    debit: str
    credit: str
    amount: int
    kind: str
    reference: str | None
    actor: str | None
    community: str | None
    note: str | None
    made_at: datetime


_ACCOUNT = [account.c[item.name] for item in fields(AccountRow)]
_TRANSFER = [transfer.c[item.name] for item in fields(TransferRow)]
_INSERTS = (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))

_OPEN = {name: new(account).on_conflict_do_nothing() for name, new in _INSERTS}
_READ = select(*_ACCOUNT).where(account.c.id == bindparam("of_account"))
# Of no key: a transfer that refers to a locked account need not wait for it.
_READ_LOCKED = _READ.with_for_update(key_share=True)
_OF_OWNER = (
    select(*_ACCOUNT)
    .where(account.c.owner == bindparam("of_owner"), account.c.kind == bindparam("of_kind"))
    .order_by(account.c.id)
)
_LOCK = _OF_OWNER.with_for_update(key_share=True)
_other = account.alias("other")
_NOTHING_ELSE = ~exists().where(
    _other.c.id == bindparam("scoped"), _other.c.posted > _other.c.pending
)
_NOT_STOPPED = ~exists().where(mark.c.name == literal_column(f"'{STOPPED}'"))
_RESERVE = (
    update(account)
    .where(
        account.c.id == bindparam("of_account"),
        account.c.posted - account.c.pending >= bindparam("more"),
        or_(account.c.expires_at.is_(None), account.c.expires_at > bindparam("at")),
        _NOTHING_ELSE,
        _NOT_STOPPED,
    )
    .values(pending=account.c.pending + bindparam("more"))
    .returning(account.c.posted - account.c.pending)
)
_MOVE = (
    update(account)
    .where(account.c.id == bindparam("of_account"))
    .values(
        posted=account.c.posted + bindparam("by"), pending=account.c.pending + bindparam("held_by")
    )
    .returning(
        account.c.posted,
        account.c.pending,
        and_(
            account.c.noticed.is_(False),
            account.c.posted - account.c.pending < account.c.notice_below,
        ).label("low"),
    )
)
_MOVE_COVERED = _MOVE.where(
    account.c.posted - account.c.pending + bindparam("by") >= literal_column("0")
)
_NOTICE = update(account).where(account.c.id == bindparam("of_account")).values(noticed=True)
_FORGET_NOTICE = (
    update(account)
    .where(
        account.c.id == bindparam("of_account"),
        account.c.noticed.is_(True),
        account.c.posted - account.c.pending >= account.c.notice_below,
    )
    .values(noticed=False)
)
_SET_NOTICE = (
    update(account)
    .where(account.c.id == bindparam("of_account"))
    .values(notice_below=bindparam("below"), noticed=False)
)
_HAS_EXPIRED = (
    select(account.c.id).where(account.c.expires_at <= bindparam("at")).limit(bindparam("most"))
)
_POST = {
    name: new(transfer).on_conflict_do_nothing().returning(transfer.c.id) for name, new in _INSERTS
}
_FIND = select(*_TRANSFER).where(transfer.c.id == bindparam("of_transfer"))
_OF_ACCOUNTS = or_(
    transfer.c.debit.in_(bindparam("accounts", expanding=True)),
    transfer.c.credit.in_(bindparam("accounts", expanding=True)),
)
_HISTORY = (
    select(*_TRANSFER)
    .where(_OF_ACCOUNTS, transfer.c.seq < bindparam("before"))
    .order_by(transfer.c.seq.desc())
    .limit(bindparam("most"))
)
_OF_KIND = (
    select(*_TRANSFER)
    .where(
        or_(
            transfer.c.debit == bindparam("of_account"),
            transfer.c.credit == bindparam("of_account"),
        ),
        transfer.c.kind == bindparam("of_kind"),
    )
    .order_by(transfer.c.seq)
)
_SPENT = select(func.coalesce(func.sum(transfer.c.amount), 0)).where(
    and_(
        transfer.c.debit.in_(bindparam("accounts", expanding=True)),
        transfer.c.seq >= bindparam("since"),
        transfer.c.kind == literal_column("'spend'"),
    )
)


def open_account(
    connection: Connection, account_id: str, kind: str, owner: str, scope: str | None = None
) -> None:
    """An account, if it is not there yet."""
    values = {"id": account_id, "kind": kind, "owner": owner, "scope": scope}
    connection.execute(_OPEN[connection.dialect.name], values)


def read(connection: Connection, account_id: str, *, lock: bool = False) -> AccountRow | None:
    """One account; `lock` keeps it still until the end."""
    row = connection.execute(
        _READ_LOCKED if lock else _READ, {"of_account": account_id}
    ).one_or_none()
    return None if row is None else AccountRow(**row._mapping)


def of_owner(
    connection: Connection, owner: str, kind: str = "person", *, lock: bool = False
) -> list[AccountRow]:
    """All accounts of an owner, in the order of their ids; `lock` keeps them still until the end."""
    rows = connection.execute(_LOCK if lock else _OF_OWNER, {"of_owner": owner, "of_kind": kind})
    return [AccountRow(**row._mapping) for row in rows]


def reserve(
    connection: Connection, account_id: str, amount: int, now: datetime, scoped: str
) -> int | None:
    """Hold credits where the plain case allows it; what stays free, None: look closer.

    The plain case: enough is free, nothing has expired, `scoped` has nothing to spend first, and the
    books are not marked as wrong.
    """
    values = {"of_account": account_id, "more": amount, "at": now, "scoped": scoped}
    return connection.execute(_RESERVE, values).scalar_one_or_none()


def move(
    connection: Connection, account_id: str, by: int, held_by: int = 0, *, covered: bool = False
) -> Moved | None:
    """Change a balance and what of it is held; None where a `covered` one has too little."""
    values = {"of_account": account_id, "by": by, "held_by": held_by}
    row = connection.execute(_MOVE_COVERED if covered else _MOVE, values).one_or_none()
    return None if row is None else Moved(row.posted, row.pending, bool(row.low))


def set_noticed(connection: Connection, account_id: str) -> None:
    """The owner has been told; not again until the balance has been above the limit."""
    connection.execute(_NOTICE, {"of_account": account_id})


def forget_notice(connection: Connection, account_id: str) -> None:
    """Credits came in: the next fall below the limit is told again."""
    connection.execute(_FORGET_NOTICE, {"of_account": account_id})


def set_notice(connection: Connection, account_id: str, below: int) -> None:
    """Below how many credits the owner wants to be told; 0: never."""
    connection.execute(_SET_NOTICE, {"of_account": account_id, "below": below})


def expired(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Accounts with lots that have expired."""
    return list(connection.execute(_HAS_EXPIRED, {"at": now, "most": limit}).scalars())


def post(connection: Connection, row: TransferRow) -> bool:
    """Write a transfer down; False where it stands there already."""
    values = {item.name: getattr(row, item.name) for item in fields(TransferRow)}
    posted = connection.execute(_POST[connection.dialect.name], values)
    return posted.scalar_one_or_none() is not None


def find(connection: Connection, transfer_id: str) -> TransferRow | None:
    """A transfer by its id."""
    row = connection.execute(_FIND, {"of_transfer": transfer_id}).one_or_none()
    return None if row is None else TransferRow(**row._mapping)


def history(
    connection: Connection, accounts: Sequence[str], limit: int, before: str = "z"
) -> list[TransferRow]:
    """The latest transfers of these accounts before a `seq`, newest first."""
    values = {"accounts": list(accounts), "before": before, "most": limit}
    return [TransferRow(**row._mapping) for row in connection.execute(_HISTORY, values)]


def of_kind(connection: Connection, account_id: str, kind: str) -> list[TransferRow]:
    """An account's transfers of one kind, oldest first; for kinds that are rare."""
    rows = connection.execute(_OF_KIND, {"of_account": account_id, "of_kind": kind})
    return [TransferRow(**row._mapping) for row in rows]


def spent(connection: Connection, accounts: Sequence[str], since: str) -> int:
    """What jobs took out of these accounts since a `seq`."""
    values = {"accounts": list(accounts), "since": since}
    return int(connection.execute(_SPENT, values).scalar_one())
