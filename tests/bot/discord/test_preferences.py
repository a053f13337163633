"""Settings in Discord: chosen by a command, filled in where options are left open, in their language."""

from __future__ import annotations

from core import preferences
from core.people import recognise
from core.preferences import Preferences
from tests.bot.discord.conftest import House
from tests.bot.discord.test_client import drawn
from tests.conftest import on_sqlite

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
