"""People's own keys for vendors, sealed; the data keys that seal them, wrapped; choices and tickets.

Whatever writes a key or a data key holds its person still first (`hold_still`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata
from storage.people import person

data_key = Table(
    "data_key",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("version", String(16), nullable=False),
)

provider_key = Table(
    "provider_key",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("vendor", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("last4", String(4), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(40)),
    Column("made_at", Moment, nullable=False),
    Column("last_ok_at", Moment),
    UniqueConstraint("person_id", "vendor"),
)

key_choice = Table(
    "key_choice",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("prefer", String(10), nullable=False),
    Column("fall_back", Boolean, nullable=False),
)

key_ticket = Table(
    "key_ticket",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("until", Moment, nullable=False),
    Index("ix_key_ticket_until", "until"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKeyRow:
    """A person's data key, wrapped by the master key of that version."""

    person_id: str
    wrapped: bytes
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key, sealed by its person's data key: active, or off for a reason.

    `last4` are its last characters; a key that takes the place of another is a row of its own.
    """

    id: str
    person_id: str
    vendor: str
    sealed: bytes
    last4: str
    state: str
    reason: str | None
    made_at: datetime
    last_ok_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """Who pays where a person has a key: own, credits, or only the own key."""

    person_id: str
    prefer: str
    fall_back: bool


_DATA_KEY = [data_key.c[item.name] for item in fields(DataKeyRow)]
_KEY = [provider_key.c[item.name] for item in fields(KeyRow)]
_CHOICE = [key_choice.c[item.name] for item in fields(ChoiceRow)]
_MINE = data_key.c.person_id == bindparam("person")
_OF_PERSON = provider_key.c.person_id == bindparam("person")
_OF_VENDOR = (_OF_PERSON, provider_key.c.vendor == bindparam("of_vendor"))
_IS_ACTIVE = provider_key.c.state == literal_column("'active'")
# Not FOR UPDATE: that would stop every row of the person that is added meanwhile.
_HOLD_STILL = (
    select(person.c.id).where(person.c.id == bindparam("person")).with_for_update(key_share=True)
)
_FIND_DATA_KEY = select(*_DATA_KEY).where(_MINE)
_ADD_DATA_KEY = insert(data_key)
_DROP_DATA_KEY = delete(data_key).where(_MINE)
_STALE = (
    select(*_DATA_KEY)
    .where(data_key.c.version != bindparam("newest"), data_key.c.person_id > bindparam("after"))
    .order_by(data_key.c.person_id)
    .limit(bindparam("most"))
)
_REWRAP = (
    update(data_key)
    .where(_MINE, data_key.c.wrapped == bindparam("before"))
    .values(wrapped=bindparam("rewrapped"), version=bindparam("newest"))
)
_VERSIONS = select(data_key.c.version, func.count()).group_by(data_key.c.version)
_ADD = insert(provider_key)
_ALL = select(*_KEY).where(_OF_PERSON).order_by(provider_key.c.vendor)
_FIND = select(*_KEY).where(*_OF_VENDOR)
_BY_ID = select(*_KEY).where(provider_key.c.id == bindparam("of_key"))
_WITH_DATA_KEY = (
    select(*_KEY, data_key.c.wrapped, data_key.c.version)
    .join(data_key, data_key.c.person_id == provider_key.c.person_id)
    .where(*_OF_VENDOR)
)
_REMOVE = delete(provider_key).where(*_OF_VENDOR)
_REMOVE_ALL = delete(provider_key).where(_OF_PERSON)
_DROP_UNUSED = delete(data_key).where(
    _MINE, ~exists().where(provider_key.c.person_id == data_key.c.person_id)
)
_MOVE = (
    update(provider_key)
    .where(provider_key.c.id == bindparam("of_key"))
    .values(person_id=bindparam("to"), sealed=bindparam("resealed"))
)
_SWITCH_OFF = (
    update(provider_key)
    .where(provider_key.c.id == bindparam("of_key"), _IS_ACTIVE)
    .values(state="off", reason=bindparam("why"))
)
_WORKED = (
    update(provider_key)
    .where(provider_key.c.id == bindparam("of_key"))
    .values(state="active", reason=None, last_ok_at=bindparam("at"))
)
_WORKED_FOR = update(provider_key).where(*_OF_VENDOR, _IS_ACTIVE).values(last_ok_at=bindparam("at"))
_FIND_CHOICE = select(*_CHOICE).where(key_choice.c.person_id == bindparam("person"))
# One statement for what every order asks; most people have neither.
_PURSE = union_all(
    select(
        provider_key.c.vendor.label("vendor"),
        provider_key.c.state.label("state"),
        null().cast(String).label("prefer"),
        null().cast(Boolean).label("fall_back"),
    ).where(_OF_PERSON),
    select(
        null().cast(String), null().cast(String), key_choice.c.prefer, key_choice.c.fall_back
    ).where(key_choice.c.person_id == bindparam("person")),
)
_DROP_CHOICE = delete(key_choice).where(key_choice.c.person_id == bindparam("person"))
_ADD_TICKET = insert(key_ticket)
_OPEN_TICKET = (key_ticket.c.hash == bindparam("of_hash"), key_ticket.c.until > bindparam("at"))
_PEEK = select(key_ticket.c.person_id).where(*_OPEN_TICKET)
_USE = delete(key_ticket).where(*_OPEN_TICKET).returning(key_ticket.c.person_id)
_DROP_TICKETS = delete(key_ticket).where(key_ticket.c.person_id == bindparam("person"))
_PURGE = delete(key_ticket).where(
    key_ticket.c.hash.in_(
        select(key_ticket.c.hash)
        .where(key_ticket.c.until < bindparam("before"))
        .limit(bindparam("most"))
    )
)


def _upsert_choice(dialect: str) -> object:
    new = (sqlite_insert if dialect == "sqlite" else postgresql_insert)(key_choice)
    return new.on_conflict_do_update(
        index_elements=[key_choice.c.person_id],
        set_={"prefer": new.excluded.prefer, "fall_back": new.excluded.fall_back},
    )


_CHOOSE = {name: _upsert_choice(name) for name in ("sqlite", "postgresql")}


def hold_still(connection: Connection, person_id: str) -> None:
    """Let nobody else write this person's keys until the end of the transaction."""
    connection.execute(_HOLD_STILL, {"person": person_id})


