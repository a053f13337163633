"""Personas in Discord: five attachments, a question that nobody else sees, photos for their person alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core import personas
from core.errors import Busy
from core.people import recognise
from tests.bot.discord.conftest import House
from tests.conftest import on_sqlite
from tests.fakes.critic import Critic, photo, there
from tests.fakes.discord_world import Interaction, Message, User

pytestmark = on_sqlite


@pytest.fixture(autouse=True)
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    made = Critic()
    monkeypatch.setattr("tests.fakes.studio.Images", lambda: made)
    return made


async def mine(house: House, user: User) -> list[personas.Persona]:
    person = await recognise(house.studio.app, "discord", user.id, user.name)
    return await personas.listed(house.studio.app, person)


def given(*widths: int, name: str = "Anna") -> Mapping[str, object]:
    """The fields of a command that creates one."""
    names = ("photo", "photo_2", "photo_3", "photo_4", "photo_5")
    photos = {key: photo(width) for key, width in zip(names, widths, strict=False)}
    return {"do": "create", "name": name, **photos}


async def told(house: House, asked: Interaction, said: str) -> Message:
    """An answer that only the person sees."""
    message = await house.server.shown(asked, said)
    assert message.ephemeral
    return message


async def created(house: House, *widths: int, name: str = "Anna") -> Message:
    """A persona that is ready."""
    asked = await house.server.command("persona", given(*widths, name=name))
    question = await told(house, asked, "nothing is kept before you agree")
    return await told(house, await house.server.press(question, "I agree"), "is ready")


async def test_five_photos_become_a_persona_and_go_again(house: House) -> None:
    server, app = house.server, house.studio.app
    asked = await server.command("persona", given(64, 65, 66, 67, 68))
    question = await told(house, asked, "“Anna”, 5 photos: nothing is kept before you agree.")
    assert list(question.buttons) == ["I agree", "No"]
    ready = await told(house, await server.press(question, "I agree"), "is ready, with 5 photos.")
    found = (await mine(house, server.ada))[0]
    again = await told(house, await server.press(question, "I agree"), "is ready, with 5 photos.")
    assert again.id != ready.id
    await told(house, await server.press(question, "No"), "You have agreed already.")
    shown = await told(house, await server.press(ready, "Show"), "is ready, with 5 photos.")
    assert len(shown.pictures) == 5
    assert list(shown.buttons) == ["Draw a portrait", "Remove it"]
    listed = await told(house, await server.command("persona"), "Anna: ready, 5 photos")
    assert list(listed.buttons) == ["Anna"]
    removed = await server.command("persona", {"do": "remove", "name": "anna"})
    await told(house, removed, "“Anna” is removed, and its photos are deleted.")
    assert await there(app, *found.photos) == [False] * 5
    await told(house, await server.press(listed, "Anna"), "This is over")
    assert all(message.ephemeral for message in server.visible())


async def test_each_photo_that_is_not_fit_is_named(house: House, critic: Critic) -> None:
    critic.blames = {65: "no-face"}
    asked = await house.server.command("persona", given(64, 65))
    question = await told(house, asked, "nothing is kept")
    failed = await told(house, await house.server.press(question, "I agree"), "cannot be used")
    assert "Photo 2: no face is found." in failed.text
    assert list(failed.buttons) == ["Remove it"]
    assert (await mine(house, house.server.ada))[0].photos == ()
    await created(house, 64, 66)


async def test_somebody_else_sees_and_does_nothing(house: House) -> None:
    server = house.server
    ben = server.add_user("ben")
    asked = await server.command("persona", given(64))
    question = await told(house, asked, "nothing is kept")
    for label in ("I agree", "No"):
        pressed = await server.press(question, label, user=ben)
        await told(house, pressed, "This is over")
    ready = await told(house, await server.press(question, "I agree"), "is ready")
    for label in ("Show", "Remove it"):
        answer = await told(house, await server.press(ready, label, user=ben), "This is over")
        assert answer.pictures == []
    for do in ("show", "remove"):
        said = []
        for name in ("Anna", "Nobody"):
            asked = await server.command("persona", {"do": do, "name": name}, user=ben)
            message = await told(house, asked, "You have no persona")
            said.append(message.text.replace(name, "…"))
        assert said[0] == said[1]
    assert (await mine(house, server.ada))[0].state == "ready"
    assert await mine(house, ben) == []


async def test_names_are_completed_from_ones_own(house: House) -> None:
    server = house.server
    ben = server.add_user("ben")
    await created(house, 64, name="Anna Maria")
    await created(house, 64, name="Bea")
    for typed, user, names in (
        ("", None, ["Anna Maria", "Bea"]),
        ("maria", None, ["Anna Maria"]),
        ("", ben, []),
    ):
        asked = await server.autocomplete("persona", "name", typed, user=user)
        await server.responded(asked)
        assert asked.choices == names


async def test_which_one_is_asked_where_none_is_named(house: House) -> None:
    server = house.server
    await created(house, 64)
    one = await told(house, await server.command("persona", {"do": "show"}), "“Anna” is ready")
    assert len(one.pictures) == 1
    await created(house, 65, name="Bea")
    asked = await told(house, await server.command("persona", {"do": "remove"}), "Which one?")
    assert list(asked.buttons) == ["Anna", "Bea"]
    await told(house, await server.press(asked, "Bea"), "“Bea” is removed")
    assert [item.name for item in await mine(house, server.ada)] == ["Anna"]
    taken = await server.command("persona", given(66, name="ANNA"))
    await told(house, taken, "You have a persona “Anna” already.")


async def test_when_nobody_can_look_now_the_press_can_be_repeated(
    house: House, critic: Critic
) -> None:
    server = house.server
    asked = await server.command("persona", given(64))
    question = await told(house, asked, "nothing is kept")
    critic.fails = [Busy("images-busy")]
    await told(house, await server.press(question, "I agree"), "Too many pictures are waiting.")
    await told(house, await server.press(question, "I agree"), "is ready")


async def test_a_portrait_by_the_button_and_by_the_command(house: House) -> None:
    server = house.server
    ready = await created(house, 64, 65)
    assert list(ready.buttons) == ["Show", "Draw a portrait", "Remove it"]
    await told(house, await server.press(ready, "Draw a portrait"), "A portrait by 2 photos.")
    asked = await server.autocomplete("portrait", "persona", "an")
    await server.responded(asked)
    assert asked.choices == ["Anna"]
    given = {"persona": "Anna", "style": "noir", "example": photo(66)}
    drawn = await server.shown(await server.command("portrait", given), "A portrait by 2 photos.")
    assert len(drawn.pictures) == 4
    assert "Anna" not in drawn.text
    assert not drawn.ephemeral
