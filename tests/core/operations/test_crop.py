"""crop from the outside door: what people get, and what it costs."""

from __future__ import annotations

import pytest
from PIL import Image

from core import wallets
from core.people import recognise
from tests.core.operations.conftest import encoded, keys, made, opened, shown
from tests.fakes.scenes import portrait, scenes
from tests.fakes.studio import Studio


async def free(room: Studio) -> int:
    person = await recognise(room.app, "test", "ann", "")
    return (await wallets.balance(room.app, person)).wallet.free


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ({}, (512, 512)),
        ({"ratio": "16:9"}, (768, 432)),
        ({"ratio": "4:5", "focus": "centre"}, (410, 512)),
        ({"ratio": "9:16", "focus": "face"}, (288, 512)),
    ],
)
async def test_a_picture_is_cut_to_its_ratio_for_one_credit(
    room: Studio, arguments: dict[str, str], size: tuple[int, int]
) -> None:
    source = portrait(0).picture
    before = await free(room)
    delivery = await made(room, "crop", encoded(source), **arguments)
    picture = opened(await room.app.blobs.get(delivery.pictures[0].sha256))
    assert (picture.format, picture.size) == ("PNG", size)
    assert await free(room) == before - 1


async def test_the_colours_stay_as_they_were(room: Studio) -> None:
    source = Image.new("RGB", (90, 60), (200, 30, 10))
    delivery = await made(room, "crop", encoded(source), ratio="2:3")
    picture = opened(await room.app.blobs.get(delivery.pictures[0].sha256))
    assert (picture.size, picture.getcolors()) == ((40, 60), [(2400, (200, 30, 10))])


async def test_where_no_face_is_nothing_is_charged(room: Studio) -> None:
    cup = next(scenes("goods")).picture
    before = await free(room)
    reply = await room.dispatch.run("crop", room.call(uploads=[encoded(cup)], focus="face"))
    assert not reply.error
    assert "crop-no-face" in keys(await shown(room))
    assert await free(room) == before


@pytest.mark.parametrize("arguments", [{"ratio": "5:1"}, {"ratio": "square"}, {"focus": "dog"}])
async def test_what_is_no_ratio_or_focus_is_refused(
    room: Studio, arguments: dict[str, str]
) -> None:
    source = encoded(Image.new("RGB", (90, 60)))
    reply = await room.dispatch.run("crop", room.call(uploads=[source], **arguments))
    assert reply.error
    assert [line.key for line in reply.lines] == ["option-not-choice"]


async def test_without_a_picture_one_is_asked_for(room: Studio) -> None:
    reply = await room.run("crop", ratio="1:1")
    assert reply.error
    assert [line.key for line in reply.lines] == ["image-missing"]
