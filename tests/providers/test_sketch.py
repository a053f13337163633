from __future__ import annotations

import io
import time
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from providers.base import Credentials, Fault, ImageRequest, ProviderError, SourceImage, Step
from providers.sketch import PROVIDER
from providers.sketch.canvas import MARK, fitted
from providers.sketch.words import wish_of

FOX = ImageRequest(
    operation="imagine", model="sketch-1", prompt="a red fox in the snow", ratio="16:9", seed=1
)


class Previews(list[bytes]):
    async def __call__(self, news: bytes | Step) -> None:
        assert isinstance(news, bytes)
        self.append(news)


async def never(_: str) -> None:
    raise AssertionError("there is no vendor id")


async def drawn(request: ImageRequest) -> list[Image.Image]:
    vendor = PROVIDER.open(Credentials())
    assert vendor is not None
    result = await vendor.run(request, partial=Previews(), accepted=never)
    return [Image.open(io.BytesIO(data)).convert("RGB") for data in result.images]


async def one(request: ImageRequest) -> Image.Image:
    (image,) = await drawn(request)
    return image


def photo(size: tuple[int, int] = (300, 200), mode: str = "RGB") -> SourceImage:
    """A picture with a red (or clear) left half and a blue gradient on the right."""
    image = Image.new(mode, size, (200, 30, 40) if mode == "RGB" else (200, 30, 40, 0))
    right = Image.linear_gradient("L").resize((size[0] // 2 + 1, size[1]))
    image.paste(Image.merge("RGB", (right, right, right.point([255] * 256))), (size[0] // 2, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    return SourceImage(data=out.getvalue(), media_type="image/png")


def edit(prompt: str, source: SourceImage | None = None) -> ImageRequest:
    return ImageRequest(
        operation="edit", model="sketch-1", prompt=prompt, images=(source or photo(),)
    )


def differ(first: Image.Image, second: Image.Image) -> float:
    """The mean difference of two pictures above their foot, 0..255."""
    box = (0, 0, first.width, round(first.height * 0.92))
    stat = ImageStat.Stat(ImageChops.difference(first.crop(box), second.crop(box)))
    return sum(stat.mean) / 3


def mean(image: Image.Image) -> tuple[float, float, float]:
    red, green, blue = ImageStat.Stat(image).mean
    return red, green, blue


async def test_the_same_seed_gives_the_same_bytes() -> None:
    vendor = PROVIDER.open(Credentials())
    assert vendor is not None
    first = await vendor.run(FOX, partial=Previews(), accepted=never)
    second = await vendor.run(FOX, partial=Previews(), accepted=never)
    assert first.images == second.images


async def test_several_pictures_use_the_seeds_that_follow() -> None:
    three = await drawn(replace(FOX, count=3))
    assert len(three) == 3
    assert differ(three[2], await one(replace(FOX, seed=3))) == 0
    assert differ(three[0], three[1]) > 3


async def test_without_a_seed_no_two_are_alike() -> None:
    request = replace(FOX, seed=None)
    assert differ(await one(request), await one(request)) > 1


async def test_the_last_seed_has_a_follower() -> None:
    assert len(await drawn(replace(FOX, seed=2**31 - 1, count=2))) == 2


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1024, 1024)),
        ("16:9", (1024, 576)),
        ("9:16", (576, 1024)),
        ("4:3", (1024, 768)),
        ("3:4", (768, 1024)),
    ],
)
async def test_the_shape_follows_the_ratio(ratio: str, size: tuple[int, int]) -> None:
    assert (await one(replace(FOX, ratio=ratio))).size == size


