"""Settings in Discord: chosen by a command, filled in where options are left open, in their language."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core import preferences
from core.people import recognise
from core.preferences import Preferences
from tests.bot.discord.conftest import House
from tests.bot.discord.test_client import drawn, result
from tests.conftest import on_sqlite
from tests.fakes.discord_world import EPHEMERAL
from tests.fakes.pictures import encode, scene

pytestmark = on_sqlite


async def choose(house: House, **chosen: object) -> None:
    """As by an earlier /settings."""
    person = await recognise(house.studio.app, "discord", house.server.ada.id, "ada")
    await preferences.put(house.studio.app, person, **chosen)


async def test_settings_by_the_command(house: House) -> None:
    server = house.server
    given = {"ratio": "16:9", "count": 2, "answers": "public", "model": "sketch"}
    asked = await server.command("settings", given)
    message = await server.shown(asked, "Kept.")
    assert message.ephemeral
    assert "Model: sketch\nRatio: 16:9\nPictures at a time: 2" in message.text
    person = await recognise(house.studio.app, "discord", server.ada.id, "ada")
    assert await preferences.of_person(house.studio.app, person) == Preferences(
        model="sketch", ratio="16:9", count=2, private=False
    )
    pressed = await server.press(message, "Forget these settings")
    told = await server.shown(pressed, "All forgotten.")
    assert told.ephemeral
    completed = await server.autocomplete("settings", "ratio", "16")
    await server.responded(completed)
    assert completed.choices == ["16:9"]


async def test_what_is_left_open_is_filled_and_what_is_named_wins(house: House) -> None:
    await choose(house, count=2, ratio="16:9")
    message = await drawn(house)
    assert len(message.pictures) == 2
    message = await drawn(house, count=1)
    assert len(message.pictures) == 1


async def test_answers_come_in_the_language_that_was_chosen(house: House) -> None:
    server = house.server
    asked = await server.command("settings", {"language": "fr"})
    await server.shown(asked, "Langue : français")
    house.working.clear()
    asked = await server.command("imagine", {"prompt": "a fox"})
    await server.shown(asked, "En file d’attente")
    house.working.set()
    await server.until(lambda: asked.original and "Supprimer" in asked.original.buttons)
    await server.shown(asked, "1 crédit utilisé")
    # The first answer of a bad command comes before anybody is known; a later one does not.
    asked = await server.command("redeem", {"code": "AAAAA-BBBBB"})
    await server.shown(asked, "Ce code n’existe pas")
    asked = await server.command("settings", {"language": "auto"})
    await server.shown(asked, "Language: that of the app you write with")


async def test_results_for_oneself(house: House) -> None:
    server = house.server
    await choose(house, private=True)
    asked = await server.command("imagine", {"prompt": "a fox in the snow"})
    assert await server.responded(asked) < 1
    assert asked.response == {"type": 5, "data": {"flags": EPHEMERAL}}
    message = await result(house, asked)
    assert message.ephemeral
    again = await server.press(message, "Again")
    assert (await result(house, again)).ephemeral
    # Somebody else's are for all to see, and so are one's own again once that is chosen.
    assert not (await drawn(house, user=server.bob)).ephemeral
    asked = await server.command("settings", {"answers": "public"})
    await server.shown(asked, "Kept.")
    assert not (await drawn(house)).ephemeral


async def test_a_result_that_all_see_leads_to_one_for_oneself(house: House) -> None:
    server = house.server
    message = await drawn(house)
    asked = await server.command("settings", {"answers": "private"})
    await server.shown(asked, "Kept.")
    assert (await result(house, await server.press(message, "Again"))).ephemeral
    modal = await server.press(message, "Edit")
    await server.responded(modal)
    changed = await server.submit_modal(modal, {"prompt": "make it night"})
    assert (await result(house, changed)).ephemeral
    assert not message.ephemeral


async def test_a_menu_leads_to_one_for_oneself(house: House) -> None:
    server = house.server
    await choose(house, private=True)
    message = await server.post("look", files={"photo.png": encode(scene((64, 64)))})
    asked = await server.context_menu("Colour palette", message)
    assert (await server.shown(asked, "rgb(")).ephemeral
    modal = await server.context_menu("Edit image", message)
    await server.responded(modal)
    changed = await server.submit_modal(modal, {"prompt": "make it night"})
    assert (await result(house, changed)).ephemeral


async def test_where_nobody_else_reads_nothing_is_hidden(house: House) -> None:
    server = house.server
    await choose(house, private=True)
    asked = await server.command("imagine", {"prompt": "a fox"}, channel=server.dm(server.ada))
    assert not (await result(house, asked)).ephemeral


async def test_a_result_that_comes_late_is_sent_to_its_person_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = house.server
    await choose(house, private=True)
    monkeypatch.setattr("bot.discord.answers.TOKEN_S_MAX", timedelta(seconds=-1))
    await server.command("imagine", {"prompt": "a fox"})
    home = server.dm(server.ada)
    await server.until(lambda: [item for item in server.visible() if item.channel is home])
    [sent] = [item for item in server.visible() if item.channel is home]
    await server.until(lambda: sent.pictures)
    assert [
        item for item in server.visible() if item.channel is server.general and item.pictures
    ] == []


async def test_who_waits_in_vain_for_the_settings_is_answered_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = house.server
    await choose(house, private=True)
    await server.command("queue")
    read = type(house.studio.app.database).read

    async def slow(self: object, work: object, *args: object) -> object:
        if getattr(work, "__name__", "") in {"of_identity", "discreet"}:
            await asyncio.sleep(5)
        return await read(self, work, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(house.studio.app.database), "read", slow)
    asked = await server.command("imagine", {"prompt": "a fox"})
    assert await server.responded(asked) < 1
    assert asked.response == {"type": 5}
    assert not (await result(house, asked)).ephemeral
