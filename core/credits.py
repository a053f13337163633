"""Credits: hold · capture · void · put · take · expire. Whole numbers, no price is ever split.

Everything here runs inside the caller's transaction, and takes accounts before their lots. What is
held is guarded by the account's balance; which lots pay is decided when a hold is captured, so that a
void leaves every lot as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core import accounts
from core.ids import new_id
from storage import holds, ledger, lots, marks
from storage.database import Connection
from storage.ledger import AccountRow, TransferRow
from storage.lots import LotRow

# What is spent first among lots that expire at the same time, or never: what was bought goes last.
RANKS = {"plan": 0, "signup": 1, "grant": 1, "operator": 1, "coupon": 1, "pack": 2, "gift": 2}
BOUGHT = frozenset({"pack", "gift"})


class Uncovered(Exception):
    """An account has fewer free credits than are to come out of it; the transaction is undone."""

    def __init__(self, account_id: str, *, needs: int, has: int) -> None:
        super().__init__(f"{account_id} has {has}, not {needs}")
        self.account_id = account_id
        self.needs = needs
        self.has = has


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A person's credits: `posted` is what is there, `pending` the part that is held.

    `low`: they have just fallen below the limit that the person set.
    """

    posted: int
    pending: int
    low: bool = False

    @property
    def free(self) -> int:
        """What can be spent."""
        return self.posted - self.pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A transfer to be: the id is derived from what causes it, so that a replay changes nothing."""

    id: str
    debit: str
    credit: str
    amount: int
    kind: str
    reference: str | None = None
    actor: str | None = None
    community: str | None = None
    note: str | None = None


def hold(
    connection: Connection,
    job_id: str,
    person_id: str,
    amount: int,
    community: str | None,
    now: datetime,
) -> int | None:
    """Set credits aside for a job; what can still be spent there, None: too few, or the books are wrong."""
    own = accounts.person(person_id)
    scoped = accounts.scoped(person_id, community) if community is not None else ""
    if amount > 0:
        left = ledger.reserve(connection, own, amount, now, scoped)
        if left is not None:
            holds.add(connection, job_id, own, amount)
            return left
    return _hold_closely(connection, job_id, (own, scoped), person_id, amount, now)


def _hold_closely(
    connection: Connection,
    job_id: str,
    ids: tuple[str, str],
    person_id: str,
    amount: int,
    now: datetime,
) -> int | None:
    """The hold where the plain statement found something: look at each thing by itself."""
    own, scoped = _current(connection, person_id, ids, now)
    has = _spendable(own, scoped)
    if amount == 0:
        return has
    if has < amount or marks.find(connection, ledger.STOPPED) is not None:
        return None
    part = min(max(scoped.free, 0), amount) if scoped is not None else 0
    if part and scoped is not None:
        ledger.move(connection, scoped.id, 0, part)
    ledger.move(connection, own.id, 0, amount - part)
    holds.add(
        connection, job_id, own.id, amount - part, scoped.id if part and scoped else None, part
    )
    return has - amount


def _current(
    connection: Connection, person_id: str, ids: tuple[str, str], now: datetime
) -> tuple[AccountRow, AccountRow | None]:
    """A person's own account and that of a community, locked, without what has expired."""
    rows = {row.id: row for row in ledger.of_owner(connection, person_id, lock=True)}
    for account_id in filter(rows.__contains__, ids):
        due = rows[account_id].expires_at
        if due is not None and due <= now:
            expire(connection, account_id, now)
            fresh = ledger.read(connection, account_id)
            assert fresh is not None
            rows[account_id] = fresh
    return rows[ids[0]], rows.get(ids[1])


def _spendable(own: AccountRow, scoped: AccountRow | None) -> int:
    """What a job may cost: nothing while more was taken back than was there."""
    if own.free < 0 or scoped is None:
        return own.free
    return own.free + max(scoped.free, 0)


def available(connection: Connection, person_id: str, community: str | None, now: datetime) -> int:
    """What a person can spend in a community (None: where none is)."""
    scoped = accounts.scoped(person_id, community) if community is not None else ""
    return _spendable(*_current(connection, person_id, (accounts.person(person_id), scoped), now))


def capture(connection: Connection, job_id: str, taken: int, now: datetime) -> Wallet | None:
    """Take `taken` of a job's hold and free the rest; None where it had ended already, or never was."""
    row = holds.end(connection, job_id, taken)
    if row is None:
        return None
    scoped_taken = min(taken, row.scoped_amount)
    sides = [(row.account, row.amount, taken - scoped_taken, "")]
    if row.scoped is not None:
        sides.append((row.scoped, row.scoped_amount, scoped_taken, ":scoped"))
    posted = pending = 0
    low = False
    for account_id, held, used, suffix in sides:
        moved = ledger.move(connection, account_id, -used, -held)
        assert moved is not None
        posted, pending = posted + moved.posted, pending + moved.pending
        if moved.low and used:
            ledger.set_noticed(connection, account_id)
            low = True
        if used:
            _out(connection, account_id, used)
            entry = Entry(
                id=f"hold:{job_id}:capture{suffix}",
                debit=account_id,
                credit=accounts.REVENUE,
                amount=used,
                kind="spend",
                reference=job_id,
            )
            written = _post(connection, entry, now)
            assert written
    return Wallet(posted=posted, pending=pending, low=low)


def void(connection: Connection, job_id: str, now: datetime) -> Wallet | None:
    """Free all of a job's hold; None where it had ended already."""
    return capture(connection, job_id, 0, now)


