"""The offline sketch on pictures that are there: marked parts, several laid together, more or less."""

from __future__ import annotations

import io
import time
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from providers.base import Credentials, Fault, ImageRequest, ProviderError, SourceImage
from providers.sketch import PROVIDER
from tests.fakes.vendor import mask, picture
from tests.providers.requests import ignore

RED, GREEN, BLUE = (200, 30, 40), (30, 160, 60), (40, 60, 200)
PAINTS = (RED, GREEN, BLUE, (230, 200, 40), (140, 40, 160))


def source(image: Image.Image) -> SourceImage:
    out = io.BytesIO()
    image.save(out, "PNG")
    return SourceImage(data=out.getvalue(), media_type="image/png")


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (400, 300)) -> SourceImage:
    return source(Image.new("RGB", size, colour))


def photo(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Something with edges and colours everywhere."""
    noise = [Image.effect_noise(size, 60 + 20 * band) for band in range(3)]
    return Image.merge("RGB", noise)


def asking(operation: str, prompt: str, *images: SourceImage, **more: object) -> ImageRequest:
    return ImageRequest(
        operation=operation,
        model="sketch-1",
        prompt=prompt,
        seed=1,
        images=images,
        **more,  # type: ignore[arg-type]
    )


async def made(request: ImageRequest) -> list[Image.Image]:
    vendor = PROVIDER.open(Credentials())
    assert vendor is not None
    result = await vendor.run(request, partial=ignore, accepted=ignore)
    return [Image.open(io.BytesIO(data)) for data in result.images]


async def one(request: ImageRequest) -> Image.Image:
    (image,) = await made(request)
    return image


async def fails(request: ImageRequest) -> Fault:
    with pytest.raises(ProviderError) as caught:
        await made(request)
    return caught.value.fault


def differ(first: Image.Image, second: Image.Image) -> float:
    stat = ImageStat.Stat(ImageChops.difference(first.convert("RGB"), second.convert("RGB")))
    return sum(stat.mean) / 3


def marked(size: tuple[int, int], box: tuple[int, int, int, int], level: int = 255) -> SourceImage:
    image = Image.new("L", size)
    image.paste(level, box)
    return source(image)


async def test_what_is_not_marked_stays_to_the_pixel_and_the_rest_is_drawn() -> None:
    before = photo()
    box = (100, 60, 320, 240)
    after = await one(asking("region", "a red fox", source(before), mask=marked((400, 300), box)))
    assert after.size == before.size
    changed = ImageChops.difference(after.convert("RGB"), before)
    assert changed.getbbox() == box
    changed.paste(0, box)
    assert changed.getbbox() is None
    assert differ(after.crop(box), before.crop(box)) > 30


async def test_a_region_follows_words_and_seed() -> None:
    asked = asking("region", "the sea", plain(RED), mask=marked((400, 300), (50, 50, 350, 250)))
    first = await one(asked)
    assert differ(first, await one(asked)) == 0
    assert differ(first, await one(replace(asked, seed=2))) > 1
    assert differ(first, await one(replace(asked, prompt="a desert"))) > 5
    assert differ(first, await one(replace(asked, prompt="the sea and a red fox"))) > 0.5


async def test_a_mask_of_another_size_lies_over_the_whole_picture() -> None:
    before = photo((640, 480))
    small = SourceImage(data=mask((64, 48)), media_type="image/png")
    after = await one(asking("region", "hills", source(before), mask=small))
    assert ImageChops.difference(after.convert("RGB"), before).getbbox() == (160, 120, 480, 360)


async def test_grey_and_a_small_strength_change_in_part() -> None:
    box = (0, 0, 400, 300)
    white, grey = marked((400, 300), box), marked((400, 300), box, 60)
    asked = asking("region", "a city at night", plain((250, 250, 250)), mask=white)
    before = Image.new("RGB", (400, 300), (250, 250, 250))
    whole = differ(await one(asked), before)
    assert differ(await one(replace(asked, mask=grey)), before) < whole / 2
    assert differ(await one(replace(asked, strength=0.2)), before) < whole / 2


async def test_what_is_clear_stays_clear() -> None:
    before = photo()
    before.putalpha(0)
    asked = asking("region", "hills", source(before), mask=marked((400, 300), (0, 0, 200, 300)))
    after = await one(asked)
    assert after.mode == "RGBA"
    assert after.getchannel("A").getbbox() == (0, 0, 200, 300)


ODD = [(0, 0, 1, 1), (0, 0, 400, 1), (3, 0, 4, 300), (0, 0, 400, 20), (390, 0, 400, 300)]


@pytest.mark.parametrize("box", ODD)
async def test_odd_parts_are_drawn(box: tuple[int, int, int, int]) -> None:
    before = photo()
    after = await one(asking("region", "a fox", source(before), mask=marked((400, 300), box)))
    where = ImageChops.difference(after.convert("RGB"), before).getbbox()
    assert where is not None
    assert all(a >= b for a, b in zip(where[:2], box[:2], strict=True))
    assert all(a <= b for a, b in zip(where[2:], box[2:], strict=True))


BROKEN = SourceImage(data=b"no picture", media_type="image/png")


@pytest.mark.parametrize(
    "changes",
    [
        {"mask": None},
        {"images": ()},
        {"mask": BROKEN},
        {"images": (BROKEN,)},
        {"mask": marked((400, 300), (0, 0, 400, 300), 0)},
    ],
    ids=["no mask", "no picture", "broken mask", "broken picture", "black mask"],
)
async def test_what_cannot_be_drawn_is_bad_input(changes: dict[str, object]) -> None:
    asked = asking("region", "a fox", plain(RED), mask=marked((400, 300), (0, 0, 40, 40)))
    assert await fails(replace(asked, **changes)) is Fault.BAD_INPUT  # type: ignore[arg-type]


async def test_a_large_picture_keeps_its_size_and_is_quick() -> None:
    before = source(Image.linear_gradient("L").resize((4096, 3072)).convert("RGB"))
    asked = asking("region", "a fox", before, mask=marked((64, 48), (10, 10, 40, 40)))
    start = time.perf_counter()
    assert (await one(asked)).size == (4096, 3072)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("number", [2, 3, 4, 5])
async def test_a_blend_shows_a_part_of_each_picture(number: int) -> None:
    sizes = [(400, 300), (300, 400), (64, 64), (500, 100), (100, 500)]
    images = [plain(PAINTS[index], sizes[index]) for index in range(number)]
    after = (await one(asking("edit", "together", *images))).convert("RGB")
    assert after.width == 400
    assert 300 <= after.height < 340
    row = [after.getpixel((x, 150)) for x in range(after.width)]
    for paint in PAINTS[:number]:
        near = [
            pixel
            for pixel in row
            if isinstance(pixel, tuple)
            and max(abs(a - b) for a, b in zip(pixel, paint, strict=True)) < 12
        ]
        assert len(near) > 400 / number / 4, paint


async def test_a_blend_is_worked_on_by_its_words() -> None:
    after = await one(asking("edit", "make it black and white", plain(RED), plain(BLUE)))
    red, green, blue = ImageStat.Stat(after.convert("RGB")).mean
    assert max(red, green, blue) - min(red, green, blue) < 2


async def test_five_references_are_seen() -> None:
    images = [plain(paint, (64, 64)) for paint in PAINTS]
    seen = (await one(asking("imagine", "snow", *images, ratio="16:9"))).convert("RGB")
    for index, paint in enumerate(PAINTS):
        middle = round(576 * (0.11 + 0.195 * index) * 16 / 9)
        pixel = seen.getpixel((middle, round(576 * 0.19)))
        assert isinstance(pixel, tuple)
        assert max(abs(a - b) for a, b in zip(pixel, paint, strict=True)) < 40


def upper(image: Image.Image) -> Image.Image:
    """The picture without the band beneath it."""
    return image.convert("RGB").crop((0, 0, 400, 300))


@pytest.mark.parametrize("prompt", ["a fox in the snow", "sepia"])
async def test_a_strength_is_a_small_or_a_large_change(prompt: str) -> None:
    before = Image.radial_gradient("L").resize((400, 300))
    before = Image.merge("RGB", (before, before.point([60] * 256), before.point([200] * 256)))
    for seed in range(4):
        asked = replace(asking("edit", prompt, source(before)), seed=seed)
        small, middle, large = [
            differ(upper(await one(replace(asked, strength=strength))), before)
            for strength in (0.1, 0.4, 1.0)
        ]
        assert 0.5 < small < middle < large
        assert small < large / 3


async def test_none_at_all_changes_nothing() -> None:
    before = Image.radial_gradient("L").resize((400, 300)).convert("RGB")
    same = upper(await one(asking("edit", "sepia", source(before), strength=0.0)))
    assert differ(same, before) < 1.5


async def test_with_a_strength_each_seed_makes_another_picture() -> None:
    before = SourceImage(data=picture(3, (400, 300)), media_type="image/png")
    asked = asking("edit", "a fox", before, strength=0.5, count=4)
    four = await made(asked)
    again = await made(asked)
    for index, image in enumerate(four):
        assert differ(image, again[index]) == 0
        assert all(differ(image, other) > 1 for other in four[:index])
