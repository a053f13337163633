"""A person's results: found again by a button's id, taken as sources, thrown away."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import structlog

from core import records
from core.app import App
from core.errors import NotFound, NotYours
from core.ids import is_id
from core.jobs.state import ENDED
from core.messenger import Address, Attached, Picture, Say
from core.operations.imagine import PROMPT_LENGTH_MAX, SEED_MAX
from core.options import from_json
from storage import jobs
from storage import pictures as stored
from storage.blobs import BlobFailed, BlobMissing
from storage.database import Connection
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

ANCESTORS_MAX = 20
TEXT = "made-text"


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


async def maker(app: App, row: JobRow) -> str | None:
    """The model that made a result, or what it comes of; None where none is known."""
    for _ in range(ANCESTORS_MAX):
        if row.model is not None or row.parent_id is None:
            break
        parent = await app.database.read(jobs.get, row.parent_id)
        if parent is None:
            break
        row = parent
    return row.model


async def ancestors(app: App, row: JobRow) -> list[JobRow]:
    """The results that this one comes of, the nearest first, as far as they are still there."""
    found: list[JobRow] = []
    while row.parent_id is not None and len(found) < ANCESTORS_MAX:
        parent = await app.database.read(jobs.get, row.parent_id)
        if parent is None or parent.deleted_at is not None:
            break
        found.append(parent)
        row = parent
    return found


def params_of(app: App, row: JobRow) -> object:
    """All that a job was made with, its model and the seed that was drawn for it too; raises NotFound."""
    operation = app.operations.get(row.operation)
    if operation is None:
        raise NotFound("operation-gone", operation=row.operation)
    params: Any = from_json(operation.params, row.params)
    model = app.models.get(row.model or "")
    if hasattr(params, "model"):
        params = dataclasses.replace(params, model=row.model)
    return with_seed(params, row.id) if model is not None and model.seed else params


def with_seed(params: object, job_id: str) -> object:
    """The parameters with a seed: the person's, else the job's own, which is the same after a crash."""
    if getattr(params, "seed", 0) is not None:
        return params
    digest = hashlib.sha256(job_id.encode()).digest()
    seed = int.from_bytes(digest[:4]) & SEED_MAX
    return dataclasses.replace(params, seed=seed)  # type: ignore[type-var]


def taken_over(app: App, row: JobRow, names: Collection[str]) -> dict[str, object]:
    """What a job that goes on from this one takes over of its options; `prompt` is what it shows.

    Words that an operation makes may be longer than people may write them: they are cut.
    """
    operation = app.operations.get(row.operation)
    if operation is None:
        return {}
    params: object = from_json(operation.params, row.params)
    known = {name: getattr(params, name, None) for name in names}
    if "prompt" in known:
        known["prompt"] = (operation.words(params) or "")[:PROMPT_LENGTH_MAX].rstrip() or None
    return {name: value for name, value in known.items() if value is not None}


def texts_said(texts: Sequence[str]) -> tuple[Say, ...]:
    """Texts that a job made, as its sentences."""
    return tuple(
        Say(key=TEXT, values={"number": number, "text": text})
        for number, text in enumerate(texts, start=1)
    )


def texts_of(row: JobRow) -> tuple[str, ...]:
    """The texts that a job made, in order."""
    lines = records.read_lines(row.lines)
    return tuple(str(line.values["text"]) for line in lines if line.key == TEXT)


async def pictures(app: App, job_id: str) -> tuple[Picture, ...]:
    """The pictures that a job made, in order."""
    rows = await app.database.read(stored.of_job, job_id, "output")
    return tuple(records.picture_of_row(item) for item in rows)


async def one(app: App, job_id: str, position: int) -> Picture:
    """One of the pictures that a job made, the first is 1; raises NotFound where it is gone."""
    found = await pictures(app, job_id)
    if position > len(found) or found[position - 1].sha256 == stored.GONE:
        raise NotFound("job-gone")
    return found[position - 1]


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
