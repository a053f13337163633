"""Telegram Stars: a pack asked for, whether it may be paid now, and what was paid and given back."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core import accounts, notices, payments, receipts, records
from core.app import App, Rules
from core.errors import UserError
from core.messenger import Address
from core.offers import Pack
from core.payments import Change, State
from core.receipts import Reading, Word
from storage import payments as rows
from storage import people
from storage.database import UNREACHABLE, Connection
from storage.payments import OrderRow

log = structlog.get_logger(__name__)

CURRENCY = "xtr"
PLATFORM = "telegram"
PAID, REFUNDED = "paid", "refunded"
# Prices change: what lies about in a chat for longer has to be asked for anew.
ORDER_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A payment or its return, as Telegram tells it; `order_id` is None where its payload is not ours."""

    charge: str
    payer: str
    amount: int
    currency: str
    order_id: str | None = None


def packs(rules: Rules) -> tuple[Pack, ...]:
    """What is sold for Stars."""
    return tuple(pack for pack in rules.packs if pack.stars is not None)


async def ask(app: App, person_id: str, pack_id: str, where: Address) -> tuple[OrderRow, Pack]:
    """Write an order down, to be paid by this person in their private chat; raises UserError."""
    found = next((pack for pack in packs(app.rules) if pack.id == pack_id.strip().lower()), None)
    if found is None or found.stars is None:
        known = ", ".join(pack.id for pack in packs(app.rules)) or "-"
        raise UserError("pack-unknown", pack=pack_id[:40], known=known)
    place = notices.alone(where)
    row = await payments.order(app, person_id, accounts.STARS, found, found.stars, CURRENCY, place)
    return row, found


async def objection(
    app: App, order_id: str | None, payer: str, amount: int, currency: str, within_s: float
) -> str | None:
    """Why an order must not be paid now, as a sentence's key; None: it may be.

    No payment is better than one that nobody could look at in time.
    """
    try:
        async with asyncio.timeout(within_s):
            return await app.database.read(
                _objection, order_id, payer, amount, currency.lower(), app.rules, app.clock.now()
            )
    except (TimeoutError, *UNREACHABLE) as error:
        log.warning("order not looked at in time", order=order_id, error=type(error).__name__)
        return "stars-busy"


def _objection(
    connection: Connection,
    order_id: str | None,
    payer: str,
    amount: int,
    currency: str,
    rules: Rules,
    now: datetime,
) -> str | None:
    row = rows.find_order(connection, order_id) if order_id is not None else None
    if row is None or row.till != accounts.STARS:
        return "stars-unknown"
    if not _is_theirs(row, payer):
        return "stars-not-yours"
    if any(State.read(item.state).paid for item in rows.of_order(connection, row.id)):
        return "stars-paid"
    if now - row.created_at > ORDER_AGE:
        return "stars-old"
    offered = next((pack for pack in packs(rules) if pack.id == row.item), None)
    asked = (amount, currency, row.credits)
    if offered is None or asked != (offered.stars, CURRENCY, offered.credits):
        return "stars-changed"
    return None if row.amount == amount else "stars-changed"


async def paid(app: App, told: Told) -> bool:
    """Credit a payment; False where it was known."""

    def read(connection: Connection) -> Reading:
        row = rows.find_order(connection, told.order_id) if told.order_id is not None else None
        payer = people.find(connection, PLATFORM, told.payer)
        wrong = _wrong(row, told.payer)
        claim = None
        if row is not None and payer is not None and wrong is None:
            # Who asked may have become one with another person since.
            claim = dataclasses.replace(payments.claim_of(row), person_id=payer)
        change = Change(
            payment=payment_id(told.charge),
            till=accounts.STARS,
            paid=told.amount,
            currency=told.currency.lower(),
            claim=claim,
        )
        return Reading(change=change, wrong=wrong, payer=payer)

    return await receipts.take_in(app, _word(PAID, told), read)


def _is_theirs(row: OrderRow, payer: str) -> bool:
    """Whether this very account asked for it."""
    asked = records.read_address(row.address)
    return (asked.platform, asked.user) == (PLATFORM, payer)


def _wrong(row: OrderRow | None, payer: str) -> str | None:
    if row is None or row.till != accounts.STARS:
        return "paid for no order of ours"
    return None if _is_theirs(row, payer) else "paid by another than who asked"


async def refunded(app: App, told: Told) -> bool:
    """Take back what a refunded payment gave; False where it was known."""
    change = Change(
        payment=payment_id(told.charge),
        till=accounts.STARS,
        # There is one refund of a payment in Stars, of all of it.
        refunds={told.charge: ("succeeded", told.amount)},
    )
    return await receipts.take_in(app, _word(REFUNDED, told), lambda _: Reading(change=change))


async def missing(app: App, told: list[tuple[str, Told]]) -> list[tuple[str, Told]]:
    """Which of these payments and refunds were never heard of."""
    unheard = await receipts.missing(app, [event_id(kind, item) for kind, item in told])
    return [(kind, item) for kind, item in told if event_id(kind, item) in unheard]


async def find(app: App, charge: str) -> Told | None:
    """A payment as Telegram told it."""
    body = await receipts.body_of(app, f"{payment_id(charge)}:{PAID}")
    return None if body is None else _read(body)


def payment_id(charge: str) -> str:
    """Our id of a payment."""
    return f"{accounts.STARS}:{charge}"


def event_id(kind: str, told: Told) -> str:
    """Our id of a payment's being paid or refunded, from whichever side it is heard."""
    return f"{payment_id(told.charge)}:{kind}"


def _word(kind: str, told: Told) -> Word:
    body = {
        "charge": told.charge,
        "payer": told.payer,
        "amount": told.amount,
        "currency": told.currency,
        "order": told.order_id,
    }
    return Word(id=event_id(kind, told), till=accounts.STARS, kind=kind, body=body)


def _read(body: Mapping[str, object]) -> Told:
    return Told(
        charge=str(body["charge"]),
        payer=str(body["payer"]),
        amount=int(str(body["amount"])),
        currency=str(body["currency"]),
        order_id=str(body["order"]) if body["order"] is not None else None,
    )
