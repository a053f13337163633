"""Own keys in Telegram: put in on the page, and taken out of the chat where they are pasted into it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core import keys
from core.app import Rules
from core.people import recognise
from providers.base import Fault
from storage import albums, questions
from storage.database import Connection
from tests.bot.telegram.conftest import House, house, serving, sqlite
from tests.fakes.canary import Canary
from tests.fakes.locksmith import GOOD, OTHER, Locksmith
from tests.fakes.providers import png
from tests.fakes.telegram_server import refused
from tests.fakes.telegram_world import JSON, User

PAGE = "https://pictures.example"


@pytest.fixture
def page_url() -> str | None:
    """Where the page is."""
    return PAGE


@pytest.fixture
def lock() -> Locksmith:
    return Locksmith()


@pytest.fixture
async def chat(tmp_path: Path, lock: Locksmith, page_url: str | None) -> AsyncIterator[House]:
    """A house that polls, with a vendor that people bring keys for."""
    rules = Rules(page_url=page_url, vendor_order=("sketch",))
    async with house(tmp_path, sqlite(tmp_path), rules=rules) as opened:
        lock.among(opened.studio.app)
        await opened.start()
        yield opened


async def person(chat: House, user: User) -> str:
    return await recognise(chat.studio.app, "telegram", str(user.id), user.first_name)


async def told(chat: House, user: User, text: str) -> JSON:
    """What is answered in private."""
    home = chat.server.private(user)
    count = len(chat.server.shown(home))
    await chat.server.message(text, user=user)
    await chat.server.until(lambda: len(chat.server.shown(home)) > count)
    return chat.server.shown(home)[-1]


def links(message: JSON) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["url"] for row in rows for button in row if "url" in button]


async def test_keys_by_the_page(chat: House, lock: Locksmith) -> None:
    ann = chat.server.user()
    assert "You have no keys of your own here." in (await told(chat, ann, "/keys"))["text"]
    asked = await told(chat, ann, "/keys add lock")
    assert "never into the chat" in asked["text"]
    (link,) = links(asked)
    before, _, ticket = link.partition("/keys/")
    assert (before, ticket.endswith("?vendor=lock")) == (PAGE, True)
    app = chat.studio.app
    holder = await keys.peek_ticket(app, ticket.removesuffix("?vendor=lock"))
    assert holder == await person(chat, ann)
    await keys.add(app, holder, "lock", GOOD)
    listed = await told(chat, ann, "/keys")
    assert f"The locksmith, key ending in {GOOD[-4:]}: works." in listed["text"]
    assert "Not used this month." in listed["text"]
    lock.good.clear()
    assert "does not take this key" in (await told(chat, ann, "/keys test"))["text"]
    assert (
        "switched off, The locksmith does not take it any more"
        in ((await told(chat, ann, "/keys"))["text"])
    )
    lock.good.add(GOOD)
    query = await chat.server.press(listed, "keys-test:vendor=lock", ann)
    answer = await chat.server.answer_to(query)
    assert answer["text"].startswith("Your key for The locksmith works.")
    lock.fault = Fault.NO_FUNDS
    assert "There is no money left" in (await told(chat, ann, "/keys test lock"))["text"]
    query = await chat.server.press(listed, "keys-remove:vendor=lock", ann)
    assert "is forgotten here" in (await chat.server.answer_to(query))["text"]
    assert (
        "You have no key for The locksmith" in (await told(chat, ann, "/keys remove lock"))["text"]
    )
    refused = (await told(chat, ann, "/keys add nobody"))["text"]
    assert "lock, not “nobody”" in refused


async def test_who_pays(chat: House) -> None:
    ann = chat.server.user()
    for text, said in (
        ("/keys prefer only", "Only your own keys pay"),
        ("/keys prefer --prefer credits", "Credits pay first"),
        ("/keys prefer own --fallback yes", "and your credits where it cannot"),
        ("/keys", "and your credits where it cannot"),
        ("/keys prefer --fallback no", "your credits do not step in"),
        ("/keys prefer", "“only”: never credits."),
        ("/keys prefer nobody", "prefer can be own, credits, only, not “nobody”"),
        ("/keys give", "do can be list, add, test, remove, prefer, not “give”"),
    ):
        assert said in (await told(chat, ann, text))["text"]


@pytest.mark.parametrize("page_url", [None, "http://pictures.example"])
async def test_no_link_where_others_can_read_along(chat: House) -> None:
    ann = chat.server.user()
    answer = await told(chat, ann, "/keys add")
    assert "setting PUBLIC_URL to an https address" in answer["text"] or (
        "has to set PUBLIC_URL to an https address" in answer["text"]
    )
    assert links(answer) == []


async def test_a_forged_press_asks_for_no_key_in_the_chat(chat: House) -> None:
    ann = chat.server.user()
    listed = await told(chat, ann, "/keys")
    query = await chat.server.press(listed, "keys-add:vendor=lock", ann, forged=True)
    await chat.server.answer_to(query)

    def asked(connection: Connection) -> bool:
        return connection.execute(select(questions.question)).first() is not None

    assert not await chat.studio.app.database.read(asked)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"/imagine a fox {GOOD}",
        f"/keys add lock {GOOD}",
        f"/redeem {GOOD}",
        f"/{GOOD.partition('-')[0]} {GOOD}",
    ],
)
async def test_a_key_in_a_private_chat_is_deleted(
    chat: House, lock: Locksmith, canary: Canary, text: str
) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    sent = await server.message(text, user=ann)
    answer = await server.see(home)
    assert "There was a key of The locksmith" in answer["text"]
    assert "revoke it at https://lock.test/keys" in answer["text"]
    assert answer["text"].endswith("I have deleted your message.")
    assert "reply_to_message" not in answer
    assert server.world.deleted == [(home.id, sent["message_id"])]
    assert len(server.shown(home)) == 1
    assert lock.tried == []
    assert await chat.studio.work() == 0
    assert await chat.wallet(ann) == (100, 0)
    await chat.stop()
    assert canary.seen(GOOD) == []


async def test_a_key_in_a_caption_an_album_or_an_answer(chat: House, canary: Canary) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await server.message(user=ann, photo=png(1), caption=f"/edit {GOOD}")
    await server.until(lambda: len(server.world.deleted) == 1)
    await server.message(user=ann, media_group=[png(1), png(2)], caption=f"like {GOOD}")
    await server.until(lambda: len(server.world.deleted) == 3, timeout_s=5)
    await server.message("/imagine", user=ann)
    question = await server.see(home, lambda item: "answer this message" in item["text"])
    await server.message(f"a fox {OTHER}", user=ann, reply_to=question)
    await server.until(lambda: len(server.world.deleted) == 4)
    await server.until(lambda: len(server.shown(home)) == 4)
    said = [item["text"] for item in server.shown(home) if "There was a key" in item["text"]]
    assert len(said) == 3
    assert await chat.studio.work() == 0
    assert server.asked("file") == []
    await chat.stop()
    assert [canary.seen(secret) for secret in (GOOD, OTHER)] == [[], []]


async def test_a_key_in_a_group_is_told_to_the_person_alone(chat: House) -> None:
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    group = server.group()
    await server.message(f"look: {GOOD}", user=ann, chat=group)
    answer = await server.see(home)
    assert answer["text"].endswith("I have deleted your message.")
    server.fail("deleteMessage", refused(400, "Bad Request: message can't be deleted"))
    await server.message(f"/imagine {GOOD}", user=ann, chat=group)
    await server.see(home, lambda item: item["text"].endswith("please do it yourself."))
    assert server.shown(group) == []
    await server.message(f"/imagine@other_bot {GOOD}", user=ann, chat=group)
    bea = server.user("Bea")
    server.private(bea, started=False)
    await server.message(f"/imagine {GOOD}", user=bea, chat=group)
    # Who cannot be written to has to know all the same.
    public = await server.see(group)
    assert "There was a key of The locksmith" in public["text"]
    assert len(server.world.deleted) == 2


async def test_a_key_in_an_album_by_webhook_is_not_stored(
    tmp_path: Path, lock: Locksmith, canary: Canary
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        house(tmp_path, sqlite(tmp_path), public_url=url) as chat,
        serving(chat, listener),
    ):
        lock.among(chat.studio.app)
        await chat.start()
        server = chat.server
        ann = server.user()
        home = server.private(ann)
        await server.message(
            user=ann, media_group=[png(1), png(2), png(3)], caption=f"/imagine {GOOD}"
        )
        answer = await server.see(home)
        assert "There was a key of The locksmith" in answer["text"]
        await server.until(lambda: len(server.webhook_answers) == 3)
        assert server.webhook_answers == [200] * 3

        def left(connection: Connection) -> list[str | None]:
            return list(connection.execute(select(albums.album_part.c.body)).scalars())

        assert await chat.studio.app.database.read(left) == [None]
        assert len(server.shown(home)) == 1
        assert len(server.world.deleted) == 1
        assert await chat.studio.work() == 0
    assert canary.seen(GOOD) == []
