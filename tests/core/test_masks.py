from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, ImageChops

from core.errors import BadImage
from core.images import Images
from tests.fakes.photos import array, brush, noisy, opened, photo
from tests.fakes.pictures import encode, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIDE = 512
PICTURE = photo(SIDE, 2)
OF = encode(PICTURE)
STROKE = brush((SIDE, SIDE), [(0.2, 0.3), (0.5, 0.45), (0.7, 0.75)], 60)
LINE = brush((SIDE, SIDE), [(0.2, 0.8), (0.8, 0.2)], 8)
AREAS = {"stroke": STROKE, "line": LINE}
INKS = {"white": (255, 255, 255), "red": (255, 30, 30), "green": (0, 255, 60), "black": (0, 0, 0)}
BLACK_AND_WHITE = Image.merge("RGB", [STROKE] * 3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


async def masked(images: Images, data: bytes, of: bytes = OF) -> Image.Image:
    found = await images.mask(data, of=of)
    mask = opened(found.data)
    assert (found.media_type, mask.mode) == ("image/png", "L")
    assert mask.size == opened(of).size == (found.width, found.height)
    assert set(np.unique(np.asarray(mask))) <= {0, 255}
    return mask


async def refused(images: Images, data: bytes, of: bytes = OF) -> BadImage:
    with pytest.raises(BadImage) as caught:
        await images.mask(data, of=of)
    return caught.value


def assert_is(mask: Image.Image, truth: Image.Image, *, rim_px: float = 0.0) -> None:
    """The mask holds what was painted but for single pixels, and a rim of at most `rim_px` more."""
    found, wanted = array(mask) > 127, array(truth) > 127
    assert (found & wanted).sum() / wanted.sum() > (0.97 if truth is not LINE else 0.9)
    edge = array(truth) - array(ImageChops.offset(truth, 1, 0)).clip(0, 255)
    around = 3 * (np.abs(edge) > 127).sum()
    assert (found & ~wanted).sum() <= around * rim_px


@pytest.mark.parametrize("name", AREAS)
async def test_black_and_white(images: Images, name: str) -> None:
    area = AREAS[name]
    for mode in ("L", "RGB", "1"):
        assert_is(await masked(images, encode(area.convert(mode))), area)
    for data in (encode(area, "JPEG", quality=80), encode(area, "WEBP", quality=80)):
        assert_is(await masked(images, data), area, rim_px=0.2)


async def test_black_and_white_at_half_the_size(images: Images) -> None:
    half = STROKE.resize((SIDE // 2, SIDE // 2), Image.Resampling.BICUBIC)
    assert_is(await masked(images, encode(half, "JPEG", quality=80)), STROKE, rim_px=1)


async def test_a_grey_stroke_on_black_is_a_mask_too(images: Images) -> None:
    grey = STROKE.point(lambda value: value * 2 // 5)
    assert_is(await masked(images, encode(grey)), STROKE)


@pytest.mark.parametrize("name", AREAS)
async def test_a_picture_with_holes(images: Images, name: str) -> None:
    area = AREAS[name]
    holed = PICTURE.convert("RGBA")
    holed.putalpha(ImageChops.invert(area))
    assert_is(await masked(images, encode(holed)), area)
    half = holed.resize((SIDE // 2, SIDE // 2))
    assert_is(await masked(images, encode(half, "WEBP", quality=80)), area, rim_px=1)


async def test_all_but_one_thing_cut_out(images: Images) -> None:
    kept = PICTURE.convert("RGBA")
    kept.putalpha(STROKE)
    assert_is(await masked(images, encode(kept)), ImageChops.invert(STROKE))


async def test_a_sheet_of_one_colour_with_holes(images: Images) -> None:
    sheet = Image.new("RGBA", PICTURE.size)
    sheet.putalpha(ImageChops.invert(STROKE))
    assert_is(await masked(images, encode(sheet)), STROKE)


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("strength", [255, 110])
async def test_strokes_on_a_clear_layer(images: Images, ink: str, strength: int) -> None:
    layer = Image.new("RGBA", PICTURE.size, (*INKS[ink], 0))
    layer.putalpha(STROKE.point(lambda value: value * strength // 255))
    assert_is(await masked(images, encode(layer)), STROKE)


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("name", AREAS)
async def test_the_picture_painted_over(images: Images, ink: str, name: str) -> None:
    area = AREAS[name]
    painted = PICTURE.copy()
    painted.paste(INKS[ink], mask=area)
    half = painted.resize((SIDE // 2, SIDE // 2), Image.Resampling.LANCZOS)
    larger = painted.resize((SIDE * 5 // 4, SIDE * 5 // 4), Image.Resampling.BICUBIC)
    for data, rim_px in (
        (encode(painted), 4.0),
        (encode(painted, "JPEG", quality=80), 4.0),
        (encode(half, "JPEG", quality=80), 7.0),
        (encode(larger, "JPEG", quality=75), 4.0),
        (encode(Image.blend(PICTURE, painted, 0.5), "JPEG", quality=80), 4.0),
    ):
        assert_is(await masked(images, data), area, rim_px=rim_px)


async def test_a_noisy_picture_painted_over(images: Images) -> None:
    grainy = noisy(PICTURE, 10)
    painted = grainy.copy()
    painted.paste((255, 220, 0), mask=STROKE)
    data = encode(painted.resize((300, 300)), "JPEG", quality=80)
    assert_is(await masked(images, data, encode(grainy)), STROKE, rim_px=7)


async def test_a_drawing_in_black_and_white_painted_over(images: Images) -> None:
    drawing = photo(SIDE, 4).convert("L").point(lambda value: 255 if value > 110 else 0)
    of = encode(drawing.convert("RGB"))
    painted = drawing.convert("RGB")
    painted.paste((255, 0, 0), mask=STROKE)
    assert_is(await masked(images, encode(painted, "JPEG", quality=80), of), STROKE, rim_px=4)
    assert_is(await masked(images, encode(STROKE), of), STROKE)


@pytest.mark.parametrize("quality", [90, 70, 50])
@pytest.mark.parametrize("side", [SIDE, SIDE // 2, SIDE * 2])
async def test_a_copy_that_nobody_painted_on(images: Images, quality: int, side: int) -> None:
    copy = PICTURE.resize((side, side), Image.Resampling.LANCZOS)
    error = await refused(images, encode(copy, "JPEG", quality=quality))
    assert error.key == "mask-empty"


async def test_coloured_strokes_on_a_sheet(images: Images) -> None:
    for sheet in ("white", "black"):
        drawn = Image.new("RGB", PICTURE.size, sheet)
        drawn.paste((250, 40, 40), mask=STROKE)
        assert_is(await masked(images, encode(drawn)), STROKE)


async def test_nothing_or_everything_marked(images: Images) -> None:
    clear = Image.new("RGBA", PICTURE.size)
    for empty in (Image.new("L", PICTURE.size), clear, PICTURE):
        assert (await refused(images, encode(empty))).key == "mask-empty"
    for full in (Image.new("L", PICTURE.size, 255), Image.new("RGB", (50, 50), "white")):
        assert (await refused(images, encode(full))).key == "mask-everything"


async def test_what_is_no_mask(images: Images) -> None:
    for other in (photo(SIDE, 3), photo(SIDE, 9), photo(SIDE, 3).convert("L")):
        assert (await refused(images, encode(other))).key == "mask-not-of-picture"


async def test_another_shape(images: Images) -> None:
    error = await refused(images, encode(STROKE.resize((512, 480))))
    assert (error.key, dict(error.values)) == (
        "mask-other-shape",
        {"width": 512, "height": 512, "mask_width": 512, "mask_height": 480},
    )
    assert_is(await masked(images, encode(STROKE.resize((512, 505)))), STROKE, rim_px=2)


async def test_extreme_shapes(images: Images) -> None:
    of = encode(scene((8192, 3000)))
    area = brush((2048, 750), [(0.3, 0.4), (0.6, 0.6)], 90)
    assert_is(await masked(images, encode(area), of), area.resize((8192, 3000)), rim_px=4)
    thin = encode(Image.new("RGB", (1, 8192), (90, 120, 10)))
    half = Image.new("L", (1, 8192))
    half.paste(255, (0, 4096, 1, 8192))
    assert_is(await masked(images, encode(half), thin), half)
    dot = encode(Image.new("RGB", (1, 1), (90, 120, 10)))
    assert (
        await refused(images, encode(Image.new("L", (1, 1), 255)), dot)
    ).key == "mask-everything"


async def test_a_box(images: Images) -> None:
    found = await images.box_mask(OF, box=(0.25, 0.5, 0.75, 1.0))
    mask = opened(found.data)
    assert (mask.mode, mask.size, found.media_type) == ("L", PICTURE.size, "image/png")
    assert mask.getbbox() == (128, 256, 384, 512)
    assert set(np.unique(np.asarray(mask))) == {0, 255}
    narrow = await images.box_mask(encode(scene((9, 7))), box=(0.5, 0.5, 0.51, 0.51))
    assert opened(narrow.data).getbbox() == (4, 3, 5, 4)


async def test_a_box_that_is_none(images: Images) -> None:
    for box in (
        (0.5, 0, 0.5, 1),
        (0.0, 0.0, 1.1, 1.0),
        (0.0, -0.1, 1.0, 1.0),
        (0.0, 0.0, 1.0, float("nan")),
    ):
        with pytest.raises(ValueError, match="within the picture"):
            await images.box_mask(OF, box=box)
    with pytest.raises(BadImage) as caught:
        await images.box_mask(OF, box=(0, 0, 1, 1))
    assert caught.value.key == "mask-everything"
