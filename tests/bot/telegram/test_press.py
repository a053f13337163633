"""Buttons under results: theirs, other people's, forged ones, and those of long ago."""

from __future__ import annotations

from core import linking
from core.people import recognise
from tests.bot.telegram.conftest import House
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, Chat, User


async def result_in(chat: House, place: Chat, user: User, words: str = "a fox") -> JSON:
    await chat.server.message(f"/imagine {words}", user=user, chat=place)
    await chat.server.see(place)
    await chat.studio.work()
    return await chat.server.see(place, lambda item: "photo" in item)


def button(message: JSON, command: str) -> str:
    return next(item for item in callbacks(message) if item.startswith(command + ":"))


async def test_again_makes_another_as_a_reply(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    first = await result_in(chat, home, ann)
    await chat.stop()
    await chat.start()
    query = await server.press(first, button(first, "again"), ann)
    await server.answer_to(query)
    waiting = await server.see(home, lambda item: "In the queue" in item.get("text", ""))
    assert waiting["reply_to_message"]["message_id"] == first["message_id"]
    await chat.studio.work()
    second = await server.see(home, lambda item: "photo" in item)
    assert second["message_id"] == waiting["message_id"]
    assert server.content(second) != server.content(first)


async def test_edit_asks_for_words_and_changes_the_picture(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group(forum=True)
    first = await result_in(chat, group, ann)
    query = await server.press(first, button(first, "edit-result"), ann)
    await server.answer_to(query)
    question = await server.see(group, lambda item: "text" in item)
    assert server.world.forced[group.id, question["message_id"]]
    assert question["entities"][0]["user"]["id"] == ann.id
    await server.message("make it night", user=ann, chat=group, reply_to=question)
    await server.see(group, lambda item: "In the queue" in item.get("text", ""))
    await chat.studio.work()
    await server.see(group, lambda item: item.get("caption", "").startswith("make it night"))


async def test_others_are_told_and_nothing_happens(chat: House) -> None:
    server = chat.server
    ann, ben = server.user("Ann"), server.user("Ben")
    group = server.group()
    first = await result_in(chat, group, ann)
    for command in ("again", "edit-result", "delete"):
        query = await server.press(first, button(first, command), ben)
        answer = await server.answer_to(query)
        assert answer["text"].startswith("This is somebody else's.")
        assert answer["show_alert"]
    query = await server.press(first, button(first, "original"), ben)
    await server.answer_to(query)
    await server.see(group, lambda item: "document" in item)
    assert await chat.studio.work() == 0


async def test_original_brings_the_stored_files(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    grid = await result_in(chat, home, ann, "a fox --count 3")
    await server.press(grid, button(grid, "original"), ann)
    await server.until(lambda: sum("document" in item for item in server.shown(home)) == 3)
    documents = [item for item in server.shown(home) if "document" in item]
    assert len({item["media_group_id"] for item in documents}) == 1
    assert len({server.content(item) for item in documents}) == 3
    assert documents[0]["reply_to_message"]["message_id"] == grid["message_id"]


async def test_delete_takes_the_message_away(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    first = await result_in(chat, home, ann)
    query = await server.press(first, button(first, "delete"), ann)
    assert (await server.answer_to(query))["text"] == "Deleted."
    assert server.shown(home) == []
    query = await server.press(first, button(first, "again"), ann)
    assert (await server.answer_to(query))["text"] == "This result is gone."


async def test_forged_buttons_are_told_off(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    first = await result_in(chat, home, ann)
    for data in ("nonsense", "again:' or 1=1", "again:" + "0" * 32, "imagine:x", "🦊:1"):
        query = await server.press(first, data, ann, forged=True)
        assert (await server.answer_to(query))["show_alert"]
    assert await chat.studio.work() == 0


async def test_cancel_of_a_waiting_job(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await server.message("/imagine a fox", user=ann)
    waiting = await server.see(home)
    query = await server.press(waiting, button(waiting, "cancel"), ann)
    assert "Stopping it" in (await server.answer_to(query))["text"]
    await server.see(home, lambda item: "Cancelled." in item["text"])
    assert await chat.wallet(ann) == (100, 0)


async def test_a_code_typed_here_asks_first(chat: House) -> None:
    server, app = chat.server, chat.studio.app
    ann = server.user()
    home = server.private(ann)
    bea = await recognise(app, "discord", "7", "Bea")
    code = await linking.make_code(app, bea)
    await server.message(f"/link {code}", user=ann, chat=home)
    asked = await server.see(home, lambda item: "Bea (discord)" in item.get("text", ""))
    assert await recognise(app, "telegram", str(ann.id), "") != bea
    query = await server.press(asked, button(asked, "link-yes"), ann)
    await server.answer_to(query)
    assert await recognise(app, "telegram", str(ann.id), "") == bea
