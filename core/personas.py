"""Personas: one to five photos of somebody to draw portraits from, kept once it is agreed to.

Nobody but their person sees or uses them, and a job has no copy: it looks for them when it is made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core import keyring, photos
from core.app import App
from core.errors import BadOption, NotFound, UserError
from core.ids import is_id, new_id
from core.messenger import Attached, Limits, Picture
from core.sitter import NAME_LENGTH_MAX, PHOTOS_MAX
from providers.base import SourceImage
from storage import links, personas
from storage.database import Connection
from storage.links import LinkRow
from storage.personas import PersonaRow, PhotoRow

log = structlog.get_logger(__name__)

PERSONAS_MAX = 20
# Photos that nobody has agreed to by then are removed by the next sweep.
ASKED_S_MAX = 3600.0
SWEPT_MAX = 100

ASKED, CHECKING, READY, FAILED = "asked", "checking", "ready", "failed"
MOVED = "persona"
# Between letters they change how some scripts are written, and are seen by nobody.
_JOINERS = str.maketrans("", "", "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A persona as its person sees it; `reasons` say by its place from 1 why a photo is not fit.

    Of one that failed, the photos are deleted: it has only their `count`.
    """

    id: str
    name: str
    state: str
    count: int
    photos: tuple[Picture, ...]
    reasons: Mapping[int, str]


def checked_name(name: str) -> str:
    """A name as it is kept; raises BadOption."""
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise BadOption("option-control-characters", option="name")
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not plain.translate(_JOINERS):
        raise BadOption("option-missing", option="name")
    if not plain.translate(_JOINERS).isprintable():
        raise BadOption("option-control-characters", option="name")
    if len(plain) > NAME_LENGTH_MAX:
        raise BadOption("option-too-long", option="name", length=len(plain), max=NAME_LENGTH_MAX)
    return plain


async def create(app: App, person_id: str, name: str, given: Collection[Picture]) -> Persona:
    """Hold photos until their person has agreed; in the place of some that were not fit, or not agreed to.

    Raises UserError; nothing of them is left then.
    """
    different = list(dict.fromkeys(given))
    hashes = [photo.sha256 for photo in different]
    try:
        called = checked_name(name)
        if not 1 <= len(different) <= PHOTOS_MAX:
            raise BadOption("too-many-images", max=PHOTOS_MAX)
        row = PersonaRow(
            id=new_id(),
            person_id=person_id,
            name=called,
            name_key=called.casefold(),
            state=ASKED,
            consent_at=None,
            created_at=app.clock.now(),
        )
        hashes += await app.database.transaction(_create, row, different)
    finally:
        await photos.forget(app, hashes)
    return Persona(
        id=row.id,
        name=row.name,
        state=row.state,
        count=len(different),
        photos=tuple(different),
        reasons={},
    )


def _create(connection: Connection, row: PersonaRow, given: list[Picture]) -> list[str]:
    """The new rows; the hashes of those in whose place they are."""
    row = replace(row, person_id=keyring.held(connection, row.person_id))
    before = personas.named(connection, row.person_id, row.name_key)
    if before is not None and before.state in {CHECKING, READY}:
        raise UserError("persona-name-taken", persona=before.name)
    dropped = [] if before is None else personas.drop(connection, [before.id])
    if len(personas.of_person(connection, row.person_id)) >= PERSONAS_MAX:
        raise UserError("personas-too-many", limit=PERSONAS_MAX)
    rows = [photos.row_of(photo, place) for place, photo in enumerate(given, start=1)]
    personas.add(connection, row, rows)
    return dropped


async def agree(app: App, person_id: str, persona_id: str) -> Persona:
    """Their person agrees, and the photos are looked at now; said again, it changes nothing.

    Raises UserError: NotFound where it is over, Busy where they could not be looked at now.
    """
    await app.database.transaction(_agree, person_id, persona_id, app.clock.now())
    return await seen(app, person_id, persona_id)


