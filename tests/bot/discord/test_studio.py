"""The studio in Discord: every operation, menu and button, real pictures in and out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from core.app import Rules
from providers.base import Provider
from tests.bot.discord.conftest import House
from tests.conftest import on_sqlite
from tests.fakes.discord_world import Interaction, Message, User, walk
from tests.fakes.openai_server import Behaviour
from tests.fakes.paid import CORNERS, PHOTO, RULES, SIZE, TRIALS, Paid, Trial, opened, paid

pytestmark = on_sqlite

WAIT_S = 30


@pytest.fixture
async def vendors() -> AsyncIterator[Paid]:
    async with paid() as made:
        yield made


@pytest.fixture
def providers(vendors: Paid) -> dict[str, Provider]:
    return vendors.providers


@pytest.fixture
def rules() -> Rules:
    return RULES


async def ended(house: House, asked: Interaction, said: str = "") -> Message:
    """The message of a job that has ended."""

    def done() -> bool:
        shown = asked.original
        if shown is None or shown.loading or said not in shown.text:
            return False
        return bool(shown.buttons) and "Cancel" not in shown.buttons

    try:
        await house.server.until(done, WAIT_S)
    except AssertionError:
        seen = (asked.original.text, asked.original.buttons) if asked.original else None
        raise AssertionError(f"{said!r} is not in {seen}") from None
    assert asked.original is not None
    return asked.original


def files(house: House, message: Message) -> list[bytes]:
    """The pictures as Discord keeps them."""
    return [house.server.files[urlsplit(item["url"]).path] for item in message.attachments]


def rows(message: Message) -> list[list[str]]:
    """The labels of its buttons, row by row."""
    return [
        [item["label"] for item in row["components"]]
        for row in walk(message.components)
        if row["type"] == 1
    ]


async def told(house: House, asked: Interaction, said: str) -> Message:
    """What the person alone is told, be it instead of a waiting answer that others saw."""

    def answers() -> list[Message]:
        return [*asked.followups, *([asked.original] if asked.original else [])]

    try:
        await house.server.until(lambda: any(said in item.text for item in answers()))
    except AssertionError:
        raise AssertionError(f"{said!r} is not in {[item.text for item in answers()]}") from None
    message = next(item for item in answers() if said in item.text)
    assert message.ephemeral
    return message


async def credits_of(house: House, user: User | None = None) -> str:
    asked = await house.server.command("balance", user=user)
    return (await house.server.shown(asked, "You have")).text


def given(house: House, trial: Trial) -> dict[str, object]:
    """What a trial says in the options that the command has."""
    options = house.server._registered(trial.command, 1)["options"]
    places = [item["name"] for item in options if item["type"] == 11]
    if trial.command == "region":
        assert places == ["image", "mask"]
    main = "title" if trial.command == "illustrate" else "prompt"
    words = {main: trial.words} if trial.words else {}
    return {**words, **trial.options, **dict(zip(places, trial.pictures, strict=False))}


async def test_every_operation(house: House) -> None:
    server = house.server
    asked = [await server.command(trial.command, given(house, trial)) for trial in TRIALS]
    for trial, one in zip(TRIALS, asked, strict=True):
        message = await ended(house, one, trial.receipt())
        for said in trial.says:
            assert said in message.text, (trial.command, message.text)
        trial.check(files(house, message))
    left = 200 - sum(trial.used for trial in TRIALS)
    assert f"You have {left} credits." in await credits_of(house)


SINGLE = [
    ["Vary (subtle)", "Vary (strong)", "Upscale 2×", "Upscale 4×"],
    ["Zoom out", "←", "→", "↑", "↓"],
    ["Remove background", "Edit"],
    ["Again", "Favourite", "Original", "Info", "Delete"],
]


async def test_buttons_of_several_pictures(house: House) -> None:
    server = house.server
    asked = await server.command("imagine", {"prompt": "a fox", "count": 4, "ratio": "3:2"})
    several = await ended(house, asked, "Used 4 credits, 196 left.")
    assert rows(several) == [["U1", "U2", "U3", "U4"], ["V1", "V2", "V3", "V4"], SINGLE[-1]]
    taken = [await server.press(several, f"U{place}") for place in range(1, 5)]
    one = [await ended(house, item, "Free of charge.") for item in taken]
    assert [files(house, item) for item in one] == [[data] for data in files(house, several)]
    assert rows(one[0]) == [*SINGLE[:3], SINGLE[3][1:]]
    for place in range(1, 5):
        varied = await ended(house, await server.press(several, f"V{place}"), "Used 2 credits")
        assert "> a fox\nA strong variation." in varied.text
        assert rows(varied) == SINGLE
    again = await ended(house, await server.press(several, "Again"), "Used 4 credits, 184 left.")
    assert len(files(house, again)) == 4
    assert set(files(house, again)).isdisjoint(files(house, several))


async def test_buttons_of_one_picture(house: House, vendors: Paid) -> None:
    server = house.server
    photo = await server.command("restore", {"image": PHOTO})
    one = await ended(house, photo, "Used 1 credit, 199 left.")
    assert rows(one) == [*SINGLE[:3], SINGLE[3][1:]]
    first = await ended(house, await server.press(one, "Upscale 2×"), "Used 2 credits, 197 left.")
    twice = await ended(house, await server.press(one, "Upscale 2×"), "It was made before")
    assert files(house, first) == files(house, twice)
    assert opened(files(house, first)[0]).size == (192, 128)
    assert rows(twice) == rows(first)
    for label, size, kept in (
        ("Zoom out", (192, 128), (48, 32)),
        ("←", (144, 64), (48, 0)),
        ("→", (144, 64), (0, 0)),
        ("↑", (96, 96), (0, 32)),
        ("↓", (96, 96), (0, 0)),
    ):
        grown = await ended(house, await server.press(one, label), "Used 2 credits")
        (data,) = files(house, grown)
        assert opened(data).size == size, label
        for (x, y), colour in CORNERS.items():
            assert opened(data).convert("RGB").getpixel((x + kept[0], y + kept[1])) == colour
    clear = await ended(house, await server.press(one, "Remove background"), "Used 1 credit")
    assert "Background removed." in clear.text
    assert opened(files(house, clear)[0]).convert("RGBA").getpixel((2, 2)) == (0, 0, 0, 0)
    form = await server.press(one, "Edit")
    await server.responded(form)
    edited = await ended(house, await server.submit_modal(form, {"prompt": "at night"}), "Used 2")
    assert edited.text.startswith("> at night\n")
    info = await server.shown(await server.press(edited, "Info"), "It comes of: /restore")
    assert info.ephemeral
    assert "/edit at night --model" in info.text
    await server.shown(await server.press(edited, "Delete"), "Deleted.")
    assert edited.deleted
    assert "You have 184 credits." in await credits_of(house)


async def test_the_five_menus(house: House) -> None:
    server = house.server
    message = await server.post("look", files={"photo.png": PHOTO})
    for name, said, size in (
        ("Colour palette", "#dc1414", None),
        ("Upscale image", "2 times as large.", (192, 128)),
        ("Remove background", "Background removed.", SIZE),
        ("Describe image", "1. a fox in snow", None),
    ):
        shown = await ended(house, await server.context_menu(name, message), said)
        assert size is None or opened(files(house, shown)[0]).size == size
    form = await server.context_menu("Edit image", message)
    await server.responded(form)
    edited = await ended(house, await server.submit_modal(form, {"prompt": "at night"}), "Used 2")
    assert edited.text.startswith("> at night\n")
    described = next(item for item in server.visible() if "a fox in snow" in item.text)
    assert rows(described) == [
        ["Draw 1", "Draw 2", "Draw 3", "Draw 4"],
        ["Again", "Info", "Delete"],
    ]
    drawn = await ended(house, await server.press(described, "Draw 3"), "Used 1 credit")
    assert drawn.text.startswith("> portrait of a fox\n")


async def test_pressed_twice_at_once_by_others_and_after_a_restart(house: House) -> None:
    server = house.server
    one = await ended(house, await server.command("restore", {"image": PHOTO}))
    house.working.clear()
    pressed = [await server.press(one, "Upscale 4×") for _ in range(2)]
    await server.until(lambda: any(item.followups for item in pressed))
    second, first = sorted(pressed, key=lambda item: not item.followups)
    await told(house, second, "This is being made already. It will appear in its own message.")
    house.working.set()
    await ended(house, first, "Used 4 credits, 195 left.")
    for label in ("Vary (strong)", "Upscale 4×", "Zoom out", "Edit", "Delete"):
        other = await server.press(one, label, user=server.bob)
        await told(house, other, "This is somebody else's. Only they can do that.")
    assert "You have 200 credits." in await credits_of(house, server.bob)
    await server.drop_gateway(code=4004)
    await server.until(lambda: server.connected and len(server.identified) == 2)
    await ended(house, await server.press(one, "Upscale 4×"), "It was made before")
    await ended(house, await server.press(one, "Remove background"), "Used 1 credit")
    assert "You have 194 credits." in await credits_of(house)


async def test_a_vendor_that_is_gone_or_gives_less(house: House, vendors: Paid) -> None:
    server = house.server
    one = await ended(house, await server.command("restore", {"image": PHOTO}), "199 left")
    await vendors.gone("replicate")
    failed = await ended(house, await server.press(one, "Upscale 2×"), "199 credits left.")
    assert failed.text.startswith(
        "Real-ESRGAN cannot be reached at the moment. Not charged. Try again later"
    )
    assert rows(failed) == [["Again", "Delete"]]
    await vendors.back("replicate")
    again = await ended(house, await server.press(failed, "Again"), "Used 2 credits, 197 left.")
    assert opened(files(house, again)[0]).size == (192, 128)
    vendors.openai.script.append(Behaviour(images=3))
    asked = await server.command("imagine", {"prompt": "a fox", "count": 4})
    less = await ended(house, asked, "Used 3 of 4 credits, 1 returned, 194 left.")
    assert len(files(house, less)) == 3
    assert rows(less)[:2] == [["U1", "U2", "U3"], ["V1", "V2", "V3"]]


async def test_what_is_wrong_is_said(house: House) -> None:
    server = house.server
    for command, options, said in (
        ("region", {"image": PHOTO, "prompt": "a pond"}, "Say just once where to draw"),
        ("region", {"image": PHOTO, "prompt": "x", "box": "9"}, "A box is four numbers in percent"),
        ("expand", {"image": PHOTO, "ratio": "3:2"}, "The picture has the ratio 3:2 already."),
        (
            "background",
            {"image": PHOTO, "colour": "bleu"},
            "colour must be a colour, such as white",
        ),
        ("upscale", {"image": b"no picture"}, "picture"),
        ("illustrate", {}, "Say what it is about"),
    ):
        asked = await server.command(command, options)
        assert rows(await told(house, asked, said)) == []
    assert "You have 200 credits." in await credits_of(house)
