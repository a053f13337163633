"""The studio in Telegram: every operation and button; captions, albums and replies as sources."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.bot.telegram.conftest import House, house, sqlite
from tests.fakes.openai_server import Behaviour
from tests.fakes.paid import (
    BLUE,
    CORNERS,
    GREEN,
    OTHER,
    PHOTO,
    RULES,
    SIZE,
    TRIALS,
    Paid,
    Trial,
    opened,
    paid,
    painted,
)
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, User


@pytest.fixture
async def vendors() -> AsyncIterator[Paid]:
    async with paid() as made:
        yield made


@pytest.fixture
async def chat(tmp_path: Path, vendors: Paid) -> AsyncIterator[House]:
    """A house that polls."""
    opening = house(tmp_path, sqlite(tmp_path), rules=RULES, providers=vendors.providers)
    async with opening as made:
        await made.start()
        yield made


def text_of(message: JSON) -> str:
    return str(message.get("text") or message.get("caption") or "")


def rows(message: JSON) -> list[list[str]]:
    """The labels of its buttons, row by row."""
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[item["text"] for item in row] for row in keyboard]


async def send(
    chat: House, user: User, line: str, *pictures: bytes, reply_to: JSON | None = None
) -> JSON:
    """A command: words, a photo with its caption, or an album."""
    say = partial(chat.server.message, user=user, reply_to=reply_to)
    if len(pictures) > 1:
        return await say(media_group=pictures, caption=line)
    if pictures:
        return await say(photo=pictures[0], caption=line)
    return await say(line)


async def answer(chat: House, user: User, asked: JSON, said: str = "") -> JSON:
    """The bot's message below one."""

    def below(item: JSON) -> bool:
        told = item.get("reply_to_message", {}).get("message_id") == asked["message_id"]
        return told and said in text_of(item)

    return await chat.server.see(chat.server.private(user), below)


async def made(
    chat: House, user: User, line: str, *pictures: bytes, reply_to: JSON | None = None
) -> JSON:
    """What comes of a command."""
    asked = await send(chat, user, line, *pictures, reply_to=reply_to)
    await answer(chat, user, asked)
    assert await chat.studio.work() == 1
    return await answer(chat, user, asked)


async def pressed(chat: House, user: User, message: JSON, action: str) -> JSON:
    """What comes of a button: the newest message below."""
    home = chat.server.private(user)
    before = len(chat.server.shown(home))
    await chat.server.press(message, button(message, action), user)
    await chat.server.until(lambda: len(chat.server.shown(home)) > before)
    await chat.studio.work()
    return chat.server.shown(home)[-1]


def button(message: JSON, action: str) -> str:
    """The data of `upscale-2x`, or of `take-one:2`."""
    name, _, place = action.partition(":")
    end = f":{place}" if place else ""
    return next(
        item for item in callbacks(message) if item.startswith(f"{name}:") and item.endswith(end)
    )


async def test_every_operation(chat: House) -> None:
    server = chat.server
    ann = server.user()
    asked = [await send(chat, ann, trial.typed(), *trial.pictures) for trial in TRIALS]
    home = server.private(ann)
    await server.until(lambda: len(server.shown(home)) == len(TRIALS), timeout_s=20)
    assert await chat.studio.work() == len(TRIALS)
    for trial, one in zip(TRIALS, asked, strict=True):
        message = await answer(chat, ann, one, trial.receipt())
        for said in trial.says:
            assert said in text_of(message), (trial.command, text_of(message))
        shown = [server.content(message)] if {"photo", "document"} & message.keys() else []
        # Several come as one sheet; the files are behind a button.
        dataclasses.replace(trial, count=min(trial.count, 1)).check(shown)
    assert await chat.wallet(ann) == (200 - sum(trial.used for trial in TRIALS), 0)


async def test_replies_and_albums_are_sources(chat: House, vendors: Paid) -> None:
    ann = chat.server.user()
    photo = await chat.server.message(user=ann, photo=PHOTO)
    region = await made(chat, ann, "/region a pond", painted(), reply_to=photo)
    assert "One part drawn anew, the rest as it was." in text_of(region)
    Trial(
        command="region", used=2, says=(), size=SIZE, points={(92, 4): GREEN, (4, 60): BLUE}
    ).check([chat.server.content(region)])
    blend = await made(chat, ann, "/blend a dream", OTHER, reply_to=photo)
    assert text_of(blend).startswith("a dream\n\nBlended into one.")
    sent = vendors.openai.requests[-1].files
    colours = [opened(data).convert("RGB").getpixel((4, 4)) for _, _, data in sent]
    assert colours == [(220, 20, 20), (250, 180, 30)]
    again = await made(chat, ann, "/blend", PHOTO, OTHER, PHOTO, OTHER, PHOTO)
    assert "Blended into one." in text_of(again)
    assert await chat.wallet(ann) == (195, 0)


SINGLE = [
    ["Vary (subtle)", "Vary (strong)"],
    ["Upscale 2×", "Upscale 4×"],
    ["Zoom out", "←", "→", "↑", "↓"],
    ["Remove background", "Edit"],
]


