"""The bot from the outside door: people at a local Discord, real discord.py, real jobs."""

from __future__ import annotations

import asyncio

import pytest

from core import linking
from core.jobs import places
from core.jobs.execute import run_next
from core.operations.imagine import RATIOS
from core.people import recognise
from storage import jobs
from tests.bot.discord.conftest import House
from tests.fakes.discord_server import Fault, limited, lost
from tests.fakes.discord_world import EPHEMERAL, Interaction, Message, User
from tests.fakes.pictures import encode, scene
from tests.servers import locked

PICTURE = encode(scene((64, 64)))


async def drawn(house: House, user: User | None = None, **options: object) -> Message:
    """The message of a job that has ended well."""
    asked = await house.server.command(
        "imagine", {"prompt": "a fox in the snow", **options}, user=user
    )
    return await result(house, asked)


async def result(house: House, asked: Interaction) -> Message:
    """The answer once it shows pictures, and not only a preview of them."""

    def done() -> bool:
        shown = asked.original
        return shown is not None and bool(shown.pictures) and "Cancel" not in shown.buttons

    await house.server.until(done)
    assert asked.original is not None
    return asked.original


async def test_imagine(house: House) -> None:
    server = house.server
    asked = await server.command(
        "imagine", {"prompt": "a fox in the snow", "count": 2, "ratio": "16:9"}
    )
    assert await server.responded(asked) < 1
    assert asked.response == {"type": 5}
    message = await result(house, asked)
    assert len(message.pictures) == 2
    assert message.text.startswith("> a fox in the snow\n")
    assert "Used 2 credits, 98 left." in message.text
    assert list(message.buttons) == [
        "U1",
        "U2",
        "V1",
        "V2",
        "Again",
        "Favourite",
        "Original",
        "Info",
        "Delete",
    ]
    assert message.payload["allowed_mentions"] == {"parse": []}
    assert len(server.visible()) == 1
    assert server.count("POST", "/channels/") == 0


async def test_waiting_message_and_cancel(house: House) -> None:
    house.working.clear()
    asked = await house.server.command("imagine", {"prompt": "a slow fox"})
    message = await house.server.shown(asked, "In the queue")
    assert list(message.buttons) == ["Cancel"]
    pressed = await house.server.press(message, "Cancel")
    told = await house.server.shown(pressed, "Stopping it. No credits are charged.")
    assert told.ephemeral
    await house.server.until(lambda: "Cancelled." in message.text)


async def test_the_place_in_the_queue_is_kept_up_to_date(house: House) -> None:
    server, app = house.server, house.studio.app
    house.working.clear()
    await server.shown(await server.command("imagine", {"prompt": "a fox"}), "In the queue, 1st.")
    ben = server.add_user("ben")
    asked = await server.command("imagine", {"prompt": "a hare"}, user=ben)
    message = await server.shown(asked, "In the queue, 2nd.")
    assert await run_next(app)
    await places.tell(app)
    await server.shown(asked, "In the queue, 1st.")
    assert message.text.startswith("> a hare\n")
    assert list(message.buttons) == ["Cancel"]
    house.working.set()
    assert len((await result(house, asked)).pictures) == 1


async def test_palette_of_an_attachment(house: House) -> None:
    asked = await house.server.command("palette", {"image": PICTURE, "colours": 4})
    message = await result(house, asked)
    assert message.text.count("rgb(") == 4
    assert "Free of charge." in message.text


async def test_reference_pictures(house: House) -> None:
    await drawn(house, reference=PICTURE, reference_2=PICTURE)


@pytest.mark.parametrize("shown", ["attachment", "card"])
async def test_palette_menu(house: House, shown: str) -> None:
    if shown == "card":
        message = await drawn(house)
        message.attachments = []
    else:
        message = await house.server.post("look", files={"photo.png": PICTURE})
    asked = await house.server.context_menu("Colour palette", message)
    assert "rgb(" in (await result(house, asked)).text


@pytest.mark.parametrize("menu", ["Colour palette", "Edit image"])
async def test_menu_on_a_message_without_picture(house: House, menu: str) -> None:
    message = await house.server.post("only words")
    asked = await house.server.context_menu(menu, message)
    told = await house.server.shown(asked, "A picture is missing.")
    assert told.ephemeral


async def test_edit_menu_asks_then_edits(house: House) -> None:
    message = await house.server.post("look", files={"photo.png": PICTURE})
    opened = await house.server.context_menu("Edit image", message)
    assert await house.server.responded(opened) < 1
    assert opened.modal is not None
    assert opened.modal["title"] == "Change a picture as you say"
    asked = await house.server.submit_modal(opened, {"prompt": "make it night"})
    edited = await result(house, asked)
    assert "> make it night" in edited.text


