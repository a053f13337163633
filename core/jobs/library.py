"""A person's results: found again by a button's id, taken as sources, thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from core import records
from core.app import App
from core.errors import NotFound, NotYours
from core.ids import is_id
from core.jobs.state import ENDED
from core.messenger import Address, Attached, Picture
from storage import jobs
from storage import pictures as stored
from storage.blobs import BlobFailed, BlobMissing
from storage.database import Connection
from storage.jobs import JobRow

log = structlog.get_logger(__name__)


async def find(app: App, job_id: str) -> JobRow:
    """The job of a button; raises NotFound where it is gone or never was."""
    row = await app.database.read(jobs.get, job_id) if is_id(job_id) else None
    if row is None or row.deleted_at is not None:
        raise NotFound("job-gone")
    return row


async def own(app: App, person_id: str, job_id: str) -> JobRow:
    """The job of a button, if it is this person's; raises NotYours."""
    row = await find(app, job_id)
    if row.person_id != person_id:
        raise NotYours
    return row


async def visible(app: App, person_id: str, job_id: str, address: Address) -> JobRow:
    """A job whose message this person can see: their own, or one in the place they speak in."""
    row = await find(app, job_id)
    stands = records.read_address(row.address)
    same_place = (stands.platform, stands.place) == (address.platform, address.place)
    if row.person_id != person_id and (stands.private or not same_place):
        raise NotYours
    return row


async def pictures(app: App, job_id: str) -> tuple[Picture, ...]:
    """The pictures that a job made, in order."""
    rows = await app.database.read(stored.of_job, job_id, "output")
    return tuple(records.picture_of_row(item) for item in rows)


async def originals(app: App, job_id: str, position: int | None = None) -> dict[int, Attached]:
    """The stored files of a job as they are, by their places from 0 on; of `position` (from 1 on) alone.

    What was thrown away since is left out; raises NotFound where a file is gone otherwise.
    """
    files = {}
    for place, picture in enumerate(await pictures(app, job_id)):
        if picture.sha256 == stored.GONE or position not in {None, place + 1}:
            continue
        kind = picture.media_type.partition("/")[2]
        try:
            data = await app.blobs.get(picture.sha256)
        except (BlobMissing, BlobFailed) as error:
            raise NotFound("job-gone") from error
        name = f"atelier-{job_id[-8:]}-{place + 1}.{kind}"
        files[place] = Attached(
            name=name, media_type=picture.media_type, data=data, picture=picture
        )
    return files


async def remove(app: App, person_id: str, job_id: str) -> Address:
    """Throw a result away: words, pictures and blobs; where its message stands, to be taken away."""
    row = await own(app, person_id, job_id)
    unused = await app.database.transaction(_remove, row, app.clock.now())
    await forget(app, unused)
    return records.read_address(row.address)


async def forget(app: App, hashes: Sequence[str]) -> None:
    """Remove blobs that nothing refers to any more; what fails is left to the sweep."""
    for sha256 in hashes:
        try:
            await app.blobs.delete(sha256)
        except BlobFailed as error:
            log.error("blob not deleted", sha256=sha256, error=repr(error))


def _remove(connection: Connection, row: JobRow, now: datetime) -> list[str]:
    if row.state not in ENDED:
        raise NotFound("job-running")
    unused = stored.drop(connection, row.id)
    jobs.mark_deleted(connection, row.id, now)
    return unused
