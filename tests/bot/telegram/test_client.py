"""From a message in a chat to the picture in its place, through the real library."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.telegram.client import Frontend
from core import communities, coupons
from core.jobs import places
from core.jobs.execute import run_next
from core.operations.imagine import RATIOS
from core.questions import Question, remember
from tests.bot.telegram.conftest import House, house, sqlite
from tests.conftest import on_sqlite
from tests.fakes.providers import png
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON


def is_result(message: JSON) -> bool:
    return "photo" in message


async def test_words_become_a_picture_in_the_same_message(chat: House) -> None:
    server = chat.server
    ann = server.user()
    asked = await server.message(
        "/imagine a fox @nobody_here --ratio 16:9 --count 2 --no text, blur", user=ann
    )
    home = server.private(ann)
    waiting = await server.see(home)
    assert waiting["text"].startswith("a fox @nobody_here\n\nIn the queue, 1")
    assert waiting["reply_to_message"]["message_id"] == asked["message_id"]
    assert {item["type"] for item in waiting["entities"]} == {"code"}
    assert await chat.studio.work() == 1
    result = await server.see(home, is_result)
    assert result["message_id"] == waiting["message_id"]
    assert result["caption"].startswith("a fox @nobody_here\n\n")
    assert "mention" not in {item["type"] for item in result["caption_entities"]}
    assert [item.partition(":")[0] for item in callbacks(result)] == [
        "take-one", "take-one", "vary-strong", "vary-strong",
        "again", "favourite", "original", "info", "delete",
    ]  # fmt: skip
    assert len(server.shown(home)) == 1


@on_sqlite
async def test_the_place_in_the_queue_is_kept_up_to_date(chat: House) -> None:
    server, app = chat.server, chat.studio.app
    ann, ben = server.user(), server.user("Ben")
    await server.message("/imagine a fox", user=ann)
    await server.see(server.private(ann), lambda item: "In the queue, 1st." in item["text"])
    await server.message("/imagine a hare", user=ben)
    home = server.private(ben)
    waiting = await server.see(home, lambda item: "In the queue, 2nd." in item["text"])
    assert await run_next(app)
    await places.tell(app)
    moved = await server.see(home, lambda item: "In the queue, 1st." in item["text"])
    assert moved["message_id"] == waiting["message_id"]
    assert [item.partition(":")[0] for item in callbacks(moved)] == ["cancel"]
    assert await chat.studio.work() == 1
    assert (await server.see(home, is_result))["message_id"] == waiting["message_id"]


@on_sqlite
async def test_the_menu_is_registered_once(chat: House) -> None:
    names = [item["command"] for item in chat.server.world.commands["default||"]]
    assert {"imagine", "edit", "palette", "queue", "cancel", "balance", "login"} <= set(names)
    theirs = chat.server.world.commands["all_chat_administrators||"]
    public = chat.server.world.commands["all_group_chats||"]
    moderators = {"grant", "revoke", "pool", "audit"}
    assert {item["command"] for item in theirs if item not in public} == moderators
    assert not moderators & set(names)
    assert len(chat.server.asked("setMyCommands")) == 3
    await chat.stop()
    await chat.start()
    assert len(chat.server.asked("setMyCommands")) == 3


async def test_every_bad_command_has_its_sentence(chat: House) -> None:
    ann = chat.server.user()
    home = chat.server.private(ann)
    for text, sentence in (
        ("/imagine a fox --count 5", "count must be from 1 to 4, not 5."),
        ("/imagine a fox --ratio 2:1", f"ratio can be {', '.join(RATIOS)}, not “2:1”."),
        ("/imagine a fox --shout loud", "There is no option shout."),
        ("/paint a fox", "There is no command /paint."),
        (f"/imagine {'x' * 2001}", "prompt is too long: 2,001 characters, 2,000 at the most."),
        ("/palette", "A picture is missing."),
    ):
        await chat.server.message(text, user=ann)
        await chat.server.see(home, lambda item, said=sentence: said in item["text"])  # type: ignore[misc]
    assert await chat.wallet(ann) == (100, 0)


async def test_photo_document_and_reply_bring_the_picture(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await server.message(user=ann, photo=png(1), caption="/palette 3")
    await server.see(home)
    await chat.studio.work()
    first = await server.see(home, is_result)
    assert first["caption"].count("#") == 1
    await server.message(user=ann, document=("a.png", png(2)), caption="/edit make it night")
    await server.see(home, lambda item: "make it night" in item.get("text", ""))
    await chat.studio.work()
    second = await server.see(home, lambda item: "make it night" in item.get("caption", ""))
    await server.message("/edit and now red", user=ann, reply_to=second)
    await server.see(home, lambda item: "and now red" in item.get("text", ""))
    await chat.studio.work()
    await server.see(home, lambda item: "and now red" in item.get("caption", ""))


async def test_a_file_that_is_no_picture_or_too_large_is_told(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await server.message(user=ann, document=("a.png", b"just words"), caption="/palette")
    await server.see(home)
    assert len(server.asked("getFile")) == 1
    big = ("big.png", b"\x89PNG" + bytes(26 * 2**20))
    await server.message(user=ann, document=big, caption="/palette")
    await server.see(
        home, lambda item: "image-too-many-bytes" in item["text"] or "26" in item["text"]
    )
    assert len(server.asked("getFile")) == 1


async def test_an_album_is_one_command_with_several_pictures(chat: House) -> None:
    server = chat.server
    ann = server.user()
    await server.message(
        user=ann, media_group=[png(1), png(2), png(3)], caption="/imagine like these"
    )
    home = server.private(ann)
    await server.see(home, timeout_s=5)
    await chat.studio.work()
    await server.see(home, is_result)
    assert len([item for item in server.asked("file") if item.answer == 200]) == 3
    assert len(server.shown(home)) == 1


async def test_a_topic_is_kept_and_others_bots_are_left_alone(chat: House) -> None:
    server = chat.server
    ann = server.user()
    forum = server.group(forum=True)
    topic = server.topic(forum)
    await server.message("/imagine@other_bot a cat", user=ann, chat=forum, thread=topic)
    await server.message("/dice", user=ann, chat=forum, thread=topic)
    await server.message("/imagine@Atelier_Test_Bot a fox", user=ann, chat=forum, thread=topic)
    waiting = await server.see(forum)
    assert waiting["message_thread_id"] == topic
    await chat.studio.work()
    result = await server.see(forum, is_result)
    assert result["message_thread_id"] == topic
    assert len(server.shown(forum)) == 1


@on_sqlite
async def test_a_reply_in_a_plain_group_is_no_topic(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    first = await server.message("look", user=ann, chat=group)
    await server.message("/imagine a fox", user=ann, chat=group, reply_to=first)
    waiting = await server.see(group)
    assert "message_thread_id" not in server.asked("sendMessage")[-1].params
    assert waiting["text"].startswith("a fox")


async def test_private_answers_stay_private(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    server.private(ann, started=False)
    await server.message("/balance", user=ann, chat=group)
    note = await server.see(group)
    assert "100" not in note["text"]
    link = note["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert link == "https://t.me/atelier_test_bot?start=balance"
    await server.message("/start balance", user=ann)
    home = server.private(ann)
    await server.see(home, lambda item: "You have 100 credits" in item["text"])
    await server.message("/balance", user=ann, chat=group)
    await server.see(group, lambda item: "privately" in item["text"])
    assert not any("100" in item["text"] for item in server.shown(group))


async def test_files_of_a_private_command_stay_private(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    home = server.private(ann, started=False)
    await server.message("/history --file yes", user=ann, chat=group)
    invited = await server.see(group)
    link = invited["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert link == "https://t.me/atelier_test_bot?start=history"
    await server.message("/start", user=ann)
    await server.see(home)
    await server.message("/history --file yes", user=ann, chat=group)
    await server.see(home, lambda item: "document" in item)
    await server.see(group, lambda item: "privately" in item.get("text", ""))
    assert not any("document" in item for item in server.shown(group))


async def test_words_of_a_private_command_are_asked_for_privately(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    home = server.private(ann, started=False)
    await server.message("/redeem", user=ann, chat=group)
    invited = await server.see(group)
    link = invited["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert link == "https://t.me/atelier_test_bot?start=redeem"
    await server.message("/start", user=ann)
    await server.see(home)
    await server.message("/redeem", user=ann, chat=group)
    question = await server.see(
        home, lambda item: (home.id, item["message_id"]) in server.world.forced
    )
    await server.see(group, lambda item: "privately" in item["text"])
    assert not any(place == group.id for place, _ in server.world.forced)
    await communities.fund(chat.studio.app, "promotion", 50)
    [code] = await coupons.make(chat.studio.app, 50)
    await server.message(code, user=ann, reply_to=question)
    await server.see(home, lambda item: "50 credits" in item["text"])
    assert await chat.wallet(ann) == (150, 0)


async def test_nobody_answers_in_a_group_what_is_private(chat: House) -> None:
    server = chat.server
    ann, ben = server.user("Ann"), server.user("Ben")
    group = server.group()
    await server.message("/queue", user=ann, chat=group)
    stood = await server.see(group)
    question = Question(command="redeem", field="code", given={})
    place, message = str(group.id), str(stood["message_id"])
    await remember(chat.studio.app, "telegram", place, message, question)
    await communities.fund(chat.studio.app, "promotion", 50)
    [code] = await coupons.make(chat.studio.app, 50)
    await server.message(code, user=ben, chat=group, reply_to=stood)
    await server.until(lambda: not server.world.updates)
    assert await chat.wallet(ben) == (100, 0)
    assert len(server.shown(group)) == 1


async def test_missing_words_are_asked_for_also_after_a_restart(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await server.message(user=ann, photo=png(1), caption="/edit")
    question = await server.see(home)
    assert server.world.forced[home.id, question["message_id"]]["selective"]
    await chat.stop()
    await chat.start()
    await server.message("make it night", user=ann, reply_to=question)
    await server.see(home, lambda item: "In the queue" in item["text"])
    await chat.studio.work()
    result = await server.see(home, is_result)
    assert result["caption"].startswith("make it night")


async def test_a_picture_alone_is_met_with_help_in_private_only(chat: House) -> None:
    server = chat.server
    ann = server.user()
    group = server.group()
    await server.message(user=ann, photo=png(1), chat=group)
    await server.message(user=ann, photo=png(1))
    hint = await server.see(server.private(ann))
    assert "/palette" in hint["text"]
    assert server.shown(group) == []


async def test_an_anonymous_admin_is_nobody(chat: House) -> None:
    server = chat.server
    group = server.group()
    await server.message("/imagine a fox", user=server.user(), chat=group, anonymous=True)
    told = await server.see(group)
    assert "anonymous" in told["text"]
    assert await chat.studio.work() == 0


async def test_updates_that_come_again_make_one_job(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    asked = await server.message("/imagine a fox", user=ann)
    waiting = await server.see(home)
    await server.until(lambda: server.world.confirmed > 0)
    await chat.recorded()
    for _ in range(5):
        await chat.crash()
        await server.again(server.update_of(asked))
        await chat.start()
        await server.until(lambda: not server.world.updates)
    assert await chat.wallet(ann) == (99, 1) or await chat.wallet(ann) == (100, 0)
    assert await chat.studio.work() == 1
    result = await server.see(home, is_result)
    assert [item["message_id"] for item in server.shown(home)] == [waiting["message_id"]]
    assert result["message_id"] == waiting["message_id"]


async def test_what_was_not_confirmed_is_not_lost(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await chat.crash()
    for number in range(3):
        await server.message(f"/imagine fox {number}", user=ann)
    await chat.start()
    await server.until(lambda: len(server.shown(home)) == 3)
    shown = [item["text"].partition("\n")[0] for item in server.shown(home)]
    assert shown == ["fox 0", "fox 1", "fox 2"]
    assert await chat.studio.work() == 3


@on_sqlite
async def test_a_second_poller_is_outlived(chat: House) -> None:
    assert chat.task is not None
    other = Frontend(chat, poll_s=1)
    try:
        await other._bot.get_updates(timeout=0)
        ann = chat.server.user()
        await chat.server.message("/imagine a fox", user=ann)
        await chat.server.see(chat.server.private(ann))
        assert not chat.task.done()
    finally:
        await other.close()


async def test_a_wrong_token_is_said_without_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    token = "700000002:AAnot-the-token-of-anything-at-all_00"
    async with house(tmp_path, sqlite(tmp_path), telegram_token=SecretStr(token)) as opened:
        frontend = Frontend(opened)
        task = asyncio.create_task(frontend.run())
        told = ""
        async with asyncio.timeout(5):
            while "TELEGRAM_TOKEN" not in told:
                await asyncio.sleep(0.01)
                told += capfd.readouterr().out
        assert "AAnot-the-token" not in told
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await frontend.close()


async def test_an_update_whose_work_failed_comes_again(
    chat: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.client.AGAIN_S", 0.05)
    known = chat.studio.app.database.read
    failures = [ConnectionError("database away"), ConnectionError("database away")]

    async def shaky(work: object, *args: object) -> object:
        if failures and getattr(work, "__module__", "") == "storage.questions":
            raise failures.pop()
        return await known(work, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(chat.studio.app.database), "read", lambda _, *args: shaky(*args))
    server = chat.server
    ann = server.user()
    await server.message("/balance", user=ann)
    answer = await server.see(server.private(ann))
    assert "100 credits" in answer["text"]
    await server.message("blue", user=ann, reply_to=answer)
    async with asyncio.timeout(20):  # a log with all locals takes its time
        while failures:  # noqa: ASYNC110 - the fake has no event for what was not asked
            await asyncio.sleep(0.02)