def _agree(connection: Connection, person_id: str, persona_id: str, now: datetime) -> None:
    row = _own(connection, person_id, persona_id)
    if row.state != ASKED:
        return
    if row.created_at < now - timedelta(seconds=ASKED_S_MAX):
        raise NotFound("persona-over")
    personas.agree(connection, row.id, now)


async def refuse(app: App, person_id: str, persona_id: str) -> None:
    """Their person does not agree: nothing is left; raises UserError where that is over."""
    await photos.forget(app, await app.database.transaction(_refuse, person_id, persona_id))


def _refuse(connection: Connection, person_id: str, persona_id: str) -> list[str]:
    row = _own(connection, person_id, persona_id)
    if row.state != ASKED:
        raise UserError("persona-agreed", persona=row.name)
    return personas.drop(connection, [row.id])


async def listed(app: App, person_id: str) -> list[Persona]:
    """A person's personas, oldest first."""
    return await app.database.read(_listed, person_id)


def _listed(connection: Connection, person_id: str) -> list[Persona]:
    rows = personas.of_person(connection, person_id)
    found = personas.photos(connection, [row.id for row in rows])
    return [_persona(row, found[row.id]) for row in rows]


async def named(app: App, person_id: str, name: str) -> str:
    """The id of a person's own persona; raises NotFound, of somebody else's as of none."""
    return (await app.database.read(_named, person_id, name)).id


def _named(connection: Connection, person_id: str, name: str) -> PersonaRow:
    row = _called(connection, person_id, name)
    if row is None:
        raise _unknown(name)
    return row


def _called(connection: Connection, person_id: str, name: str) -> PersonaRow | None:
    if len(name) > NAME_LENGTH_MAX:
        return None
    key = unicodedata.normalize("NFC", " ".join(name.split())).casefold()
    return personas.named(connection, person_id, key)


def _unknown(name: str) -> NotFound:
    return NotFound("persona-unknown", persona=name[:NAME_LENGTH_MAX])


async def seen(app: App, person_id: str, persona_id: str) -> Persona:
    """A person's own persona; its photos are looked at first where that was cut off. Raises UserError."""
    found = await app.database.read(_load, person_id, persona_id)
    if found.state != CHECKING:
        return found
    await _check(app, found)
    return await app.database.read(_load, person_id, persona_id)


def _load(connection: Connection, person_id: str, persona_id: str) -> Persona:
    row = _own(connection, person_id, persona_id)
    return _persona(row, personas.photos(connection, [row.id])[row.id])


def _own(connection: Connection, person_id: str, persona_id: str) -> PersonaRow:
    """A person's own persona by its id; raises NotFound, of somebody else's as of none."""
    row = _found(connection, person_id, persona_id)
    if row is None:
        raise NotFound("persona-over")
    return row


def _found(connection: Connection, person_id: str, persona_id: str) -> PersonaRow | None:
    row = personas.find(connection, persona_id) if is_id(persona_id) else None
    mine = row is not None and row.person_id == links.kept(connection, person_id)
    return row if mine else None


def _persona(row: PersonaRow, rows: list[PhotoRow]) -> Persona:
    return Persona(
        id=row.id,
        name=row.name,
        state=row.state,
        count=len(rows),
        photos=tuple(picture for item in rows if (picture := photos.picture_of(item)) is not None),
        reasons={item.position: item.reason for item in rows if item.reason is not None},
    )


async def _check(app: App, found: Persona) -> None:
    """Look at each photo, and decide; of a persona that fails, no photo is kept."""
    reasons: dict[int, str] = {}
    for position, photo in enumerate(found.photos, start=1):
        reason = await photos.reason(app, photo)
        if reason is not None:
            reasons[position] = reason
    if not reasons:
        await app.database.statement(personas.ready, found.id)
        return
    await photos.forget(app, await app.database.transaction(personas.fail, found.id, reasons))


async def shown(app: App, found: Persona, limits: Limits) -> tuple[Attached, ...]:
    """The photos of a persona as a message carries them, for its person alone; raises UserError."""
    return tuple(
        [
            await photos.shown(app, found.name, photo, f"photo-{position}", limits)
            for position, photo in enumerate(found.photos, start=1)
        ]
    )


