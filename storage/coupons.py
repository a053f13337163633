"""Coupons by the hash of their code, who has used them, and the wrong codes that people tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

coupon = Table(
    "coupon",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("credits", BigInteger, nullable=False),
    Column("uses_max", Integer, nullable=False),
    Column("uses", Integer, nullable=False, server_default="0"),
    Column("until", Moment),
    Column("made_at", Moment, nullable=False),
    CheckConstraint("credits > 0", name="credits"),
    CheckConstraint("uses >= 0 AND uses <= uses_max", name="uses"),
)

coupon_use = Table(
    "coupon_use",
    metadata,
    Column("coupon", String(64), ForeignKey("coupon.hash"), primary_key=True),
    Column("who", String(64), primary_key=True),
    Column("used_at", Moment, nullable=False),
)

coupon_miss = Table(
    "coupon_miss",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("missed_at", Moment, nullable=False),
    Index("ix_coupon_miss_person", "person_id", "missed_at"),
    Index("ix_coupon_miss_missed", "missed_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRow:
    """Credits for the first `uses_max` people that say its code, until then."""

    hash: str
    credits: int
    uses_max: int
    uses: int
    until: datetime | None
    made_at: datetime


_COUPON = [coupon.c[item.name] for item in fields(CouponRow)]
_ADD = insert(coupon)
_FIND = select(*_COUPON).where(coupon.c.hash == bindparam("of_hash"))
_ENTER = {
    name: new(coupon_use).on_conflict_do_nothing().returning(coupon_use.c.who)
    for name, new in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_USE = (
    update(coupon)
    .where(
        coupon.c.hash == bindparam("of_hash"),
        coupon.c.uses < coupon.c.uses_max,
        or_(coupon.c.until.is_(None), coupon.c.until > bindparam("at")),
    )
    .values(uses=coupon.c.uses + 1)
)
_MISS = insert(coupon_miss)
_MISSES = select(func.count()).where(
    coupon_miss.c.person_id == bindparam("of_person"), coupon_miss.c.missed_at > bindparam("since")
)
_PURGE = delete(coupon_miss).where(
    coupon_miss.c.id.in_(
        select(coupon_miss.c.id)
        .where(coupon_miss.c.missed_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)


def add(connection: Connection, row: CouponRow) -> None:
    """A new coupon."""
    connection.execute(_ADD, {item.name: getattr(row, item.name) for item in fields(CouponRow)})


def find(connection: Connection, hash_: str) -> CouponRow | None:
    """A coupon by the hash of its code."""
    row = connection.execute(_FIND, {"of_hash": hash_}).one_or_none()
    return None if row is None else CouponRow(**row._mapping)


def enter(connection: Connection, hash_: str, who: Sequence[str], now: datetime) -> bool:
    """Write down who uses a coupon; False where one of these has used it."""
    statement = _ENTER[connection.dialect.name]
    return all(
        connection.execute(
            statement, {"coupon": hash_, "who": name, "used_at": now}
        ).scalar_one_or_none()
        for name in who
    )


def use(connection: Connection, hash_: str, now: datetime) -> bool:
    """Use a coupon up by one; False where nothing is left of it, or it is over."""
    return connection.execute(_USE, {"of_hash": hash_, "at": now}).rowcount == 1


def miss(connection: Connection, id_: str, person_id: str, now: datetime) -> None:
    """A code that is none."""
    connection.execute(_MISS, {"id": id_, "person_id": person_id, "missed_at": now})


def misses(connection: Connection, person_id: str, since: datetime) -> int:
    """How many wrong codes a person has tried since then."""
    values = {"of_person": person_id, "since": since}
    return int(connection.execute(_MISSES, values).scalar_one())


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget wrong codes tried before this, and up to so many of them; how many there were."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount
