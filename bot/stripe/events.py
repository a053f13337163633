"""From Stripe's events to our own words: pure functions, for whatever API version an event was made in.

A payment is known by its payment intent, a month of a subscription by its invoice. Stripe tells in an
event of its own (`invoice_payment.paid`) which payment intent paid an invoice.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from core import intake
from core.intake import ENDED, Answers, EventRow, Period, Told, passed_over
from core.payments import Change

JSON = Mapping[str, Any]

TILL = "stripe"
PAID = frozenset({"paid", "no_payment_required"})
FIRST_REASONS = frozenset({"subscription_create", "subscription_update"})
WHOLE_REASONS = frozenset({"subscription_create", "subscription_cycle"})
STATUSES = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "unpaid": ENDED,
    "paused": ENDED,
    "canceled": ENDED,
    "incomplete_expired": ENDED,
}
# An inquiry ("warning_…") takes no money yet.
DISPUTES = {
    "needs_response": "open",
    "under_review": "open",
    "lost": "lost",
    "won": "won",
    "warning_closed": "won",
    "charge_refunded": "won",
    "prevented": "won",
}
# Told in the same second, what comes later in a subscription's life counts.
_RANKS = {
    "customer.subscription.created": 0,
    "invoice.paid": 1,
    "customer.subscription.updated": 2,
    "customer.subscription.deleted": 3,
}
_RANK_US = 200_000


def key(external_id: str) -> str:
    """Our name of a payment of Stripe's."""
    return f"{TILL}:{external_id}"