async def test_form_while_the_database_is_locked(house: House, database_url: str) -> None:
    message = await house.server.post("look", files={"photo.png": PICTURE})
    async with locked(database_url):
        opened = await house.server.context_menu("Edit image", message)
        assert await house.server.responded(opened) < 1
        asked = await house.server.submit_modal(opened, {"prompt": "make it night"})
        assert await house.server.responded(asked) < 1
        await asyncio.sleep(0.1)
    await result(house, asked)


async def test_model_completes(house: House) -> None:
    asked = await house.server.autocomplete("imagine", "model", "ske")
    assert await house.server.responded(asked) < 1
    assert asked.choices == ["sketch"]
    none = await house.server.autocomplete("imagine", "model", "no such thing")
    await house.server.responded(none)
    assert none.choices == []


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("count", 5, "count must be from 1 to 4, not 5."),
        ("ratio", "5:7", f"ratio can be {', '.join(RATIOS)}, not “5:7”."),
        ("seed", -1, "seed must be from 0 to 2,147,483,647, not -1."),
    ],
)
async def test_values_past_discords_own_limits(
    house: House, option: str, value: object, sentence: str
) -> None:
    with pytest.raises(AssertionError):
        await house.server.command("imagine", {"prompt": "a fox", option: value})
    asked = await house.server.command("imagine", {"prompt": "a fox", option: value}, raw=True)
    told = await house.server.shown(asked, sentence)
    assert not told.pictures


async def test_again_makes_a_new_message(house: House) -> None:
    message = await drawn(house)
    before = message.edits
    pressed = await house.server.press(message, "Again")
    again = await result(house, pressed)
    assert again is not message
    assert again.pictures != message.pictures
    assert not again.ephemeral
    assert message.edits == before


async def test_edit_opens_a_form(house: House) -> None:
    message = await drawn(house)
    opened = await house.server.press(message, "Edit")
    await house.server.responded(opened)
    asked = await house.server.submit_modal(opened, {"prompt": "add a hat"})
    edited = await result(house, asked)
    assert "> add a hat" in edited.text
    assert edited is not message


async def test_original_is_for_the_person_alone(house: House) -> None:
    message = await drawn(house)
    pressed = await house.server.press(message, "Original")
    told = await result(house, pressed)
    assert told.ephemeral
    assert told.attachments[0]["filename"].startswith("atelier-")


async def test_delete_takes_the_message_away(house: House) -> None:
    message = await drawn(house)
    pressed = await house.server.press(message, "Delete")
    await house.server.shown(pressed, "Deleted.")
    assert message.deleted


@pytest.mark.parametrize("label", ["Again", "Edit", "Delete"])
async def test_other_peoples_buttons(house: House, label: str) -> None:
    message = await drawn(house)
    pressed = await house.server.press(message, label, user=house.server.bob)
    told = await house.server.shown(pressed, "This is somebody else's. Only they can do that.")
    assert told.ephemeral
    assert told is not message
    assert not message.deleted
    assert len(message.pictures) == 1


async def test_form_of_another_person_is_refused(house: House) -> None:
    message = await drawn(house)
    state = message.buttons["Edit"].partition("@")[0]
    opened = await house.server.press(message, "", user=house.server.bob, custom_id=state)
    await house.server.responded(opened)
    asked = await house.server.submit_modal(opened, {"prompt": "mine now"})
    told = await house.server.shown(asked, "This is somebody else's.")
    assert told.ephemeral


@pytest.mark.parametrize(
    "forged",
    ["nothing", "again:zz", "again:" + "0" * 32, "grant:" + "0" * 32, "question:1", "a" * 100],
)
async def test_unknown_buttons(house: House, forged: str) -> None:
    message = await drawn(house)
    pressed = await house.server.press(message, "", custom_id=forged)
    told = await house.server.shown(pressed)
    assert told.ephemeral
    assert told.text in {
        "This button belongs to something that no longer exists.",
        "This result is gone.",
    }


async def test_buttons_work_after_a_restart(house: House) -> None:
    message = await drawn(house)
    await house.server.drop_gateway(code=4004)
    await house.server.until(lambda: house.server.connected and len(house.server.identified) == 2)
    pressed = await house.server.press(message, "Again")
    await result(house, pressed)


