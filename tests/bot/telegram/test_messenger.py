"""Delivery: an edit of the waiting message, and what is done where that cannot be."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import pytest

from bot.telegram.messenger import TelegramMessenger
from core.messenger import (
    Address,
    Attached,
    Delivery,
    DeliveryDelayed,
    Say,
    Stage,
    Undeliverable,
)
from tests.bot.telegram.conftest import House
from tests.fakes.providers import png
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_server import (
    FakeTelegram,
    Fault,
    broken,
    lost,
    refused,
    too_many,
    unreached,
)
from tests.fakes.telegram_world import JSON, Chat

JOB = "01a20af6ed9677f99aee4c61f2960b92"
WAITING = Delivery(
    id="w", job_id=JOB, operation="imagine", stage=Stage.RUNNING, lines=(Say(key="working"),)
)


def result(data: bytes | None = None, prompt: str = "a fox") -> Delivery:
    shown = Attached(name="picture-1.png", media_type="image/png", data=data or png(1))
    return Delivery(
        id="d",
        job_id=JOB,
        operation="imagine",
        stage=Stage.SUCCEEDED,
        lines=(Say(key="receipt-free"),),
        prompt=prompt,
        attached=(shown,),
        actions=("again", "edit-result", "original", "delete"),
    )


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as started:
        yield started
        assert started.violations == []


@pytest.fixture
async def messenger(server: FakeTelegram) -> AsyncIterator[TelegramMessenger]:
    made = TelegramMessenger(server.token, server.url)
    yield made
    await made.close()


async def waiting(
    server: FakeTelegram, messenger: TelegramMessenger, chat: Chat, thread: int | None = None
) -> tuple[Address, JSON]:
    """A message that waits in a chat, and its address."""
    user = server.user()
    server.private(user)
    asked = await server.message("/imagine a fox", user=user, chat=chat, thread=thread)
    address = Address(
        platform="telegram",
        place=str(chat.id),
        user=str(user.id),
        thread=None if thread is None else str(thread),
        reply_to=str(asked["message_id"]),
    )
    stands = await messenger.deliver(address, WAITING)
    return stands, await server.see(chat)


async def test_the_waiting_message_becomes_the_result_however_often(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    group = server.group()
    address, first = await waiting(server, messenger, group)
    for _ in range(3):
        assert await messenger.deliver(address, result()) == address
    (shown,) = server.shown(group)
    assert shown["message_id"] == first["message_id"]
    assert server.content(shown) == png(1)
    assert callbacks(shown) == [f"{name}:{JOB}" for name in result().actions]
    assert server.asked("sendPhoto") == []


async def test_the_same_words_again_are_success(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    address, _ = await waiting(server, messenger, server.group())
    assert await messenger.deliver(address, WAITING) == address
    assert server.asked("editMessageText")[-1].answer == 400


async def test_a_deleted_message_is_sent_anew_in_its_topic(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    forum = server.group(forum=True)
    topic = server.topic(forum)
    address, first = await waiting(server, messenger, forum, topic)
    server.remove(first)
    stands = await messenger.deliver(address, result())
    (shown,) = server.shown(forum)
    assert stands.message == str(shown["message_id"]) != address.message
    assert shown["message_thread_id"] == topic
    assert str(shown["reply_to_message"]["message_id"]) == address.reply_to


async def test_without_its_topic_it_goes_to_general_then_to_the_person(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    forum = server.group(forum=True)
    topic = server.topic(forum)
    address, first = await waiting(server, messenger, forum, topic)
    server.remove(first)
    forum.topics[topic] = "closed"
    stands = await messenger.deliver(address, result())
    assert (stands.place, stands.thread) == (str(forum.id), None)
    server.remove(server.shown(forum)[0])
    forum.topics[1] = "closed"
    stands = await messenger.deliver(stands, result())
    assert (stands.place, stands.private) == (stands.user, True)
    assert server.shown(forum) == []


async def test_a_migrated_chat_is_followed(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    group = server.group(basic=True)
    address, _ = await waiting(server, messenger, group)
    bigger = await server.migrate(group)
    stands = await messenger.deliver(address, result())
    assert stands.place == str(bigger.id)
    assert await messenger.deliver(stands, result()) == stands
    assert len(server.shown(bigger)) == 1


async def test_kicked_and_blocked_end_it_after_few_requests(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    for blocked in (False, True):
        user = server.user()
        chat = server.private(user) if blocked else server.group()
        address, _ = await waiting(server, messenger, chat)
        await server.leave(chat, user, blocked=blocked)
        before = len(server.requests)
        with pytest.raises(Undeliverable) as caught:
            await messenger.deliver(address, result())
        assert caught.value.reason == ("blocked" if blocked else "kicked")
        assert len(server.requests) - before <= 3


@pytest.mark.parametrize(
    ("fault", "after_s"),
    [
        (too_many(40), 40.0),
        (broken(502), 2.0),
        (broken(500), 2.0),
        (lost(), 2.0),
        (unreached(), 2.0),
        (refused(401, "Unauthorized"), 60.0),
    ],
)
async def test_what_passes_is_tried_again_and_shown_once(
    server: FakeTelegram, messenger: TelegramMessenger, fault: Fault, after_s: float
) -> None:
    group = server.group()
    address, _ = await waiting(server, messenger, group)
    server.fail("editMessageMedia", fault)
    with pytest.raises(DeliveryDelayed) as caught:
        await messenger.deliver(address, result())
    assert caught.value.retry_after_s == after_s
    await messenger.deliver(address, result())
    (shown,) = server.shown(group)
    assert "photo" in shown


async def test_a_short_pause_is_waited_for(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    address, _ = await waiting(server, messenger, server.group())
    server.fail("editMessageMedia", too_many(1))
    assert await messenger.deliver(address, result()) == address


async def test_what_is_no_photo_goes_as_a_file(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    group = server.group()
    address, _ = await waiting(server, messenger, group)
    narrow = png(1, side=64)
    server.fail("editMessageMedia", refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    await messenger.deliver(address, result(narrow))
    (shown,) = server.shown(group)
    assert server.content(shown) == narrow
    assert "document" in shown


async def test_progress_swallows_its_failures_and_shows_previews(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    group = server.group()
    address, _ = await waiting(server, messenger, group)
    running = dataclasses.replace(WAITING, prompt="a fox", actions=("cancel",))
    for fault in (too_many(9), broken(), lost(), refused(403, "Forbidden: bot was kicked")):
        server.fail("editMessageText", fault)
        await messenger.progress(address, running)
    preview = dataclasses.replace(running, attached=result(png(5)).attached)
    await messenger.progress(address, preview)
    await messenger.progress(address, dataclasses.replace(running, prompt="still a fox"))
    (shown,) = server.shown(group)
    assert server.content(shown) == png(5)
    assert shown["caption"].startswith("still a fox")
    await messenger.deliver(address, result())
    assert server.content(server.shown(group)[0]) == png(1)


async def test_remove_is_content_with_what_is_gone(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    group = server.group()
    address, _ = await waiting(server, messenger, group)
    await messenger.deliver(address, result())
    server.fail("deleteMessage", refused(400, "Bad Request: message can't be deleted"))
    await messenger.remove(address)
    assert callbacks(server.shown(group)[0]) == []
    await messenger.remove(address)
    await messenger.remove(address)
    assert server.shown(group) == []


async def test_a_long_prompt_fits_under_its_picture(
    server: FakeTelegram, messenger: TelegramMessenger
) -> None:
    group = server.group()
    address, _ = await waiting(server, messenger, group)
    await messenger.deliver(address, result(prompt="😀 fox " * 300))
    assert server.shown(group)[0]["caption"].endswith("Free of charge.")


async def test_the_whole_path_when_the_first_answer_is_lost(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    server.fail("sendMessage", lost())
    await server.message("/imagine a fox", user=ann)
    await server.see(home)
    await chat.studio.work()
    shown = await server.see(home, lambda item: "photo" in item)
    assert [("photo" in item) for item in server.shown(home)].count(True) == 1
    await chat.studio.work()
    assert shown["caption"].startswith("a fox")
    assert await chat.wallet(ann) == (99, 0)


async def test_the_whole_path_when_told_to_wait(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    server.fail("sendMessage", too_many(1))
    await server.message("/imagine a fox", user=ann)
    waiting_one = await server.see(home)
    server.fail("editMessageMedia", too_many(1))
    await chat.studio.work()
    shown = await server.see(home, lambda item: "photo" in item)
    assert shown["message_id"] == waiting_one["message_id"]
    assert len(server.shown(home)) == 1


async def test_the_whole_path_when_kicked_meanwhile(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    await server.message("/imagine a fox", user=ann, chat=group)
    await server.see(group)
    await server.leave(group, ann)
    await chat.studio.work()
    assert await chat.wallet(ann) == (99, 0)
    before = len(server.requests)
    assert await chat.studio.work() == 0
    assert len(server.requests) - before <= 1
