"""The gallery as every frontend runs it: pages, buttons, favourites, several deleted, and a zip."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import i18n
from bot.catalogue import build
from bot.command import Button, Reply
from bot.dispatch import Dispatch
from bot.gallery import Place, Way, place_of
from core import gallery, removal
from core.errors import NotFound, UserError
from core.gallery import Mark, Show
from core.ids import new_id
from core.messenger import Limits
from core.people import recognise
from storage.blobs import BlobMissing
from tests.fakes.exhibits import files_of, hang, png_of
from tests.fakes.studio import Remembering, Studio, studio


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(database_url, tmp_path) as opened:
        yield opened


async def person(room: Studio, user: str = "ann") -> str:
    return await recognise(room.app, "test", user, user)


def keys(reply: Reply) -> list[str]:
    return [line.key for line in reply.lines]


def labels(reply: Reply) -> list[str]:
    return [
        item.label or i18n.button_label("en", item.command, item.position) for item in reply.buttons
    ]


def texts(reply: Reply) -> list[str]:
    return list(i18n.sentences("en", reply.lines))


def button(reply: Reply, label: str) -> Button:
    return next(
        item for item, name in zip(reply.buttons, labels(reply), strict=True) if name == label
    )


async def press(room: Studio, pressed: Button, user: str = "ann", **words: str) -> Reply:
    """Press a button as it comes back from a chat: as text."""
    call = dataclasses.replace(room.call(user), arguments=words)
    return await room.dispatch.press(pressed.pack(), call)


async def filled(room: Studio, jobs: int, count: int = 1, **about: object) -> list[Mark]:
    """So many jobs with so many pictures; newest first."""
    who = await person(room)
    made: list[Mark] = []
    for _ in range(jobs):
        made = [*(await hang(room.app, who, count=count, **about)), *made]  # type: ignore[arg-type]
    return made


async def test_an_empty_gallery_says_so(room: Studio) -> None:
    reply = await room.run("gallery")
    assert texts(reply)[0].startswith("Your gallery is empty.")
    assert (reply.buttons, reply.private) == ((), True)
    said = {
        "favourites": "You have no favourites yet.",
        "edit": "Nothing made by /edit is in your gallery.",
    }
    for show, sentence in said.items():
        assert texts(await room.run("gallery", show=show))[0].startswith(sentence)
    reply = await room.run("gallery", persona="Zoë")
    assert texts(reply) == ["There are no pictures of Zoë in your gallery."]


async def test_one_picture_has_no_further_pages(room: Studio) -> None:
    [mark] = await filled(room, 1)
    reply = await room.run("gallery")
    assert texts(reply)[0] == "Your pictures, newest first:"
    assert texts(reply)[1].startswith("1. a fox (imagine, 20")
    assert labels(reply) == ["1", "Delete several", "Download all"]
    assert [item.name for item in reply.attached] == ["1.png"]
    assert reply.album
    assert reply.buttons[0] == Button(command="open", job_id=mark.job_id, position=1, label="1")


async def test_25_pictures_forwards_and_back_by_buttons(room: Studio) -> None:
    every = await filled(room, 25)
    reply = await room.run("gallery")
    seen: list[str] = []
    pages = []
    while True:
        opens = [item.job_id for item in reply.buttons if item.command == "open"]
        pages.append(opens)
        seen += opens
        assert len(reply.attached) == len(opens)
        if "→" not in labels(reply):
            break
        assert ("←" in labels(reply)) == (len(pages) > 1)
        reply = await press(room, button(reply, "→"))
    assert seen == [mark.job_id for mark in every]
    assert [len(page) for page in pages] == [6, 6, 6, 6, 1]
    reply = await press(room, button(reply, "←"))
    assert [item.job_id for item in reply.buttons if item.command == "open"] == pages[3]


async def test_a_button_of_a_page_works_after_a_restart_and_twice(room: Studio) -> None:
    await filled(room, 8)
    first = await room.run("gallery")
    packed = button(first, "→").pack()
    again = Dispatch(room.app, build(room.app.operations))
    replies = [await again.press(packed, room.call()) for _ in range(2)]
    assert keys(replies[0]) == ["gallery-title", "gallery-line", "gallery-line"]
    assert replies[0].buttons == replies[1].buttons


@pytest.mark.parametrize("show", ["favourites", "imagine", "blend"])
async def test_the_filter_stays_from_page_to_page(room: Studio, show: str) -> None:
    made = await filled(room, 4, 2)
    for mark in made:
        await gallery.favourite(room.app, await person(room), mark)
    await filled(room, 2, 2, operation="edit")
    # What is not offered any more has left its pictures.
    blends = await filled(room, 4, 2, operation="blend")
    wanted = blends if show == "blend" else made
    reply = await room.run("gallery", show=show)
    seen = [item.job_id for item in reply.buttons if item.command == "open"]
    reply = await press(room, button(reply, "→"))
    assert reply.lines[0].values["show"] == ("favourites" if show == "favourites" else "operation")
    seen += [item.job_id for item in reply.buttons if item.command == "open"]
    assert seen == [mark.job_id for mark in wanted]


async def test_a_persona_of_any_name_goes_through_a_button(room: Studio) -> None:
    name = "Großmutter Zoë 😀 " * 5
    made = await filled(room, 9, persona=name.strip())
    await filled(room, 3, persona="Other")
    reply = await room.run("gallery", persona=name)
    reply = await press(room, button(reply, "→"))
    assert [item.job_id for item in reply.buttons if item.command == "open"] == [
        mark.job_id for mark in made[6:]
    ]
    for mark in made:
        await removal.remove(room.app, await person(room), [mark])
    reply = await press(room, button(reply, "←"))
    assert keys(reply) == ["gallery-place-gone"]


async def test_what_cannot_be_shown_names_what_can(room: Studio) -> None:
    reply = await room.run("gallery", show="sculpture")
    assert reply.error
    assert "newest, favourites, background, blend, crop, design, edit," in texts(reply)[0]


def test_what_can_be_shown_completes(room: Studio) -> None:
    found = [item.value for item in room.dispatch.suggest("gallery", "show", "im")]
    assert found == ["imagine"]
    assert room.dispatch.suggest("gallery", "show", "")[:2][0].value == "newest"
    assert room.dispatch.suggest("gallery", "persona", "") == ()


async def test_a_place_is_packed_small_and_read_back(room: Studio) -> None:
    who = await person(room)
    await hang(room.app, who, operation="a-very-long-operation", persona="x" * 100)
    mark = Mark(new_id(), 8)
    shows = (
        Show(),
        Show(favourites=True),
        Show(favourites=True, operation="imagine"),
        Show(favourites=True, persona="x" * 100),
        Show(operation="a-very-long-operation", persona="x" * 100),
        Show(favourites=True, operation="a-very-long-operation", persona="x" * 100),
    )
    for show in shows:
        for place in (
            Place(show=show),
            Place(show=show, mark=mark),
            Place(show=show, mark=mark, way=Way.NEWER),
            Place(show=show, mark=mark, way=Way.FROM, check="abcd"),
        ):
            given = Button(command="gallery-delete", given=("at", place.pack()))
            assert Button.unpack(given.pack()) == given
            assert await place_of(room.app, who, place.pack()) == place


@pytest.mark.parametrize("forged", ["", "x", "s s", "fs1", "a9" + "a" * 26, "a1" + "a" * 25, "ä"])
async def test_a_forged_place_is_refused(room: Studio, forged: str) -> None:
    with pytest.raises(UserError):
        await place_of(room.app, await person(room), forged)
    for code in ("oaaaaas", "paaaaas"):
        with pytest.raises(NotFound):
            await place_of(room.app, await person(room), code)


async def test_open_shows_one_picture_with_its_own_buttons(room: Studio) -> None:
    [parent] = await filled(room, 1)
    made = await filled(room, 1, 3, operation="edit", parent=parent.job_id, prompt="night")
    reply = await room.run("gallery")
    reply = await press(room, button(reply, "2"))
    assert reply.prompt == "night"
    assert texts(reply)[0].startswith("Made with /edit, sketch on 20")
    ends = ["Again", "☆ Favourite", "Original", "Info", "Delete"]
    changes = labels(reply)[:-6]
    assert {"Vary (subtle)", "Upscale 2×", "Edit", "→"} < set(changes)
    assert labels(reply) == [*changes, *ends, "What it was made from"]
    assert all(item.position == 2 for item in reply.buttons[: len(changes)])
    [shown] = reply.attached
    assert shown.data == await room.app.blobs.get((await files_of(room.app, made))[1])
    above = await press(room, button(reply, "What it was made from"))
    assert labels(above) == [*changes, *ends]


async def test_a_favourite_is_made_and_unmade_by_its_button(room: Studio) -> None:
    await filled(room, 1, 2)
    reply = await press(room, button(await room.run("gallery"), "2"))
    star = button(reply, "☆ Favourite")
    assert texts(await press(room, star)) == ["★ It is one of your favourites now."]
    assert texts(await room.run("gallery", show="favourites"))[1].startswith("1. ★ a fox")
    reply = await press(room, button(await room.run("gallery"), "2"))
    assert "★ Favourite" in labels(reply)
    assert keys(await press(room, star)) == ["favourite-removed"]


@pytest.mark.parametrize("command", ["open", "favourite", "delete", "original"])
async def test_somebody_elses_picture(room: Studio, command: str) -> None:
    [mark] = await filled(room, 1)
    pressed = Button(command=command, job_id=mark.job_id, position=1)
    call = room.call("bob", place="elsewhere")
    reply = await room.dispatch.press(pressed.pack(), call)
    assert keys(reply) == ["not-yours"]
    assert len((await gallery.page(room.app, await person(room), Show(), None, 9)).pictures) == 1


async def test_a_page_of_another_person_is_a_page_of_ones_own(room: Studio) -> None:
    await filled(room, 8)
    page = await room.run("gallery")
    reply = await press(room, button(page, "→"), "bob")
    assert keys(reply) == ["gallery-empty"]
    reply = await press(room, button(page, "Delete several"), "bob", numbers="1")
    assert keys(reply) == ["gallery-changed"]
    reply = await press(room, button(page, "Download all"), "bob")
    assert keys(reply) == ["gallery-place-gone"]


async def test_several_are_deleted_after_a_question(room: Studio) -> None:
    made = await filled(room, 5)
    await gallery.favourite(room.app, await person(room), made[2])
    hashes = await files_of(room.app, made)
    page = await room.run("gallery")
    asked = await press(room, button(page, "Delete several"), numbers="1, 3-4")
    assert texts(asked)[0].startswith("Delete these 3 pictures, one of them a favourite?")
    assert len((await room.run("gallery")).attached) == 5
    yes = button(asked, "Yes, delete")
    assert keys(await press(room, yes, "bob")) == ["gallery-question-over"]
    assert texts(await press(room, yes)) == ["3 pictures deleted."]
    left = await room.run("gallery")
    opens = [item.job_id for item in left.buttons if item.command == "open"]
    assert opens == [made[1].job_id, made[4].job_id]
    for number in (0, 2, 3):
        with pytest.raises(BlobMissing):
            await room.app.blobs.get(hashes[number])
    assert keys(await press(room, yes)) == ["gallery-deleted-before"]


async def test_numbers_of_a_page_that_has_changed_delete_nothing(room: Studio) -> None:
    made = await filled(room, 8)
    page = await room.run("gallery")
    delete = button(page, "Delete several")
    await filled(room, 2)
    asked = await press(room, delete, numbers="1")
    # New pictures before them change nothing of what was seen.
    assert keys(asked) == ["gallery-delete-ask"]
    await removal.remove(room.app, await person(room), [made[1]])
    asked = await press(room, delete, numbers="2")
    assert texts(asked)[0].startswith("Your gallery has changed since this page was made")


@pytest.mark.parametrize("numbers", ["0", "7", "2-9", "3-1", "one", "1 x", "-1", "1.5x", ",", "99"])
async def test_numbers_that_say_nothing(room: Studio, numbers: str) -> None:
    await filled(room, 6)
    page = await room.run("gallery")
    reply = await press(room, button(page, "Delete several"), numbers=numbers)
    assert reply.error
    assert "from 1 to 6" in texts(reply)[0]


async def test_all_are_deleted_but_what_still_runs(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "AT_ONCE_MAX", 10)
    await filled(room, 12)
    await room.run("imagine", prompt="a slow fox")
    page = await room.run("gallery")
    asked = await press(room, button(page, "Delete several"), numbers="All")
    assert [line.values.get("count") for line in asked.lines] == [10, 2]
    done = await press(room, button(asked, "Yes, delete"))
    assert texts(done) == [
        "10 pictures deleted.",
        "One job of yours still waits or runs and was left alone: /cancel stops it.",
    ]
    assert await room.work() == 1
    assert len((await room.run("gallery")).attached) == 3


async def test_one_of_several_is_deleted_and_its_message_stays(room: Studio) -> None:
    made = await filled(room, 1, 3)
    opened = await room.run("open", job=made[1].job_id, position=2)
    reply = await press(room, button(opened, "Delete"))
    assert keys(reply) == ["deleted", "gallery-messages-stay"]
    assert room.chat.removed == []
    assert keys(await press(room, button(opened, "Delete"))) == ["job-gone"]
    assert keys(await press(room, button(opened, "Edit"), prompt="x")) != ["internal-error"]
    for place in (1, 3):
        one = Button(command="delete", job_id=made[0].job_id, position=place)
        reply = await press(room, one)
    assert keys(reply) == ["deleted"]
    assert len(room.chat.removed) == 1


async def test_a_file_that_was_deleted_is_said_and_nothing_breaks(room: Studio) -> None:
    made = await filled(room, 3)
    await room.app.blobs.delete((await files_of(room.app, made))[1])
    reply = await room.run("gallery")
    assert [item.name for item in reply.attached] == ["1.png", "3.png"]
    assert texts(reply)[-1] == "Not shown, because their files are gone: 2"
    assert keys(await press(room, button(reply, "2"))) == ["gallery-file-gone"]
    zipped = await press(room, button(reply, "Download all"))
    assert len(zipfile.ZipFile(io.BytesIO(zipped.attached[0].data)).namelist()) == 3
    asked = await press(room, button(reply, "Delete several"), numbers="2")
    assert keys(await press(room, button(asked, "Yes, delete"))) == ["gallery-deleted"]


async def test_originals_are_counted_as_downloads(room: Studio) -> None:
    made = await filled(room, 1, 2)
    await room.run("original", job=made[0].job_id)
    reply = await room.run("original", job=made[0].job_id, position=2)
    assert [item.name[-6:] for item in reply.attached] == ["-2.png"]
    opened = await room.run("open", job=made[1].job_id, position=2)
    assert "Downloaded 2 times." in texts(opened)
    await removal.remove(room.app, await person(room), made[:1])
    reply = await room.run("original", job=made[0].job_id)
    assert [item.name[-6:] for item in reply.attached] == ["-2.png"]
    assert keys(await room.run("original", job=made[0].job_id, position=1)) == ["job-gone"]


async def test_all_as_a_zip(room: Studio) -> None:
    await filled(room, 2, 2)
    await filled(room, 1, operation="edit")
    page = await room.run("gallery", show="imagine")
    reply = await press(room, button(page, "Download all"))
    assert texts(reply) == ["4 pictures, and a table of what each was made by:"]
    [attached] = reply.attached
    assert (attached.name, attached.media_type) == ("gallery.zip", "application/zip")
    names = zipfile.ZipFile(io.BytesIO(attached.data)).namelist()
    assert len(names) == 5
    assert all("imagine" in name for name in names[:-1])


@pytest.mark.parametrize("page_url", [None, "https://studio.example.com"])
async def test_a_zip_over_the_limit_of_the_chat(room: Studio, page_url: str | None) -> None:
    rules = dataclasses.replace(room.app.rules, page_url=page_url)
    app = dataclasses.replace(room.app, rules=rules)
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    await filled(room, 3, files=[png_of("x") + bytes(100_000)])
    page = await room.run("gallery")
    zipped = button(page, "Download all")
    for bytes_max, count in ((250_000, 2), (50_000, 0)):
        assert isinstance(room.chat, Remembering)
        room.chat.limits = Limits(pictures_max=4, bytes_max=1, file_bytes_max=bytes_max)
        reply = await press(room, zipped)
        assert len(reply.attached) == bool(count)
        assert all(len(item.data) <= bytes_max for item in reply.attached)
        said = " ".join(texts(reply))
        assert ("1 older picture is left out" in said) == bool(count)
        assert ("https://studio.example.com/gallery" in said) == (page_url is not None)
        assert reply.error == (not count)
