"""Intake: one event of a till is kept and merged in one transaction, or held back with a reason."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core import accounts, notices, payments, records
from core.app import App
from core.messenger import Address, Say
from core.payments import IGNORED, MERGED, QUARANTINED, Change, Claim
from storage import links, standings
from storage import payments as stored
from storage.database import Connection
from storage.payments import EventRow, OrderRow
from storage.standings import StandingRow

__all__ = [
    "ENDED",
    "Answers",
    "EventRow",
    "Period",
    "Told",
    "caught_up",
    "event",
    "missed_since",
    "passed_over",
    "take",
    "take_in",
]

log = structlog.get_logger(__name__)

ENDED = "ended"
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Which order of ours an event answers; `first` unless it renews what was ordered before."""

    order_id: str
    kind: str
    customer: str | None = None
    first: bool = True
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a till says of a subscription: active, past_due or ended; `told_at` by its own clock."""

    subscription: str
    status: str
    start: datetime
    end: datetime
    ends: bool
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event in our own words; `wrong` is why nobody can account for it."""

    event: EventRow
    answers: Answers | None = None
    change: Change | None = None
    period: Period | None = None
    notice: str | None = None
    notice_id: str = ""
    wrong: str | None = None


def event(till: str, external_id: str, kind: str, body: str, now: datetime) -> EventRow:
    """An event as it came in."""
    return EventRow(
        id=f"{till}:{external_id}"[: stored.KEY_LENGTH],
        till=till,
        kind=kind[: stored.KIND_LENGTH],
        body=body,
        outcome=MERGED,
        reason=None,
        received_at=now,
    )


def passed_over(row: EventRow) -> EventRow:
    """An event that is kept, and changes no payment."""
    return dataclasses.replace(row, outcome=IGNORED)


async def missed_since(app: App, till: str) -> datetime | None:
    """From when on a till may have told what nobody heard; None: it has never been asked for anything."""
    mark = await app.database.read(stored.caught_up, till)
    if mark is not None:
        return mark - OVERLAP
    return await app.database.read(stored.first_order_at, till)


async def caught_up(app: App, till: str, at: datetime) -> None:
    """All that a till told until then has been taken in."""
    await app.database.statement(stored.set_caught_up, till, at)


async def take(app: App, told: Told) -> None:
    """Keep an event and let the ledger follow; the operator is told of what was held back."""
    reason = await app.database.transaction(take_in, told, app.clock.now())
    if reason is not None:
        log.error(
            "payment event held back",
            payment_event=told.event.id,
            kind=told.event.kind,
            reason=reason,
        )


def take_in(connection: Connection, told: Told, now: datetime) -> str | None:
    """The one transaction: the event, what follows from it, and why it is held back."""
    if not payments.receive(connection, told.event):
        return None
    reason = told.wrong or _apply(connection, told, now)
    if reason is not None:
        stored.set_outcome(connection, told.event.id, QUARANTINED, reason)
    return reason


def _apply(connection: Connection, told: Told, now: datetime) -> str | None:
    answers, change = told.answers, told.change
    if answers is None:
        return None if change is None else payments.settle(connection, change, now)
    order = stored.find_order(connection, answers.order_id)
    if order is None:
        return f"no order {answers.order_id[:40]!r} here"
    # Who asked may become one with another at this moment.
    order = dataclasses.replace(order, person_id=accounts.keep(connection, order.person_id))
    reason = _not_ours(connection, told.event.till, answers, order)
    if reason is not None:
        return reason
    if answers.customer is not None:
        stored.add_customer(connection, order.till, answers.customer, order.person_id, now)
    if change is not None:
        claim = _claim(order, answers, change)
        reason = payments.settle(connection, dataclasses.replace(change, claim=claim), now)
        if reason is not None:
            return reason
        if answers.first and change.paid and claim.credits == 0:
            # Nothing is credited, so the ledger has nothing to say.
            _say(connection, order, "plan-begun", f"{change.payment}:begun", now, there=True)
    if told.period is not None:
        _stand(connection, order, told.period, answers.customer)
    if told.notice is not None:
        _say(connection, order, told.notice, told.notice_id, now, there=False)
    return None


def _not_ours(connection: Connection, till: str, answers: Answers, order: OrderRow) -> str | None:
    if order.till != till or order.kind != answers.kind:
        return f"order {order.id} is of a {order.kind} at {order.till}"
    if answers.customer is not None:
        known = stored.whose(connection, till, answers.customer)
        if known is not None and links.kept(connection, known) != order.person_id:
            return f"customer {answers.customer[:60]} is not who ordered {order.id}"
    return None


def _claim(order: OrderRow, answers: Answers, change: Change) -> Claim:
    """What a payment is for; a month that cost less, being a part of one, brings less."""
    claim = payments.claim_of(order)
    if order.kind == "pack":
        return claim
    paid = min(change.paid or 0, order.amount)
    return dataclasses.replace(
        claim,
        credits=order.credits * paid // order.amount,
        amount=paid,
        # What renews it is no answer in the chat where it was ordered.
        order_id=order.id if answers.first else None,
        expires_at=answers.expires_at,
    )


def _stand(connection: Connection, order: OrderRow, period: Period, customer: str | None) -> None:
    """The plan that somebody is on; the end of one subscription is not the end of another."""
    told_at = period.told_at
    before = standings.find(connection, order.person_id)
    if before is not None and before.external_id != period.subscription:
        if period.status == ENDED:
            return
        if before.status == ENDED:
            told_at = max(told_at, before.told_at)
    row = StandingRow(
        person_id=order.person_id,
        plan=order.item,
        status=period.status,
        till=order.till,
        external_id=period.subscription,
        period_start=period.start,
        period_end=period.end,
        ends=period.ends,
        told_at=told_at,
        customer=customer,
    )
    standings.put(connection, row)


def _say(
    connection: Connection,
    order: OrderRow,
    key: str,
    notice_id: str,
    now: datetime,
    *,
    there: bool,
) -> None:
    where: Address | None = records.read_address(order.address) if there else None
    lines = (Say(key=key, values={"item": order.item}),)
    notices.add(connection, notice_id, order.person_id, lines, now, where)
