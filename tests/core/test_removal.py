"""Several pictures thrown away at once: what goes, what stays, and who may."""

from __future__ import annotations

import asyncio

import pytest

from core import gallery, removal
from core.errors import NotFound
from core.gallery import Mark, Show
from core.images import Encoded, Images
from core.jobs import library
from core.messenger import Address
from core.people import recognise
from storage import jobs
from storage import pictures as stored
from storage.blobs import BlobMissing
from tests.fakes.exhibits import files_of, hang
from tests.fakes.providers import png
from tests.fakes.studio import Studio

ALL = Show()


async def ann(room: Studio) -> str:
    return await recognise(room.app, "test", "ann", "ann")


async def shown(room: Studio, person: str) -> list[Mark]:
    return [row.mark for row in (await gallery.page(room.app, person, ALL, None, 50)).pictures]


async def there(room: Studio, hashes: list[str]) -> list[bool]:
    """Whether each of these files is still stored."""
    found = []
    for sha256 in hashes:
        try:
            await room.app.blobs.get(sha256)
        except BlobMissing:
            found.append(False)
        else:
            found.append(True)
    return found


async def test_whole_results_go_with_their_files_words_and_messages(room: Studio) -> None:
    person = await ann(room)
    here = Address(platform="test", place="room", user="ann", message="7")
    one = await hang(room.app, person, count=2, address=here)
    other = await hang(room.app, person)
    stays = await hang(room.app, person)
    hashes = await files_of(room.app, [*one, *other, *stays])
    removed = await removal.remove(room.app, person, [*one, *other])
    assert removed == removal.Removed(pictures=3, stay=0)
    assert await shown(room, person) == stays
    assert await there(room, hashes) == [False, False, False, True]
    assert here in room.chat.removed
    assert len(room.chat.removed) == 2
    row = await room.app.database.read(jobs.get, one[0].job_id)
    assert row is not None
    assert (row.params, row.lines) == ("{}", "[]")
    assert row.deleted_at is not None


async def test_some_pictures_of_a_result_go_and_the_others_keep_their_numbers(room: Studio) -> None:
    person = await ann(room)
    made = await hang(room.app, person, count=4)
    hashes = await files_of(room.app, made)
    await gallery.favourite(room.app, person, made[1])
    removed = await removal.remove(room.app, person, [made[1], made[2]])
    assert removed == removal.Removed(pictures=2, stay=1)
    assert await shown(room, person) == [made[0], made[3]]
    assert await there(room, hashes) == [True, False, False, True]
    assert room.chat.removed == []
    assert await gallery.count(room.app, person, Show(favourites=True)) == 0
    assert list(await library.originals(room.app, made[0].job_id)) == [0, 3]
    assert list(await library.originals(room.app, made[0].job_id, 4)) == [3]
    assert await library.originals(room.app, made[0].job_id, 2) == {}
    reply = await room.run("edit-result", job=made[0].job_id, position="4", prompt="blue")
    assert reply.job_id is not None
    job = await room.app.database.read(stored.of_job, reply.job_id, "input")
    assert [row.sha256 for row in job] == [hashes[3]]


async def test_thumbnails_go_with_their_pictures(room: Studio) -> None:
    person = await ann(room)
    made = await hang(room.app, person, count=2)
    rows = await gallery.some(room.app, person, made)
    for row in rows:
        first, again = [await gallery.small(room.app, person, row) for _ in range(2)]
        assert (first.media_type, first.data) == ("image/webp", again.data)
        assert await room.app.blobs.get_small(row.sha256) == first.data
    await removal.remove(room.app, person, made[:1])
    with pytest.raises(BlobMissing):
        await room.app.blobs.get_small(rows[0].sha256)
    assert await room.app.blobs.get_small(rows[1].sha256)