def find_data_key(connection: Connection, person_id: str) -> DataKeyRow | None:
    """A person's data key, if they have one."""
    row = connection.execute(_FIND_DATA_KEY, {"person": person_id}).one_or_none()
    return None if row is None else DataKeyRow(**row._mapping)


def add_data_key(connection: Connection, row: DataKeyRow) -> None:
    """A data key for a person who has none."""
    values = {item.name: getattr(row, item.name) for item in fields(DataKeyRow)}
    connection.execute(_ADD_DATA_KEY, values)


def stale(connection: Connection, version: str, after: str, limit: int) -> list[DataKeyRow]:
    """Data keys that another master key than this version's wraps, of people that come after one."""
    values = {"newest": version, "after": after, "most": limit}
    return [DataKeyRow(**row._mapping) for row in connection.execute(_STALE, values)]


def rewrap(connection: Connection, changes: Sequence[tuple[DataKeyRow, DataKeyRow]]) -> int:
    """Put a new wrapping (second) for the old (first) where that is still there; how many were."""
    done = 0
    for before, after in changes:
        values = {
            "person": before.person_id,
            "before": before.wrapped,
            "rewrapped": after.wrapped,
            "newest": after.version,
        }
        done += connection.execute(_REWRAP, values).rowcount
    return done


def versions(connection: Connection) -> dict[str, int]:
    """How many data keys each version of the master key wraps."""
    return {str(version): int(count) for version, count in connection.execute(_VERSIONS)}


def add(connection: Connection, row: KeyRow) -> None:
    """A key for a vendor that its person has none for."""
    connection.execute(_ADD, {item.name: getattr(row, item.name) for item in fields(KeyRow)})


def of_person(connection: Connection, person_id: str) -> list[KeyRow]:
    """A person's keys, by vendor."""
    return [KeyRow(**row._mapping) for row in connection.execute(_ALL, {"person": person_id})]


def find(connection: Connection, person_id: str, vendor: str) -> KeyRow | None:
    """A person's key for a vendor."""
    values = {"person": person_id, "of_vendor": vendor}
    row = connection.execute(_FIND, values).one_or_none()
    return None if row is None else KeyRow(**row._mapping)


def by_id(connection: Connection, key_id: str) -> KeyRow | None:
    """A key by its id."""
    row = connection.execute(_BY_ID, {"of_key": key_id}).one_or_none()
    return None if row is None else KeyRow(**row._mapping)


