"""What exists at the local Stripe, what its payers and banks do, and the events that tell of it."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

API_VERSION = "2026-10-28.endive"
MONTH_S = 30 * 24 * 3600


@dataclass
class Told:
    """An event, and whether a webhook took it."""

    body: JSON
    delivered: bool = False

    @property
    def text(self) -> str:
        """As it is sent."""
        return json.dumps(self.body, indent=2)


@dataclass
class StripeWorld:
    """The objects by id; everything that happens appends events."""

    live: bool = False
    objects: dict[str, JSON] = field(default_factory=dict)
    events: list[Told] = field(default_factory=list)
    broke: set[str] = field(default_factory=set)
    # Moves the clock by which Stripe tells.
    offset_s: int = 0
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def now(self) -> int:
        """Stripe's clock."""
        return int(time.time()) + self.offset_s

    def new(self, prefix: str, kind: str, **values: Any) -> JSON:  # noqa: ANN401
        """A new object."""
        made: JSON = {
            "id": f"{prefix}_{next(self._count):014d}",
            "object": kind,
            "created": self.now(),
            "livemode": self.live,
            **values,
        }
        self.objects[made["id"]] = made
        return made

    def tell(self, kind: str, about: JSON, **values: Any) -> Told:  # noqa: ANN401
        """An event with the object as it is at this moment."""
        told = Told(
            body={
                "id": f"evt_{next(self._count):014d}",
                "object": "event",
                "api_version": API_VERSION,
                "created": self.now(),
                "livemode": self.live,
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": kind,
                "data": {"object": {**json.loads(json.dumps(about)), **values}},
            }
        )
        self.events.append(told)
        return told

    def pay(self, session_id: str, *, later: bool = False, **wrong: Any) -> str:  # noqa: ANN401
        """Somebody pays at a checkout; `later` by a method that takes days. What pays: its id."""
        session = self.objects[session_id]
        session.update(status="complete", payment_status="unpaid" if later else "paid")
        if session["mode"] == "subscription":
            return self._subscribe(session)
        intent = self.new(
            "pi",
            "payment_intent",
            amount=session["amount_total"],
            currency=session["currency"],
            customer=session["customer"],
            metadata=session["payment_intent_data"]["metadata"],
            refunded=0,
        )
        session["payment_intent"] = intent["id"]
        self.tell("checkout.session.completed", session, **wrong)
        return str(intent["id"])

    def arrive(self, session_id: str) -> None:
        """The money of a slow method is there."""
        session = self.objects[session_id]
        session["payment_status"] = "paid"
        self.tell("checkout.session.async_payment_succeeded", session)

    def fail(self, session_id: str) -> None:
        """The money of a slow method does not come."""
        self.tell("checkout.session.async_payment_failed", self.objects[session_id])

    def refund(self, intent_id: str, amount: int | None = None) -> JSON:
        """Money goes back."""
        intent = self.objects[intent_id]
        amount = intent["amount"] - intent["refunded"] if amount is None else amount
        intent["refunded"] += amount
        refund = self.new(
            "re",
            "refund",
            amount=amount,
            currency=intent["currency"],
            payment_intent=intent_id,
            status="succeeded",
            metadata={},
        )
        self.tell("refund.created", refund, status="pending")
        charge = {"id": f"ch_{intent_id}", "object": "charge", "amount": intent["amount"]}
        self.tell(
            "charge.refunded",
            {**charge, "payment_intent": intent_id, "amount_refunded": intent["refunded"]},
        )
        self.tell("refund.updated", refund)
        return refund

    def fail_refund(self, refund_id: str) -> None:
        """The bank sends a refund back."""
        refund = self.objects[refund_id]
        refund["status"] = "failed"
        self.objects[refund["payment_intent"]]["refunded"] -= refund["amount"]
        self.tell("refund.failed", refund)

    def dispute(self, intent_id: str) -> str:
        """A payer complains at the bank."""
        intent = self.objects[intent_id]
        made = self.new(
            "dp",
            "dispute",
            amount=intent["amount"],
            currency=intent["currency"],
            payment_intent=intent_id,
            charge=f"ch_{intent_id}",
            status="needs_response",
            reason="fraudulent",
        )
        self.tell("charge.dispute.created", made)
        return str(made["id"])

    def close_dispute(self, dispute_id: str, status: str) -> None:
        """The bank decides: won or lost."""
        self.objects[dispute_id]["status"] = status
        self.tell("charge.dispute.closed", self.objects[dispute_id])

    def _subscribe(self, session: JSON) -> str:
        price = session["prices"][0]
        subscription = self.new(
            "sub",
            "subscription",
            customer=session["customer"],
            metadata=session["subscription_data"]["metadata"],
            status="incomplete",
            cancel_at_period_end=False,
            cancel_at=None,
            canceled_at=None,
            ended_at=None,
            items={"object": "list", "data": [self._item(price, self.now())]},
        )
        session["subscription"] = subscription["id"]
        self.tell("customer.subscription.created", subscription)
        subscription["status"] = "active"
        self.invoice(subscription, price["unit_amount"], "subscription_create")
        self.tell("customer.subscription.updated", subscription)
        self.tell("checkout.session.completed", session)
        return str(subscription["id"])

    def _item(self, price: JSON, start: int) -> JSON:
        return {
            "id": f"si_{next(self._count):014d}",
            "object": "subscription_item",
            "price": price,
            "quantity": 1,
            "current_period_start": start,
            "current_period_end": start + MONTH_S,
        }

    def invoice(self, subscription: JSON, amount: int, reason: str, *, paid: bool = True) -> JSON:
        """A bill of a subscription, paid at once or not."""
        item = subscription["items"]["data"][0]
        bill = self.new(
            "in",
            "invoice",
            customer=subscription["customer"],
            currency=item["price"]["currency"],
            billing_reason=reason,
            amount_due=max(amount, 0),
            amount_paid=max(amount, 0) if paid else 0,
            total=amount,
            attempt_count=1,
            status="paid" if paid else "open",
            parent={
                "type": "subscription_details",
                "subscription_details": {
                    "subscription": subscription["id"],
                    "metadata": dict(subscription["metadata"]),
                },
            },
            lines={
                "object": "list",
                "data": [
                    {
                        "id": f"il_{next(self._count):014d}",
                        "amount": amount,
                        "period": {
                            "start": item["current_period_start"],
                            "end": item["current_period_end"],
                        },
                    }
                ],
            },
        )
        if paid:
            self._bill_paid(bill)
        else:
            self.tell("invoice.payment_failed", bill)
        return bill

    def _bill_paid(self, bill: JSON) -> None:
        self.tell("invoice.paid", bill)
        if not bill["amount_paid"]:
            return
        intent = self.new(
            "pi",
            "payment_intent",
            amount=bill["amount_paid"],
            currency=bill["currency"],
            customer=bill["customer"],
            metadata={},
            refunded=0,
        )
        paying = self.new(
            "inpay",
            "invoice_payment",
            invoice=bill["id"],
            amount_paid=bill["amount_paid"],
            status="paid",
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
        )
        bill["paying"] = paying["id"]
        self.tell("invoice_payment.paid", paying)

    def intent_of(self, invoice_id: str) -> str:
        """What paid a bill."""
        paying = self.objects[self.objects[invoice_id]["paying"]]
        return str(paying["payment"]["payment_intent"])

    def renew(self, subscription_id: str, *, paid: bool = True) -> JSON:
        """The next month begins; its bill."""
        subscription = self.objects[subscription_id]
        item = subscription["items"]["data"][0]
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += MONTH_S
        bill = self.invoice(
            subscription, item["price"]["unit_amount"], "subscription_cycle", paid=paid
        )
        subscription["status"] = "active" if paid else "past_due"
        self.tell("customer.subscription.updated", subscription)
        return bill

    def recover(self, subscription_id: str, invoice_id: str) -> None:
        """A bill that failed is paid after all."""
        bill = self.objects[invoice_id]
        bill.update(status="paid", amount_paid=bill["amount_due"])
        self._bill_paid(bill)
        self.objects[subscription_id]["status"] = "active"
        self.tell("customer.subscription.updated", self.objects[subscription_id])

    def cancel(self, subscription_id: str) -> None:
        """Its owner ends a subscription in the portal, with the month."""
        subscription = self.objects[subscription_id]
        subscription["cancel_at_period_end"] = True
        self.tell("customer.subscription.updated", subscription)

    def end(self, subscription_id: str) -> None:
        """A subscription is over."""
        subscription = self.objects[subscription_id]
        subscription.update(status="canceled", ended_at=self.now(), canceled_at=self.now())
        self.tell("customer.subscription.deleted", subscription)

    def change(self, subscription: JSON, params: JSON) -> None:
        """Another price, the difference settled at once or not at all: half of the month is left."""
        subscription["metadata"].update(params.get("metadata", {}))
        if "cancel_at_period_end" in params:
            subscription["cancel_at_period_end"] = params["cancel_at_period_end"] == "true"
        if "items" in params:
            item = subscription["items"]["data"][0]
            given = params["items"][0]["price_data"]
            before, after = item["price"]["unit_amount"], int(given["unit_amount"])
            item["price"] = {**item["price"], "unit_amount": after, "product": given["product"]}
            if params["proration_behavior"] != "none":
                self.invoice(subscription, (after - before) // 2, "subscription_update")
        self.tell("customer.subscription.updated", subscription)
