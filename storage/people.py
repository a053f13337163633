"""People and the identities by which platforms know them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from storage.database import Moment, metadata

NAME_LENGTH = 100
HANDLE_LENGTH = 64

person = Table(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", Moment, nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("external_id", String(64), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("name", String(NAME_LENGTH), nullable=False, server_default=""),
    Column("handle", String(HANDLE_LENGTH)),
    Column("created_at", Moment, nullable=False),
    Column("welcomed_at", Moment),
    Index("ix_identity_person", "person_id"),
    Index("ix_identity_handle", "handle"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    """How a platform knows a person; `handle` is the @username there, in lower case.

    `welcomed_at`: when they came themselves; None where others have only named them.
    """

    platform: str
    external_id: str
    person_id: str
    name: str
    handle: str | None
    welcomed_at: datetime | None


_IDENTITY = [identity.c[item.name] for item in fields(IdentityRow)]
_SAME = (
    identity.c.platform == bindparam("of_platform"),
    identity.c.external_id == bindparam("of_id"),
)
_BEGAN = select(person.c.created_at).where(person.c.id == bindparam("person"))
_SEEN = select(*_IDENTITY).where(*_SAME)
_OF_PERSON = (
    select(*_IDENTITY)
    .where(identity.c.person_id == bindparam("of_person"))
    .order_by(identity.c.platform, identity.c.external_id)
)
_CALLED = select(*_IDENTITY).where(identity.c.handle == bindparam("called"))
_RENAME = update(identity).where(*_SAME).values(name=bindparam("now_named"))
_WELCOME = (
    update(identity)
    .where(*_SAME, identity.c.welcomed_at.is_(None))
    .values(welcomed_at=bindparam("at"))
    .returning(identity.c.person_id)
)
_FREE_HANDLE = (
    update(identity)
    .where(
        identity.c.platform == bindparam("of_platform"), identity.c.handle == bindparam("called")
    )
    .values(handle=None)
)
_SET_HANDLE = update(identity).where(*_SAME).values(handle=bindparam("called"))


def find(connection: Connection, platform: str, external_id: str) -> str | None:
    """The person behind an identity, if it has been seen."""
    row = seen(connection, platform, external_id)
    return None if row is None else row.person_id


def seen(connection: Connection, platform: str, external_id: str) -> IdentityRow | None:
    """An identity, if it has been seen."""
    values = {"of_platform": platform, "of_id": external_id}
    row = connection.execute(_SEEN, values).one_or_none()
    return None if row is None else IdentityRow(**row._mapping)


def identities(connection: Connection, person_id: str) -> list[IdentityRow]:
    """All identities of a person."""
    rows = connection.execute(_OF_PERSON, {"of_person": person_id})
    return [IdentityRow(**row._mapping) for row in rows]


def called(connection: Connection, handle: str) -> list[IdentityRow]:
    """Who has this @username."""
    rows = connection.execute(_CALLED, {"called": handle})
    return [IdentityRow(**row._mapping) for row in rows]


def add(
    connection: Connection,
    person_id: str,
    platform: str,
    external_id: str,
    name: str,
    now: datetime,
) -> None:
    """A new person with one identity; the identity's key refuses a second one."""
    connection.execute(insert(person).values(id=person_id, created_at=now))
    connection.execute(
        insert(identity).values(
            platform=platform,
            external_id=external_id,
            person_id=person_id,
            name=name[:NAME_LENGTH],
            created_at=now,
        )
    )


def welcome(connection: Connection, platform: str, external_id: str, now: datetime) -> str | None:
    """Note that somebody came themselves: their person; None where that was noted before."""
    values = {"of_platform": platform, "of_id": external_id, "at": now}
    return connection.execute(_WELCOME, values).scalar_one_or_none()


def rename(connection: Connection, platform: str, external_id: str, name: str) -> None:
    """Keep the name that the platform shows now."""
    values = {"of_platform": platform, "of_id": external_id, "now_named": name[:NAME_LENGTH]}
    connection.execute(_RENAME, values)


def set_handle(connection: Connection, platform: str, external_id: str, handle: str) -> None:
    """Keep the @username that somebody has now, and take it from who had it; empty: they have none."""
    values = {"of_platform": platform, "called": handle or None}
    if handle:
        connection.execute(_FREE_HANDLE, values)
    connection.execute(_SET_HANDLE, {**values, "of_id": external_id})


def began(connection: Connection, person_id: str) -> datetime | None:
    """When a person came first."""
    return connection.execute(_BEGAN, {"person": person_id}).scalar_one_or_none()
