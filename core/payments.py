"""Payments: an order, and what its till tells of it, merged so that no order of telling matters.

What a payment is worth is a function of its merged state alone; the ledger follows by the difference.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core import accounts, credits, notices, records
from core.app import App
from core.credits import Entry
from core.ids import new_id
from core.messenger import Address, Say
from core.offers import Pack, Plan
from storage import payments
from storage.database import Connection
from storage.payments import EventRow, OrderRow, PaymentRow

REFUND_RANKS = {"pending": 0, "requires_action": 0, "succeeded": 1, "failed": 2, "canceled": 2}
DISPUTE_RANKS = {"open": 0, "won": 1, "lost": 2}
MERGED, IGNORED, QUARANTINED = "merged", "ignored", "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whose payment it is and what for: from our own order, or from a subscription of theirs."""

    person_id: str
    kind: str
    item: str
    credits: int
    amount: int
    currency: str
    order_id: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one event tells of one payment; amounts in the currency's smallest unit.

    `refunds` are states and amounts by the till's id, `refunded` a sum where only that is told.
    `part_of` names the payment that this one only carries out: what is paid back of it counts there.
    """

    payment: str
    till: str
    paid: int | None = None
    currency: str | None = None
    refunded: int = 0
    refunds: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    disputes: Mapping[str, str] = field(default_factory=dict)
    part_of: str | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a till has told of one payment; grows in one direction only."""

    paid: int = 0
    currency: str = ""
    refunded: int = 0
    refunds: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    disputes: Mapping[str, str] = field(default_factory=dict)
    part_of: str = ""

    def merged(self, change: Change) -> State:
        """The state with one more event: commutes, associates, and takes the same twice as once."""
        refunds = dict(self.refunds)
        for key, (status, amount) in change.refunds.items():
            before = refunds.get(key)
            if before is None or REFUND_RANKS[status] > REFUND_RANKS[before[0]]:
                refunds[key] = (status, max(amount, before[1] if before else 0))
        disputes = dict(self.disputes)
        for key, status in change.disputes.items():
            if key not in disputes or DISPUTE_RANKS[status] > DISPUTE_RANKS[disputes[key]]:
                disputes[key] = status
        return State(
            paid=max(self.paid, change.paid or 0),
            currency=max(self.currency, change.currency or ""),
            refunded=max(self.refunded, change.refunded),
            refunds=refunds,
            disputes=disputes,
            part_of=max(self.part_of, change.part_of or ""),
        )

    def worth(self, full: int) -> int:
        """How many of a payment's `full` credits it is worth."""
        if not self.paid or any(status != "won" for status in self.disputes.values()):
            return 0
        told = list(self.refunds.values())
        live = sum(
            amount for status, amount in told if REFUND_RANKS[status] < REFUND_RANKS["failed"]
        )
        failed = sum(amount for _, amount in told) - live
        back = min(max(live, self.refunded - failed), self.paid)
        return full * (self.paid - back) // self.paid

    def write(self) -> str:
        """As JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def read(cls, text: str) -> State:
        """From JSON."""
        values = json.loads(text)
        refunds = {key: (item[0], item[1]) for key, item in values.pop("refunds").items()}
        return cls(refunds=refunds, **values)


async def order(
    app: App,
    person_id: str,
    till: str,
    offer: Pack | Plan,
    amount: int,
    currency: str,
    where: Address,
) -> OrderRow:
    """Write down what somebody asks for, before a till hears of it."""
    row = OrderRow(
        id=new_id(),
        person_id=person_id,
        till=till,
        kind="pack" if isinstance(offer, Pack) else "plan",
        item=offer.id,
        credits=offer.credits,
        amount=amount,
        currency=currency,
        address=records.write_address(where),
        external_id=None,
        created_at=app.clock.now(),
    )
    await app.database.statement(payments.add_order, row)
    return row


def claim_of(row: OrderRow) -> Claim:
    """What an order says about the payment that answers it."""
    return Claim(
        person_id=row.person_id,
        kind=row.kind,
        item=row.item,
        credits=row.credits,
        amount=row.amount,
        currency=row.currency,
        order_id=row.id,
    )


def receive(connection: Connection, event: EventRow) -> bool:
    """Keep an event before anything is made of it; False where it came before."""
    return payments.receive(connection, event)


def settle(
    connection: Connection, change: Change, now: datetime, where: Address | None = None
) -> str | None:
    """Merge what was told into its payment, and let the ledger follow; why it is held back, or None.

    `where` is where a payment without an order is answered.
    """
    row = _claimed(connection, change, now)
    state = State.read(row.state).merged(change)
    reason = row.quarantine or _wrong(row, state)
    worth = 0 if reason is not None or row.person_id is None else state.worth(row.credits)
    delta = worth - row.applied
    version = row.version + (1 if delta else 0)
    row = dataclasses.replace(
        row,
        state=state.write(),
        applied=worth,
        version=version,
        quarantine=reason,
        updated_at=now,
    )
    payments.save(connection, row)
    if delta:
        _follow(connection, row, delta, state, now, where)
    if state.part_of:
        # Also what was told before anybody knew whose part it is.
        whole = Change(
            payment=state.part_of,
            till=row.till,
            refunded=state.refunded,
            refunds=state.refunds,
            disputes=state.disputes,
        )
        return settle(connection, whole, now)
    return reason


def _empty(change: Change, now: datetime) -> PaymentRow:
    return PaymentRow(
        id=change.payment,
        till=change.till,
        person_id=None,
        order_id=None,
        kind="",
        item="",
        credits=0,
        amount=0,
        currency="",
        state=State().write(),
        applied=0,
        version=0,
        expires_at=None,
        quarantine=None,
        updated_at=now,
    )


def _claimed(connection: Connection, change: Change, now: datetime) -> PaymentRow:
    """The payment, locked, and whose it is, once anybody can tell; the first claim stays."""
    claim = change.claim
    known = payments.find(connection, change.payment)
    told = known.person_id if known is not None else None
    who = told or (claim.person_id if claim is not None else None)
    # Accounts before payments, as a link takes them: neither may wait for the other.
    kept = None if who is None else accounts.keep(connection, who)
    row = payments.locked(connection, _empty(change, now))
    if row.person_id is not None:
        if row.person_id != kept:  # claimed just now, or by somebody who has gone since
            kept = accounts.keep(connection, row.person_id)
        return dataclasses.replace(row, person_id=kept)
    if claim is None:
        return row
    return dataclasses.replace(
        row,
        person_id=kept,
        order_id=claim.order_id,
        kind=claim.kind,
        item=claim.item,
        credits=claim.credits,
        amount=claim.amount,
        currency=claim.currency,
        expires_at=claim.expires_at,
    )


def _wrong(row: PaymentRow, state: State) -> str | None:
    """Why a payment is not the one that was asked for."""
    if row.person_id is None or not state.paid:
        return None
    if state.currency != row.currency:
        return f"paid in {state.currency}, not {row.currency}"
    if state.paid != row.amount:
        return f"paid {state.paid}, not {row.amount} {row.currency}"
    return None


def _follow(
    connection: Connection,
    row: PaymentRow,
    delta: int,
    state: State,
    now: datetime,
    where: Address | None,
) -> None:
    """The difference as a transfer whose id is the payment's version, and a word to the person."""
    assert row.person_id is not None
    account_id = accounts.person(row.person_id)
    entry_id = f"{row.id}:v{row.version}"
    if delta > 0:
        kind = row.kind if row.version == 1 else "restore"
        entry = _entry(entry_id, row, row.till, account_id, delta, kind)
        credits.put(connection, entry, now, source=row.kind, expires_at=row.expires_at)
        first = "plan-credited" if row.kind == "plan" else "payment-credited"
        key = first if row.version == 1 else "payment-restored"
    else:
        kind = "dispute" if any(item != "won" for item in state.disputes.values()) else "refund"
        entry = _entry(entry_id, row, account_id, row.till, -delta, kind)
        credits.take(connection, entry, now, first=f"{row.id}:v1", may_fall=True)
        key = f"payment-{kind}"
    left = credits.available(connection, row.person_id, None, now)
    lines = (Say(key=key, values={"credits": abs(delta), "left": left, "item": row.item}),)
    asked = payments.find_order(connection, row.order_id) if row.order_id else None
    if asked is not None:
        where = records.read_address(asked.address) if row.version == 1 else None
    notices.add(connection, entry_id, row.person_id, lines, now, where)


def _entry(
    entry_id: str, row: PaymentRow, debit: str, credit: str, amount: int, kind: str
) -> Entry:
    return Entry(
        id=entry_id,
        debit=debit,
        credit=credit,
        amount=amount,
        kind=kind,
        reference=row.id,
        note=row.item,
    )


async def latest(app: App, person_id: str, count: int) -> list[PaymentRow]:
    """A person's payments, the latest first."""
    return await app.database.read(payments.of_person, person_id, count)
