"""A person's gallery: every picture that their jobs have made and that they kept, newest first."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog

from core.app import App
from core.errors import BadImage, Busy, NotFound
from core.ids import is_id
from core.images import Encoded
from core.jobs import compose, library
from core.messenger import NEW_ROW, Attached, Picture
from storage import gallery as stored
from storage import pictures
from storage.blobs import BlobFailed, BlobMissing
from storage.database import Connection
from storage.gallery import Mark, ResultRow, Show
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

__all__ = ["Mark", "Page", "ResultRow", "Show"]

COUNTED_MAX = 10_000
PREVIEW_BYTES_MAX = 200 * 2**10
PREVIEW_SIDES_MAX = 1280
POSITION_MAX = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some pictures, newest first, and whether there are newer and older ones."""

    pictures: tuple[ResultRow, ...]
    newer: bool = False
    older: bool = False


async def page(
    app: App,
    person_id: str,
    show: Show,
    mark: Mark | None,
    limit: int,
    *,
    newer: bool = False,
) -> Page:
    """The pictures behind a mark, or those before it; the newest where there is no mark, or nothing there."""
    return await app.database.read(_page, person_id, show, mark, limit, newer)


def _page(
    connection: Connection, person_id: str, show: Show, mark: Mark | None, limit: int, newer: bool
) -> Page:
    found = stored.page(connection, person_id, show, mark, limit + 1, newer=newer)
    if newer and len(found) > limit:
        return Page(pictures=tuple(found[1:]), newer=True, older=True)
    if mark is not None and (newer or not found):
        # A page that is not full would hide that what is shown begins with the newest.
        return _page(connection, person_id, show, None, limit, newer=False)
    before = mark is not None and stored.page(
        connection, person_id, show, found[0].mark, 1, newer=True
    )
    return Page(pictures=tuple(found[:limit]), newer=bool(before), older=len(found) > limit)


async def count(app: App, person_id: str, show: Show) -> int:
    """How many pictures a person has of these, counted up to COUNTED_MAX."""
    return await app.database.read(stored.count, person_id, show, COUNTED_MAX)


async def find(app: App, person_id: str, mark: Mark) -> ResultRow:
    """One picture of this person's own; raises NotFound, NotYours."""
    row = None
    if is_id(mark.job_id) and 0 <= mark.position <= POSITION_MAX:
        row = await app.database.read(stored.one, person_id, mark)
    if row is None:
        await library.own(app, person_id, mark.job_id)
        raise NotFound("job-gone")
    return row


async def some(app: App, person_id: str, marks: Sequence[Mark]) -> list[ResultRow]:
    """Those of these pictures that are this person's own and still there."""
    return await app.database.read(_some, person_id, marks)


def _some(connection: Connection, person_id: str, marks: Sequence[Mark]) -> list[ResultRow]:
    found = (stored.one(connection, person_id, mark) for mark in marks)
    return [row for row in found if row is not None]


async def neighbours(
    app: App, person_id: str, show: Show, mark: Mark
) -> tuple[Mark | None, Mark | None]:
    """The next newer and the next older of the pictures that are shown."""
    return await app.database.read(_neighbours, person_id, show, mark)


def _neighbours(
    connection: Connection, person_id: str, show: Show, mark: Mark
) -> tuple[Mark | None, Mark | None]:
    newer = stored.page(connection, person_id, show, mark, 1, newer=True)
    older = stored.page(connection, person_id, show, mark, 1)
    return newer[0].mark if newer else None, older[0].mark if older else None


async def first_of(app: App, person_id: str, job_id: str | None) -> ResultRow | None:
    """The first picture that is left of a job, if it is this person's own."""
    if job_id is None:
        return None
    found = await page(app, person_id, Show(), Mark(job_id, -1), 1)
    return next((row for row in found.pictures if row.job_id == job_id), None)


def showable(app: App) -> list[str]:
    """The operations that make pictures, by name, but for those that nobody types."""
    return [item.name for item in app.operations.values() if not (item.hidden or item.texts)]


async def operations(app: App, person_id: str) -> list[str]:
    """The operations that a person has pictures of, by name."""
    return await app.database.read(stored.operations_of, person_id)


async def personas(app: App, person_id: str) -> list[str]:
    """The personas that a person has pictures of."""
    return await app.database.read(stored.personas_of, person_id)


async def favourite(app: App, person_id: str, mark: Mark, *, on: bool | None = None) -> bool:
    """Make a picture a favourite, or none any more; None: the other way round. Whether it is one now."""
    row = await find(app, person_id, mark)
    wanted = row.favourite_at is None if on is None else on
    if wanted != (row.favourite_at is not None):
        at = app.clock.now() if wanted else None
        await app.database.statement(stored.set_favourite, mark, at)
    return wanted


async def downloaded(app: App, marks: Collection[Mark]) -> None:
    """Count that these pictures were downloaded."""
    await app.database.transaction(stored.count_downloads, marks)


async def downloaded_file(app: App, person_id: str, sha256: str) -> None:
    """Count that a person has downloaded a picture of theirs that is known by its bytes."""
    await app.database.statement(stored.count_download_of, person_id, sha256)


def actions(app: App, row: JobRow, pictures: int, position: int) -> tuple[str, ...]:
    """The buttons of a job's message, as they are under one of its pictures (the first is 1)."""
    found = compose.actions(app, row, 1)
    if pictures <= 1:
        return found
    return tuple(action if action in _OF_THE_JOB else f"{action}:{position}" for action in found)


_OF_THE_JOB = frozenset({NEW_ROW, "again", "info"})


def picture(row: ResultRow) -> Picture:
    """The stored picture of a result."""
    return Picture(
        sha256=row.sha256,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
    )


def words(row: ResultRow) -> str:
    """The person's own words for a picture; empty where there were none."""
    said = json.loads(row.params).get("prompt")
    return said if isinstance(said, str) else ""


async def shown(
    app: App,
    row: ResultRow,
    name: str,
    *,
    bytes_max: int = PREVIEW_BYTES_MAX,
    side_sum_max: int | None = PREVIEW_SIDES_MAX,
) -> Attached | None:
    """A picture as a message can carry it, made smaller where it has to be; None where its file is gone."""
    try:
        data = await app.blobs.get(row.sha256)
        fitted = await app.images.fit(data, bytes_max=bytes_max, side_sum_max=side_sum_max)
    except (BlobMissing, BlobFailed, BadImage, Busy) as error:
        log.warning("picture not shown", error=repr(error))
        return None
    kind = fitted.media_type.partition("/")[2]
    return Attached(
        name=f"{name}.{kind}", media_type=fitted.media_type, data=fitted.data, picture=picture(row)
    )


async def small(app: App, person_id: str, row: ResultRow) -> Encoded:
    """A picture's thumbnail, made when it is first asked for, then kept; raises NotFound, BadImage, Busy."""
    try:
        with contextlib.suppress(BlobMissing):
            return app.images.stored(await app.blobs.get_small(row.sha256))
        made = await app.images.thumbnail(await app.blobs.get(row.sha256))
        await app.blobs.put_small(row.sha256, made.data)
        if await app.database.read(stored.one, person_id, row.mark) is None:
            # The picture was thrown away meanwhile: nothing of it may stay.
            await library.forget(app, await app.database.read(pictures.unused, [row.sha256]))
    except (BlobMissing, BlobFailed) as error:
        raise NotFound("gallery-file-gone") from error
    return made