@pytest.mark.parametrize("ratio", ["wide", "1:0", "0:1", "1:100", "-1:-1", "1:2:3"])
async def test_a_ratio_that_is_none_is_bad_input(ratio: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await drawn(replace(FOX, ratio=ratio))
    assert caught.value.fault is Fault.BAD_INPUT


@pytest.mark.parametrize(
    ("prompt", "other"),
    [
        ("a cat", "a dog"),
        ("a fox in the snow", "a fox in the desert"),
        ("a city", "a city at night"),
        ("the sea", "the sea at sunset"),
        ("hills", "red hills"),
        ("one thing", "another thing"),
        ("un renard dans la neige", "un zorro en el mar"),
    ],
)
async def test_another_prompt_is_another_picture(prompt: str, other: str) -> None:
    first = await one(replace(FOX, prompt=prompt))
    assert differ(first, await one(replace(FOX, prompt=other))) > 5


async def test_words_colour_the_picture() -> None:
    night = mean(await one(replace(FOX, prompt="a forest at night")))
    day = mean(await one(replace(FOX, prompt="a forest")))
    assert sum(night) < sum(day) * 0.6
    red, _, blue = mean(await one(replace(FOX, prompt="red hills")))
    assert red > blue + 20
    red, _, blue = mean(await one(replace(FOX, prompt="blue hills")))
    assert blue > red + 20


async def test_the_negative_leaves_things_and_colours_out() -> None:
    plain = await one(replace(FOX, prompt="mountains", negative="fox"))
    for prompt, negative in (
        ("mountains and a fox", "foxes"),
        ("mountains in the snow", "snow"),
        ("red mountains", "red"),
    ):
        with_it = wish_of(prompt, None)
        without = wish_of(prompt, negative)
        assert with_it.things | set(with_it.colours) > without.things | set(without.colours)
    assert differ(plain, await one(replace(FOX, prompt="mountains", negative="trees, sun"))) > 0.3


async def test_the_colour_before_an_animal_is_its_coat() -> None:
    wish = wish_of("a blue fox under a red sky", None)
    assert wish.coat == wish_of("blue", None).colours[0]
    assert wish.colours == wish_of("red", None).colours
    assert wish_of("a red red fox", None).coat is not None


async def test_references_are_seen() -> None:
    plain = await one(FOX)
    for number in (1, 2, 3):
        images = tuple(photo() for _ in range(number))
        seen = await one(replace(FOX, images=images))
        left = round(seen.width * (0.17 + 0.33 * (number - 1)))
        red, green, blue = mean(seen.crop((left - 45, 100, left - 25, 130)))
        assert red > 150 > green
        assert red > blue
        assert differ(plain, seen) > 5


@pytest.mark.parametrize("operation", ["imagine", "edit"])
@pytest.mark.parametrize("data", [b"", b"no picture", photo().data[:200], b"\x89PNG\r\n\x1a\n"])
async def test_a_broken_source_is_bad_input(operation: str, data: bytes) -> None:
    source = SourceImage(data=data, media_type="image/png")
    with pytest.raises(ProviderError) as caught:
        await drawn(replace(FOX, operation=operation, images=(source,)))
    assert caught.value.fault is Fault.BAD_INPUT


async def test_an_edit_without_a_picture_is_bad_input() -> None:
    with pytest.raises(ProviderError) as caught:
        await drawn(replace(FOX, operation="edit"))
    assert caught.value.fault is Fault.BAD_INPUT


async def test_one_picture_has_one_small_preview() -> None:
    vendor = PROVIDER.open(Credentials())
    assert vendor is not None
    for request, number in ((FOX, 1), (edit("sepia"), 1), (replace(FOX, count=2), 0)):
        previews = Previews()
        await vendor.run(request, partial=previews, accepted=never)
        assert len(previews) == number
        for data in previews:
            assert len(data) < 100_000
            assert max(Image.open(io.BytesIO(data)).size) <= 320


async def upper(prompt: str, size: tuple[int, int] = (300, 200)) -> Image.Image:
    """The edited picture without the band beneath it."""
    image = await one(edit(prompt, photo(size)))
    return image.crop((0, 0, size[0], size[1]))


async def test_edits_do_what_they_say() -> None:
    before = Image.open(io.BytesIO(photo().data)).convert("RGB")
    red, green, blue = mean(await upper("make it black and white"))
    assert max(red, green, blue) - min(red, green, blue) < 2
    assert mean(await upper("brighter please"))[2] > mean(before)[2]
    assert sum(mean(await upper("darker"))) < sum(mean(before)) * 0.8
    assert differ(await upper("mirror it"), before.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) < 6
    assert differ(await upper("upside down"), before.transpose(Image.Transpose.FLIP_TOP_BOTTOM)) < 6
    assert differ(await upper("invert"), ImageChops.invert(before)) < 6
    warm, cool = mean(await upper("warmer")), mean(await upper("cooler"))
    assert warm[0] - warm[2] > cool[0] - cool[2] + 30
    assert differ(await upper("blur"), before) > 0.5
    assert mean(await upper("make it green"))[1] > mean(before)[1] + 20


async def test_a_turn_changes_the_shape() -> None:
    assert (await one(edit("rotate"))).height > 300
    assert (await one(edit("rotate by 180 degrees"))).height < 250


async def test_a_caption_is_no_instruction() -> None:
    before = Image.open(io.BytesIO(photo().data)).convert("RGB")
    after = await upper('add text "dark night"')
    assert differ(before.crop((0, 0, 300, 120)), after.crop((0, 0, 300, 120))) < 6
    assert differ(before.crop((0, 130, 300, 200)), after.crop((0, 130, 300, 200))) > 6


async def test_unknown_words_become_a_duotone_that_follows_them() -> None:
    first, second = await upper("give it a hat"), await upper("give it a moustache")
    assert differ(first, second) > 8


@pytest.mark.parametrize("size", [(1, 1), (2500, 2), (2, 2500)])
@pytest.mark.parametrize("prompt", ["outline and blur and border", "pixelate", "square", "hat"])
async def test_odd_sizes_are_worked_on(size: tuple[int, int], prompt: str) -> None:
    image = await one(edit(prompt, photo(size)))
    assert max(image.size) <= 2048 + 400


async def test_a_large_picture_is_made_smaller() -> None:
    image = await one(edit("darker", photo((4000, 3000))))
    assert image.width == 2048
    assert 1536 <= image.height < 1700


async def test_what_is_clear_becomes_white() -> None:
    image = await one(edit("border", photo(mode="RGBA")))
    red, green, blue = mean(image.crop((70, 90, 90, 110)))
    assert min(red, green, blue) > 240


@pytest.mark.parametrize("prompt", ["a" * 2000, "猫 🦊", "\n\t x", "é" * 300, " ", "%s {0} <b>"])
async def test_any_prompt_can_be_lettered(prompt: str) -> None:
    await one(replace(FOX, prompt=prompt))
    await one(edit(prompt))


def test_letters_fit_their_room() -> None:
    assert fitted("short", 20, 500) == "short"
    assert fitted("word " * 50, 20, 200).endswith("...")
    assert fitted("猫", 20, 200) == ""
    assert "not AI" in MARK


async def test_the_mark_is_at_the_foot_of_every_picture() -> None:
    for image in (await one(FOX), await one(edit("sepia")), await one(replace(FOX, ratio="9:16"))):
        band = image.crop((image.width // 2, image.height - 27, image.width, image.height))
        ((darkest, lightest),) = ImageStat.Stat(band.convert("L")).extrema
        assert darkest < 150 < 225 < lightest


async def test_drawing_is_quick() -> None:
    await one(FOX)
    best_s = 9.0
    for _ in range(3):
        start = time.perf_counter()
        await one(FOX)
        best_s = min(best_s, time.perf_counter() - start)
    assert best_s < 1.0
