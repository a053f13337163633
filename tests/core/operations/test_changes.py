"""What each operation asks a vendor for, and what comes of its answer: seen on the pixels."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image

from providers.base import ImageRequest
from tests.conftest import on_sqlite
from tests.core.operations.conftest import (
    answering,
    encoded,
    keys,
    made,
    opened,
    plain,
    pressed,
    writing,
)
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio

# What comes of pixels is the same on every database.
pytestmark = on_sqlite

RED, GREEN, BLUE = (255, 0, 0), (0, 128, 0), (0, 0, 255)
SIZE = (96, 64)


def halves() -> bytes:
    """Red on the left, green on the right."""
    picture = Image.new("RGB", SIZE, RED)
    picture.paste(GREEN, (48, 0, 96, 64))
    return encoded(picture)


def blue(request: ImageRequest) -> bytes:
    """All blue, at another size than was sent."""
    return plain("blue", (192, 128))


def cut_out(request: ImageRequest) -> bytes:
    """The middle of what was sent, on nothing."""
    picture = opened(request.images[0].data).convert("RGBA")
    clear = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    box = (24, 16, 72, 48)
    clear.paste(picture.crop(box), box)
    return encoded(clear)


async def result(room: Studio, name: str, *uploads: bytes, **arguments: str) -> Image.Image:
    delivery = await made(room, name, *uploads, **arguments)
    return opened(await room.app.blobs.get(delivery.pictures[0].sha256))


def pixel(picture: Image.Image, x: int, y: int) -> Sequence[int]:
    found = picture.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return found


async def test_a_box_is_drawn_anew_and_nothing_else(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(blue))
    picture = await result(room, "region", halves(), prompt="a pond", box="50%, 0, 100, 50")
    assert picture.size == SIZE
    assert pixel(picture, 90, 4) == BLUE
    assert (pixel(picture, 4, 4), pixel(picture, 90, 60)) == (RED, GREEN)
    (call,) = vendor.calls
    assert (call.operation, call.prompt, len(call.images)) == ("region", "a pond", 1)
    assert call.mask is not None
    mask = opened(call.mask.data)
    assert mask.size == SIZE
    assert [pixel(mask, *at)[0] for at in ((90, 4), (4, 4), (90, 60))] == [255, 0, 0]


async def test_a_painted_place_is_drawn_anew(room: Studio, vendor: Scripted) -> None:
    painted = opened(halves())
    painted.paste((255, 0, 255), (0, 0, 40, 64))
    vendor.steps.append(answering(blue))
    picture = await result(room, "region", halves(), encoded(painted, "JPEG"), prompt="a pond")
    assert pixel(picture, 10, 30) == BLUE
    assert (pixel(picture, 60, 30), pixel(picture, 90, 60)) == (GREEN, GREEN)


async def test_a_place_in_words_is_for_who_edits(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(blue))
    await result(room, "region", halves(), prompt="clouds", where="the sky")
    (call,) = vendor.calls
    assert (call.operation, call.mask) == ("edit", None)
    assert "the sky" in call.prompt
    assert "clouds" in call.prompt


@pytest.mark.parametrize(
    ("way", "size", "kept", "new"),
    [
        ("2x", (192, 128), (96, 64), (4, 4)),
        ("1.5x", (144, 96), (72, 48), (4, 4)),
        ("left", (144, 64), (120, 32), (4, 32)),
        ("right", (144, 64), (24, 32), (140, 32)),
        ("up", (96, 96), (24, 80), (24, 4)),
        ("down", (96, 96), (24, 16), (24, 92)),
    ],
)
async def test_what_was_there_stays_and_the_rest_is_drawn(
    room: Studio,
    vendor: Scripted,
    way: str,
    size: tuple[int, int],
    kept: tuple[int, int],
    new: tuple[int, int],
) -> None:
    vendor.steps.append(answering(blue))
    picture = await result(room, "expand", plain("red", SIZE), way=way)
    assert picture.size == size
    assert (pixel(picture, *kept), pixel(picture, *new)) == (RED, BLUE)
    (call,) = vendor.calls
    assert call.operation == "region"
    assert opened(call.images[0].data).size == size
    assert call.mask is not None
    mask = opened(call.mask.data)
    assert (pixel(mask, *kept)[0], pixel(mask, *new)[0]) == (0, 255)


async def test_a_picture_grows_to_a_ratio(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(blue))
    picture = await result(room, "expand", plain("red", (64, 64)), ratio="16:9")
    assert picture.size == (114, 64)
    reply = await room.dispatch.run(
        "expand", room.call(uploads=[plain("red", (64, 64))], ratio="1:1")
    )
    assert [line.key for line in reply.lines] == ["expand-nothing"]


async def test_a_ratio_to_grow_to_is_nothing_that_the_model_has_to_know(room: Studio) -> None:
    assert all("3:2" not in model.ratios for model in room.app.models.values())
    picture = await result(room, "expand", plain("red", (64, 64)), ratio="3:2")
    assert picture.size == (96, 64)


async def test_a_background_is_taken_away(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(cut_out))
    picture = await result(room, "background", plain("red", SIZE), subject="product")
    assert (picture.mode, picture.getpixel((2, 2))) == ("RGBA", (0, 0, 0, 0))
    assert picture.getpixel((48, 32)) == (255, 0, 0, 255)
    (call,) = vendor.calls
    assert (call.operation, call.subject, call.transparent) == ("background", "product", True)


@pytest.mark.parametrize("colour", ["#0000ff", "blue", "Blue"])
async def test_a_background_becomes_a_colour(room: Studio, vendor: Scripted, colour: str) -> None:
    vendor.steps.append(answering(cut_out))
    picture = await result(room, "background", plain("red", SIZE), colour=colour)
    assert (picture.mode, pixel(picture, 2, 2), pixel(picture, 48, 32)) == ("RGB", BLUE, RED)


async def test_a_background_becomes_a_picture(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(cut_out))
    behind = plain("blue", (300, 40))
    picture = await result(room, "background", plain("red", SIZE), behind)
    assert picture.size == SIZE
    assert (pixel(picture, 2, 2), pixel(picture, 48, 32)) == (BLUE, RED)
    assert len(vendor.calls[0].images) == 1


async def test_a_background_in_words_is_for_who_edits(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(blue))
    await result(room, "background", plain("red", SIZE), words="a beach")
    (call,) = vendor.calls
    assert (call.operation, call.transparent) == ("edit", False)
    assert "a beach" in call.prompt


async def test_who_cuts_nothing_out_is_not_paid(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(answering(blue))
    delivery = await made(room, "background", plain("red", SIZE), colour="white")
    assert keys(delivery) == ["provider-no-picture", "receipt-nothing"]


@pytest.mark.parametrize(("scale", "credits"), [("2x", 2), ("4x", 4)])
async def test_enlarging_by_a_model_costs_what_it_grows(
    room: Studio, vendor: Scripted, scale: str, credits: int
) -> None:
    vendor.steps.append(answering(blue))
    delivery = await made(room, "upscale", plain("red", SIZE), scale=scale)
    assert delivery.lines[-1].values["used"] == credits
    (call,) = vendor.calls
    assert (call.operation, call.scale) == ("upscale", int(scale[0]))


@pytest.mark.parametrize("scale", ["2x", "4x"])
async def test_without_a_model_it_is_resampled_for_nothing(
    room: Studio, vendor: Scripted, scale: str
) -> None:
    for model in room.app.models.values():
        object.__setattr__(model, "operations", ("imagine",))
    clear = plain((255, 0, 0, 128), SIZE)
    delivery = await made(room, "upscale", clear, scale=scale, denoise="light", details="strong")
    assert keys(delivery) == ["did-upscale", "upscaled-plainly", "receipt-free"]
    picture = opened(await room.app.blobs.get(delivery.pictures[0].sha256))
    assert picture.size == (SIZE[0] * int(scale[0]), SIZE[1] * int(scale[0]))
    assert picture.getpixel((9, 9)) == (255, 0, 0, 128)
    assert vendor.calls == []


async def test_what_would_grow_too_large_is_refused(room: Studio, vendor: Scripted) -> None:
    large = plain("red", (3000, 2000))
    reply = await room.dispatch.run("upscale", room.call(uploads=[large], scale="4x"))
    assert [line.key for line in reply.lines] == ["upscale-too-large"]
    assert vendor.calls == []


async def test_several_pictures_become_one(room: Studio, vendor: Scripted) -> None:
    sources = [plain(colour, SIZE) for colour in ("red", "green", "blue")]
    await result(room, "blend", *sources, prompt="at sea", ratio="16:9")
    (call,) = vendor.calls
    sent = [pixel(opened(image.data), 5, 5) for image in call.images]
    assert (call.operation, call.ratio, sent) == ("imagine", "16:9", [RED, GREEN, BLUE])
    assert call.prompt.endswith("\nat sea")
    reply = await room.dispatch.run("blend", room.call(uploads=sources[:1]))
    assert [line.key for line in reply.lines] == ["too-few-images"]


async def test_a_picture_becomes_prompts_that_can_be_drawn(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(writing("a red square", "red on red", "three", "four", "five"))
    told = await made(room, "describe", plain("red"))
    assert keys(told)[:5] == [*["made-text"] * 4, "did-describe"]
    assert told.lines[-1].values["used"] == 1
    assert told.pictures == ()
    drawn = await pressed(room, told.job_id, "imagine-text:2")
    assert vendor.calls[-1].prompt == "red on red"
    assert drawn.prompt == "red on red"
    beyond = await room.dispatch.press(f"imagine-text:{told.job_id}:5", room.call())
    assert [line.key for line in beyond.lines] == ["job-gone"]


async def test_no_prompts_cost_nothing(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(writing())
    told = await made(room, "describe", plain("red"))
    assert keys(told) == ["provider-no-picture", "receipt-nothing"]


async def test_a_better_prompt_is_drawn_only_when_its_person_says_so(
    room: Studio, vendor: Scripted
) -> None:
    vendor.steps.append(writing("a fox at dawn, mist, soft light"))
    told = await made(room, "enhance", prompt="a fox")
    assert told.actions[0] == "imagine-text"
    assert len(vendor.calls) == 1
    drawn = await pressed(room, told.job_id, "imagine-text")
    assert drawn.prompt == "a fox at dawn, mist, soft light"


async def test_a_design_has_its_styles_own_words_and_price(room: Studio, vendor: Scripted) -> None:
    delivery = await made(
        room, "design", prompt="a logo for a bakery", style="bold", colours="navy, cream"
    )
    (call,) = vendor.calls
    for words in ("a logo for a bakery", "bold graphic design", "navy, cream"):
        assert words in call.prompt
    assert delivery.prompt == "a logo for a bakery"
    assert delivery.lines[-1].values["used"] == 5


async def test_an_illustration_shows_the_prompt_it_is_made_of(
    room: Studio, vendor: Scripted
) -> None:
    delivery = await made(
        room, "illustrate", title="Bees in town", description="Hives on roofs.", kind="advert"
    )
    (call,) = vendor.calls
    assert delivery.prompt == call.prompt
    assert "Bees in town" in call.prompt
    assert call.ratio == "4:5"
    own = await made(room, "illustrate", title="Bees", prompt="one bee", ratio="16:9")
    assert (own.prompt, vendor.calls[-1].ratio) == ("one bee", "16:9")


async def test_a_finer_picture_costs_more(room: Studio, vendor: Scripted) -> None:
    delivery = await made(room, "imagine", prompt="a fox", quality="high", count=2)
    assert delivery.lines[-1].values["used"] == 6
    assert vendor.calls[0].quality == "high"


BAD: list[tuple[str, int, dict[str, str], str]] = [
    ("region", 1, {"prompt": "x"}, "region-where"),
    ("region", 1, {"prompt": "x", "where": "sky", "box": "0,0,9,9"}, "region-where"),
    ("region", 1, {"prompt": "x", "box": "60,0,50,9"}, "region-box"),
    ("region", 1, {"prompt": "x", "box": "0,0,500,9"}, "region-box"),
    ("region", 1, {"prompt": "x", "box": "left"}, "region-box"),
    ("region", 2, {"prompt": "x"}, "mask-empty"),
    ("region", 0, {"prompt": "x", "where": "sky"}, "image-missing"),
    ("background", 1, {"colour": "red", "words": "a beach"}, "background-one"),
    ("background", 1, {"colour": "reddish"}, "option-not-colour"),
    ("background", 1, {"subject": "car"}, "option-not-choice"),
    ("illustrate", 0, {}, "illustrate-of-nothing"),
    ("illustrate", 0, {"title": "x", "kind": "poem"}, "option-not-choice"),
    ("upscale", 1, {"scale": "3x"}, "option-not-choice"),
    ("upscale", 1, {"denoise": "very"}, "option-not-choice"),
    ("expand", 1, {"way": "around"}, "option-not-choice"),
    ("vary", 1, {"strength": "much"}, "option-not-choice"),
    ("blend", 6, {}, "too-many-images"),
    ("edit", 4, {"prompt": "x"}, "too-many-images"),
    ("design", 0, {"prompt": "x", "style": "ugly"}, "option-not-choice"),
    ("imagine", 0, {"prompt": "x", "guidance": "much"}, "option-not-decimal"),
    ("imagine", 0, {"prompt": "x", "guidance": "99"}, "option-out-of-range"),
    ("imagine", 0, {"prompt": "x", "steps": "0"}, "option-out-of-range"),
    ("imagine", 0, {"prompt": "x", "quality": "best"}, "option-not-choice"),
]


@pytest.mark.parametrize(("name", "pictures", "given", "key"), BAD)
async def test_bad_input_is_said_and_costs_nothing(
    room: Studio, vendor: Scripted, name: str, pictures: int, given: dict[str, str], key: str
) -> None:
    uploads = [plain("red", SIZE)] * pictures
    reply = await room.dispatch.run(name, room.call(uploads=uploads, **given))
    if key == "mask-empty":
        assert not reply.error
        await room.work()
        [(_, delivery)] = room.chat.delivered
        assert keys(delivery) == [key, "receipt-nothing"]
    else:
        assert (reply.error, [line.key for line in reply.lines]) == (True, [key])
    assert vendor.calls == []


async def test_a_vendor_may_send_a_larger_file_than_people(room: Studio, vendor: Scripted) -> None:
    noise = encoded(Image.effect_noise((3400, 3000), 200).convert("RGB"))
    large = noise + b"\0" * (22 * 2**20 - len(noise))
    vendor.steps.append(answering(lambda _: large))
    delivery = await made(room, "upscale", plain("red", SIZE))
    assert delivery.pictures[0].width == 3400
    assert delivery.pictures[0].size_bytes <= 20 * 2**20
    reply = await room.dispatch.run("palette", room.call(uploads=[large]))
    assert [line.key for line in reply.lines] == ["image-too-many-bytes"]
