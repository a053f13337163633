"""Refusals are for the person alone: the first answer itself, or in place of a public waiting message."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from bot.i18n import translate
from core.app import Rules
from core.images import BYTES_MAX
from tests.bot.discord.conftest import House
from tests.fakes.discord_server import Fault, limited, lost
from tests.fakes.discord_world import COMPONENTS_V2, EPHEMERAL, Interaction, Message
from tests.fakes.pictures import encode, scene

PICTURE = encode(scene((64, 64)))
JUNK = b"not a picture"
UNREADABLE = "This file is not a picture that can be read here."
ORIGINAL = "/messages/@original$"
FOLLOWUP = "^/webhooks/[^/]+/[^/]+$"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause to speak of before a request is sent again."""
    monkeypatch.setattr("bot.discord.saying.PAUSE_S", 0.01)


def card(sentence: str) -> dict[str, object]:
    """A whole refusal as Discord is sent it."""
    text = {"type": 10, "content": sentence}
    return {
        "flags": COMPONENTS_V2 | EPHEMERAL,
        "components": [{"type": 17, "accent_color": 0xED4245, "components": [text]}],
        "allowed_mentions": {"parse": []},
    }


def asked_for(house: House, asked: Interaction) -> list[str]:
    """The requests for one interaction, in order: each one's method, and where its path ends."""
    found = [item for item in house.server.asked if asked.token in item.path]
    ends = [item.path.rpartition(asked.token)[2].rpartition("/")[2] for item in found]
    return [f"{item.method} {end or 'followup'}" for item, end in zip(found, ends, strict=True)]


async def at_once(house: House, asked: Interaction, sentence: str) -> None:
    """The first and only answer is this refusal, and nobody else sees it."""
    assert await house.server.responded(asked) < 1
    assert asked.response == {"type": 4, "data": card(sentence)}
    assert asked.private
    # What runs at all is asked after this one: by then nothing more has come of the refused one.
    balance = await house.server.command("balance")
    await house.server.shown(balance, "You have 100 credits")
    assert asked_for(house, asked) == ["POST callback"]


async def afterwards(house: House, asked: Interaction, sentence: str) -> Message:
    """The public waiting message is gone and the refusal stands below it for the person alone."""
    await house.server.until(lambda: asked.followups)
    assert asked.response == {"type": 5}
    assert asked.original is not None
    assert asked.original.deleted
    (told,) = asked.followups
    assert told.ephemeral
    assert told.text.startswith(sentence)
    assert told.payload == card(told.text)
    assert [item for item in house.server.visible() if not item.ephemeral] == []
    return told


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("imagine", {"prompt": "a fox", "count": 5}, "count must be from 1 to 4, not 5."),
        ("imagine", {"prompt": " "}, "Something is missing: prompt. Say it and try again."),
        ("imagine", {"prompt": "a fox", "size": 3}, "There is no option size."),
        (
            "imagine",
            {"prompt": "a fox", "model": "nope"},
            "There is no model “nope” here. Models for this: sketch.",
        ),
        ("palette", {}, "A picture is missing. Attach one, or reply to one, and try again."),
        (
            "palette",
            {"image": bytes(BYTES_MAX + 2**20)},
            "The picture has 21 MB; at most 20 MB are possible.",
        ),
        ("queue", {"image": PICTURE}, "There is no option image."),
    ],
)
async def test_what_is_known_at_once(
    house: House, name: str, options: dict[str, object], sentence: str
) -> None:
    asked = await house.server.command(name, options, raw=True)
    await house.server.responded(asked)
    assert asked.original is not None
    told = asked.original.text
    assert told.startswith(sentence)
    await at_once(house, asked, told)


async def test_a_command_that_is_no_more(house: House) -> None:
    house.server.commands.append({"id": "1", "name": "gone", "type": 1, "options": []})
    asked = await house.server.command("gone")
    await at_once(house, asked, "There is no command /gone. /help shows what there is.")


async def test_more_pictures_than_the_model_takes(house: House) -> None:
    models = house.studio.app.models
    assert isinstance(models, dict)
    models["sketch"] = dataclasses.replace(models["sketch"], images_max=1)
    asked = await house.server.command(
        "imagine", {"prompt": "a fox", "reference": PICTURE, "reference_2": PICTURE}
    )
    await at_once(house, asked, "sketch takes one picture. Use fewer, or another model.")


async def test_a_menu_without_a_picture(house: House) -> None:
    message = await house.server.post("only words")
    asked = await house.server.context_menu("Colour palette", message)
    await at_once(house, asked, translate("en", "image-missing"))


async def test_a_forged_button(house: House) -> None:
    message = await house.server.post("look")
    asked = await house.server.press(message, "", custom_id="nothing")
    await at_once(house, asked, translate("en", "button-unknown"))


async def test_a_form_of_blanks(house: House) -> None:
    state = "edit-result:" + "0" * 32
    message = await house.server.post("look")
    opened = await house.server.press(message, "", custom_id=state)
    await house.server.responded(opened)
    asked = await house.server.submit_modal(opened, {"prompt": "  "})
    await at_once(house, asked, "Something is missing: prompt. Say it and try again.")


async def test_the_first_answer_lost_is_given_once_more(house: House) -> None:
    house.server.fail("POST", "/callback", lost())
    asked = await house.server.command("imagine", {"prompt": " "}, raw=True)
    await house.server.until(lambda: len(asked_for(house, asked)) == 2)
    assert asked.response_type == 4
    assert len(house.server.visible()) == 1


