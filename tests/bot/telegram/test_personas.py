"""Personas in Telegram: an album with its caption, a question to the person alone, photos for them alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.telegram.answers import Answers
from core import personas
from core.messenger import Address
from core.people import recognise
from tests.bot.telegram.conftest import House, house, sqlite
from tests.fakes.critic import Critic, photo, there
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, Chat, User

CREATE = "/persona create Anna Maria"


@pytest.fixture
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    made = Critic()
    monkeypatch.setattr("tests.fakes.studio.Images", lambda: made)
    return made


@pytest.fixture
async def chat(tmp_path: Path, critic: Critic) -> AsyncIterator[House]:
    """A house that polls."""
    async with house(tmp_path, sqlite(tmp_path)) as opened:
        assert opened.studio.app.images is critic
        await opened.start()
        yield opened


async def mine(chat: House, user: User) -> list[personas.Persona]:
    person = await recognise(chat.studio.app, "telegram", str(user.id), user.first_name)
    return await personas.listed(chat.studio.app, person)


async def album(chat: House, user: User, *widths: int, place: Chat | None = None) -> JSON:
    """Send photos to be a persona; the question that comes."""
    parts = [photo(width) for width in widths]
    home = chat.server.private(user)
    before = len(chat.server.shown(home))
    await chat.server.message(user=user, media_group=parts, caption=CREATE, chat=place)
    await chat.server.until(lambda: len(chat.server.shown(home)) > before)
    return await chat.server.see(home, lambda item: "nothing is kept" in item.get("text", ""))


async def pressed(chat: House, message: JSON, name: str, user: User, said: str) -> JSON:
    """Press a button, and see what it leads to in the private chat."""
    data = next(item for item in callbacks(message) if item.startswith(name))
    await chat.server.press(message, data, user)
    home = chat.server.private(user)
    return await chat.server.see(home, lambda item: said in item.get("text", ""))


async def test_an_album_becomes_a_persona_and_goes_again(chat: House) -> None:
    server, app = chat.server, chat.studio.app
    ann = server.user()
    home = server.private(ann)
    asked = await album(chat, ann, 64, 65, 66)
    assert "“Anna Maria”, 3 photos" in asked["text"]
    assert "somebody who has agreed to this" in asked["text"]
    assert "within 60 minutes" in asked["text"]
    assert (await mine(chat, ann))[0].state == "asked"
    ready = await pressed(chat, asked, "persona-yes", ann, "is ready, with 3 photos.")
    found = (await mine(chat, ann))[0]
    assert found.state == "ready"
    before = len(server.shown(home))
    await server.press(ready, callbacks(ready)[0], ann)
    await server.until(lambda: len(server.shown(home)) == before + 4)
    shown = server.shown(home)[-1]
    assert [item.partition(":")[0] for item in callbacks(shown)] == [
        "portrait", "persona-remove",
    ]  # fmt: skip
    photos = [item for item in server.shown(home) if "photo" in item]
    stored = [await app.blobs.get(item.sha256) for item in found.photos]
    assert [server.content(item) for item in photos] == stored
    gone = next(item for item in callbacks(shown) if item.startswith("persona-remove"))
    query = await server.press(shown, gone, ann)
    assert (await server.answer_to(query))["text"] == (
        "“Anna Maria” is removed, and its photos are deleted."
    )
    assert await there(app, *found.photos) == [False] * 3
    query = await server.press(shown, gone, ann)
    assert (await server.answer_to(query))["text"].startswith("This is over")


async def test_a_yes_twice_and_a_no_after_it(chat: House, critic: Critic) -> None:
    ann = chat.server.user()
    asked = await album(chat, ann, 64, 65)
    await pressed(chat, asked, "persona-yes", ann, "is ready")
    before = len(chat.server.shown(chat.server.private(ann)))
    yes, no = callbacks(asked)
    await chat.server.press(asked, yes, ann)
    home = chat.server.private(ann)
    await chat.server.until(lambda: len(chat.server.shown(home)) > before)
    assert critic.looked == [64, 65]
    query = await chat.server.press(asked, no, ann)
    assert (await chat.server.answer_to(query))["text"].startswith("You have agreed already.")
    assert [item.state for item in await mine(chat, ann)] == ["ready"]


async def test_a_no_leaves_nothing(chat: House) -> None:
    ann = chat.server.user()
    asked = await album(chat, ann, 64, 65)
    photos = (await mine(chat, ann))[0].photos
    yes, no = callbacks(asked)
    query = await chat.server.press(asked, no, ann)
    answer = await chat.server.answer_to(query)
    assert answer["text"] == "The photos are deleted, nothing was kept."
    assert await there(chat.studio.app, *photos) == [False, False]
    query = await chat.server.press(asked, yes, ann)
    assert (await chat.server.answer_to(query))["text"].startswith("This is over")
    assert await mine(chat, ann) == []


async def test_each_photo_that_is_not_fit_is_named(chat: House, critic: Critic) -> None:
    critic.blames = {64: "no-face", 65: "several-faces", 67: "too-small", 68: "too-blurred"}
    ann = chat.server.user()
    asked = await album(chat, ann, 64, 65, 66, 67, 68)
    failed = await pressed(chat, asked, "persona-yes", ann, "cannot be used")
    for said in (
        "Photo 1: no face is found.",
        "Photo 2: there are several faces.",
        "Photo 4: it is too small, or the face in it is.",
        "Photo 5: it is blurred.",
        "/persona create Anna Maria",
    ):
        assert said in failed["text"]
    assert "Photo 3" not in failed["text"]
    critic.blames = {}
    asked = await album(chat, ann, 66)
    await pressed(chat, asked, "persona-yes", ann, "is ready, with one photo.")


async def test_in_a_group_nobody_else_sees_or_decides_anything(chat: House) -> None:
    server = chat.server
    ann, ben = server.user(), server.user("Ben")
    home, theirs, group = server.private(ann), server.private(ben), server.group()
    asked = await album(chat, ann, 64, 65, place=group)
    yes, no = callbacks(asked)
    for data in (yes, no):
        query = await server.press(asked, data, ben, forged=True)
        assert (await server.answer_to(query))["text"].startswith("This is over")
    await pressed(chat, asked, "persona-yes", ann, "is ready")
    await server.message("/persona show Anna Maria", user=ann, chat=group)
    await server.until(lambda: sum("photo" in item for item in server.shown(home)) == 2)
    await server.message("/persona show Anna Maria", user=ben, chat=group)
    await server.see(theirs, lambda item: "You have no persona" in item["text"])
    await server.message("/persona show Nobody", user=ben, chat=group)
    await server.see(theirs, lambda item: item["text"].startswith("You have no persona “Nobody”"))
    for place in (group, theirs):
        assert not [item for item in server.shown(place) if {"photo", "document"} & item.keys()]
    assert all("Anna" not in item["text"] for item in server.shown(group))


async def test_what_is_wrong_is_said(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    for text, said in (
        ("/persona", "You have no personas yet. Send 1 to 5 photos"),
        ("/persona remove", "You have no personas yet. Send 1 to 5 photos"),
        ("/persona create Anna", "A picture is missing."),
        ("/persona show", "You have no personas yet."),
        (f"/persona create {'x' * 41}", "name is too long: 41 characters, 40 at the most."),
    ):
        count = len(server.shown(home))
        await server.message(text, user=ann)
        await server.until(lambda before=count: len(server.shown(home)) > before)  # type: ignore[misc]
        assert said in server.shown(home)[-1]["text"]
    for caption, said in (
        ("/persona", "Something is missing: name."),
        ("/persona list", "This command takes no pictures."),
        ("/persona create A\tB", "name has characters that cannot be used."),
    ):
        await server.message(user=ann, photo=photo(64), caption=caption)
        await server.see(home, lambda item, said=said: said in item["text"])  # type: ignore[misc]
    await server.message(user=ann, media_group=[photo(64)] * 6, caption="/persona create Anna")
    await server.see(home, lambda item: "takes up to 5 pictures" in item["text"])
    assert server.asked("file") == []
    assert await mine(chat, ann) == []


async def test_a_portrait_is_drawn(chat: House) -> None:
    server = chat.server
    ann = server.user()
    asked = await album(chat, ann, 64, 65, 66)
    ready = await pressed(chat, asked, "persona-yes", ann, "is ready")
    assert '/portrait "Anna Maria"' in ready["text"]
    await server.message('/portrait "anna maria" in a garden --style comic', user=ann)
    home = server.private(ann)
    waiting = await server.see(home, lambda item: "In the queue" in item.get("text", ""))
    assert waiting["text"].startswith("in a garden")
    assert await chat.studio.work() == 1
    drawn = await server.see(home, lambda item: "photo" in item)
    assert "A portrait by 3 photos." in drawn["caption"]
    assert "Used 4 credits" in drawn["caption"]
    await server.message("/portrait Anna", user=ann)
    await server.see(home, lambda item: "You have no persona “Anna”." in item.get("text", ""))


async def test_each_style_has_a_message_of_its_own(chat: House) -> None:
    server = chat.server
    ann = server.user()
    asked = await album(chat, ann, 64, 65)
    await pressed(chat, asked, "persona-yes", ann, "is ready")
    text = '/portrait "Anna Maria" in a garden --style comic --style-2 noir'
    await server.message(text, user=ann)
    home = server.private(ann)
    for style in ("comic", "noir"):
        said = f"in a garden, {style}"
        waiting = await server.see(
            home,
            lambda item, said=said: item.get("text", "").startswith(said),  # type: ignore[misc]
        )
        assert "In the queue" in waiting["text"]
    assert await chat.studio.work() == 2
    for style in ("comic", "noir"):
        said = f"in a garden, {style}"
        drawn = await server.see(
            home,
            lambda item, said=said: item.get("caption", "").startswith(said),  # type: ignore[misc]
        )
        assert "Used 4 credits" in drawn["caption"]
    assert not [item for item in server.shown(home) if "In the queue" in item.get("text", "")]


async def test_a_message_that_comes_too_late_is_taken_back(
    chat: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = chat.server
    ann = server.user()
    asked = await album(chat, ann, 64, 65)
    await pressed(chat, asked, "persona-yes", ann, "is ready")
    monkeypatch.setattr("core.jobs.deliver.ANSWER_S_MAX", 0.3)
    send, go, begun = Answers._patiently, asyncio.Event(), asyncio.Event()

    async def late(self: Answers, sending: Callable[[], Awaitable[Address]]) -> Address:
        begun.set()
        await go.wait()
        return await send(self, sending)

    monkeypatch.setattr(Answers, "_patiently", late)
    await server.message('/portrait "Anna Maria" --style comic', user=ann)
    home = server.private(ann)
    await begun.wait()
    assert await chat.studio.work() == 1
    drawn = await server.see(home, lambda item: "photo" in item)
    go.set()
    await server.until(lambda: bool(server.asked("deleteMessage")))
    shown = [item for item in server.shown(home) if item["message_id"] >= drawn["message_id"]]
    assert shown == [drawn]
