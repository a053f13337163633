"""Photos of personas: looked at before they are used, read for their person alone, deleted at once."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from core.app import App
from core.errors import BadImage, Busy, NotFound, UserError
from core.messenger import Attached, Limits, Picture
from storage import pictures
from storage.blobs import BlobFailed, BlobMissing
from storage.personas import PhotoRow

log = structlog.get_logger(__name__)

# Several of them go into one message.
SHOWN_BYTES_MAX = 4 * 2**20
UNREADABLE, GONE = "unreadable", "gone"


async def reason(app: App, photo: Picture) -> str | None:
    """Why a photo is not fit; raises UserError where it cannot be looked at now."""
    try:
        return (await app.images.portrait_check(await app.blobs.get(photo.sha256))).reason
    except BlobMissing:
        return GONE
    except BlobFailed as error:
        log.error("photo not read", error=str(error))
        raise Busy("persona-not-checked") from error
    except BadImage:
        return UNREADABLE


async def shown(app: App, persona: str, photo: Picture, name: str, limits: Limits) -> Attached:
    """A photo as a message can carry it, made smaller where it has to be; raises UserError."""
    bytes_max = min(limits.bytes_max, SHOWN_BYTES_MAX)
    found = await data(app, persona, photo)
    fitted = await app.images.fit(found, bytes_max=bytes_max, side_sum_max=limits.side_sum_max)
    kind = fitted.media_type.partition("/")[2]
    return Attached(
        name=f"{name}.{kind}", media_type=fitted.media_type, data=fitted.data, picture=photo
    )


async def data(app: App, persona: str, photo: Picture) -> bytes:
    """A photo's file; raises UserError where its persona has been removed, or it cannot be read."""
    try:
        return await app.blobs.get(photo.sha256)
    except BlobMissing as error:
        raise NotFound("persona-gone", persona=persona) from error
    except BlobFailed as error:
        log.error("photo not read", error=str(error))
        raise UserError("storage-failed") from error


async def forget(app: App, hashes: Collection[str]) -> None:
    """Delete the files of these hashes that nothing refers to; what cannot be now, the sweep deletes."""
    for sha256 in await app.database.read(pictures.unused, hashes):
        try:
            await app.blobs.delete(sha256)
        except BlobFailed as error:
            log.error("blob not deleted", sha256=sha256, error=repr(error))


def row_of(photo: Picture, position: int) -> PhotoRow:
    """A photo's row in its place of a persona."""
    return PhotoRow(
        position=position,
        sha256=photo.sha256,
        media_type=photo.media_type,
        width=photo.width,
        height=photo.height,
        size_bytes=photo.size_bytes,
    )


def picture_of(row: PhotoRow) -> Picture | None:
    """The photo of a row; None where its file is deleted."""
    if row.sha256 is None:
        return None
    return Picture(
        sha256=row.sha256,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
    )