async def test_answers_for_one_person(house: House) -> None:
    for name, sentence in (("balance", "You have 100 credits"), ("help", "What you can do here")):
        asked = await house.server.command(name)
        assert await house.server.responded(asked) < 1
        assert asked.response == {"type": 5, "data": {"flags": EPHEMERAL}}
        assert (await house.server.shown(asked, sentence)).ephemeral


async def test_in_a_direct_message(house: House) -> None:
    asked = await house.server.command("imagine", {"prompt": "a fox"}, dm=True)
    message = await result(house, asked)
    assert message.channel.user_id == house.server.ada.id


async def test_text_of_people_is_shown_literally(house: House) -> None:
    prompt = "@everyone **bold** <@1> [x](https://evil.example) `code`\n# big\n- list"
    asked = await house.server.command("imagine", {"prompt": prompt})
    message = await result(house, asked)
    shown = message.text.splitlines()[:3]
    assert shown == [
        r"> \@everyone \*\*bold\*\* \<\@1\> \[x\](https\://evil.example) \`code\`",
        r"> \# big",
        r"> \- list",
    ]


async def test_first_answer_while_the_database_is_locked(house: House, database_url: str) -> None:
    await drawn(house)
    async with locked(database_url):
        asked = [
            await house.server.command("imagine", {"prompt": f"fox {number}"})
            for number in range(3)
        ]
        for one in asked:
            assert await house.server.responded(one) < 1
        refused = await house.server.command("imagine", {"prompt": " "}, raw=True)
        assert await house.server.responded(refused) < 1
        assert refused.response_type == 4
        await asyncio.sleep(0.3)
        assert all(one.original is not None and one.original.loading for one in asked)
    for one in asked:
        await result(house, one)


async def test_the_same_event_twice_is_one_job(house: House) -> None:
    asked = await house.server.command("imagine", {"prompt": "one fox"})
    await result(house, asked)
    again = await house.server.command("imagine", {"prompt": "one fox"}, redelivered=asked)
    await house.server.shown(again)
    balance = await house.server.command("balance")
    await house.server.shown(balance, "You have 99 credits")


@pytest.mark.parametrize("fault", [lost(), Fault(drop_before=True), Fault(503)])
async def test_first_answer_is_tried_again(house: House, fault: Fault) -> None:
    house.server.fail("POST", "/callback", fault)
    asked = await house.server.command("imagine", {"prompt": "a fox"})
    await result(house, asked)
    assert len(house.server.visible()) == 1


async def test_nothing_runs_for_an_interaction_that_is_over(house: House) -> None:
    house.server.fail("POST", "/callback", Fault(404, 10062))
    await house.server.command("imagine", {"prompt": "a fox"})
    await house.server.until(lambda: house.server.count("POST", "/callback") == 1)
    await asyncio.sleep(0.2)
    balance = await house.server.command("balance")
    await house.server.shown(balance, "You have 100 credits")
    assert house.server.count("PATCH", "/webhooks/") == 1


async def test_result_survives_a_lost_token(house: House) -> None:
    house.working.clear()
    asked = await house.server.command("imagine", {"prompt": "a late fox"})
    waiting = await house.server.shown(asked, "In the queue")
    asked.expired = True
    house.working.set()
    await house.server.until(lambda: waiting.deleted)
    (late,) = house.server.visible()
    assert late.channel is waiting.channel
    assert "message_reference" not in late.payload
    assert len(late.pictures) == 1
    job_id = late.buttons["Again"].removeprefix("again:")[:32]
    while True:
        row = await house.studio.app.database.read(jobs.get, job_id)
        if row is not None and late.id in row.address:
            break
        await asyncio.sleep(0.01)
    pressed = await house.server.press(late, "Delete")
    await house.server.shown(pressed, "Deleted.")
    assert late.deleted


async def test_result_waits_out_a_limit(house: House) -> None:
    house.working.clear()
    asked = await house.server.command("imagine", {"prompt": "a patient fox"})
    await house.server.shown(asked, "In the queue")
    house.server.fail("PATCH", "/webhooks/", limited(0.2))
    house.working.set()
    await result(house, asked)


async def test_a_code_typed_here_asks_first(house: House) -> None:
    app = house.studio.app
    bea = await recognise(app, "telegram", "7", "Bea")
    asked = await house.server.command("link", {"code": await linking.make_code(app, bea)})
    message = await house.server.shown(asked, "into that of Bea (telegram)?")
    assert message.ephemeral
    pressed = await house.server.press(message, "Yes, it is mine")
    assert (await house.server.shown(pressed, "Both accounts are one now")).ephemeral
    assert await recognise(app, "discord", str(house.server.ada.id), "") == bea
