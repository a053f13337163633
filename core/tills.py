"""The contract between the rules and whoever takes money: Stripe, Telegram Stars, Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.errors import UserError
from core.offers import Pack, Plan


class TillFailed(UserError):
    """The till cannot be reached or refuses; nothing was taken."""

    def __init__(self, till: str) -> None:
        super().__init__("till-failed", till=till)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a till asks for an offer, in the currency's smallest unit."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Where a person pays for one order, the till's own id of it, and whom it knows them as."""

    url: str
    external_id: str
    customer: str | None = None


class Till(Protocol):
    """A till that people pay at by a link; every call is bounded in time and safe to repeat."""

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    @property
    def platforms(self) -> frozenset[str]:
        """Where people may pay at it."""
        ...

    def price(self, offer: Pack | Plan) -> Price | None:
        """What it asks for an offer; None: it does not sell that."""
        ...

    async def check_out(
        self, order_id: str, person_id: str, offer: Pack | Plan, customer: str | None
    ) -> Checkout:
        """A page where this order, and no other, is paid; the same order again gives the same page."""
        ...

    async def portal(self, customer: str) -> str:
        """A page where a customer sees invoices and changes or ends a subscription."""
        ...

    async def change_plan(self, subscription: str, plan: Plan, key: str) -> bool:
        """Move a running subscription to another plan, from now on; `key` is the order that asks.

        False where the price is another only from the next month on: nothing is settled.
        """
        ...

    async def refund(self, payment: str, amount: int | None, key: str) -> None:
        """Pay back a payment, or a part of it; the ledger follows what the till then tells."""
        ...

    async def catch_up(self) -> int:
        """Take in what was missed while nobody listened; how many events there were."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