def read(event: JSON, now: datetime, *, live: bool) -> Told:
    """What an event tells; one that nobody can account for says why."""
    body = json.dumps(event, separators=(",", ":"))
    row = intake.event(TILL, str(event["id"]), str(event["type"]), body, now)
    if bool(event.get("livemode")) != live:
        return Told(event=row, wrong=f"of {'test' if live else 'live'} mode, unlike the key here")
    reader = READERS.get(row.kind)
    if reader is None:
        return Told(event=passed_over(row))
    try:
        return reader(row, event, event["data"]["object"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return Told(event=row, wrong=f"not understood: {error!r}")


def change_of_refund(refund: JSON) -> Change:
    """What a refund says of its payment."""
    return Change(
        payment=key(_id(refund["payment_intent"])),
        till=TILL,
        refunds={str(refund["id"]): (str(refund["status"]), int(refund["amount"]))},
    )


def _session(row: EventRow, event: JSON, session: JSON) -> Told:
    """A visit to the checkout has ended; a subscription's money is told by its invoice."""
    kind = _kind(session)
    order_id = session.get("client_reference_id")
    if not order_id or session["metadata"].get("order") != order_id:
        return Told(event=row, wrong="a checkout that we did not begin")
    customer = session.get("customer")
    answers = Answers(
        order_id=order_id, kind=kind, customer=None if customer is None else _id(customer)
    )
    if kind == "plan" or session["payment_status"] not in PAID:
        return Told(event=passed_over(row), answers=answers)
    if session.get("payment_intent") is None:
        return Told(event=row, wrong="nothing was paid for it")
    change = Change(
        payment=key(_id(session["payment_intent"])),
        till=TILL,
        paid=int(session["amount_total"]),
        currency=str(session["currency"]),
    )
    return Told(event=row, answers=answers, change=change)


def _session_failed(row: EventRow, event: JSON, session: JSON) -> Told:
    order_id = session.get("client_reference_id")
    if not order_id:
        return Told(event=row, wrong="a checkout that we did not begin")
    return Told(
        event=passed_over(row),
        answers=Answers(order_id=order_id, kind=_kind(session)),
        notice="payment-failed",
        notice_id=f"{key(session['id'])}:failed",
    )


def _expired(row: EventRow, event: JSON, session: JSON) -> Told:
    """Nobody paid in time; an order that was not paid needs nothing."""
    return Told(event=passed_over(row))


def _invoice_paid(row: EventRow, event: JSON, invoice: JSON) -> Told:
    """A month of a subscription, or what is paid to move to another plan."""
    subscription, order_id = _subscription_of(invoice)
    if order_id is None:
        return Told(event=row, wrong="an invoice that answers no order")
    reason = invoice.get("billing_reason")
    start, end = _period_of(invoice)
    period = None
    if reason in WHOLE_REASONS and subscription is not None:
        period = Period(
            subscription=subscription,
            status="active",
            start=start,
            end=end,
            ends=False,
            told_at=_told_at(event),
        )
    return Told(
        event=row,
        answers=Answers(
            order_id=order_id,
            kind="plan",
            customer=_id(invoice["customer"]),
            first=reason in FIRST_REASONS,
            expires_at=end,
        ),
        change=Change(
            payment=key(invoice["id"]),
            till=TILL,
            paid=int(invoice["amount_paid"]),
            currency=str(invoice["currency"]),
        ),
        period=period,
    )


def _invoice_failed(row: EventRow, event: JSON, invoice: JSON) -> Told:
    """A card that did not pay; of the first month its owner learns at the checkout."""
    _, order_id = _subscription_of(invoice)
    if order_id is None:
        return Told(event=row, wrong="an invoice that answers no order")
    if invoice.get("billing_reason") != "subscription_cycle":
        return Told(event=passed_over(row))
    return Told(
        event=passed_over(row),
        answers=Answers(order_id=order_id, kind="plan", customer=_id(invoice["customer"])),
        notice="plan-past-due",
        notice_id=f"{key(invoice['id'])}:failed:{invoice.get('attempt_count', 0)}",
    )


def _invoice_payment(row: EventRow, event: JSON, paying: JSON) -> Told:
    """Which payment intent paid an invoice: its refunds and disputes are the invoice's."""
    intent = paying["payment"].get("payment_intent")
    if intent is None:
        return Told(event=passed_over(row))
    change = Change(payment=key(_id(intent)), till=TILL, part_of=key(_id(paying["invoice"])))
    return Told(event=row, change=change)


def _subscription(row: EventRow, event: JSON, subscription: JSON) -> Told:
    order_id = (subscription.get("metadata") or {}).get("order")
    if order_id is None:
        return Told(event=row, wrong="a subscription that answers no order")
    status = STATUSES.get(subscription["status"])
    if row.kind == "customer.subscription.deleted":
        status = ENDED
    if status is None:
        return Told(event=passed_over(row))
    start, end = _current(subscription)
    over = subscription.get("ended_at") or subscription.get("canceled_at")
    ends = bool(subscription.get("cancel_at_period_end") or subscription.get("cancel_at"))
    period = Period(
        subscription=str(subscription["id"]),
        status=status,
        start=start,
        end=_moment(over) if status == ENDED and over else end,
        ends=ends or status == ENDED,
        told_at=_told_at(event),
    )
    return Told(
        event=row,
        answers=Answers(order_id=order_id, kind="plan", customer=_id(subscription["customer"])),
        period=period,
        notice="plan-ended" if status == ENDED else None,
        notice_id=f"{key(subscription['id'])}:ended",
    )


def _charge(row: EventRow, event: JSON, charge: JSON) -> Told:
    """The sum of what was paid back; where Stripe tells the refunds one by one, those count."""
    change = Change(
        payment=key(_id(charge["payment_intent"])),
        till=TILL,
        refunded=int(charge["amount_refunded"]),
    )
    return Told(event=row, change=change)


def _refund(row: EventRow, event: JSON, refund: JSON) -> Told:
    return Told(event=row, change=change_of_refund(refund))


def _dispute(row: EventRow, event: JSON, dispute: JSON) -> Told:
    status = DISPUTES.get(dispute["status"])
    if status is None:
        return Told(event=passed_over(row))
    change = Change(
        payment=key(_id(dispute["payment_intent"])),
        till=TILL,
        disputes={str(dispute["id"]): status},
    )
    return Told(event=row, change=change)


READERS: Mapping[str, Callable[[EventRow, JSON, JSON], Told]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session_failed,
    "checkout.session.expired": _expired,
    "invoice.paid": _invoice_paid,
    "invoice.payment_failed": _invoice_failed,
    "invoice_payment.paid": _invoice_payment,
    "customer.subscription.created": _subscription,
    "customer.subscription.updated": _subscription,
    "customer.subscription.deleted": _subscription,
    "charge.refunded": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
}


def _kind(session: JSON) -> str:
    return "plan" if session["mode"] == "subscription" else "pack"


def _id(value: str | JSON) -> str:
    """An id, also where Stripe sends the whole object in its place."""
    found = value if isinstance(value, str) else value["id"]
    if not isinstance(found, str) or not found:
        raise ValueError(f"{found!r} is no id")
    return found


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _told_at(event: JSON) -> datetime:
    """When Stripe told it; events of one second get an order that every process agrees on."""
    among = zlib.crc32(str(event["id"]).encode()) % _RANK_US
    rank_us = _RANKS[event["type"]] * _RANK_US + among
    return _moment(int(event["created"])).replace(microsecond=rank_us)


def _subscription_of(invoice: JSON) -> tuple[str | None, str | None]:
    """The subscription of an invoice, and the order in its metadata at that time."""
    parent = invoice.get("parent") or {}
    details = parent.get("subscription_details") or invoice.get("subscription_details") or {}
    subscription = details.get("subscription") or invoice.get("subscription")
    order_id = (details.get("metadata") or {}).get("order")
    return None if subscription is None else _id(subscription), order_id


def _period_of(invoice: JSON) -> tuple[datetime, datetime]:
    """The month that is paid for: of the line that goes furthest."""
    line = max(invoice["lines"]["data"], key=lambda item: int(item["period"]["end"]))
    return _moment(line["period"]["start"]), _moment(line["period"]["end"])


def _current(subscription: JSON) -> tuple[datetime, datetime]:
    item = subscription["items"]["data"][0]
    told = item if "current_period_end" in item else subscription
    return _moment(told["current_period_start"]), _moment(told["current_period_end"])
