"""Settings in Telegram: chosen by a command, filled in where options are left open, in their language."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import preferences
from core.jobs import library
from core.operations.imagine import Imagine
from core.options import from_json
from core.people import recognise
from tests.bot.telegram.conftest import House, house, sqlite
from tests.bot.telegram.test_client import is_result
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, User


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose frontend polls."""
    async with house(tmp_path, sqlite(tmp_path)) as opened:
        await opened.start()
        yield opened


async def told(chat: House, user: User, text: str) -> JSON:
    """What is answered in private."""
    home = chat.server.private(user)
    count = len(chat.server.shown(home))
    await chat.server.message(text, user=user)
    await chat.server.until(lambda: len(chat.server.shown(home)) > count)
    return chat.server.shown(home)[-1]


async def params_of(chat: House, message: JSON) -> Imagine:
    """What the job of a message was stored with."""
    job_id = callbacks(message)[0].split(":")[1]
    return from_json(Imagine, (await library.find(chat.studio.app, job_id)).params)


async def test_settings_by_the_command(chat: House) -> None:
    ann = chat.server.user()
    shown = await told(chat, ann, "/settings --ratio 16:9 --count 2 --model sketch")
    assert shown["text"].startswith("Kept. What is taken where you do not say it:\nModel: sketch\n")
    query = await chat.server.press(shown, "settings:do=reset", ann)
    assert (await chat.server.answer_to(query)) is not None
    shown = await chat.server.see(
        chat.server.private(ann), lambda item: item["text"].startswith("All forgotten.")
    )
    assert "Ratio: as usual" in shown["text"]
    assert (
        "language can be auto, en, es, fr"
        in ((await told(chat, ann, "/settings --language klingon"))["text"])
    )
    assert "What is taken" in (await told(chat, ann, "/settings show"))["text"]


async def test_what_is_left_open_is_filled_and_what_is_named_wins(chat: House) -> None:
    ann = chat.server.user()
    await told(chat, ann, "/settings --ratio 16:9 --count 2 --model sketch")
    params = await params_of(chat, await told(chat, ann, "/imagine a fox"))
    assert (params.ratio, params.count, params.model) == ("16:9", 2, "sketch")
    params = await params_of(chat, await told(chat, ann, "/imagine a fox --ratio 1:1 --n 1"))
    assert (params.ratio, params.count, params.model) == ("1:1", 1, "sketch")


async def test_answers_come_in_the_language_that_was_chosen(chat: House) -> None:
    ann = chat.server.user(language="de")
    home = chat.server.private(ann)
    assert "Idioma: español" in (await told(chat, ann, "/settings --language es"))["text"]
    assert "En la cola" in (await told(chat, ann, "/imagine a fox"))["text"]
    assert await chat.studio.work() == 1
    result = await chat.server.see(home, is_result)
    assert "Hecho por" in result["caption"]
    assert "count debe ir de 1 a 4" in ((await told(chat, ann, "/imagine a fox --count 9"))["text"])
    assert "Language: that" in (await told(chat, ann, "/settings --language auto"))["text"]


async def test_results_for_oneself(chat: House) -> None:
    server = chat.server
    ann, group = server.user(), server.group()
    home = server.private(ann)
    await told(chat, ann, "/settings --answers private")
    asked = await server.message("/imagine a fox", user=ann, chat=group)
    waiting = await server.see(home, lambda item: "In the queue" in item["text"])
    hint = await server.see(group)
    assert hint["text"] == "I have written to you privately."
    assert hint["reply_to_message"]["message_id"] == asked["message_id"]
    assert await chat.studio.work() == 1
    result = await server.see(home, is_result)
    assert result["message_id"] == waiting["message_id"]
    assert [is_result(item) for item in server.shown(group)] == [False]
    # What is refused is said there too, and what goes on from the result stays there.
    await server.message("/imagine a fox --count 9", user=ann, chat=group)
    await server.see(home, lambda item: "count must be" in item.get("text", ""))
    await server.press(result, callbacks(result)[0], ann)
    await server.see(home, lambda item: "In the queue" in item.get("text", ""))
    row = await library.find(chat.studio.app, callbacks(waiting)[0].split(":")[1])
    assert row.community == f"telegram:{group.id}"


async def test_a_result_that_all_see_leads_to_one_for_oneself(chat: House) -> None:
    server = chat.server
    ann, group = server.user(), server.group()
    await server.message("/imagine a fox", user=ann, chat=group)
    assert await _worked(chat)
    result = await server.see(group, is_result)
    home = server.private(ann)
    await told(chat, ann, "/settings --answers private")
    again = next(item for item in callbacks(result) if item.startswith("again"))
    await server.press(result, again, ann)
    await server.see(home, lambda item: "In the queue" in item["text"])
    assert await _worked(chat)
    await server.see(home, is_result)
    assert len([item for item in server.shown(group) if is_result(item)]) == 1


async def test_who_cannot_be_written_to_is_told_and_pays_nothing(chat: House) -> None:
    server = chat.server
    ann, group = server.user(), server.group()
    await server.message("/imagine a fox", user=ann, chat=group)
    assert await _worked(chat)
    result = await server.see(group, is_result)
    server.private(ann, started=False)
    person = await recognise(chat.studio.app, "telegram", str(ann.id), "Ann")
    await preferences.put(chat.studio.app, person, private=True)
    before = await chat.wallet(ann)
    await server.message("/imagine a hare", user=ann, chat=group)
    told = await server.see(group, lambda item: "for you alone" in item.get("text", ""))
    [[button]] = told["reply_markup"]["inline_keyboard"]
    assert button["url"].endswith("?start=imagine")
    again = next(item for item in callbacks(result) if item.startswith("again"))
    query = await server.press(result, again, ann)
    answer = await server.answer_to(query)
    assert answer["text"].startswith("This answer is for you alone.")
    assert await chat.studio.work() == 0
    assert await chat.wallet(ann) == before


async def _worked(chat: House) -> bool:
    """Whether a job was there to be done, once its first answer stands."""
    async with asyncio.timeout(5):
        while not await chat.studio.work():  # noqa: ASYNC110 - it is the database that changes
            await asyncio.sleep(0.02)
    return True