async def test_a_bad_picture(house: House) -> None:
    asked = await house.server.command("palette", {"image": JUNK})
    await afterwards(house, asked, UNREADABLE)
    assert asked_for(house, asked) == ["POST callback", "DELETE @original", "POST followup"]


async def test_a_bad_picture_of_a_message(house: House) -> None:
    message = await house.server.post("look", files={"photo.png": JUNK})
    asked = await house.server.context_menu("Colour palette", message)
    await afterwards(house, asked, UNREADABLE)


@pytest.mark.parametrize("rules", [Rules(signup_credits=1, vendor_order=("sketch",))])
async def test_not_enough_credits(house: House) -> None:
    asked = await house.server.command("imagine", {"prompt": "a fox", "count": 2})
    await afterwards(house, asked, "This needs 2 credits")


@pytest.mark.parametrize("rules", [Rules(queued_max=1, running_max=0, vendor_order=("sketch",))])
async def test_too_many_jobs(house: House) -> None:
    house.working.clear()
    first = await house.server.command("imagine", {"prompt": "a fox"}, dm=True)
    waiting = await house.server.shown(first, "In the queue")
    asked = await house.server.command("imagine", {"prompt": "another"})
    await house.server.until(lambda: asked.followups)
    assert asked.followups[0].ephemeral
    assert asked.followups[0].text.startswith("You have 1 jobs waiting or running already.")
    assert not waiting.deleted


async def test_an_error_of_ours(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("bot.dispatch.meet", broken)
    asked = await house.server.command("imagine", {"prompt": "a fox"})
    told = await afterwards(house, asked, "Something went wrong on our side.")
    assert "secret" not in told.text


async def test_an_error_of_ours_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("bot.dispatch.parse", broken)
    asked = await house.server.command("imagine", {"prompt": "a fox"})
    told = await house.server.shown(asked, "Something went wrong on our side.")
    assert asked.response_type == 4
    assert told.ephemeral
    assert "secret" not in told.text


async def test_a_form_that_nobody_remembers(house: House) -> None:
    message = await house.server.post("look", files={"photo.png": PICTURE})
    opened = await house.server.context_menu("Edit image", message)
    await house.server.responded(opened)
    assert opened.modal is not None
    opened.modal["custom_id"] = "question:1"
    asked = await house.server.submit_modal(opened, {"prompt": "make it night"})
    await afterwards(house, asked, translate("en", "button-unknown"))


async def test_where_the_first_answer_was_private_it_is_edited(house: House) -> None:
    message = await house.server.post("look")
    asked = await house.server.press(message, "", custom_id="again:" + "0" * 32)
    told = await house.server.shown(asked, "This result is gone.")
    assert asked.response == {"type": 5, "data": {"flags": EPHEMERAL}}
    assert told.ephemeral
    assert told.payload == {**card("This result is gone."), "flags": COMPONENTS_V2} | {
        "attachments": []
    }
    assert asked_for(house, asked) == ["POST callback", "PATCH @original"]


@pytest.mark.parametrize(
    "fault", [Fault(403, 50013), Fault(401, 50027), limited(30), limited(0.05, everywhere=True)]
)
async def test_a_deletion_that_fails(house: House, fault: Fault) -> None:
    house.server.fail("DELETE", ORIGINAL, *[fault] * 3)
    asked = await house.server.command("palette", {"image": JUNK})
    told = await house.server.shown(asked, UNREADABLE)
    assert not told.ephemeral
    assert asked_for(house, asked)[-1] == "PATCH @original"
    assert asked.followups == []


@pytest.mark.parametrize("fault", [lost(), Fault(502), Fault(drop_before=True), limited(0.05)])
async def test_a_deletion_that_may_have_happened(house: House, fault: Fault) -> None:
    house.server.fail("DELETE", ORIGINAL, fault)
    asked = await house.server.command("palette", {"image": JUNK})
    await house.server.until(lambda: asked.followups)
    assert asked.followups[0].ephemeral
    assert "PATCH @original" not in asked_for(house, asked)


@pytest.mark.parametrize("fault", [lost(), Fault(503), Fault(drop_before=True)])
async def test_a_lost_followup_is_sent_again(house: House, fault: Fault) -> None:
    house.server.fail("POST", FOLLOWUP, fault, fault)
    asked = await house.server.command("palette", {"image": JUNK})
    await house.server.until(lambda: house.server.count("POST", FOLLOWUP) == 3)
    assert all(item.ephemeral for item in asked.followups)
    assert asked.followups[-1].text.startswith(UNREADABLE)


@pytest.mark.parametrize(
    ("fault", "tries"), [(Fault(400, 50035), 1), (limited(30), 1), (Fault(503), 3)]
)
async def test_a_followup_that_fails_ends_it(house: House, fault: Fault, tries: int) -> None:
    house.server.fail("POST", FOLLOWUP, *[fault] * 3)
    asked = await house.server.command("palette", {"image": JUNK})
    await house.server.until(lambda: house.server.count("POST", FOLLOWUP) == tries)
    await asyncio.sleep(0.1)
    wanted = ["POST callback", "DELETE @original", *["POST followup"] * tries]
    assert asked_for(house, asked) == wanted
    assert house.server.visible() == []


async def test_a_result_is_never_a_followup(house: House) -> None:
    asked = await house.server.command("imagine", {"prompt": "a fox"})
    await house.server.until(lambda: asked.original is not None and asked.original.pictures)
    assert asked_for(house, asked) == ["POST callback", "PATCH @original", "PATCH @original"]
