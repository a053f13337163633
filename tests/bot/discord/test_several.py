"""One command that begins several jobs, in Discord: each in one message, whatever is slow or lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.discord.saying import Saying
from tests.bot.discord.conftest import House
from tests.bot.discord.test_personas import created
from tests.conftest import on_sqlite
from tests.fakes.critic import Critic
from tests.fakes.discord_server import Fault, lost
from tests.fakes.discord_world import Message

pytestmark = on_sqlite

STYLES = {"persona": "Anna", "style": "noir", "style_2": "comic", "style_3": "anime"}
TWO = {"persona": "Anna", "style": "noir", "style_2": "comic"}
POST = r"^/channels/\d+/messages$"


@pytest.fixture(autouse=True)
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    made = Critic()
    monkeypatch.setattr("tests.fakes.studio.Images", lambda: made)
    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.discord.saying.PAUSE_S", 0.01)


def of(house: House, style: str) -> list[Message]:
    """The messages of a style that stand."""
    return [item for item in house.server.visible() if item.text.startswith(f"> {style}\n")]


async def drawn(house: House, *styles: str) -> list[Message]:
    """The one message of each style, with its four pictures."""
    for style in styles:
        await house.server.until(
            lambda style=style: [len(item.pictures) for item in of(house, style)] == [4],  # type: ignore[misc]
            20,
        )
    return [of(house, style)[0] for style in styles]


async def test_each_style_has_a_message_of_its_own(house: House) -> None:
    server = house.server
    await created(house, 64, 65)
    house.working.clear()
    asked = await server.command("portrait", STYLES)
    await server.shown(asked, "In the queue, 1st.")
    await server.until(lambda: bool(of(house, "comic") and of(house, "anime")))
    waiting = [*of(house, "comic"), *of(house, "anime")]
    for message, place in zip(waiting, ("2nd", "3rd"), strict=True):
        assert f"In the queue, {place}." in message.text
        assert list(message.buttons) == ["Cancel"]
    house.working.set()
    shown = await drawn(house, "noir", "comic", "anime")
    assert shown == [asked.original, *waiting]
    assert not any(message.ephemeral for message in shown)
    assert all("A portrait by 2 photos." in message.text for message in shown)
    again = await server.press(waiting[0], "Again")
    assert (await server.shown(again, "A portrait by 2 photos.")).text.startswith("> comic")
    await server.press(waiting[1], "Delete")
    await server.until(lambda: waiting[1].deleted)


async def test_a_further_message_outlives_the_token(house: House) -> None:
    server = house.server
    await created(house, 64)
    house.working.clear()
    asked = await server.command("portrait", STYLES)
    await server.until(lambda: bool(of(house, "anime")))
    (waiting,) = of(house, "anime")
    asked.expired = True
    await server.press(of(house, "comic")[0], "Cancel")
    await server.until(lambda: "Cancelled." in of(house, "comic")[0].text)
    house.working.set()
    await drawn(house, "noir", "anime")
    assert of(house, "anime") == [waiting]


async def test_a_message_whose_answer_is_lost_is_there_once(house: House) -> None:
    await created(house, 64)
    house.server.fail("POST", POST, lost())
    await house.server.command("portrait", TWO)
    await drawn(house, "noir", "comic")
    assert house.server.count("POST", POST) == 2


async def test_where_the_bot_may_not_post_it_follows_up(house: House) -> None:
    await created(house, 64)
    house.server.fail("POST", POST, Fault(status=403, code=50001))
    asked = await house.server.command("portrait", TWO)
    (_, comic) = await drawn(house, "noir", "comic")
    assert asked.followups == [comic]


async def test_what_cannot_be_shown_at_first_comes_with_the_result(house: House) -> None:
    await created(house, 64)
    house.server.fail("POST", POST, *[Fault(status=500)] * 3)
    asked = await house.server.command("portrait", TWO)
    await drawn(house, "noir", "comic")
    assert asked.followups == []


async def test_without_a_first_answer_nothing_takes_its_place(house: House) -> None:
    server = house.server
    await created(house, 64)
    house.working.clear()
    server.fail("PATCH", r"/messages/@original$", lost(), *[Fault(status=500)] * 2)
    asked = await server.command("portrait", TWO)
    await server.until(lambda: server.count("PATCH", r"/messages/@original$") == 3)
    await asyncio.sleep(0.3)
    assert (asked.followups, server.count("POST", POST)) == ([], 0)
    house.working.set()
    await drawn(house, "noir", "comic")


async def test_a_message_that_comes_too_late_is_taken_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await created(house, 64)
    monkeypatch.setattr("core.jobs.deliver.ANSWER_S_MAX", 0.5)
    shown = asyncio.Event()
    beside = Saying._beside

    async def late(*args: Any) -> Any:  # noqa: ANN401
        await shown.wait()
        return await beside(*args)

    monkeypatch.setattr(Saying, "_beside", late)
    await house.server.command("portrait", TWO)
    (_, comic) = await drawn(house, "noir", "comic")
    shown.set()
    await house.server.until(lambda: house.server.count("DELETE", "/messages/") > 0)
    assert of(house, "comic") == [comic]
    await house.server.press(comic, "Delete")
    await house.server.until(lambda: of(house, "comic") == [])


async def test_what_is_private_stays_private(house: House) -> None:
    server = house.server
    await created(house, 64)
    answers = await server.command("settings", {"answers": "private"})
    await server.shown(answers, "for you alone")
    asked = await server.command("portrait", TWO)
    (noir, comic) = await drawn(house, "noir", "comic")
    assert (noir.ephemeral, comic.ephemeral) == (True, True)
    assert asked.followups == [comic]
    assert server.count("POST", POST) == 0
    await server.press(comic, "Delete")
    await server.until(lambda: of(house, "comic") == [])