async def sitter(app: App, person_id: str, name: str, persona_id: str | None = None) -> Persona:
    """A person's own persona that is ready, by its id or its name; raises UserError.

    Somebody else's, one that is removed and one that never was are told in the same words.
    """
    return await app.database.read(_sitter, person_id, name, persona_id)


def _sitter(connection: Connection, person_id: str, name: str, persona_id: str | None) -> Persona:
    row = _found(connection, person_id, persona_id or "")
    row = row or _called(connection, person_id, name) or _found(connection, person_id, name)
    if row is None:
        # A button has an id in the place of the name.
        raise NotFound("persona-over") if is_id(name) else _unknown(name)
    if row.state != READY:
        raise UserError("persona-not-ready", persona=row.name, state=row.state)
    return _persona(row, personas.photos(connection, [row.id])[row.id])


async def sources(app: App, person_id: str, persona_id: str, name: str) -> tuple[SourceImage, ...]:
    """The photos of a person's own persona, to be drawn by; raises NotFound where it is removed."""
    try:
        found = await app.database.read(_load, person_id, persona_id)
    except NotFound as error:
        raise NotFound("persona-gone", persona=name) from error
    return tuple(
        [
            SourceImage(data=await photos.data(app, found.name, photo), media_type=photo.media_type)
            for photo in found.photos
        ]
    )


async def remove(app: App, person_id: str, persona_id: str) -> str:
    """Remove a persona, its photos at once; its name. Raises NotFound."""
    name, hashes = await app.database.transaction(_remove, person_id, persona_id)
    await photos.forget(app, hashes)
    return name


def _remove(connection: Connection, person_id: str, persona_id: str) -> tuple[str, list[str]]:
    row = _own(connection, person_id, persona_id)
    return row.name, personas.drop(connection, [row.id])


def erase(connection: Connection, person_id: str) -> list[str]:
    """Remove all personas of a person; the hashes of their photos, to `forget` after the commit."""
    person_id = keyring.held(connection, person_id)
    rows = personas.of_person(connection, person_id)
    return personas.drop(connection, [row.id for row in rows])


async def expire(app: App) -> int:
    """Remove photos that nobody has agreed to in time, and end checks that were cut off; how many."""
    before = app.clock.now() - timedelta(seconds=ASKED_S_MAX)
    count, hashes = await app.database.transaction(_expire, before)
    await photos.forget(app, hashes)
    for row in await app.database.read(personas.old, CHECKING, before, SWEPT_MAX):
        try:
            await seen(app, row.person_id, row.id)
        except UserError as error:
            log.warning("persona not checked", key=error.key)
    return count


def _expire(connection: Connection, before: datetime) -> tuple[int, list[str]]:
    rows = personas.old(connection, ASKED, before, SWEPT_MAX)
    return len(rows), personas.drop(connection, [row.id for row in rows])


def move(connection: Connection, row: LinkRow) -> None:
    """Personas of who is gone go to who is kept, and are written down; both are held still already.

    Where both have one of a name, the one that comes gets a number.
    """
    for item in personas.of_person(connection, row.gone):
        _pass_on(connection, item, row.kept)
        links.note(connection, row.id, MOVED, item.id)


def move_back(connection: Connection, row: LinkRow) -> None:
    """Personas that a link has moved go back, where they are still there."""
    for persona_id in links.noted(connection, row.id, MOVED):
        item = personas.find(connection, persona_id)
        if item is not None and item.person_id == row.kept:
            _pass_on(connection, item, row.gone)


def _pass_on(connection: Connection, item: PersonaRow, person_id: str) -> None:
    taken = {other.name_key for other in personas.of_person(connection, person_id)}
    name, number = item.name, 1
    while name.casefold() in taken:
        number += 1
        tail = f" {number}"
        name = item.name[: NAME_LENGTH_MAX - len(tail)] + tail
    personas.move(connection, item.id, person_id, name, name.casefold())
