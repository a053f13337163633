"""Payments: what was asked for (order), what a till says of it (payment), each word of it (event)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

EXTERNAL_LENGTH = 180
KEY_LENGTH = 200
REASON_LENGTH = 200
KIND_LENGTH = 60

order = Table(
    "purchase",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("till", String(20), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("item", String(40), nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("address", Text, nullable=False),
    Column("external_id", String(EXTERNAL_LENGTH)),
    Column("created_at", Moment, nullable=False),
    Index("ix_purchase_person", "person_id", "id"),
    Index("ix_purchase_external", "external_id"),
)

payment = Table(
    "payment",
    metadata,
    Column("id", String(KEY_LENGTH), primary_key=True),
    Column("till", String(20), nullable=False),
    Column("person_id", String(32), ForeignKey("person.id")),
    Column("order_id", String(32), ForeignKey("purchase.id")),
    Column("kind", String(10), nullable=False),
    Column("item", String(40), nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", Text, nullable=False),
    Column("applied", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires_at", Moment),
    Column("quarantine", String(REASON_LENGTH)),
    Column("updated_at", Moment, nullable=False),
    Index("ix_payment_person", "person_id"),
    Index("ix_payment_order", "order_id"),
)

event = Table(
    "payment_event",
    metadata,
    Column("id", String(KEY_LENGTH), primary_key=True),
    Column("till", String(20), nullable=False),
    Column("kind", String(KIND_LENGTH), nullable=False),
    Column("body", Text, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("reason", String(REASON_LENGTH)),
    Column("received_at", Moment, nullable=False),
)
_QUARANTINED = event.c.outcome == "quarantined"
Index(
    "ix_payment_event_quarantined",
    event.c.received_at,
    sqlite_where=_QUARANTINED,
    postgresql_where=_QUARANTINED,
)

customer = Table(
    "customer",
    metadata,
    Column("till", String(20), primary_key=True),
    Column("external_id", String(EXTERNAL_LENGTH), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("made_at", Moment),
    Index("ix_customer_person", "person_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """A pack or plan that a person asked for; `amount` in the currency's smallest unit."""

    id: str
    person_id: str
    till: str
    kind: str
    item: str
    credits: int
    amount: int
    currency: str
    address: str
    external_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One payment as its till has told so far; `state` is JSON, `applied` what the ledger follows."""

    id: str
    till: str
    person_id: str | None
    order_id: str | None
    kind: str
    item: str
    credits: int
    amount: int
    currency: str
    state: str
    applied: int
    version: int
    expires_at: datetime | None
    quarantine: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of a till as it came in, and what became of it: merged, ignored or quarantined."""

    id: str
    till: str
    kind: str
    body: str
    outcome: str
    reason: str | None
    received_at: datetime


_ORDER = [order.c[item.name] for item in fields(OrderRow)]
_PAYMENT = [payment.c[item.name] for item in fields(PaymentRow)]
_EVENT = [event.c[item.name] for item in fields(EventRow)]
_INSERTS = (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))

_ADD_ORDER = insert(order)
_FIND_ORDER = select(*_ORDER).where(order.c.id == bindparam("of_order"))
_LATEST_ORDER = (
    select(*_ORDER)
    .where(order.c.person_id == bindparam("person"))
    .order_by(order.c.id.desc())
    .limit(1)
)
_NAME_ORDER = (
    update(order).where(order.c.id == bindparam("of_order")).values(external_id=bindparam("theirs"))
)
_RECEIVE = {
    name: new(event).on_conflict_do_nothing().returning(event.c.id) for name, new in _INSERTS
}
_OUTCOME = (
    update(event)
    .where(event.c.id == bindparam("of_event"))
    .values(outcome=bindparam("became"), reason=bindparam("why"))
)
MARK = "mark"
_MARK_ID = "caught-up:{}"


def _mark(dialect: str) -> object:
    new = (sqlite_insert if dialect == "sqlite" else postgresql_insert)(event)
    return new.on_conflict_do_update(
        index_elements=[event.c.id], set_={"received_at": new.excluded.received_at}
    )


