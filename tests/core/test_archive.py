"""Pictures as a zip: read back with another reader's eyes, within its limit, and counted."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator

import pytest

from core import archive, gallery
from core.gallery import Mark, Show
from core.people import recognise
from storage.blobs import Blobs
from tests.fakes.exhibits import files_of, hang, png_of
from tests.fakes.studio import Studio

ALL = Show()


async def ann(room: Studio) -> str:
    return await recognise(room.app, "test", "ann", "ann")


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def opened(data: bytes) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """The files of a zip that is whole, and its table."""
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        files = {name: found.read(name) for name in found.namelist()}
    text = files.pop(archive.TABLE).decode("utf-8-sig")
    return files, list(csv.DictReader(io.StringIO(text)))


async def downloads(room: Studio, person: str) -> list[int]:
    page = await gallery.page(room.app, person, ALL, None, 50)
    return [row.downloads for row in page.pictures]


async def test_every_picture_as_it_is_stored_with_what_it_was_made_by(room: Studio) -> None:
    person = await ann(room)
    [parent] = await hang(room.app, person, prompt="a fox")
    made = await hang(
        room.app,
        person,
        count=2,
        operation="edit",
        parent=parent.job_id,
        persona="Zoë",
        prompt='=cmd("x"), "été" 😀\nand more',
        ratio="16:9",
        negative=None,
    )
    await gallery.favourite(room.app, person, made[1])
    files, table = opened(await read(archive.streamed(room.app, person, ALL)))
    page = (await gallery.page(room.app, person, ALL, None, 9)).pictures
    assert list(files) == [archive.file_name(row) for row in page]
    for row, name in zip(page, files, strict=True):
        assert files[name] == await room.app.blobs.get(row.sha256)
    assert [line["file"] for line in table] == list(files)
    first = table[0]
    # A spreadsheet must not run what somebody has written.
    assert first["prompt"] == '\'=cmd("x"), "été" 😀\nand more'
    assert (first["operation"], first["model"], first["persona"]) == ("edit", "sketch", "Zoë")
    assert (first["seed"], first["ratio"], first["negative"]) == ("7", "16:9", "")
    assert (first["result"], first["parent"]) == (made[0].job_id, parent.job_id)
    assert [line["favourite"] for line in table] == ["no", "yes", "no"]
    assert json.loads(first["parameters"])["ratio"] == "16:9"
    assert table[2]["parent"] == ""
    assert await downloads(room, person) == [1, 1, 1]


def front_to_back(data: bytes) -> dict[str, bytes]:
    """What a reader finds that never sees the directory at the end: each file behind its header."""
    files = {}
    at = 0
    while data[at : at + 4] == b"PK\x03\x04":
        flags, method, _, _, crc, packed, _, name_length, extra_length = struct.unpack_from(
            "<HHHHLLLHH", data, at + 6
        )
        assert not flags & 0x08, "sizes that only come behind the file"
        start = at + 30 + name_length + extra_length
        content = data[start : start + packed]
        content = content if method == 0 else zlib.decompress(content, -15)
        assert zlib.crc32(content) == crc
        files[data[at + 30 : at + 30 + name_length].decode()] = content
        at = start + packed
    assert data[at : at + 4] == b"PK\x01\x02"
    return files


async def test_readers_that_go_from_front_to_back_can_read_it(room: Studio) -> None:
    person = await ann(room)
    await hang(room.app, person, count=3)
    data = await read(archive.streamed(room.app, person, ALL))
    found = front_to_back(data)
    assert found.pop(archive.TABLE).startswith(b"\xef\xbb\xbffile,made,")
    assert found == opened(data)[0]


async def test_it_comes_in_pieces_of_one_picture_each(room: Studio) -> None:
    person = await ann(room)
    files = [png_of(str(number)) + bytes(300_000) for number in range(4)]
    await hang(room.app, person, count=4, files=files)
    pieces = [piece async for piece in archive.streamed(room.app, person, ALL)]
    assert len(pieces) == 5
    assert max(map(len, pieces)) < 310_000
    found, _ = opened(b"".join(pieces))
    assert list(found.values()) == files


async def test_only_what_is_shown(room: Studio) -> None:
    person = await ann(room)
    await hang(room.app, person, count=2)
    [edited] = await hang(room.app, person, operation="edit")
    files, _ = opened(await read(archive.streamed(room.app, person, Show(operation="edit"))))
    assert len(files) == 1
    assert await downloads(room, person) == [1, 0, 0]
    chosen = [edited, Mark("0" * 32, 0)]
    files, table = opened(await read(archive.streamed_some(room.app, person, chosen)))
    assert (len(files), len(table)) == (1, 1)


async def test_nobody_gets_the_pictures_of_another(room: Studio) -> None:
    person = await ann(room)
    other = await recognise(room.app, "test", "bob", "bob")
    made = await hang(room.app, person, count=2)
    for pieces in (
        archive.streamed(room.app, other, ALL),
        archive.streamed_some(room.app, other, made),
    ):
        assert opened(await read(pieces)) == ({}, [])
    assert await downloads(room, person) == [0, 0]


async def test_a_file_that_is_gone_is_named_as_missing(room: Studio) -> None:
    person = await ann(room)
    made = await hang(room.app, person, count=3)
    await room.app.blobs.delete((await files_of(room.app, made))[1])
    files, table = opened(await read(archive.streamed(room.app, person, ALL)))
    assert len(files) == 2
    assert [bool(line["file"]) for line in table] == [True, False, True]
    assert await downloads(room, person) == [1, 0, 1]


async def test_more_than_one_batch(room: Studio) -> None:
    person = await ann(room)
    for _ in range(26):
        await hang(room.app, person, count=4)
    files, table = opened(await read(archive.streamed(room.app, person, ALL)))
    assert (len(files), len(table)) == (104, 104)
    assert await downloads(room, person) == [1] * 50


@pytest.mark.parametrize("bytes_max", [20_000, 150_000, 450_000, 1_000_000])
async def test_the_newest_that_fit_and_how_many_do_not(room: Studio, bytes_max: int) -> None:
    person = await ann(room)
    for number in range(6):
        await hang(room.app, person, files=[png_of(str(number)) + bytes(100_000)])
    chosen = await archive.newest(room.app, person, ALL, bytes_max)
    newest = (await gallery.page(room.app, person, ALL, None, 9)).pictures
    fits = {20_000: 0, 150_000: 1, 450_000: 4, 1_000_000: 6}[bytes_max]
    assert chosen.pictures == newest[:fits]
    assert chosen.left_out == 6 - fits
    data = await archive.whole(room.app, chosen.pictures)
    assert len(data) <= bytes_max
    assert len(opened(data)[0]) == fits


async def test_what_breaks_off_is_counted_as_far_as_it_came(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await ann(room)
    monkeypatch.setattr(archive, "_BATCH", 2)
    await hang(room.app, person, count=4)
    pieces = archive.streamed(room.app, person, ALL)
    for _ in range(4):
        await anext(pieces)
    await pieces.aclose()
    assert await downloads(room, person) == [1, 1, 0, 0]


async def test_the_store_is_asked_for_one_picture_at_a_time(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await ann(room)
    await hang(room.app, person, count=4)
    asked: list[str] = []
    get = Blobs.get

    async def counted(self: Blobs, sha256: str) -> bytes:
        asked.append(sha256)
        return await get(self, sha256)

    monkeypatch.setattr(Blobs, "get", counted)
    pieces = archive.streamed(room.app, person, ALL)
    for number in range(1, 4):
        await anext(pieces)
        assert len(asked) == number
