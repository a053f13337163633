"""portrait: drawn by a persona's photos, which are read when it is made and kept by nobody else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.command import Reply
from core import personas, wallets
from core.linking import ask, confirm, make_code
from core.messenger import Address
from core.people import recognise
from providers.base import Model
from storage import jobs, pictures
from tests.core.operations.conftest import keys, made, opened, plain, pressed, shown
from tests.fakes.critic import Critic
from tests.fakes.critic import made as persona_made
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio


@pytest.fixture(autouse=True)
def critic(monkeypatch: pytest.MonkeyPatch) -> Critic:
    found = Critic()
    monkeypatch.setattr("tests.fakes.studio.Images", lambda: found)
    return found


async def person(room: Studio, user: str = "ann") -> str:
    return await recognise(room.app, "test", user, user)


async def anna(room: Studio, *widths: int, name: str = "Anna") -> personas.Persona:
    return await persona_made(room.app, await person(room), name, *(widths or (64, 65, 66)))


async def refused(
    room: Studio,
    user: str = "ann",
    **arguments: Any,  # noqa: ANN401
) -> tuple[str, Mapping[str, Any]]:
    reply = await room.run("portrait", user, **arguments)
    assert reply.error
    return reply.lines[0].key, reply.lines[0].values


async def free(room: Studio) -> int:
    return (await wallets.balance(room.app, await person(room))).wallet.free


def limited(room: Studio, name: str, **changes: Any) -> None:  # noqa: ANN401
    """A model that can do less."""
    models = room.app.models
    assert isinstance(models, dict)
    model: Model = models[name]
    models[name] = dataclasses.replace(model, **changes)


async def test_the_photos_go_first_and_nothing_is_said_of_the_name(
    room: Studio, vendor: Scripted
) -> None:
    found = await anna(room)
    delivery = await made(
        room,
        "portrait",
        plain("teal"),
        plain("pink"),
        persona="anna",
        prompt="in a garden",
        style="noir",
        glasses="without",
        hair_colour="red",
        hair_style="a long braid",
        background="roses",
        ratio="16:9",
        count=2,
    )
    (call,) = vendor.calls
    stored = [await room.app.blobs.get(photo.sha256) for photo in found.photos]
    assert [image.data for image in call.images[:3]] == stored
    assert [opened(image.data).getpixel((5, 5)) for image in call.images[3:]] == [
        (0, 128, 128), (255, 192, 203),
    ]  # fmt: skip
    assert (call.operation, call.count, call.ratio) == ("imagine", 2, "16:9")
    for said in (
        "the person in the first 3 pictures", "film noir", "from the last 2 pictures",
        "wears no glasses", "hair: red", "a long braid", "background: roses", "in a garden",
    ):  # fmt: skip
        assert said in call.prompt
    assert "anna" not in call.prompt.lower()
    assert keys(delivery)[:2] == ["did-portrait", "made-by"]
    assert delivery.lines[0].values == {"photos": 3}
    assert delivery.prompt == "in a garden, noir"
    # The style is no word of the person's, to be handed on.
    await pressed(room, delivery.job_id, "vary-strong:1")
    assert "noir" not in vendor.calls[-1].prompt
    assert len(delivery.pictures) == 2


async def test_info_tells_the_name_to_its_person_alone(room: Studio) -> None:
    await anna(room)
    delivery = await made(room, "portrait", persona="Anna", prompt="in a garden")
    button = f"info:{delivery.job_id}"
    told = [(await room.dispatch.press(button, room.call(user))).prompt for user in ("ann", "ben")]
    assert [text and text.partition(" --model")[0] for text in told] == [
        "/portrait in a garden --persona Anna --count 1", "/portrait in a garden --count 1",
    ]  # fmt: skip


async def test_the_job_keeps_no_copy_of_the_photos(room: Studio) -> None:
    found = await anna(room)
    delivery = await made(room, "portrait", plain("teal"), persona="Anna")

    def hashes(connection: Connection) -> set[str]:
        return set(connection.execute(select(pictures.picture.c.sha256)).scalars())

    kept = await room.app.database.read(hashes)
    assert len(kept) == 2
    assert not kept & {photo.sha256 for photo in found.photos}
    row = await room.app.database.read(jobs.get, delivery.job_id)
    assert row is not None
    assert not [photo for photo in found.photos if photo.sha256 in row.params]


async def test_four_of_a_style_and_one_without(room: Studio, vendor: Scripted) -> None:
    await anna(room)
    before = await free(room)
    assert len((await made(room, "portrait", persona="Anna", style="comic")).pictures) == 4
    assert await free(room) == before - 4
    assert len((await made(room, "portrait", persona="Anna")).pictures) == 1
    assert [(call.count, call.ratio) for call in vendor.calls] == [(4, "4:5"), (1, "4:5")]
    limited(room, "able", count_max=2)
    limited(room, "other", count_max=1)
    await made(room, "portrait", persona="Anna", style="comic")
    assert vendor.calls[-1].count == 2
    key, values = await refused(room, persona="Anna", count=4)
    assert (key, values["max"]) == ("model-count", 2)


STYLES: dict[str, Any] = {
    "style": "noir",
    "style_2": "comic",
    "style_3": "noir",
    "style_4": "anime",
}


async def stand(room: Studio, reply: Reply) -> list[str]:
    """Messages of their own for what a command began beside the first, as frontends put them."""
    begun = []
    for number, each in enumerate((reply, *reply.beside)):
        assert each.job_id is not None
        begun.append(each.job_id)
        if number:
            message = f"m{number}"
            address = Address(
                platform="test", place="room", user="ann", message=message, beside=True
            )
            await room.dispatch.answered(each.job_id, address)
    return begun


async def test_four_of_each_style_in_a_message_of_its_own(room: Studio, vendor: Scripted) -> None:
    await anna(room)
    before = await free(room)
    call = room.call(persona="Anna", prompt="in a garden", **STYLES)
    reply = await room.dispatch.run("portrait", call)
    begun = await stand(room, reply)
    assert [item.prompt for item in (reply, *reply.beside)] == [
        "in a garden, noir", "in a garden, comic", "in a garden, anime",
    ]  # fmt: skip
    assert await free(room) == before - 12
    assert await stand(room, await room.dispatch.run("portrait", call)) == begun
    assert await room.work() == 3
    assert [delivery.job_id for _, delivery in room.chat.delivered] == begun
    assert len({address.message for address, _ in room.chat.delivered}) == 3
    assert [len(delivery.pictures) for _, delivery in room.chat.delivered] == [4, 4, 4]
    for call_, said in zip(vendor.calls, ("film noir", "comic book", "anime"), strict=True):
        assert said in call_.prompt
    assert await free(room) == before - 12
    told = await room.dispatch.press(f"info:{begun[1]}", room.call())
    assert told.prompt is not None
    assert "--style comic" in told.prompt
    assert "style-2" not in told.prompt


async def test_of_several_styles_all_are_paid_for_or_none_is_begun(
    room: Studio, vendor: Scripted
) -> None:
    await anna(room)
    await room.run("portrait", persona="Anna", count=4)
    while await free(room) > 11:
        await room.run("portrait", persona="Anna", count=1)
        assert await room.work()
    vendor.calls.clear()
    has = await free(room)
    call = room.call(persona="Anna", **STYLES)
    for _ in range(2):
        reply = await room.dispatch.run("portrait", call)
        assert (reply.lines[0].key, reply.lines[0].values) == (
            "not-enough-credits", {"needs": 12, "has": has},
        )  # fmt: skip
        assert await free(room) == has
    assert (await room.work(), vendor.calls) == (0, [])


async def test_several_styles_over_the_limit_of_jobs_begin_nothing(room: Studio) -> None:
    await anna(room)
    rules = dataclasses.replace(room.app.rules, running_max=1, queued_max=1)
    app = dataclasses.replace(room.app, rules=rules)
    dispatch = dataclasses.replace(room.dispatch, app=app)
    before = await free(room)
    reply = await dispatch.run("portrait", room.call(persona="Anna", **STYLES))
    assert (reply.lines[0].key, reply.lines[0].values) == ("too-many-jobs", {"max": 2})
    assert (await free(room), await room.work()) == (before, 0)


async def test_a_model_that_takes_fewer_photos_gets_the_first(
    room: Studio, vendor: Scripted
) -> None:
    await anna(room, 64, 65, 66, 67, 68)
    limited(room, "able", images_max=1)
    limited(room, "other", images_max=3)
    delivery = await made(room, "portrait", plain("teal"), persona="Anna")
    assert [opened(image.data).size[0] for image in vendor.calls[0].images] == [64, 65, 96]
    assert vendor.calls[0].model == "other"
    assert delivery.lines[0].values == {"photos": 2}
    limited(room, "other", images_max=2)
    key, values = await refused(room, persona="Anna", uploads=[plain("teal"), plain("pink")])
    assert (key, values["max"]) == ("model-references", 2)
    limited(room, "other", images_max=1)
    assert (await refused(room, persona="Anna"))[0] == "no-provider"


async def test_a_persona_of_somebody_else_is_as_unknown_as_none(
    room: Studio, vendor: Scripted
) -> None:
    found = await anna(room)
    theirs = await refused(room, "ben", persona="Anna")
    none = await refused(room, "ben", persona="Nobody")
    assert theirs == ("persona-unknown", {"persona": "Anna"})
    assert none == ("persona-unknown", {"persona": "Nobody"})
    by_id = [await refused(room, "ben", persona=item) for item in (found.id, "0" * 32)]
    assert by_id == [("persona-over", {})] * 2
    hidden = await refused(room, "ben", persona="Nobody", persona_id=found.id)
    assert hidden == none
    assert (await room.work(), vendor.calls) == (0, [])


async def test_a_removed_persona_ends_the_job_that_waits(room: Studio, vendor: Scripted) -> None:
    ann, before = await person(room), 100
    found = await anna(room)
    await room.run("portrait", persona="Anna")
    await personas.remove(room.app, ann, found.id)
    # Another one of the name is not meant.
    await anna(room, 70)
    delivery = await shown(room)
    assert keys(delivery)[0] == "persona-gone"
    assert (vendor.calls, await free(room)) == ([], before)


async def test_what_nobody_has_agreed_to_is_not_drawn(
    room: Studio, vendor: Scripted, critic: Critic
) -> None:
    ann = await person(room)
    given = (await anna(room)).photos
    await personas.create(room.app, ann, "Bea", given)
    assert await refused(room, persona="Bea") == (
        "persona-not-ready", {"persona": "Bea", "state": "asked"},
    )  # fmt: skip
    critic.blames = {71: "no-face"}
    await anna(room, 71, name="Cleo")
    assert (await refused(room, persona="Cleo"))[1]["state"] == "failed"
    assert vendor.calls == []


async def test_the_button_draws_and_again_draws_the_same_one(
    room: Studio, vendor: Scripted
) -> None:
    found = await anna(room)
    reply: Reply = await room.dispatch.run("persona", room.call(name="Anna"))
    button = next(item for item in reply.buttons if item.command == "portrait")
    first = await room.dispatch.press(button.pack(), room.call())
    assert first.job_id is not None
    await room.work()
    other = await room.dispatch.press(button.pack(), room.call("ben"))
    assert other.lines[0].key == "persona-over"
    # Ben goes into a person who has an Anna too: hers is another.
    ben, ann = await person(room, "ben"), await person(room)
    await persona_made(room.app, ben, "Anna", 80)
    asked = await ask(room.app, ann, await make_code(room.app, ben))
    await confirm(room.app, ann, asked.id)
    await room.run("again", job=first.job_id)
    assert await room.work() == 1
    assert [len(call.images) for call in vendor.calls] == [3, 3]
    assert vendor.calls[0].images == vendor.calls[1].images
    row = await room.app.database.read(jobs.get, first.job_id)
    assert row is not None
    assert found.id in row.params


async def test_who_cannot_draw_offers_no_button(room: Studio) -> None:
    await anna(room)
    for name in ("able", "other"):
        limited(room, name, operations=())
    reply = await room.dispatch.run("persona", room.call(name="Anna"))
    assert [item.command for item in reply.buttons] == ["persona-remove"]
    assert (await refused(room, persona="Anna"))[0] == "no-provider"


async def test_the_question_tells_of_moderation_where_there_is_one(room: Studio) -> None:
    for moderate in (False, True):
        rules = dataclasses.replace(room.app.rules, moderate=moderate)
        app = dataclasses.replace(room.app, rules=rules)
        dispatch = dataclasses.replace(room.dispatch, app=app)
        asked = await dispatch.run(
            "persona", room.call(do="create", name="Anna", uploads=[plain("teal")])
        )
        said = "persona-ask-moderated" in [line.key for line in asked.lines]
        assert (said, [item.command for item in asked.buttons]) == (
            moderate, ["persona-yes", "persona-no"],
        )  # fmt: skip
