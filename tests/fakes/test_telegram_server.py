"""The local Telegram keeps the rules that the real one keeps, seen through the real library."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Message
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)

from tests.fakes.telegram_server import FakeTelegram, broken, lost, too_many


def picture(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 90, 20)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as started:
        yield started
        assert started.violations == []


def client(server: FakeTelegram, token: str | None = None) -> Bot:
    root = server.url
    return Bot(token or server.token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")


@pytest.fixture
async def bot(server: FakeTelegram) -> AsyncIterator[Bot]:
    async with client(server) as opened:
        yield opened


async def test_offset_confirms_and_nothing_else_does(server: FakeTelegram, bot: Bot) -> None:
    ann = server.user()
    await server.message("one", user=ann)
    await server.message("two", user=ann)
    first = await bot.get_updates(timeout=0)
    again = await bot.get_updates(timeout=0)
    assert [item.update_id for item in first] == [item.update_id for item in again]
    rest = await bot.get_updates(offset=first[0].update_id + 1, timeout=0)
    assert [item.message.text for item in rest if item.message] == ["two"]
    assert len(await bot.get_updates(timeout=0)) == 1


async def test_a_long_poll_wakes_and_a_second_poller_takes_over(
    server: FakeTelegram, bot: Bot
) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=5))
    await server.until(lambda: server._poll == 1)
    async with client(server) as other:
        second = asyncio.create_task(other.get_updates(timeout=5))
        with pytest.raises(Conflict):
            await polling
        await server.message("late", user=server.user())
        assert len(await second) == 1


async def test_messages_edits_and_their_refusals(server: FakeTelegram, bot: Bot) -> None:
    ann = server.user()
    chat = server.private(ann)
    sent = await bot.send_message(chat.id, "waiting for @nobody_here at example.com")
    assert {item.type for item in sent.entities} == {"mention", "url"}
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text(sent.text or "", chat.id, sent.message_id)
    with pytest.raises(BadRequest, match="no caption"):
        await bot.edit_message_caption(chat.id, sent.message_id, caption="x")
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_message(chat.id, "x" * 4097)
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again:1")]])
    media = InputMediaPhoto(picture(), caption="done")
    edited = await bot.edit_message_media(media, chat.id, sent.message_id, reply_markup=markup)
    assert isinstance(edited, Message)
    assert edited.photo[-1].width == 64
    with pytest.raises(BadRequest, match="no text"):
        await bot.edit_message_text("x", chat.id, sent.message_id)
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_photo(chat.id, picture(), caption="x" * 1025)
    with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
        await bot.send_photo(chat.id, picture(10_000, 600))
    await bot.delete_message(chat.id, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", chat.id, sent.message_id)


async def test_files_come_back_as_they_were_sent(server: FakeTelegram, bot: Bot) -> None:
    ann = server.user()
    data = picture()
    await server.message(user=ann, document=("a.png", data), caption="/edit redder")
    (update,) = await bot.get_updates(timeout=0)
    assert update.message is not None
    assert update.message.document is not None
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == data
    sent = await bot.send_document(ann.id, data, filename="b.png")
    assert sent.document is not None
    assert sent.document.file_name == "b.png"


async def test_chats_that_refuse(server: FakeTelegram, bot: Bot) -> None:
    ann = server.user()
    forum = server.group(forum=True)
    topic = server.topic(forum)
    sent = await bot.send_message(forum.id, "in it", message_thread_id=topic)
    assert sent.is_topic_message
    forum.topics[topic] = "closed"
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(forum.id, "x", message_thread_id=topic)
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=999)
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(-5, "x")
    small = server.group(basic=True)
    bigger = await server.migrate(small)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(small.id, "x")
    assert moved.value.new_chat_id == bigger.id
    server.private(ann)
    await server.leave(server.private(ann), ann, blocked=True)
    with pytest.raises(Forbidden, match="blocked"):
        await bot.send_message(ann.id, "x")


async def test_faults(server: FakeTelegram, bot: Bot) -> None:
    chat = server.private(server.user())
    server.fail("sendMessage", too_many(3))
    with pytest.raises(RetryAfter):
        await bot.send_message(chat.id, "x")
    server.fail("sendMessage", broken())
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "x")
    assert server.shown(chat) == []
    server.fail("sendMessage", lost())
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "x")
    assert len(server.shown(chat)) == 1
    wrong = client(server, "1:wrong")
    with pytest.raises(InvalidToken):
        await wrong.initialize()
    await wrong.shutdown()


async def test_a_press_is_answered_once(server: FakeTelegram, bot: Bot) -> None:
    ann = server.user()
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go:1")]])
    await bot.send_message(server.private(ann).id, "x", reply_markup=markup)
    shown = await server.see(server.private(ann))
    query = await server.press(shown, "go:1", ann)
    await bot.answer_callback_query(query, "done", show_alert=True)
    assert (await server.answer_to(query))["text"] == "done"
    await bot.answer_callback_query(query)
    assert server.violations == [f"{query}: answered twice"]
    server.violations.clear()


async def test_violations_are_found(server: FakeTelegram, bot: Bot) -> None:
    chat = server.private(server.user())
    await bot.send_message(chat.id, "x", api_kwargs={"shout": True})
    if server._api is None:
        pytest.skip("the descriptions are not here")
    assert any("shout" in item for item in server.violations)
    server.violations.clear()
