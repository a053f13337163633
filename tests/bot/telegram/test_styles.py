"""Styles in Telegram: one sheet with all examples, one's own, a community's, and a job in one of them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.bot.telegram.conftest import House, house, sqlite
from tests.bot.telegram.test_client import is_result
from tests.bot.telegram.test_preferences import told
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, Chat, User


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose frontend polls."""
    async with house(tmp_path, sqlite(tmp_path)) as opened:
        await opened.start()
        yield opened


def size(chat: House, message: JSON) -> tuple[int, int]:
    """How large the photo of a message is."""
    found = chat.server.world.files[message["photo"][-1]["file_id"]]
    with Image.open(io.BytesIO(found.data)) as image:
        return image.size


async def here(chat: House, group: Chat, user: User, text: str) -> JSON:
    """What is answered in private to a command in a group."""
    home = chat.server.private(user)
    count = len(chat.server.shown(home))
    await chat.server.message(text, user=user, chat=group)
    await chat.server.until(lambda: len(chat.server.shown(home)) > count)
    return chat.server.shown(home)[-1]


async def test_one_sheet_with_all_names(chat: House) -> None:
    ann = chat.server.user()
    shown = await told(chat, ann, "/styles")
    width, height = size(chat, shown)
    assert min(width, height) > 1000
    assert "For all: photo, cinematic" in shown["caption"]
    await told(chat, ann, "/styles add soft-gold --words gold leaf, soft light")
    shown = await told(chat, ann, "/styles")
    assert "Yours: soft-gold" in shown["caption"]
    [button] = callbacks(shown)
    await chat.server.press(shown, button, ann)
    listed = await chat.server.see(
        chat.server.private(ann), lambda item: "soft-gold: gold leaf" in item.get("text", "")
    )
    assert callbacks(listed) == ["styles:page=shipped-1"]


async def test_ones_own_and_a_job_in_it(chat: House) -> None:
    ann = chat.server.user()
    home = chat.server.private(ann)
    added = await told(chat, ann, "/styles add --name “Soft Gold” --words gold leaf, soft light")
    assert added["text"] == "The style soft-gold is kept."
    shown = await told(chat, ann, "/styles show soft-gold")
    assert shown["text"] == "soft-gold: gold leaf, soft light\nIt is yours."
    shown = await told(chat, ann, "/styles show ink")
    assert size(chat, shown) == (256, 256)
    await told(chat, ann, "/imagine a fox --style soft-gold")
    assert await chat.studio.work() == 1
    result = await chat.server.see(home, is_result)
    assert "In the style soft-gold." in result["caption"]
    assert "gold leaf" not in result["caption"]
    refused = await told(chat, ann, "/imagine a fox --style zzzz")
    assert refused["text"].startswith("There is no style “zzzz”.")


async def test_a_communitys_are_its_administrators(chat: House) -> None:
    server = chat.server
    group = server.group()
    chief, bob = server.user("Chief"), server.user("Bob")
    group.members |= {chief.id: "administrator", bob.id: "member"}
    add = "/styles add ours --whose community --words our words"
    for user in (chief, bob):
        await told(chat, user, "/queue")
    refused = await here(chat, group, bob, add)
    assert refused["text"] == "Only moderators of this community can do that."
    asked = len(server.asked("getChatMember"))
    added = await here(chat, group, chief, add)
    assert added["text"] == "The style ours is kept for this community."
    assert len(server.asked("getChatMember")) == asked + 1
    # Who only looks is not asked about.
    shown = await here(chat, group, bob, "/styles")
    assert "Of this community: ours" in shown["caption"]
    assert "ours: our words" in (await here(chat, group, bob, "/styles --whose community"))["text"]
    assert len(server.asked("getChatMember")) == asked + 1
    await server.message("/imagine a fox --style ours", user=bob, chat=group)
    await server.see(group, lambda item: "In the queue" in item["text"])
    assert await chat.studio.work() == 1
    result = await server.see(group, is_result)
    assert "In the style ours." in result["caption"]
    gone = "/styles remove ours --whose community"
    assert "Only moderators" in (await here(chat, group, bob, gone))["text"]
    assert "is forgotten" in (await here(chat, group, chief, gone))["text"]
    assert "moderators, in their own" in (await told(chat, chief, add))["text"]
