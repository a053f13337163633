"""The gallery in Telegram: an album with its words and buttons below, for the person alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from core import gallery
from core.gallery import Mark, Show
from core.people import recognise
from tests.bot.telegram.conftest import House, house
from tests.bot.telegram.test_press import button, result_in
from tests.fakes.exhibits import files_of, hang, png_of
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, Chat, User


async def owner(chat: House, user: User) -> str:
    return await recognise(chat.studio.app, "telegram", str(user.id), user.first_name)


async def filled(chat: House, user: User, jobs: int, count: int = 1, **about: object) -> list[Mark]:
    """So many jobs with so many pictures; newest first."""
    person = await owner(chat, user)
    made: list[Mark] = []
    for _ in range(jobs):
        one = await hang(chat.studio.app, person, count=count, **about)  # type: ignore[arg-type]
        made = [*one, *made]
    return made


def labels(message: JSON) -> list[list[str]]:
    return [[item["text"] for item in row] for row in message["reply_markup"]["inline_keyboard"]]


def data_of(message: JSON, label: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]
    found = (item["callback_data"] for row in rows for item in row if item["text"] == label)
    return str(next(found))


def albums(chat: House, place: Chat) -> list[list[JSON]]:
    """The albums that stand in a chat, oldest first."""
    found: dict[str, list[JSON]] = {}
    for item in chat.server.shown(place):
        if "photo" in item and "media_group_id" in item:
            found.setdefault(item["media_group_id"], []).append(item)
    return list(found.values())


async def shown(chat: House, user: User, words: str = "/gallery") -> JSON:
    await chat.server.message(words, user=user)
    return await chat.server.see(
        chat.server.private(user), lambda item: "Delete several" in str(item.get("reply_markup"))
    )


async def press(chat: House, message: JSON, label: str, user: User) -> JSON:
    """Press a button; the newest message after that."""
    home = chat.server.private(user)
    before = {item["message_id"] for item in chat.server.shown(home)}
    query = await chat.server.press(message, data_of(message, label), user)
    await chat.server.answer_to(query)
    return await chat.server.see(
        home, lambda item: item["message_id"] not in before and "media_group_id" not in item
    )


async def test_an_empty_gallery(chat: House) -> None:
    ann = chat.server.user()
    await chat.server.message("/gallery", user=ann)
    message = await chat.server.see(chat.server.private(ann))
    assert message["text"].startswith("Your gallery is empty.")


async def test_one_picture_is_one_message(chat: House) -> None:
    ann = chat.server.user()
    await filled(chat, ann, 1)
    message = await shown(chat, ann)
    assert "photo" in message
    assert message["caption"].startswith("Your pictures, newest first:\n1. a fox (imagine, ")
    assert labels(message) == [["1"], ["Delete several", "Download all"]]


async def test_25_pictures_by_pages(chat: House) -> None:
    ann = chat.server.user()
    home = chat.server.private(ann)
    every = await filled(chat, ann, 25)
    message = await shown(chat, ann)
    assert labels(message) == [
        ["1", "2", "3", "4", "5"],
        ["6"],
        ["→", "Delete several", "Download all"],
    ]
    [album] = albums(chat, home)
    assert [item["caption"] for item in album] == ["1", "2", "3", "4", "5", "6"]
    assert message["message_id"] > album[-1]["message_id"]
    first = callbacks(message)
    further = await press(chat, message, "→", ann)
    opened = [item.split(":")[1] for item in callbacks(further) if item.startswith("open:")]
    assert opened == [mark.job_id for mark in every[6:12]]
    assert labels(further)[2][:2] == ["←", "→"]
    back = await press(chat, further, "←", ann)
    assert callbacks(back) == first
    assert len(albums(chat, home)) == 3


async def test_a_button_after_a_restart_and_twice(chat: House) -> None:
    ann = chat.server.user()
    await filled(chat, ann, 8)
    message = await shown(chat, ann)
    await chat.stop()
    await chat.start()
    pages = [await press(chat, message, "→", ann) for _ in range(2)]
    assert callbacks(pages[0]) == callbacks(pages[1])
    assert pages[0]["message_id"] != pages[1]["message_id"]


async def test_another_person_sees_nothing_of_it(chat: House) -> None:
    ann, ben = chat.server.user("Ann"), chat.server.user("Ben")
    await filled(chat, ann, 8)
    message = await shown(chat, ann)
    query = await chat.server.press(message, data_of(message, "1"), ben)
    answer = await chat.server.answer_to(query)
    assert answer["text"].startswith("This is somebody else's.")
    query = await chat.server.press(message, data_of(message, "→"), ben)
    assert "gallery is empty" in (await chat.server.answer_to(query))["text"]


async def test_in_a_group_it_comes_privately(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    home = server.private(ann)
    await filled(chat, ann, 3)
    await server.message("/gallery favourites", user=ann, chat=group)
    await server.see(home, lambda item: "no favourites yet" in item.get("text", ""))
    await server.message("/gallery", user=ann, chat=group)
    message = await server.see(home, lambda item: "reply_markup" in item)
    assert len(albums(chat, home)) == 1
    assert albums(chat, group) == []
    assert message["text"].startswith("Your pictures, newest first:")
    await server.until(lambda: len(server.shown(group)) == 2)
    assert {item["text"] for item in server.shown(group)} == {"I have written to you privately."}


async def test_one_picture_with_its_own_buttons(chat: House) -> None:
    ann = chat.server.user()
    made = await filled(chat, ann, 1, 3)
    message = await press(chat, await shown(chat, ann), "2", ann)
    assert "photo" in message
    assert message["caption"].startswith("a fox\n\nMade with /imagine, sketch on ")
    assert "☆ Favourite" in labels(message)[-2]
    assert labels(message)[-1][-1] == "Delete"
    query = await chat.server.press(message, data_of(message, "☆ Favourite"), ann)
    answer = await chat.server.answer_to(query)
    assert answer["text"] == "★ It is one of your favourites now."
    page = await gallery.page(
        chat.studio.app, await owner(chat, ann), Show(favourites=True), None, 9
    )
    assert [row.mark for row in page.pictures] == [made[1]]
    await chat.server.press(message, data_of(message, "Original"), ann)
    await chat.server.see(chat.server.private(ann), lambda item: "document" in item)
    row = await gallery.find(chat.studio.app, await owner(chat, ann), made[1])
    assert row.downloads == 1


async def test_several_are_deleted_with_their_messages(chat: House) -> None:
    server = chat.server
    ann, ben = server.user("Ann"), server.user("Ben")
    home = server.private(ann)
    drawn = await result_in(chat, home, ann)
    await filled(chat, ann, 2)
    page = await shown(chat, ann)
    await server.press(page, data_of(page, "Delete several"), ann)
    question = await server.see(home, lambda item: "answer this message" in item.get("text", ""))
    await server.message("1 3", user=ann, reply_to=question)
    asked = await server.see(
        home, lambda item: item.get("text", "").startswith("Delete these 2 pictures?")
    )
    yes = button(asked, "gallery-delete-yes")
    query = await server.press(asked, yes, ben)
    assert "not asked of you" in (await server.answer_to(query))["text"]
    query = await server.press(asked, yes, ann)
    assert (await server.answer_to(query))["text"] == "2 pictures deleted."
    assert drawn["message_id"] not in {item["message_id"] for item in server.shown(home)}
    query = await server.press(asked, yes, ann)
    assert "gone already" in (await server.answer_to(query))["text"]
    left = await gallery.page(chat.studio.app, await owner(chat, ann), Show(), None, 9)
    assert len(left.pictures) == 1


async def test_a_picture_whose_file_is_gone(chat: House) -> None:
    ann = chat.server.user()
    made = await filled(chat, ann, 3)
    await chat.studio.app.blobs.delete((await files_of(chat.studio.app, made))[1])
    message = await shown(chat, ann)
    [album] = albums(chat, chat.server.private(ann))
    assert [item["caption"] for item in album] == ["1", "3"]
    assert message["text"].endswith("Not shown, because their files are gone: 2")
    query = await chat.server.press(message, data_of(message, "2"), ann)
    answer = await chat.server.answer_to(query)
    assert answer["text"] == "The file of this picture is gone."


async def test_everything_as_a_file_within_telegrams_limit(
    tmp_path: Path, database_url: str
) -> None:
    async with house(tmp_path, database_url) as chat:
        await chat.start()
        ann = chat.server.user()
        await filled(chat, ann, 4, files=[png_of("x") + bytes(15_000_000)])
        message = await shown(chat, ann)
        file = await press(chat, message, "Download all", ann)
        assert file["document"]["file_name"] == "gallery.zip"
        assert "3 pictures, and a table" in file["caption"]
        assert "1 older picture is left out" in file["caption"]
        data = chat.server.content(file)
        assert len(data) <= 50_000_000
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            assert len(found.namelist()) == 4
        page = await gallery.page(chat.studio.app, await owner(chat, ann), Show(), None, 9)
        assert [row.downloads for row in page.pictures] == [1, 1, 1, 0]