async def test_buttons_of_several_pictures(chat: House) -> None:
    ann = chat.server.user()
    several = await made(chat, ann, "/imagine a fox --count 4 --ratio 3:2")
    assert rows(several)[:2] == [["U1", "U2", "U3", "U4"], ["V1", "V2", "V3", "V4"]]
    taken = []
    for place in range(1, 5):
        one = await pressed(chat, ann, several, f"take-one:{place}")
        assert text_of(one) == "a fox\n\nFree of charge."
        assert rows(one)[:4] == SINGLE
        taken.append(chat.server.content(one))
    assert len(set(taken)) == 4
    for place in range(1, 5):
        varied = await pressed(chat, ann, several, f"vary-strong:{place}")
        assert text_of(varied).startswith("a fox\n\nA strong variation.")
    again = await pressed(chat, ann, several, "again")
    assert "Used 4 credits, 184 left." in text_of(again)


async def test_buttons_of_one_picture(chat: House, vendors: Paid) -> None:
    server = chat.server
    ann = server.user()
    one = await made(chat, ann, "/restore", PHOTO)
    first = await pressed(chat, ann, one, "upscale-2x")
    assert "2 times as large." in text_of(first)
    twice = await pressed(chat, ann, one, "upscale-2x")
    assert "It was made before" in text_of(twice)
    assert server.content(first) == server.content(twice)
    assert opened(server.content(first)).size == (192, 128)
    for action, size, kept in (
        ("zoom-out", (192, 128), (48, 32)),
        ("pan-left", (144, 64), (48, 0)),
        ("pan-right", (144, 64), (0, 0)),
        ("pan-up", (96, 96), (0, 32)),
        ("pan-down", (96, 96), (0, 0)),
    ):
        grown = opened(server.content(await pressed(chat, ann, one, action)))
        assert grown.size == size, action
        for (x, y), colour in CORNERS.items():
            assert grown.convert("RGB").getpixel((x + kept[0], y + kept[1])) == colour
    clear = await pressed(chat, ann, one, "background-remove")
    # Telegram would make a JPEG of a photo.
    assert "document" in clear
    assert "photo" in first
    assert text_of(clear).startswith("Background removed.")
    assert opened(server.content(clear)).convert("RGBA").getpixel((2, 2)) == (0, 0, 0, 0)
    info = await pressed(chat, ann, clear, "info")
    assert text_of(info).startswith("/background --model ")
    assert "It comes of: /restore" in text_of(info)
    await server.press(clear, button(clear, "delete"), ann)
    home = server.private(ann)
    await server.until(lambda: clear["message_id"] not in server.world.chats[home.id].messages)
    assert await chat.wallet(ann) == (186, 0)


async def test_pressed_twice_at_once_by_others_and_after_a_restart(chat: House) -> None:
    server = chat.server
    ann, ben = server.user(), server.user("Ben")
    one = await made(chat, ann, "/restore", PHOTO)
    home = server.private(ann)
    data = button(one, "upscale-4x")
    queries = await asyncio.gather(*[server.press(one, data, ann) for _ in range(2)])
    told = [await server.answer_to(query) for query in queries]
    said = "This is being made already. It will appear in its own message."
    assert [item.get("text", "") for item in told].count(said) == 1, told
    await server.see(home, lambda item: "In the queue" in text_of(item))
    assert await chat.studio.work() == 1
    for action in ("vary-strong", "upscale-4x", "zoom-out", "edit-result", "delete"):
        query = await server.press(one, button(one, action), ben)
        assert (await server.answer_to(query))["text"].startswith("This is somebody else's.")
    assert await chat.wallet(ben) == (200, 0)
    await chat.stop()
    await chat.start()
    assert "It was made before" in text_of(await pressed(chat, ann, one, "upscale-4x"))
    assert "Used 1 credit" in text_of(await pressed(chat, ann, one, "background-remove"))
    assert await chat.wallet(ann) == (194, 0)


async def test_a_vendor_that_is_gone_or_gives_less(chat: House, vendors: Paid) -> None:
    ann = chat.server.user()
    one = await made(chat, ann, "/restore", PHOTO)
    await vendors.gone("replicate")
    failed = await pressed(chat, ann, one, "upscale-2x")
    assert text_of(failed).startswith(
        "Real-ESRGAN cannot be reached at the moment. Not charged. Try again later"
    )
    assert await chat.wallet(ann) == (199, 0)
    await vendors.back("replicate")
    assert "Used 2 credits, 197 left." in text_of(await pressed(chat, ann, failed, "again"))
    vendors.openai.script.append(Behaviour(images=3))
    less = await made(chat, ann, "/imagine a fox --count 4")
    assert "Used 3 of 4 credits, 1 returned, 194 left." in text_of(less)
    assert rows(less)[:2] == [["U1", "U2", "U3"], ["V1", "V2", "V3"]]


async def test_what_is_wrong_is_said(chat: House) -> None:
    ann = chat.server.user()
    for line, pictures, said in (
        ("/region a pond", [PHOTO], "Say just once where to draw"),
        ("/region a pond --box 9", [PHOTO], "A box is four numbers in percent"),
        ("/expand --ratio 3:2", [PHOTO], "The picture has the ratio 3:2 already."),
        ("/background --colour bleu", [PHOTO], "colour must be a colour, such as white"),
        ("/illustrate", [], "Say what it is about"),
        ("/blend", [], "A picture is missing. Attach one"),
        ("/blend", [PHOTO], "This command takes at least 2 pictures."),
        ("/blend", [PHOTO] * 6, "This command takes up to 5 pictures. Send fewer."),
    ):
        asked = await send(chat, ann, line, *pictures)
        shown = await answer(chat, ann, asked)
        assert said in text_of(shown), (line, text_of(shown))
    assert await chat.wallet(ann) == (200, 0)
