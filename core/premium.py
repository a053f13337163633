"""Discord Premium Apps: what somebody bought there becomes credits once, and none when it is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from core import accounts, receipts
from core.app import App, Rules
from core.messenger import Address
from core.offers import Pack
from core.payments import Change, Claim
from core.people import recognise
from core.receipts import Reading, Word
from storage import payments
from storage.database import Connection

PLATFORM = "discord"
PAID, DELETED = "paid", "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What somebody owns at Discord: of which product, and whether it is used up or taken back."""

    id: str
    sku: str
    user: str | None
    deleted: bool = False
    consumed: bool = False


def packs(rules: Rules) -> tuple[Pack, ...]:
    """What is sold by Discord."""
    return tuple(pack for pack in rules.packs if pack.sku is not None)


def pack_of(rules: Rules, item: Entitlement) -> Pack | None:
    """The pack that an entitlement is for; None: some other product of the application."""
    return next((pack for pack in packs(rules) if pack.sku == item.sku), None)


def is_open(rules: Rules, item: Entitlement) -> bool:
    """Whether it is worth credits, and has to be used up when they are there.

    What is used up is not ours to credit: we use nothing up before its credits are committed.
    """
    owned = item.user is not None and not item.deleted and not item.consumed
    return owned and pack_of(rules, item) is not None


async def take_in(app: App, item: Entitlement, language: str = "en") -> bool:
    """Let the ledger follow what Discord tells of an entitlement; False where that is nothing new."""
    if item.deleted:
        return await _take_back(app, item)
    pack = pack_of(app.rules, item)
    if pack is None or item.user is None or not is_open(app.rules, item):
        return False
    claim = Claim(
        person_id=await recognise(app, PLATFORM, item.user, ""),
        kind="pack",
        item=pack.id,
        credits=pack.credits,
        amount=pack.amount,
        currency=pack.currency,
    )
    change = Change(
        payment=payment_id(item.id),
        till=accounts.DISCORD,
        # Discord does not tell what it took: it is written down as what the pack costs.
        paid=pack.amount,
        currency=pack.currency,
        claim=claim,
    )
    where = Address(
        platform=PLATFORM, place=item.user, user=item.user, private=True, language=language
    )
    return await receipts.take_in(
        app, _word(PAID, item), lambda _: Reading(change=change, where=where)
    )


async def _take_back(app: App, item: Entitlement) -> bool:
    """Reverse a payment; where it was never heard of, it will be worth nothing when it is."""
    word = _word(DELETED, item)
    pack = pack_of(app.rules, item)
    known = await app.database.read(payments.find, payment_id(item.id))
    if (known is None and pack is None) or not await receipts.missing(app, [word.id]):
        return False

    def read(connection: Connection) -> Reading:
        row = payments.find(connection, payment_id(item.id))
        paid = row.amount if row is not None else 0
        amount = paid or (pack.amount if pack is not None else 0)
        change = Change(
            payment=payment_id(item.id),
            till=accounts.DISCORD,
            refunds={item.id: ("succeeded", amount)},
        )
        return Reading(change=change)

    return await receipts.take_in(app, word, read)


def payment_id(entitlement: str) -> str:
    """Our id of a payment."""
    return f"{accounts.DISCORD}:{entitlement}"


def _word(kind: str, item: Entitlement) -> Word:
    body = {"entitlement": item.id, "sku": item.sku, "user": item.user}
    return Word(id=f"{payment_id(item.id)}:{kind}", till=accounts.DISCORD, kind=kind, body=body)