def lock(connection: Connection, account_ids: Collection[str]) -> None:
    """Keep accounts still until the end, taken in one order: before several transfers that cross others.

    One transfer takes both its sides in that order by itself; two in one transaction do not.
    """
    for account_id in sorted(set(account_ids)):
        if not accounts.is_system(account_id):
            ledger.read(connection, account_id, lock=True)


def put(
    connection: Connection,
    entry: Entry,
    now: datetime,
    *,
    source: str,
    expires_at: datetime | None = None,
) -> bool:
    """Credits into a person's account as a lot of its own; False: it was done. Raises Uncovered."""
    if not _post(connection, entry, now):
        return False
    _move_both(connection, entry)
    receive(connection, entry, now, source=source, expires_at=expires_at)
    return True


def receive(
    connection: Connection,
    entry: Entry,
    now: datetime,
    *,
    source: str,
    expires_at: datetime | None = None,
) -> None:
    """The lot of a transfer that was just made between two people."""
    account = ledger.read(connection, entry.credit)
    assert account is not None
    posted = account.posted
    # Below zero, what comes in repays first.
    left = max(posted, 0) - max(posted - entry.amount, 0)
    row = LotRow(
        id=entry.id,
        account=entry.credit,
        source=source,
        rank=RANKS[source],
        amount=entry.amount,
        remaining=left,
        expires_at=expires_at,
        made_at=now,
    )
    lots.add(connection, row)
    ledger.forget_notice(connection, entry.credit)
    if expires_at is not None:
        lots.set_expiry(connection, entry.credit)


def fund(connection: Connection, entry: Entry, now: datetime) -> bool:
    """Credits into a pool; False: it was done."""
    if not _post(connection, entry, now):
        return False
    _move_both(connection, entry)
    return True


def book(connection: Connection, entry: Entry, now: datetime) -> bool:
    """A transfer between accounts of the house, which have no balance; False: it was done."""
    return _post(connection, entry, now)


def take(
    connection: Connection,
    entry: Entry,
    now: datetime,
    *,
    first: str | None = None,
    sources: Collection[str] | None = None,
    may_fall: bool = False,
) -> bool:
    """Credits out of a person's account; False: it was done.

    Out of the lot `first`, then of others by their order, or of those of `sources` alone. Raises
    Uncovered, unless it `may_fall` below zero; where the lots of `sources` have too few, in any case.
    """
    if not _post(connection, entry, now):
        return False
    _move_both(connection, entry, may_fall=may_fall)
    missing = _out(connection, entry.debit, entry.amount, first=first, sources=sources)
    if missing and sources is not None:
        raise Uncovered(entry.debit, needs=entry.amount, has=entry.amount - missing)
    return True


def expire(connection: Connection, account_id: str, now: datetime) -> int:
    """Take what has expired out of an account, but not what is held; how much it was."""
    row = ledger.read(connection, account_id, lock=True)
    assert row is not None
    free, total = max(row.free, 0), 0
    for item in lots.left(connection, account_id):
        if item.expires_at is None or item.expires_at > now or free == 0:
            break
        amount = min(item.remaining, free)
        entry = Entry(
            id=_expiry_of(item),
            debit=account_id,
            credit=accounts.EXPIRED,
            amount=amount,
            kind="expire",
            reference=item.id,
        )
        posted = _post(connection, entry, now)
        assert posted
        lots.take(connection, item.id, amount)
        ledger.move(connection, account_id, -amount)
        free, total = free - amount, total + amount
    lots.set_expiry(connection, account_id)
    return total


def _expiry_of(item: LotRow) -> str:
    """The id of the transfer that takes what is left of a lot; a part that is held has its own later."""
    name = f"expire:{item.id}:{item.remaining}"
    if len(name) <= ledger.ID_LENGTH:
        return name
    return f"expire:{hashlib.sha256(item.id.encode()).hexdigest()}:{item.remaining}"


def _out(
    connection: Connection,
    account_id: str,
    amount: int,
    *,
    first: str | None = None,
    sources: Collection[str] | None = None,
) -> int:
    """Take credits out of lots, as far as there are any; how many there were not."""
    if first is None and sources is None and lots.take_first(connection, account_id, amount):
        return 0
    left = amount
    found = [
        item
        for item in lots.left(connection, account_id)
        if sources is None or item.source in sources
    ]
    for item in sorted(found, key=lambda item: item.id != first):
        part = min(item.remaining, left)
        if part:
            lots.take(connection, item.id, part)
        left -= part
    return left


def _move_both(connection: Connection, entry: Entry, *, may_fall: bool = False) -> None:
    """Both sides of a transfer, always in the same order."""
    sides = ((entry.debit, -entry.amount), (entry.credit, entry.amount))
    for account_id, by in sorted(sides):
        if accounts.is_system(account_id):
            continue
        moved = ledger.move(connection, account_id, by, covered=by < 0 and not may_fall)
        if moved is None:
            row = ledger.read(connection, account_id)
            raise Uncovered(account_id, needs=entry.amount, has=row.free if row is not None else 0)


def _post(connection: Connection, entry: Entry, now: datetime) -> bool:
    row = TransferRow(
        id=entry.id,
        seq=new_id(),
        debit=entry.debit,
        credit=entry.credit,
        amount=entry.amount,
        kind=entry.kind,
        reference=entry.reference,
        actor=entry.actor,
        community=entry.community,
        note=entry.note[: ledger.NOTE_LENGTH] if entry.note else None,
        made_at=now,
    )
    return ledger.post(connection, row)
