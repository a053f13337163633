"""A form from the page, read as it streams in: words in memory, files on disk, each with a limit."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO

from aiohttp import BodyPartReader, web

from bot.command import Upload
from core.images import BYTES_MAX

FILES_MAX = 8
FIELDS_MAX = 12
FIELD_BYTES_MAX = 64 * 2**10
REQUEST_BYTES_MAX = 100 * 2**20
CHUNK_BYTES = 256 * 2**10
MEMORY_BYTES_MAX = 2**20
NAME_LENGTH_MAX = 80
ACCEPTED = "image/png,image/jpeg,image/webp,image/gif"


class TooLarge(Exception):
    """A request with more bytes, files or fields than are read."""


@dataclass(slots=True, kw_only=True)
class Posted:
    """A form: its fields as text, and its files."""

    fields: dict[str, str] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A field, empty where it is missing."""
        return self.fields.get(name, "")


@contextlib.asynccontextmanager
async def posted(request: web.Request) -> AsyncIterator[Posted]:
    """Read a form; its files can be read until the end of the block. Raises TooLarge."""
    if (request.content_length or 0) > REQUEST_BYTES_MAX:
        raise TooLarge
    if not request.content_type.startswith("multipart/"):
        # Without files a browser may send the short form; aiohttp holds it to its own limit.
        form = await request.post()
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        yield Posted(fields=texts)
        return
    with contextlib.ExitStack() as files:
        yield await _read(request, files)


async def _read(request: web.Request, files: contextlib.ExitStack) -> Posted:
    found = Posted()
    left = REQUEST_BYTES_MAX
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or len(found.fields) > FIELDS_MAX:
                raise TooLarge
            if part.filename is None:
                found.fields[part.name or ""] = await _text(part)
                continue
            spool = tempfile.SpooledTemporaryFile(MEMORY_BYTES_MAX)  # noqa: SIM115 - the stack closes it
            file = files.enter_context(spool)
            size = await _store(part, file, left)
            left -= size
            # A browser sends an empty, nameless file where none was chosen.
            if part.filename or size:
                found.uploads.append(_upload(part.filename, size, file))
            if len(found.uploads) > FILES_MAX:
                raise TooLarge
    except ValueError as error:
        raise web.HTTPBadRequest(text="This is not a form.") from error
    return found


async def _text(part: BodyPartReader) -> str:
    data = b""
    while chunk := await part.read_chunk(CHUNK_BYTES):
        data += chunk
        if len(data) > FIELD_BYTES_MAX:
            raise TooLarge
    return data.decode("utf-8", errors="replace")


async def _store(part: BodyPartReader, file: IO[bytes], left: int) -> int:
    """Keep as much of a file as the gate will look at, read the rest away; its whole size in bytes."""
    size = 0
    while chunk := await part.read_chunk(CHUNK_BYTES):
        size += len(chunk)
        if size > left:
            raise TooLarge
        if size <= BYTES_MAX + CHUNK_BYTES:
            await asyncio.to_thread(file.write, chunk)
    return size


def _upload(name: str, size: int, file: IO[bytes]) -> Upload:
    def read_all() -> bytes:
        file.seek(0)
        return file.read(BYTES_MAX + 1)

    async def read() -> bytes:
        return await asyncio.to_thread(read_all)

    return Upload(name=name[:NAME_LENGTH_MAX], size_bytes=size, read=read)
