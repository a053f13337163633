"""Preferences: what a person has chosen to be so wherever a command leaves it open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import metadata
from storage.people import IdentityRow, identity

preference = Table(
    "preference",
    metadata,
    Column("person_id", String(32), ForeignKey("person.id"), primary_key=True),
    Column("model", String(100)),
    Column("ratio", String(20)),
    Column("count", Integer),
    Column("style", String(40)),
    Column("private", Boolean),
    Column("language", String(20)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person has chosen; None: nothing. `private`: results are for them alone."""

    model: str | None = None
    ratio: str | None = None
    count: int | None = None
    style: str | None = None
    private: bool | None = None
    language: str | None = None


_NAMES = [item.name for item in fields(Preferences)]
_CHOSEN = [preference.c[name] for name in _NAMES]
_MINE = preference.c.person_id == bindparam("person")
_FIND = select(*_CHOSEN).where(_MINE)
_OF_IDENTITY = (
    select(*_CHOSEN)
    .join(identity, identity.c.person_id == preference.c.person_id)
    .where(
        identity.c.platform == bindparam("of_platform"),
        identity.c.external_id == bindparam("of_id"),
    )
)
# With who it is, in one statement: every command asks for both.
_SEEN = (
    select(*(identity.c[item.name] for item in fields(IdentityRow)), *_CHOSEN)
    .outerjoin_from(identity, preference, preference.c.person_id == identity.c.person_id)
    .where(
        identity.c.platform == bindparam("of_platform"),
        identity.c.external_id == bindparam("of_id"),
    )
)
_DISCREET = (
    select(identity.c.external_id)
    .join(preference, preference.c.person_id == identity.c.person_id)
    .where(preference.c.private.is_(true()), identity.c.platform == bindparam("of_platform"))
    .limit(bindparam("most"))
)
_DROP = delete(preference).where(_MINE)


def find(connection: Connection, person_id: str) -> Preferences:
    """What a person has chosen."""
    row = connection.execute(_FIND, {"person": person_id}).one_or_none()
    return Preferences() if row is None else Preferences(**row._mapping)


def of_identity(connection: Connection, platform: str, external_id: str) -> Preferences:
    """The same of the person behind an identity; nothing of somebody never seen."""
    values = {"of_platform": platform, "of_id": external_id}
    row = connection.execute(_OF_IDENTITY, values).one_or_none()
    return Preferences() if row is None else Preferences(**row._mapping)


def seen(
    connection: Connection, platform: str, external_id: str
) -> tuple[IdentityRow | None, Preferences]:
    """An identity, if it was ever seen, and what its person has chosen."""
    values = {"of_platform": platform, "of_id": external_id}
    row = connection.execute(_SEEN, values).one_or_none()
    if row is None:
        return None, Preferences()
    found = dict(row._mapping)
    chosen = Preferences(**{name: found.pop(name) for name in _NAMES})
    return IdentityRow(**found), chosen


def discreet(connection: Connection, platform: str, limit: int) -> list[str]:
    """Who of a platform wants results for themselves, by the platform's ids."""
    values = {"of_platform": platform, "most": limit}
    return list(connection.execute(_DISCREET, values).scalars())


def put(connection: Connection, person_id: str, changes: Mapping[str, object]) -> None:
    """Choose these anew (None: nothing any more), and leave the others as they are."""
    unknown = changes.keys() - set(_NAMES)
    if unknown or not changes:
        raise ValueError(f"no preferences: {sorted(unknown)}")
    new = (sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert)(preference)
    connection.execute(
        new.values(person_id=person_id, **changes).on_conflict_do_update(
            index_elements=[preference.c.person_id], set_=dict(changes)
        )
    )


def drop(connection: Connection, person_id: str) -> None:
    """Forget all that a person has chosen."""
    connection.execute(_DROP, {"person": person_id})


def move(connection: Connection, gone: str, kept: str) -> None:
    """What one person has chosen goes to another, where that one has chosen nothing."""
    theirs, mine = find(connection, gone), find(connection, kept)
    changes = {
        name: getattr(theirs, name)
        for name in _NAMES
        if getattr(theirs, name) is not None and getattr(mine, name) is None
    }
    if changes:
        put(connection, kept, changes)
    drop(connection, gone)