_SET_MARK = {name: _mark(name) for name in ("sqlite", "postgresql")}
_GET_MARK = select(event.c.received_at).where(event.c.id == bindparam("of_event"))
_FIRST_ORDER = select(func.min(order.c.created_at)).where(order.c.till == bindparam("of_till"))
_HELD_BACK = select(*_EVENT).where(_QUARANTINED).order_by(event.c.received_at)
_FIND_EVENT = select(*_EVENT).where(event.c.id == bindparam("of_event"))
_KNOWN = select(event.c.id).where(event.c.id.in_(bindparam("events", expanding=True)))
_OPEN = {name: new(payment).on_conflict_do_nothing() for name, new in _INSERTS}
_FIND = select(*_PAYMENT).where(payment.c.id == bindparam("of_payment"))
_LOCK = _FIND.with_for_update()
_OF_PERSON = (
    select(*_PAYMENT)
    .where(payment.c.person_id == bindparam("person"))
    .order_by(payment.c.updated_at.desc())
    .limit(bindparam("most"))
)
_OF_ORDER = select(*_PAYMENT).where(payment.c.order_id == bindparam("of_order"))
_SAVE = (
    update(payment)
    .where(payment.c.id == bindparam("of_payment"))
    .values(
        person_id=bindparam("person"),
        order_id=bindparam("of_order"),
        kind=bindparam("of_kind"),
        item=bindparam("of_item"),
        credits=bindparam("full"),
        amount=bindparam("price"),
        currency=bindparam("money"),
        state=bindparam("told"),
        applied=bindparam("now_applied"),
        version=bindparam("number"),
        expires_at=bindparam("until"),
        quarantine=bindparam("why"),
        updated_at=bindparam("at"),
    )
)
_ADD_CUSTOMER = {name: new(customer).on_conflict_do_nothing() for name, new in _INSERTS}
_CUSTOMER = (
    select(customer.c.external_id)
    .where(customer.c.till == bindparam("of_till"), customer.c.person_id == bindparam("person"))
    .order_by(customer.c.made_at.desc().nulls_last(), customer.c.external_id)
    .limit(1)
)
_WHOSE = select(customer.c.person_id).where(
    customer.c.till == bindparam("of_till"), customer.c.external_id == bindparam("theirs")
)


def add_order(connection: Connection, row: OrderRow) -> None:
    """Something asked for, before any till hears of it."""
    connection.execute(
        _ADD_ORDER, {item.name: getattr(row, item.name) for item in fields(OrderRow)}
    )


def find_order(connection: Connection, order_id: str) -> OrderRow | None:
    """An order by our own id."""
    row = connection.execute(_FIND_ORDER, {"of_order": order_id}).one_or_none()
    return None if row is None else OrderRow(**row._mapping)


def latest_order(connection: Connection, person_id: str) -> OrderRow | None:
    """What a person asked for last; there they can be reached."""
    row = connection.execute(_LATEST_ORDER, {"person": person_id}).one_or_none()
    return None if row is None else OrderRow(**row._mapping)


def name_order(connection: Connection, order_id: str, external_id: str) -> None:
    """Keep the till's own id of an order."""
    connection.execute(_NAME_ORDER, {"of_order": order_id, "theirs": external_id})


def receive(connection: Connection, row: EventRow) -> bool:
    """Keep an event; False where it was received before."""
    values = {item.name: getattr(row, item.name) for item in fields(EventRow)}
    added = connection.execute(_RECEIVE[connection.dialect.name], values)
    return added.scalar_one_or_none() is not None


def set_outcome(
    connection: Connection, event_id: str, outcome: str, reason: str | None = None
) -> None:
    """What became of an event."""
    values = {
        "of_event": event_id,
        "became": outcome,
        "why": (reason or "")[:REASON_LENGTH] or None,
    }
    connection.execute(_OUTCOME, values)