def with_data_key(
    connection: Connection, person_id: str, vendor: str
) -> tuple[KeyRow, DataKeyRow] | None:
    """A person's key for a vendor and what seals it, as they are at the same moment."""
    values = {"person": person_id, "of_vendor": vendor}
    row = connection.execute(_WITH_DATA_KEY, values).one_or_none()
    if row is None:
        return None
    found = dict(row._mapping)
    wrapped, version = found.pop("wrapped"), found.pop("version")
    return KeyRow(**found), DataKeyRow(person_id=person_id, wrapped=wrapped, version=version)


def purse(
    connection: Connection, person_id: str
) -> tuple[frozenset[str], frozenset[str], ChoiceRow | None]:
    """The vendors of a person's active keys, of those that are off, and what they chose, if they did."""
    vendors: list[str] = []
    off: list[str] = []
    chosen = None
    for row in connection.execute(_PURSE, {"person": person_id}):
        if row.vendor is not None:
            (vendors if row.state == "active" else off).append(row.vendor)
        else:
            fall_back = bool(row.fall_back)
            chosen = ChoiceRow(person_id=person_id, prefer=row.prefer, fall_back=fall_back)
    return frozenset(vendors), frozenset(off), chosen


def remove(connection: Connection, person_id: str, vendor: str) -> bool:
    """Remove a key, and with the last one what sealed it; whether there was one."""
    values = {"person": person_id, "of_vendor": vendor}
    removed = connection.execute(_REMOVE, values).rowcount > 0
    _drop_unused(connection, person_id)
    return removed


def move(connection: Connection, row: KeyRow, person_id: str, sealed: bytes) -> None:
    """A key goes to another person, sealed for them; with the last one goes what sealed it before."""
    connection.execute(_MOVE, {"of_key": row.id, "to": person_id, "resealed": sealed})
    _drop_unused(connection, row.person_id)


def _drop_unused(connection: Connection, person_id: str) -> None:
    connection.execute(_DROP_UNUSED, {"person": person_id})


def erase(connection: Connection, person_id: str) -> None:
    """Destroy a person's data key, and with it every copy of their keys; no trace of either is left."""
    hold_still(connection, person_id)
    for statement in (_DROP_DATA_KEY, _REMOVE_ALL, _DROP_CHOICE, _DROP_TICKETS):
        connection.execute(statement, {"person": person_id})


def switch_off(connection: Connection, key_id: str, reason: str) -> bool:
    """Use a key no more; False where that was done before, or it is gone."""
    return connection.execute(_SWITCH_OFF, {"of_key": key_id, "why": reason}).rowcount > 0


def worked(connection: Connection, key_id: str, now: datetime) -> bool:
    """A key that was tried is good, whatever was said of it before; False where it is gone."""
    return connection.execute(_WORKED, {"of_key": key_id, "at": now}).rowcount > 0


def worked_for(connection: Connection, person_id: str, vendor: str, now: datetime) -> None:
    """The vendor has taken the active key now."""
    connection.execute(_WORKED_FOR, {"person": person_id, "of_vendor": vendor, "at": now})


def choice(connection: Connection, person_id: str) -> ChoiceRow | None:
    """What a person has chosen, if they have."""
    row = connection.execute(_FIND_CHOICE, {"person": person_id}).one_or_none()
    return None if row is None else ChoiceRow(**row._mapping)


def choose(connection: Connection, row: ChoiceRow) -> None:
    """Choose, or choose anew."""
    values = {item.name: getattr(row, item.name) for item in fields(ChoiceRow)}
    connection.execute(_CHOOSE[connection.dialect.name], values)  # type: ignore[call-overload]


def drop_choice(connection: Connection, person_id: str) -> None:
    """Forget what a person has chosen."""
    connection.execute(_DROP_CHOICE, {"person": person_id})


def add_ticket(connection: Connection, hash_: str, person_id: str, until: datetime) -> None:
    """A ticket that may be used once."""
    connection.execute(_ADD_TICKET, {"hash": hash_, "person_id": person_id, "until": until})


def peek_ticket(connection: Connection, hash_: str, now: datetime) -> str | None:
    """Whose ticket this is; None where it is unknown, used or over."""
    return connection.execute(_PEEK, {"of_hash": hash_, "at": now}).scalar_one_or_none()


def use_ticket(connection: Connection, hash_: str, now: datetime) -> str | None:
    """Use a ticket up; whose it was, None where it is unknown, used or over."""
    return connection.execute(_USE, {"of_hash": hash_, "at": now}).scalar_one_or_none()


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget tickets that were over before this, up to so many; how many."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount
