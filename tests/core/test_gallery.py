"""The gallery: whose pictures are shown, in which order, page by page, and what is kept of them."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import select

from core import gallery
from core.errors import NotFound, NotYours
from core.gallery import Mark, Show
from core.jobs import library
from core.jobs.submit import Order, submit
from core.messenger import NEW_ROW, Address
from core.operations.base import Operation
from core.options import option
from core.people import recognise
from storage.database import Connection
from storage.jobs import job
from storage.pictures import picture
from tests.fakes.exhibits import files_of, hang
from tests.fakes.studio import Studio

ALL = Show()


async def ann(room: Studio) -> str:
    return await recognise(room.app, "test", "ann", "ann")


async def bob(room: Studio) -> str:
    return await recognise(room.app, "test", "bob", "bob")


def marks(page: gallery.Page) -> list[Mark]:
    return [row.mark for row in page.pictures]


async def through(room: Studio, person: str, show: Show, limit: int) -> list[list[Mark]]:
    """Every page from the newest to the last."""
    pages = []
    mark = None
    while True:
        found = await gallery.page(room.app, person, show, mark, limit)
        pages.append(marks(found))
        if not found.older:
            return pages
        mark = found.pictures[-1].mark


async def test_newest_first_and_the_pictures_of_one_job_in_their_order(room: Studio) -> None:
    person = await ann(room)
    first = await hang(room.app, person, count=2)
    second = await hang(room.app, person, count=3)
    page = await gallery.page(room.app, person, ALL, None, 10)
    assert marks(page) == [*second, *first]
    assert (page.newer, page.older) == (False, False)
    row = page.pictures[0]
    assert (row.operation, row.model, gallery.words(row)) == ("imagine", "sketch", "a fox")


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7, 25])
async def test_pages_have_every_picture_once(room: Studio, count: int) -> None:
    person = await ann(room)
    every: list[Mark] = []
    while len(every) < count:
        # Jobs of several pictures lie across the end of a page.
        every = [*(await hang(room.app, person, count=min(4, count - len(every)))), *every]
    pages = await through(room, person, ALL, 6)
    assert [mark for page in pages for mark in page] == every
    assert [len(page) for page in pages[:-1]] == [6] * (len(pages) - 1)
    assert await gallery.count(room.app, person, ALL) == count


async def test_the_way_back_shows_the_same_pages(room: Studio) -> None:
    person = await ann(room)
    for _ in range(7):
        await hang(room.app, person, count=3)
    pages = await through(room, person, ALL, 6)
    back = await gallery.page(room.app, person, ALL, pages[3][0], 6, newer=True)
    assert (marks(back), back.newer, back.older) == (pages[2], True, True)
    back = await gallery.page(room.app, person, ALL, pages[1][0], 6, newer=True)
    assert (marks(back), back.newer, back.older) == (pages[0], False, True)


async def test_a_page_that_would_not_be_full_begins_with_the_newest(room: Studio) -> None:
    person = await ann(room)
    every = [*(await hang(room.app, person, count=4)), *(await hang(room.app, person, count=4))]
    page = await gallery.page(room.app, person, ALL, every[0], 6, newer=True)
    assert marks(page) == [*every[4:], *every[:2]]
    assert (page.newer, page.older) == (False, True)


async def test_behind_the_last_picture_there_is_the_beginning(room: Studio) -> None:
    person = await ann(room)
    every = await hang(room.app, person, count=2)
    page = await gallery.page(room.app, person, ALL, every[-1], 6)
    assert (marks(page), page.newer) == (every, False)


async def test_new_pictures_move_nothing_on_an_older_page(room: Studio) -> None:
    person = await ann(room)
    for _ in range(3):
        await hang(room.app, person, count=4)
    pages = await through(room, person, ALL, 6)
    await hang(room.app, person, count=4)
    page = await gallery.page(room.app, person, ALL, pages[0][-1], 6)
    assert (marks(page), page.newer) == (pages[1], True)


async def test_only_what_succeeded_and_was_kept_and_is_ones_own(room: Studio) -> None:
    person = await ann(room)
    [mine] = await hang(room.app, person)
    await hang(room.app, await bob(room))
    await hang(room.app, person, state="failed")
    await hang(room.app, person, state="running")
    [gone] = await hang(room.app, person)
    await library.remove(room.app, person, gone.job_id)
    assert marks(await gallery.page(room.app, person, ALL, None, 9)) == [mine]


async def test_one_operation_one_persona_and_favourites(room: Studio) -> None:
    person = await ann(room)
    drawn = await hang(room.app, person, count=2)
    [edited] = await hang(room.app, person, operation="edit")
    [me] = await hang(room.app, person, operation="portrait", persona="Zoë 😀")
    await hang(room.app, await bob(room), operation="upscale", persona="Bob")
    await gallery.favourite(room.app, person, drawn[1])
    await gallery.favourite(room.app, person, me)
    for show, wanted in (
        (Show(operation="edit"), [edited]),
        (Show(operation="imagine"), drawn),
        (Show(operation="upscale"), []),
        (Show(persona="Zoë 😀"), [me]),
        (Show(persona="Bob"), []),
        (Show(favourites=True), [me, drawn[1]]),
        (Show(favourites=True, operation="imagine"), [drawn[1]]),
        (Show(favourites=True, operation="edit"), []),
    ):
        assert marks(await gallery.page(room.app, person, show, None, 9)) == wanted
        assert await gallery.count(room.app, person, show) == len(wanted)
    assert await gallery.operations(room.app, person) == ["edit", "imagine", "portrait"]
    assert await gallery.personas(room.app, person) == ["Zoë 😀"]


async def test_pages_of_favourites_go_both_ways(room: Studio) -> None:
    person = await ann(room)
    liked: list[Mark] = []
    for _ in range(5):
        made = await hang(room.app, person, count=4)
        for mark in (made[1], made[3]):
            await gallery.favourite(room.app, person, mark)
        liked = [made[1], made[3], *liked]
    show = Show(favourites=True)
    pages = await through(room, person, show, 4)
    assert pages == [liked[:4], liked[4:8], liked[8:]]
    back = await gallery.page(room.app, person, show, liked[8], 4, newer=True)
    assert marks(back) == liked[4:8]


async def test_a_favourite_is_on_then_off_then_told_to_be_on_twice(room: Studio) -> None:
    person = await ann(room)
    [mark] = await hang(room.app, person)
    assert await gallery.favourite(room.app, person, mark) is True
    assert await gallery.favourite(room.app, person, mark) is False
    for _ in range(2):
        assert await gallery.favourite(room.app, person, mark, on=True) is True
    row = await gallery.find(room.app, person, mark)
    assert row.favourite_at is not None


async def test_nobody_marks_or_finds_what_is_another_persons(room: Studio) -> None:
    person, other = await ann(room), await bob(room)
    [mark] = await hang(room.app, person)
    with pytest.raises(NotYours):
        await gallery.find(room.app, other, mark)
    with pytest.raises(NotYours):
        await gallery.favourite(room.app, other, mark)
    assert (await gallery.find(room.app, person, mark)).favourite_at is None
    for wrong in (Mark(mark.job_id, 1), Mark("0" * 32, 0), Mark("no id", 0), Mark("", -1)):
        with pytest.raises(NotFound):
            await gallery.find(room.app, person, wrong)


async def test_downloads_are_counted_by_place_and_by_bytes(room: Studio) -> None:
    person = await ann(room)
    made = await hang(room.app, person, count=3)
    hashes = await files_of(room.app, made)
    await gallery.downloaded(room.app, [made[0], made[2]])
    await gallery.downloaded(room.app, [made[2]])
    await gallery.downloaded_file(room.app, person, hashes[2])
    await gallery.downloaded_file(room.app, await bob(room), hashes[2])
    await gallery.downloaded(room.app, [])
    page = await gallery.page(room.app, person, ALL, None, 9)
    assert [row.downloads for row in page.pictures] == [1, 0, 3]


async def test_the_first_picture_of_a_parent_is_found_while_it_is_there(room: Studio) -> None:
    person = await ann(room)
    made = await hang(room.app, person, count=2)
    await hang(room.app, person)
    found = await gallery.first_of(room.app, person, made[0].job_id)
    assert found is not None
    assert found.mark == made[0]
    assert await gallery.first_of(room.app, await bob(room), made[0].job_id) is None
    assert await gallery.first_of(room.app, person, None) is None
    await library.remove(room.app, person, made[0].job_id)
    assert await gallery.first_of(room.app, person, made[0].job_id) is None


async def test_the_buttons_under_one_of_several_pictures_are_its_own(room: Studio) -> None:
    made = await hang(room.app, await ann(room), count=4)
    row = await library.find(room.app, made[0].job_id)
    alone = gallery.actions(room.app, row, 1, 1)
    assert {"edit-result", "upscale-2x", "again", "info", "delete"} < set(alone)
    assert gallery.actions(room.app, row, 4, 3) == tuple(
        name if name in {NEW_ROW, "again", "info"} else f"{name}:3" for name in alone
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """The options of an operation that has a persona."""

    persona: str | None = option("Who", default=None)


async def test_a_job_keeps_the_persona_it_was_asked_for(room: Studio) -> None:
    person = await ann(room)
    operation = Operation(
        name="portrait", summary="-", params=Sitting, local=room.app.operations["palette"].local
    )
    for name in ("Zoë", None):
        order = Order(
            person_id=person,
            community=None,
            operation=operation,
            params=Sitting(persona=name),
            address=Address(platform="test", place="room", user="ann"),
            inbox=f"test:{name}",
        )
        await submit(room.app, order)
    assert await room.app.database.read(_personas) == ["Zoë", None]


def _personas(connection: Connection) -> list[str | None]:
    return list(connection.execute(select(job.c.persona).order_by(job.c.id)).scalars())


async def test_what_is_thrown_away_leaves_no_persona_and_no_picture(room: Studio) -> None:
    person = await ann(room)
    [mark] = await hang(room.app, person, persona="Zoë")
    await library.remove(room.app, person, mark.job_id)
    assert await room.app.database.read(_personas) == [None]
    assert await room.app.database.read(_pictures) == 0
    assert await gallery.personas(room.app, person) == []


def _pictures(connection: Connection) -> int:
    return len(connection.execute(select(picture.c.job_id)).all())
