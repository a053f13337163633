"""The studio at the page: every operation and button, with the files that are dropped on it."""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.settings import Settings
from core import logins
from core.ids import new_id
from core.people import recognise
from tests.bot.web.conftest import Door, opened, settings_for
from tests.fakes.openai_server import Behaviour
from tests.fakes.paid import CORNERS, ORDER, PHOTO, TRIALS, Paid, paid
from tests.fakes.paid import opened as picture_of

# aiohttp warns of a call that its own multipart reader makes.
pytestmark = pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")

WAIT_S = 15


@pytest.fixture
async def vendors() -> AsyncIterator[Paid]:
    async with paid() as made:
        yield made


def settings(folder: Path, vendors: Paid, **values: object) -> Settings:
    given: dict[str, object] = {
        "vendors": vendors.environment,
        "providers": {"order": ORDER},
        "jobs": {"queued_max": 40},
    }
    return settings_for(folder, None, **given, **values)


@pytest.fixture
async def door(tmp_path: Path, redis_url: str, vendors: Paid) -> AsyncIterator[Door]:
    """The operator's own page, with a worker."""
    async with opened(settings(tmp_path, vendors), redis_url) as found:
        yield found


async def say(door: Door, line: str, *pictures: bytes) -> str:
    """Send a command with its files; the message's id."""
    message_id = new_id()
    files = [(f"{number}.png", data) for number, data in enumerate(pictures)]
    status, told = await door.send(line, *files, message_id=message_id)
    assert status == 200, told
    return message_id


async def press(door: Door, shown: str, action: str, **fields: str) -> str:
    """Press a button of a message; the id of the new one."""
    name, _, place = action.partition(":")
    found = re.search(rf'value="({name}:[0-9a-f]{{32}}{place and ":" + place})"', shown)
    assert found is not None, (action, shown)
    message_id = new_id()
    status, told = await door.send(
        "", path="/press", button=found[1], message_id=message_id, **fields
    )
    assert status == 200, told
    return message_id


async def message(door: Door, message_id: str, said: str = "") -> str:
    """A message of the page once it says this, and is at rest."""
    shown, end = "", time.monotonic() + WAIT_S
    while time.monotonic() < end:
        page = await door.html()
        articles = page.split('<article class="message"')
        shown = next((item for item in articles if f'data-id="{message_id}"' in item), "")
        shown = html.unescape(shown.partition("</article>")[0])
        if said in shown and 'value="cancel:' not in shown and "aria-busy" not in shown:
            return shown
        await asyncio.sleep(0.1)
    raise AssertionError(f"{said!r} is not in {shown}")


async def files(door: Door, shown: str) -> list[bytes]:
    """The pictures of a message, as a browser opens them."""
    found = []
    for path in re.findall(r'<a class="picture[^"]*" href="([^"]+)"', shown):
        async with door.http.get(door.address + path) as answer:
            assert answer.status == 200
            found.append(await answer.read())
    return found


def rows(shown: str) -> list[list[str]]:
    """The labels of its buttons, row by row."""
    _, _, buttons = shown.partition('<div class="buttons">')
    label = r'<(?:summary|button) class="pill(?! strong| quiet)[^"]*">([^<]+)<'
    return [re.findall(label, row) for row in buttons.split('<span class="row-end">')]


async def test_every_operation(door: Door) -> None:
    asked = [await say(door, trial.typed(), *trial.pictures) for trial in TRIALS]
    for trial, one in zip(TRIALS, asked, strict=True):
        shown = await message(door, one, trial.receipt())
        for said in trial.says:
            cells = " ".join(re.sub(r"<[^>]+>", " ", shown).split())
            assert said in cells, (trial.command, cells)
        trial.check(await files(door, shown))
    left = 100 - sum(trial.used for trial in TRIALS)
    assert f"You have {left} credits." in await door.says("/balance")


SINGLE = [
    ["Vary (subtle)", "Vary (strong)", "Upscale 2×", "Upscale 4×"],
    ["Zoom out", "←", "→", "↑", "↓"],
    ["Remove background", "Edit"],
]


async def test_buttons_of_several_pictures(door: Door) -> None:
    several = await message(door, await say(door, "/imagine a fox --count 4"), "Used 4 credits")
    assert rows(several)[:2] == [["U1", "U2", "U3", "U4"], ["V1", "V2", "V3", "V4"]]
    originals = await files(door, several)
    for place in range(1, 5):
        one = await message(door, await press(door, several, f"take-one:{place}"), "Free of charge")
        assert await files(door, one) == [originals[place - 1]]
        assert rows(one)[:3] == SINGLE
        varied = await press(door, several, f"vary-strong:{place}")
        assert "A strong variation." in await message(door, varied, "Used 2 credits")
    again = await message(door, await press(door, several, "again"), "Used 4 credits, 84 left.")
    assert set(await files(door, again)).isdisjoint(originals)


