"""Personas at the page: files dropped on it, photos shown to their session alone, and not for long."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.web.visitor import OPERATOR
from core import logins, personas
from core.ids import new_id
from core.messenger import Address, Delivery, Say, Stage
from core.people import recognise
from tests.bot.web.conftest import Door, opened, settings_for
from tests.fakes.critic import Critic, photo, there
from tests.fakes.later import Later

# aiohttp warns of a call that its own multipart reader makes.
pytestmark = pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")

FILES = (("one.png", photo(64)), ("two.png", photo(65)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Later:
    made = Later()
    monkeypatch.setattr("bot.wiring.SystemClock", lambda: made)
    return made


@pytest.fixture
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    made = Critic()
    monkeypatch.setattr("bot.wiring.Images", lambda: made)
    return made


@pytest.fixture
async def door(tmp_path: Path, redis_url: str, critic: Critic, clock: Later) -> AsyncIterator[Door]:
    """The operator's own page; nobody works."""
    async with opened(settings_for(tmp_path), redis_url, work=False) as found:
        assert found.parts.app.images is critic
        assert found.parts.app.clock is clock
        yield found


async def mine(door: Door) -> list[personas.Persona]:
    person = await recognise(door.parts.app, "web", OPERATOR, OPERATOR)
    return await personas.listed(door.parts.app, person)


def button(shown: str, command: str) -> str:
    found = re.search(rf'value="({command}:[0-9a-f]{{32}})"', shown)
    assert found is not None, shown
    return found[1]


async def press(door: Door, packed: str) -> str:
    """What a press shows: a message, or a notice in passing."""
    status, told = await door.send("", path="/press", button=packed)
    assert status == 200, told
    message = told.get("message")
    return str(message["html"] if isinstance(message, dict) else told["notice"])


async def status_of(door: Door, path: str) -> int:
    async with door.http.get(door.address + path) as answer:
        return answer.status


async def test_files_become_a_persona_and_go_again(door: Door, clock: Later) -> None:
    asked = await door.says("/persona create Anna", *FILES)
    assert "“Anna”, 2 photos: nothing is kept before you agree." in asked
    assert "<img" not in asked
    ready = await press(door, button(asked, "persona-yes"))
    assert "“Anna” is ready, with 2 photos." in ready
    shown = await door.says("/persona show anna")
    paths = re.findall(r'<img src="(/files/[^"]+)"', shown)
    assert len(paths) == 2
    assert "?download" not in shown
    assert [await status_of(door, path) for path in paths] == [200, 200]
    clock.ahead = timedelta(minutes=15)
    assert [await status_of(door, path) for path in paths] == [403, 403]
    found = (await mine(door))[0]
    # The page itself has fresh ones for who is signed in.
    fresh = re.findall(r'<img src="(/files/[^"]+)"', await door.html())
    assert [await status_of(door, path) for path in fresh] == [200, 200]
    assert "is removed, and its photos are deleted." in await press(
        door, button(shown, "persona-remove")
    )
    assert await there(door.parts.app, *found.photos) == [False, False]
    assert [await status_of(door, path) for path in fresh] == [404, 404]
    assert "You have no personas yet." in await door.says("/persona")


async def test_a_portrait_is_drawn(
    tmp_path: Path, redis_url: str, critic: Critic, clock: Later
) -> None:
    async with opened(settings_for(tmp_path), redis_url) as door:
        asked = await door.says("/persona create Anna", *FILES)
        ready = await press(door, button(asked, "persona-yes"))
        assert "Draw it with /portrait Anna" in ready
        await door.says("/portrait Anna in a garden", ("example.png", photo(66)))
        await door.until("A portrait by 2 photos.")
        assert clock.ahead == timedelta()
        assert critic.looked == [64, 65]


async def test_twice_and_no(door: Door, critic: Critic) -> None:
    asked = await door.says("/persona create Anna", *FILES)
    for _ in range(2):
        assert "is ready, with 2 photos." in await press(door, button(asked, "persona-yes"))
    assert critic.looked == [64, 65]
    assert "You have agreed already." in await press(door, button(asked, "persona-no"))
    asked = await door.says("/persona create Bea", FILES[0], ("three.png", photo(66)))
    photos = (await mine(door))[1].photos
    assert await press(door, button(asked, "persona-no")) == (
        "The photos are deleted, nothing was kept."
    )
    # The first one is Anna's too.
    assert await there(door.parts.app, *photos) == [True, False]
    assert "This is over" in await press(door, button(asked, "persona-yes"))