async def test_a_thumbnail_that_comes_too_late_is_not_kept(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await ann(room)
    [mark] = await hang(room.app, person)
    row = await gallery.find(room.app, person, mark)
    thumbnail = Images.thumbnail

    async def late(self: Images, data: bytes, *, side: int = 512) -> Encoded:
        await removal.remove(room.app, person, [mark])
        return await thumbnail(self, data, side=side)

    monkeypatch.setattr(Images, "thumbnail", late)
    await gallery.small(room.app, person, row)
    with pytest.raises(BlobMissing):
        await room.app.blobs.get_small(row.sha256)


async def test_the_last_picture_takes_its_result_along(room: Studio) -> None:
    person = await ann(room)
    made = await hang(room.app, person, count=2)
    hashes = await files_of(room.app, made)
    assert (await removal.remove(room.app, person, made[:1])).stay == 1
    assert (await removal.remove(room.app, person, made[1:])).stay == 0
    assert await there(room, hashes) == [False, False]
    assert len(room.chat.removed) == 1
    with pytest.raises(NotFound):
        await library.own(room.app, person, made[0].job_id)


async def test_a_file_that_another_result_has_too_stays(room: Studio) -> None:
    person = await ann(room)
    same = png(9)
    first = await hang(room.app, person, count=2, files=[same, png(8)])
    second = await hang(room.app, person, files=[same])
    hashes = await files_of(room.app, first)
    await removal.remove(room.app, person, first[:1])
    assert await there(room, hashes) == [True, True]
    await removal.remove(room.app, person, second)
    assert await there(room, hashes) == [False, True]


async def test_two_results_that_share_a_file_go_with_it(room: Studio) -> None:
    person = await ann(room)
    same = png(9)
    made = [
        *(await hang(room.app, person, files=[same])),
        *(await hang(room.app, person, files=[same])),
    ]
    hashes = await files_of(room.app, made)
    await removal.remove(room.app, person, made)
    assert await there(room, hashes) == [False, False]


async def test_what_is_anothers_or_gone_or_not_finished_is_passed_over(room: Studio) -> None:
    person = await ann(room)
    other = await recognise(room.app, "test", "bob", "bob")
    theirs = await hang(room.app, other)
    runs = await hang(room.app, person, state="running")
    wrong = [Mark("0" * 32, 0), Mark("x", 0), Mark(theirs[0].job_id, 5)]
    removed = await removal.remove(room.app, person, [*theirs, *runs, *wrong])
    assert removed == removal.Removed(pictures=0, stay=0)
    assert await shown(room, other) == theirs
    row = await room.app.database.read(jobs.get, runs[0].job_id)
    assert row is not None
    assert row.deleted_at is None


async def test_two_at_once_who_take_all_of_a_result_leave_none_of_it(room: Studio) -> None:
    person = await ann(room)
    for _ in range(5):
        made = await hang(room.app, person, count=2)
        await asyncio.gather(*(removal.remove(room.app, person, [mark]) for mark in made))
        row = await room.app.database.read(jobs.get, made[0].job_id)
        assert row is not None
        assert row.deleted_at is not None


async def test_a_message_that_cannot_be_removed_in_time_keeps_nobody_waiting(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(address: Address) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(room.chat, "remove", never)
    monkeypatch.setattr(removal, "MESSAGES_S_MAX", 0.05)
    person = await ann(room)
    made = await hang(room.app, person)
    assert (await removal.remove(room.app, person, made)).pictures == 1
    assert await shown(room, person) == []


async def test_a_question_is_its_persons_alone_and_can_be_read_again(room: Studio) -> None:
    person = await ann(room)
    other = await recognise(room.app, "test", "bob", "bob")
    made = await hang(room.app, person, count=3)
    question = await removal.ask(room.app, person, made)
    for _ in range(2):
        assert list(await removal.asked(room.app, person, question)) == made
    for who, which in ((other, question), (person, "0" * 32), (person, "x")):
        with pytest.raises(NotFound) as caught:
            await removal.asked(room.app, who, which)
        assert caught.value.key == "gallery-question-over"
