"""Personas: a person's photos of somebody, kept to draw portraits from, with who agreed to that and when.

Whatever changes one has its row first, and its photos after that: two that meet wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)

from storage.database import Moment, metadata

persona = Table(
    "persona",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("name", String(40), nullable=False),
    # The name without what is the same to people; three times as long where letters become several.
    Column("name_key", String(120), nullable=False),
    Column("state", String(10), nullable=False),
    Column("consent_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("person_id", "name_key"),
)

_UNDECIDED = persona.c.state.in_([literal_column("'asked'"), literal_column("'checking'")])
Index(
    "ix_persona_undecided",
    persona.c.created_at,
    sqlite_where=_UNDECIDED,
    postgresql_where=_UNDECIDED,
)

persona_photo = Table(
    "persona_photo",
    metadata,
    Column("persona_id", String(32), ForeignKey("persona.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # None: its file is deleted.
    Column("sha256", String(64)),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("reason", String(20)),
    Index("ix_persona_photo_sha256", "sha256"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaRow:
    """A persona of a person: asked (nobody has agreed yet), checking, ready, or failed."""

    id: str
    person_id: str
    name: str
    name_key: str
    state: str
    consent_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRow:
    """A photo of a persona, in its place from 1; `reason` is why it is not fit."""

    position: int
    sha256: str | None
    media_type: str
    width: int
    height: int
    size_bytes: int
    reason: str | None = None


_NAMES = tuple(item.name for item in fields(PersonaRow))
_PHOTO_NAMES = tuple(item.name for item in fields(PhotoRow))
_PERSONA = [persona.c[name] for name in _NAMES]
_PHOTO = [persona_photo.c[name] for name in _PHOTO_NAMES]
_THIS = persona.c.id == bindparam("of_persona")

_ADD = insert(persona)
_ADD_PHOTOS = insert(persona_photo)
_OF_PERSON = (
    select(*_PERSONA)
    .where(persona.c.person_id == bindparam("person"))
    .order_by(persona.c.created_at, persona.c.id)
)
_NAMED = select(*_PERSONA).where(
    persona.c.person_id == bindparam("person"), persona.c.name_key == bindparam("of_key")
)
_BY_ID = select(*_PERSONA).where(_THIS)
_PHOTOS = (
    select(persona_photo.c.persona_id, *_PHOTO)
    .where(persona_photo.c.persona_id.in_(bindparam("personas", expanding=True)))
    .order_by(persona_photo.c.persona_id, persona_photo.c.position)
)
_AGREE = (
    update(persona)
    .where(_THIS, persona.c.state == literal_column("'asked'"))
    .values(state="checking", consent_at=bindparam("at"))
)
_DECIDE = (
    update(persona)
    .where(_THIS, persona.c.state == literal_column("'checking'"))
    .values(state=bindparam("to"))
)
_BLAME = (
    update(persona_photo)
    .where(
        persona_photo.c.persona_id == bindparam("of_persona"),
        persona_photo.c.position == bindparam("at_position"),
    )
    .values(reason=bindparam("why"))
)
_FORGET = (
    update(persona_photo)
    .where(persona_photo.c.persona_id == bindparam("of_persona"))
    .values(sha256=None)
)
_LOCK = (
    select(persona.c.id)
    .where(persona.c.id.in_(bindparam("personas", expanding=True)))
    .order_by(persona.c.id)
    .with_for_update()
)
_HASHES = select(persona_photo.c.sha256).where(
    persona_photo.c.persona_id.in_(bindparam("personas", expanding=True)),
    persona_photo.c.sha256.is_not(None),
)
_DROP_PHOTOS = delete(persona_photo).where(
    persona_photo.c.persona_id.in_(bindparam("personas", expanding=True))
)
_DROP = delete(persona).where(persona.c.id.in_(bindparam("personas", expanding=True)))
_OLD = (
    select(*_PERSONA)
    .where(
        _UNDECIDED,
        persona.c.state == bindparam("as_state"),
        persona.c.created_at < bindparam("before"),
    )
    .order_by(persona.c.created_at)
    .limit(bindparam("most"))
    # Who agrees at this moment is passed by.
    .with_for_update(skip_locked=True)
)
_MOVE = (
    update(persona)
    .where(_THIS)
    .values(person_id=bindparam("to"), name=bindparam("called"), name_key=bindparam("under"))
)


def add(connection: Connection, row: PersonaRow, photos: Sequence[PhotoRow]) -> None:
    """A persona with its photos; its person has none of that name."""
    connection.execute(_ADD, {name: getattr(row, name) for name in _NAMES})
    values = [{name: getattr(photo, name) for name in _PHOTO_NAMES} for photo in photos]
    connection.execute(_ADD_PHOTOS, [{"persona_id": row.id, **item} for item in values])


def of_person(connection: Connection, person_id: str) -> list[PersonaRow]:
    """A person's personas, oldest first."""
    rows = connection.execute(_OF_PERSON, {"person": person_id})
    return [PersonaRow(**row._mapping) for row in rows]


