"""The shop: what can be bought where, at which till, and how an order comes to its till."""

from __future__ import annotations

from dataclasses import dataclass

from core import accounts, notices, payments, plans, stars
from core.app import App
from core.errors import BadOption, NotFound, UserError
from core.messenger import Address
from core.offers import Pack, Plan
from core.tills import Checkout, Price
from storage import payments as stored
from storage import standings
from storage.database import Connection
from storage.payments import EventRow, PaymentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A pack or plan as one till sells it."""

    item: Pack | Plan
    till: str
    price: Price

    @property
    def key(self) -> str:
        """What a button says of it: the pack or plan, and where it is paid."""
        return f"{self.till}-{self.item.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A running subscription that is of another plan now; `settled`: what is dearer is paid at once."""

    settled: bool


def packs(app: App, platform: str) -> tuple[Offer, ...]:
    """The packs that can be bought on a platform, at each till that sells them there."""
    return (*_stars(app, platform), *_offers(app, platform, app.rules.packs))


def subscriptions(app: App, platform: str) -> tuple[Offer, ...]:
    """The plans that can be subscribed to on a platform."""
    return _offers(app, platform, tuple(plan for plan in app.rules.plans if plan.is_sold))


def choose(offers: tuple[Offer, ...], option: str, named: str | None) -> Offer:
    """The offer that a person named or whose button they pressed; raises UserError."""
    if not offers:
        raise UserError("shop-closed")
    wanted = (named or "").strip().lower()
    for offer in offers:
        if wanted in {offer.item.id, offer.item.title.lower(), offer.key}:
            return offer
    known = ", ".join(offer.item.id for offer in offers)
    raise BadOption("option-not-choice", option=option, choices=known, value=wanted)


async def check_out(app: App, person_id: str, offer: Offer, where: Address) -> Checkout:
    """A page where this person pays for this offer; raises UserError."""
    row = await payments.order(
        app,
        person_id,
        offer.till,
        offer.item,
        offer.price.amount,
        offer.price.currency,
        _confirmed_at(where),
    )
    known = await app.database.read(stored.customer_of, offer.till, person_id)
    checkout = await app.tills[offer.till].check_out(row.id, person_id, offer.item, known)
    await app.database.statement(stored.name_order, row.id, checkout.external_id)
    if checkout.customer is not None and checkout.customer != known:
        await app.database.statement(
            stored.add_customer, offer.till, checkout.customer, person_id, app.clock.now()
        )
    return checkout


async def subscribe(app: App, person_id: str, offer: Offer, where: Address) -> Checkout | Moved:
    """A page to pay for a plan at, or the running subscription that was moved to it instead."""
    assert isinstance(offer.item, Plan)
    standing = await plans.standing(app, person_id)
    # What no till here runs, as a plan that the operator gave, is paid for like a first one.
    till = app.tills.get(standing.till) if standing.till is not None else None
    if till is None or standing.till is None or standing.external_id is None:
        return await check_out(app, person_id, offer, where)
    if standing.plan.id == offer.item.id and not standing.ends:
        raise UserError("plan-already", plan=standing.plan.title)
    price = till.price(offer.item) or offer.price
    row = await payments.order(
        app,
        person_id,
        standing.till,
        offer.item,
        price.amount,
        price.currency,
        _confirmed_at(where),
    )
    return Moved(settled=await till.change_plan(standing.external_id, offer.item, row.id))


async def portal(app: App, person_id: str, platform: str) -> str:
    """A page where a person sees what they paid, and ends what they subscribed to."""
    for name, till in app.tills.items():
        customer = await app.database.read(_payer, name, person_id)
        if customer is not None:
            return await till.portal(customer)
    raise NotFound("billing-none" if packs(app, platform) else "shop-closed")


def _payer(connection: Connection, till: str, person_id: str) -> str | None:
    """Whom a till knows as this person: who pays for the plan that runs, or else the latest."""
    row = standings.find(connection, person_id)
    if row is not None and row.till == till and row.status != "ended" and row.customer is not None:
        return row.customer
    return stored.customer_of(connection, till, person_id)


async def refund(app: App, payment_id: str, amount: int | None) -> PaymentRow:
    """Pay back a payment, or a part of it; how it stands then. The same once more pays back more."""
    row = await app.database.read(stored.find, payment_id)
    till = app.tills.get(row.till) if row is not None else None
    if row is None or till is None:
        raise NotFound("payment-unknown", payment=payment_id)
    # What was paid back already is in the key: an answer that was lost is not paid back twice.
    done = len(payments.State.read(row.state).refunds)
    await till.refund(row.id, amount, f"refund:{row.id}:{done}:{amount or 'all'}")
    now = await app.database.read(stored.find, payment_id)
    assert now is not None
    return now


async def quarantined(app: App) -> list[EventRow]:
    """Events that nobody could account for, oldest first."""
    return await app.database.read(stored.quarantined)


async def catch_up(app: App) -> int:
    """Take in what the tills told while nobody listened; how many events there were."""
    return sum([await till.catch_up() for till in app.tills.values()])


def _stars(app: App, platform: str) -> tuple[Offer, ...]:
    """The packs for Telegram Stars, which are paid in the chat itself and not at a till's page."""
    if platform != stars.PLATFORM or platform not in app.messengers:
        return ()
    return tuple(
        Offer(
            item=pack,
            till=accounts.STARS,
            price=Price(amount=pack.stars or 0, currency=stars.CURRENCY),
        )
        for pack in stars.packs(app.rules)
    )


def _offers(
    app: App, platform: str, items: tuple[Pack, ...] | tuple[Plan, ...]
) -> tuple[Offer, ...]:
    here = [(name, till) for name, till in app.tills.items() if platform in till.platforms]
    return tuple(
        Offer(item=item, till=name, price=price)
        for item in items
        for name, till in here
        if (price := till.price(item)) is not None
    )


def _confirmed_at(where: Address) -> Address:
    """Where the confirmation goes: as private as the command was."""
    return where if where.private or where.place == where.user else notices.alone(where)