async def test_without_an_answer_it_is_over_after_an_hour(door: Door, clock: Later) -> None:
    asked = await door.says("/persona create Anna", *FILES)
    photos = (await mine(door))[0].photos
    clock.ahead = timedelta(minutes=61)
    assert "This is over" in await press(door, button(asked, "persona-yes"))
    assert await personas.expire(door.parts.app) == 1
    assert await there(door.parts.app, *photos) == [False, False]


async def test_each_photo_that_is_not_fit_is_named(door: Door, critic: Critic) -> None:
    critic.blames = {65: "too-blurred"}
    asked = await door.says("/persona create Anna", *FILES)
    failed = await press(door, button(asked, "persona-yes"))
    assert "Photo 2: it is blurred. Use a sharp one." in failed
    assert "Anna: cannot be used, its photos were not fit" in await door.says("/persona")


async def test_of_a_command_that_is_refused_nothing_is_left(door: Door) -> None:
    def kept() -> int:
        folder = door.parts.settings.data_dir / "blobs"
        return sum(path.is_file() for path in folder.rglob("*"))

    broken = ("broken.png", photo(64)[:60])
    assert "damaged" in await door.says("/persona create Anna", *FILES, broken)
    assert "takes up to 5 pictures" in await door.says("/persona create Anna", *FILES * 3)
    assert "A picture is missing" in await door.says("/persona create Anna")
    assert kept() == 0
    await door.says("/persona create Anna", *FILES)
    assert kept() == 2


async def test_a_session_of_somebody_else_sees_nothing(
    tmp_path: Path, redis_url: str, critic: Critic
) -> None:
    assert critic.blames == {}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = settings_for(tmp_path, public_url="http://pictures.example", port=port)
    async with opened(settings, redis_url, work=False) as found:
        address, app = f"http://127.0.0.1:{port}", found.parts.app
        ann = Door(address=address, parts=found.parts, http=found.http)
        await ann.html(
            f"/login/{await logins.invite(app, await recognise(app, 'telegram', '7', 'Ann'))}"
        )
        asked = await ann.says("/persona create Anna", *FILES)
        ready = await press(ann, button(asked, "persona-yes"))
        shown = await ann.says("/persona show Anna")
        picture = re.search(r'href="(/picture/[^"]+)"', shown)
        assert picture is not None
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            ben = Door(address=address, parts=found.parts, http=http)
            token = await logins.invite(app, await recognise(app, "telegram", "8", "Ben"))
            await ben.html(f"/login/{token}")
            assert "You have no persona “Anna”" in await ben.says("/persona show Anna")
            for packed in (button(ready, "persona-show"), button(ready, "persona-remove")):
                assert "This is over" in await press(ben, packed)
            assert await status_of(ben, picture[1]) == 404
        assert await status_of(ann, picture[1]) == 200


async def test_each_style_has_a_message_of_its_own(
    tmp_path: Path, redis_url: str, critic: Critic, clock: Later
) -> None:
    async with opened(settings_for(tmp_path), redis_url) as door:
        asked = await door.says("/persona create Anna", *FILES)
        await press(door, button(asked, "persona-yes"))
        await door.says("/portrait Anna in a garden --style noir --style_2 comic --count 2")
        shown = ""
        async with asyncio.timeout(20):
            while shown.count("A portrait by 2 photos.") < 2:
                await asyncio.sleep(0.1)
                shown = await door.html()
        assert len(re.findall(r'href="/picture/[0-9a-f]+/."', shown)) == 4
        noir, comic = shown.index("in a garden, noir"), shown.index("in a garden, comic")
        assert noir < comic
        assert "In the queue" not in shown
        assert clock.ahead == timedelta()


async def test_what_the_page_died_before_is_shown_with_the_result(door: Door) -> None:
    person = await recognise(door.parts.app, "web", OPERATOR, OPERATOR)
    address = Address(platform="web", place=person, user=person, beside=True)
    job_id = new_id()
    result = Delivery(
        id=new_id(), job_id=job_id, operation="portrait", stage=Stage.SUCCEEDED,
        lines=(Say(key="did-portrait", values={"photos": 2}),), prompt="in a garden, comic",
    )  # fmt: skip
    stands = address
    for _ in range(2):
        stands = await door.parts.app.messengers["web"].deliver(stands, result)
        assert stands.message == job_id
    shown = await door.html()
    assert shown.count("A portrait by 2 photos.") == 1
    assert "in a garden, comic" in shown