def named(connection: Connection, person_id: str, name_key: str) -> PersonaRow | None:
    """A person's persona of that name."""
    values = {"person": person_id, "of_key": name_key}
    row = connection.execute(_NAMED, values).one_or_none()
    return None if row is None else PersonaRow(**row._mapping)


def find(connection: Connection, persona_id: str) -> PersonaRow | None:
    """A persona by its id, whosever it is."""
    row = connection.execute(_BY_ID, {"of_persona": persona_id}).one_or_none()
    return None if row is None else PersonaRow(**row._mapping)


def photos(connection: Connection, persona_ids: Sequence[str]) -> Mapping[str, list[PhotoRow]]:
    """The photos of each of these, in order."""
    found: dict[str, list[PhotoRow]] = {persona_id: [] for persona_id in persona_ids}
    for row in connection.execute(_PHOTOS, {"personas": list(persona_ids)}):
        values = dict(row._mapping)
        found[values.pop("persona_id")].append(PhotoRow(**values))
    return found


def agree(connection: Connection, persona_id: str, now: datetime) -> bool:
    """Its person has agreed: it may be checked; False where that was decided before."""
    return connection.execute(_AGREE, {"of_persona": persona_id, "at": now}).rowcount > 0


def ready(connection: Connection, persona_id: str) -> bool:
    """All its photos are fit; False where that was decided before, or it is gone."""
    return connection.execute(_DECIDE, {"of_persona": persona_id, "to": "ready"}).rowcount > 0


def fail(connection: Connection, persona_id: str, reasons: Mapping[int, str]) -> list[str]:
    """Photos are not fit, each by its place and with why: all are untied from it, and their hashes told.

    None are, where that was decided before, or it is gone.
    """
    if connection.execute(_DECIDE, {"of_persona": persona_id, "to": "failed"}).rowcount == 0:
        return []
    for position, reason in reasons.items():
        values = {"of_persona": persona_id, "at_position": position, "why": reason}
        connection.execute(_BLAME, values)
    hashes = _hashes(connection, [persona_id])
    connection.execute(_FORGET, {"of_persona": persona_id})
    return hashes


def drop(connection: Connection, persona_ids: Sequence[str]) -> list[str]:
    """Remove personas with their photos; the hashes of those, which others may refer to as well."""
    values = {"personas": list(persona_ids)}
    connection.execute(_LOCK, values).all()
    hashes = _hashes(connection, persona_ids)
    connection.execute(_DROP_PHOTOS, values)
    connection.execute(_DROP, values)
    return hashes


def _hashes(connection: Connection, persona_ids: Sequence[str]) -> list[str]:
    found = connection.execute(_HASHES, {"personas": list(persona_ids)}).scalars()
    return sorted({sha256 for sha256 in found if sha256 is not None})


def old(connection: Connection, state: str, before: datetime, limit: int) -> list[PersonaRow]:
    """Up to so many that were created before this and are still asked about, or still checked."""
    values = {"as_state": state, "before": before, "most": limit}
    return [PersonaRow(**row._mapping) for row in connection.execute(_OLD, values)]


def move(connection: Connection, persona_id: str, person_id: str, name: str, name_key: str) -> None:
    """A persona goes to another person, under a name that is free there."""
    values = {"of_persona": persona_id, "to": person_id, "called": name, "under": name_key}
    connection.execute(_MOVE, values)