def find_event(connection: Connection, event_id: str) -> EventRow | None:
    """One event as it came in."""
    row = connection.execute(_FIND_EVENT, {"of_event": event_id}).one_or_none()
    return None if row is None else EventRow(**row._mapping)


def known_events(connection: Connection, event_ids: Sequence[str]) -> set[str]:
    """Which of these came in already."""
    return set(connection.execute(_KNOWN, {"events": list(event_ids)}).scalars())


def caught_up(connection: Connection, till: str) -> datetime | None:
    """Until when all that a till had to tell has been taken in."""
    values = {"of_event": _MARK_ID.format(till)}
    return connection.execute(_GET_MARK, values).scalar_one_or_none()


def set_caught_up(connection: Connection, till: str, at: datetime) -> None:
    """All that a till had to tell until then has been taken in."""
    row = EventRow(
        id=_MARK_ID.format(till),
        till=till,
        kind=MARK,
        body="",
        outcome=MARK,
        reason=None,
        received_at=at,
    )
    values = {item.name: getattr(row, item.name) for item in fields(EventRow)}
    connection.execute(_SET_MARK[connection.dialect.name], values)  # type: ignore[call-overload]


def first_order_at(connection: Connection, till: str) -> datetime | None:
    """When something was first asked of a till."""
    return connection.execute(_FIRST_ORDER, {"of_till": till}).scalar_one_or_none()


def quarantined(connection: Connection) -> list[EventRow]:
    """Events that nobody could account for, oldest first."""
    return [EventRow(**row._mapping) for row in connection.execute(_HELD_BACK)]


def locked(connection: Connection, empty: PaymentRow) -> PaymentRow:
    """The payment of this id, made from `empty` where it is not there, and kept still until the end."""
    values = {item.name: getattr(empty, item.name) for item in fields(PaymentRow)}
    connection.execute(_OPEN[connection.dialect.name], values)
    row = connection.execute(_LOCK, {"of_payment": empty.id}).one()
    return PaymentRow(**row._mapping)


def find(connection: Connection, payment_id: str) -> PaymentRow | None:
    """One payment."""
    row = connection.execute(_FIND, {"of_payment": payment_id}).one_or_none()
    return None if row is None else PaymentRow(**row._mapping)


def of_person(connection: Connection, person_id: str, limit: int) -> list[PaymentRow]:
    """A person's payments, the latest first."""
    rows = connection.execute(_OF_PERSON, {"person": person_id, "most": limit})
    return [PaymentRow(**row._mapping) for row in rows]


def of_order(connection: Connection, order_id: str) -> list[PaymentRow]:
    """The payments of one order: more than one where somebody paid twice."""
    rows = connection.execute(_OF_ORDER, {"of_order": order_id})
    return [PaymentRow(**row._mapping) for row in rows]


def save(connection: Connection, row: PaymentRow) -> None:
    """A payment as it is now known."""
    values = {
        "of_payment": row.id,
        "person": row.person_id,
        "of_order": row.order_id,
        "of_kind": row.kind,
        "of_item": row.item,
        "full": row.credits,
        "price": row.amount,
        "money": row.currency,
        "told": row.state,
        "now_applied": row.applied,
        "number": row.version,
        "until": row.expires_at,
        "why": row.quarantine,
        "at": row.updated_at,
    }
    connection.execute(_SAVE, values)


def add_customer(
    connection: Connection, till: str, external_id: str, person_id: str, now: datetime
) -> None:
    """Whom a till knows by this id."""
    values = {"till": till, "external_id": external_id, "person_id": person_id, "made_at": now}
    connection.execute(_ADD_CUSTOMER[connection.dialect.name], values)


def customer_of(connection: Connection, till: str, person_id: str) -> str | None:
    """The till's id of a person; the latest where two people became one."""
    values = {"of_till": till, "person": person_id}
    return connection.execute(_CUSTOMER, values).scalar_one_or_none()


def whose(connection: Connection, till: str, external_id: str) -> str | None:
    """The person whom a till knows by this id."""
    values = {"of_till": till, "theirs": external_id}
    return connection.execute(_WHOSE, values).scalar_one_or_none()