async def test_buttons_of_one_picture(door: Door) -> None:
    one = await message(door, await say(door, "/restore", PHOTO), "Used 1 credit, 99 left.")
    first = await message(door, await press(door, one, "upscale-2x"), "Used 2 credits, 97 left.")
    twice = await message(door, await press(door, one, "upscale-2x"), "It was made before")
    assert await files(door, first) == await files(door, twice)
    assert picture_of((await files(door, first))[0]).size == (192, 128)
    for action, size, kept in (
        ("zoom-out", (192, 128), (48, 32)),
        ("pan-left", (144, 64), (48, 0)),
        ("pan-right", (144, 64), (0, 0)),
        ("pan-up", (96, 96), (0, 32)),
        ("pan-down", (96, 96), (0, 0)),
    ):
        shown = await message(door, await press(door, one, action), "Used 2 credits")
        grown = picture_of((await files(door, shown))[0]).convert("RGB")
        assert grown.size == size, action
        for (x, y), colour in CORNERS.items():
            assert grown.getpixel((x + kept[0], y + kept[1])) == colour
    clear = await message(door, await press(door, one, "background-remove"), "Used 1 credit")
    assert picture_of((await files(door, clear))[0]).convert("RGBA").getpixel((2, 2))[3] == 0  # type: ignore[index]
    edited = await message(
        door, await press(door, one, "edit-result", prompt="at night"), "Used 2 credits"
    )
    assert "Edit: at night" in edited
    info = await message(door, await press(door, edited, "info"), "It comes of: /restore")
    assert "/edit at night --model" in info
    await press(door, edited, "delete")
    assert "at night --model" in await door.html()
    assert "Edit: at night" not in html.unescape(await door.html())
    assert "You have 84 credits." in await door.says("/balance")


async def test_a_vendor_that_is_gone_or_gives_less(door: Door, vendors: Paid) -> None:
    one = await message(door, await say(door, "/restore", PHOTO), "99 left.")
    await vendors.gone("replicate")
    failed = await message(door, await press(door, one, "upscale-2x"), "99 credits left.")
    assert "Real-ESRGAN cannot be reached at the moment. Not charged. Try again later" in failed
    assert rows(failed) == [["Again", "Delete"]]
    await vendors.back("replicate")
    await message(door, await press(door, failed, "again"), "Used 2 credits, 97 left.")
    vendors.openai.script.append(Behaviour(images=3))
    asked = await say(door, "/imagine a fox --count 4")
    less = await message(door, asked, "Used 3 of 4 credits, 1 returned, 94 left.")
    assert len(await files(door, less)) == 3
    assert rows(less)[:2] == [["U1", "U2", "U3"], ["V1", "V2", "V3"]]


@contextlib.asynccontextmanager
async def visitor(place: Door, user: str) -> AsyncIterator[Door]:
    """Somebody who comes from the chat."""
    app = place.parts.app
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        port = place.parts.settings.port
        door = Door(address=f"http://127.0.0.1:{port}", parts=place.parts, http=http)
        token = await logins.invite(app, await recognise(app, "telegram", user, user))
        await door.html(f"/login/{token}")
        yield door


async def test_pressed_twice_at_once_by_others_and_after_a_restart(
    tmp_path: Path, redis_url: str, vendors: Paid
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    chosen = settings(tmp_path, vendors, public_url="http://pictures.example", port=port)
    async with opened(chosen, redis_url) as place, visitor(place, "ann") as ann:
        one = await message(ann, await say(ann, "/restore", PHOTO), "99 left.")
        vendors.replicate.progress.extend(["processing"] * 2)
        pressed = await asyncio.gather(*[press(ann, one, "upscale-4x") for _ in range(2)])
        ended = [await message(ann, item) for item in pressed]
        said = "This is being made already. It will appear in its own message."
        assert sum(said in item for item in ended) == 1, ended
        assert sum("Used 4 credits, 95 left." in item for item in ended) == 1
        async with visitor(place, "ben") as ben:
            for action in ("vary-strong", "upscale-4x", "zoom-out", "delete"):
                told = await message(ben, await press(ben, one, action))
                assert not told or "This is somebody else's." in told
            assert "You have 100 credits." in await ben.says("/balance")
    async with opened(chosen, redis_url) as place, visitor(place, "ann") as ann:
        again = await message(ann, await press(ann, one, "upscale-4x"), "It was made before")
        assert picture_of((await files(ann, again))[0]).size == (384, 256)
        await message(ann, await press(ann, one, "background-remove"), "Used 1 credit, 94 left.")


async def test_what_is_wrong_is_said(door: Door) -> None:
    for line, pictures, said in (
        ("/region a pond", [PHOTO], "Say just once where to draw"),
        ("/region a pond --box 9", [PHOTO], "A box is four numbers in percent"),
        ("/expand --ratio 3:2", [PHOTO], "The picture has the ratio 3:2 already."),
        ("/background --colour bleu", [PHOTO], "colour must be a colour, such as white"),
        ("/illustrate", [], "Say what it is about"),
        ("/blend", [PHOTO], "This command takes at least 2 pictures."),
        ("/blend", [PHOTO] * 6, "This command takes up to 5 pictures. Send fewer."),
        ("/upscale", [b"no picture"], "not a picture"),
    ):
        shown = await message(door, await say(door, line, *pictures))
        assert said in shown, (line, shown)
    assert "You have 100 credits." in await door.says("/balance")
