"""Pictures as a zip file, with a table of what each was made by; made piece by piece, never held whole."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from core import gallery, sheets
from core.app import App
from core.gallery import Mark, ResultRow, Show
from storage import gallery as stored
from storage.blobs import BlobFailed, BlobMissing

log = structlog.get_logger(__name__)

PICTURES_MAX = 5000
TABLE = "parameters.csv"
_BATCH = 100
# What a file costs in a zip beside its bytes: two headers, its name twice, its line in the table.
_ENTRY_BYTES = 2 * 76 + 2 * 80 + 400
_END_BYTES = 4 * 2**10
_NAMED = ("prompt", "negative", "seed", "ratio")
COLUMNS = (
    "file", "made", "operation", "model", *_NAMED, "persona", "width", "height", "favourite",
    "downloads", "result", "parent", "parameters",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What goes into a zip, newest first, and how many older pictures do not."""

    pictures: tuple[ResultRow, ...]
    left_out: int


async def newest(app: App, person_id: str, show: Show, bytes_max: int) -> Chosen:
    """The newest pictures that fit into a zip of so many bytes."""
    room = bytes_max - _END_BYTES
    fitting: list[ResultRow] = []
    async for row in _rows(app, person_id, show, PICTURES_MAX):
        room -= row.size_bytes + _ENTRY_BYTES + 2 * len(row.params.encode())
        if room < 0:
            break
        fitting.append(row)
    left_out = await gallery.count(app, person_id, show) - len(fitting)
    return Chosen(pictures=tuple(fitting), left_out=max(0, left_out))


async def whole(app: App, pictures: Sequence[ResultRow]) -> bytes:
    """A zip that is small enough to be held."""
    return b"".join([piece async for piece in _zipped(app, _given(pictures))])


def streamed(app: App, person_id: str, show: Show) -> AsyncGenerator[bytes, None]:
    """A zip of the newest PICTURES_MAX pictures that are shown, in pieces."""
    return _zipped(app, _rows(app, person_id, show, PICTURES_MAX))


def streamed_some(app: App, person_id: str, marks: Iterable[Mark]) -> AsyncGenerator[bytes, None]:
    """A zip of chosen pictures of a person's own, in pieces; what is gone is left out."""
    return _zipped(app, _chosen(app, person_id, marks))


class _Window(io.BytesIO):
    """The end of a file that is sent while it is written: only what was not taken yet can change."""

    taken = 0

    def tell(self) -> int:
        """Where the next byte goes, in the whole file."""
        return self.taken + super().tell()

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go back to a place of the whole file that was not taken yet."""
        assert whence == 0
        return self.taken + super().seek(position - self.taken)

    def take(self) -> bytes:
        """All that was written since, to be sent."""
        data = self.getvalue()
        self.taken += len(data)
        super().seek(0)
        self.truncate(0)
        return data


async def _zipped(app: App, rows: AsyncIterator[ResultRow]) -> AsyncGenerator[bytes, None]:
    """The pictures as they are stored, then the table; counts each that went out as downloaded."""
    window = _Window()
    archive = zipfile.ZipFile(window, "w")
    table: list[list[str | int | None]] = []
    sent: list[Mark] = []
    async for row in rows:
        data = await _bytes(app, row)
        if data is not None:
            # Checksums of large pictures are no work for the event loop.
            await asyncio.to_thread(archive.writestr, _entry(file_name(row), row.created_at), data)
            yield window.take()
            sent.append(row.mark)
        table.append(_line(row, file_name(row) if data is not None else ""))
        if len(sent) == _BATCH:
            await gallery.downloaded(app, sent)
            sent = []
    info = _entry(TABLE, app.clock.now())
    info.compress_type = zipfile.ZIP_DEFLATED
    await asyncio.to_thread(archive.writestr, info, sheets.as_csv(COLUMNS, table))
    archive.close()
    yield window.take()
    await gallery.downloaded(app, sent)


async def _bytes(app: App, row: ResultRow) -> bytes | None:
    try:
        return await app.blobs.get(row.sha256)
    except (BlobMissing, BlobFailed) as error:
        log.error("picture left out", job=row.job_id, error=repr(error))
        return None


def file_name(row: ResultRow) -> str:
    """The name of a picture as a file: when it was made, by what, and of which result it is which."""
    made = row.created_at.strftime("%Y%m%d-%H%M%S")
    kind = row.media_type.partition("/")[2]
    return f"{made}-{row.operation}-{row.job_id[-8:]}-{row.position + 1}.{kind}"


def _entry(name: str, made: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=made.timetuple()[:6])
    info.external_attr = 0o644 << 16
    return info


def _line(row: ResultRow, file: str) -> list[str | int | None]:
    """A picture's line of the table; without a file where that is gone."""
    params = json.loads(row.params)
    named = [params.get(name) for name in _NAMED]
    return [
        file,
        row.created_at.isoformat(timespec="seconds"),
        row.operation,
        row.model,
        *(value if isinstance(value, str | int) else None for value in named),
        row.persona,
        row.width,
        row.height,
        "yes" if row.favourite_at is not None else "no",
        row.downloads,
        row.job_id,
        row.parent_id,
        row.params,
    ]


async def _rows(app: App, person_id: str, show: Show, limit: int) -> AsyncIterator[ResultRow]:
    """The newest pictures that are shown, read some at a time."""
    mark: Mark | None = None
    left = limit
    while left > 0:
        found = await app.database.read(stored.page, person_id, show, mark, min(_BATCH, left))
        for row in found:
            yield row
        if len(found) < min(_BATCH, left):
            return
        mark = found[-1].mark
        left -= len(found)


async def _chosen(app: App, person_id: str, marks: Iterable[Mark]) -> AsyncIterator[ResultRow]:
    for mark in marks:
        row = await app.database.read(stored.one, person_id, mark)
        if row is not None:
            yield row


async def _given(rows: Iterable[ResultRow]) -> AsyncIterator[ResultRow]:
    for row in rows:
        yield row
