"""Results of a person that stand in the database as jobs leave them, with their files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from core import records
from core.app import App
from core.gallery import Mark
from core.ids import new_id
from core.messenger import Address, Picture
from storage import jobs, pictures
from storage.database import Connection
from storage.jobs import JobRow
from tests.fakes.providers import png


async def hang(
    app: App,
    person: str,
    *,
    count: int = 1,
    operation: str = "imagine",
    state: str = "succeeded",
    parent: str | None = None,
    address: Address | None = None,
    files: Sequence[bytes] = (),
    persona: str | None = None,
    **params: object,
) -> list[Mark]:
    """One job with so many pictures, each of its own; oldest first, as jobs are made."""
    job_id = new_id()
    shown = []
    for place in range(count):
        data = files[place] if files else png_of(f"{job_id}:{place}")
        sha256 = await app.blobs.put(data)
        size = len(data)
        shown.append(
            Picture(sha256=sha256, media_type="image/png", width=64, height=64, size_bytes=size)
        )
    # What was changed is a picture; it comes from nowhere here.
    sources = {"image": dataclasses.asdict(shown[0])} if operation == "edit" else {}
    stands = address or Address(platform="test", place="room", user="ann", message=new_id())
    now = app.clock.now()
    row = JobRow(
        id=job_id,
        person_id=person,
        community=None,
        operation=operation,
        model="sketch",
        params=json.dumps({"prompt": "a fox", "ratio": "1:1", "seed": 7, **sources, **params}),
        parent_id=parent,
        address=records.write_address(stands),
        count=count,
        price=0,
        priority=0,
        running_max=1,
        state=state,
        epoch=1,
        lease_until=None,
        cancel_asked=False,
        captured=0,
        lines="[]",
        created_at=now,
        answered_at=now,
        started_at=now,
        finished_at=now,
        deleted_at=None,
        persona=persona,
    )
    await app.database.transaction(_add, row, shown)
    return [Mark(job_id, place) for place in range(count)]


def _add(connection: Connection, row: JobRow, shown: Sequence[Picture]) -> None:
    jobs.add(connection, row)
    rows = [records.row_of(item, "output", place) for place, item in enumerate(shown)]
    pictures.add(connection, row.id, rows)


def png_of(text: str) -> bytes:
    """A small picture of which there is only one: it has the text behind its end."""
    return png(3) + hashlib.sha256(text.encode()).hexdigest().encode()


async def files_of(app: App, marks: Sequence[Mark]) -> list[str]:
    """The hashes of pictures, in order."""
    found = []
    for mark in marks:
        rows = await app.database.read(pictures.of_job, mark.job_id, "output")
        found.append(rows[mark.position].sha256)
    return found
