from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, ImageChops

from core.errors import BadImage
from core.framing import frame, parts_to_ratio
from core.images import Images
from tests.fakes.photos import array, brush, opened, photo
from tests.fakes.pictures import encode, scene

IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
SIDE = 400
PICTURE = photo(SIDE, 2)
STROKE = brush((SIDE, SIDE), [(0.2, 0.3), (0.5, 0.45), (0.7, 0.75)], 60)
LINE = brush((SIDE, SIDE), [(0.1, 0.9), (0.9, 0.6)], 4)
AREA = ImageChops.lighter(STROKE, LINE)
MADE = Image.new("RGB", (SIDE, SIDE), (250, 240, 10))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


@pytest.mark.parametrize(
    ("size", "ratio", "wanted"),
    [
        ((1000, 1000), (16, 9), (1778, 1000)),
        ((1000, 1000), (9, 16), (1000, 1778)),
        ((1600, 900), (1, 1), (1600, 1600)),
        ((900, 1600), (4, 5), (1280, 1600)),
        ((37, 41), (3, 2), (62, 41)),
    ],
)
def test_parts_to_a_ratio(
    size: tuple[int, int], ratio: tuple[int, int], wanted: tuple[int, int]
) -> None:
    parts = parts_to_ratio(*size, ratio)
    assert parts[0] == parts[2]
    assert parts[1] == parts[3]
    found = frame(*size, parts, 8192)
    assert (found.width, found.height) == wanted
    assert (found.inner_width, found.inner_height) == size
    assert abs(found.width - size[0] - 2 * found.left) <= 1


def test_rounding_passes_no_limit() -> None:
    part = (25_000_000 / (4000 * 4011) - 1) * 0.9999999
    found = frame(4000, 4011, (0, 0, part, 0), 8192)
    assert found.width * found.height <= 25_000_000


def test_a_picture_of_the_ratio_needs_nothing() -> None:
    assert parts_to_ratio(1600, 900, (16, 9)) == (0, 0, 0, 0)
    for parts in (
        (0, 0, 0, 0),
        (0, -0.1, 0.5, 0),
        (0, float("nan"), 1, 0),
        (float("inf"), 0, 0, 0),
    ):
        with pytest.raises(ValueError, match="grows"):
            frame(100, 100, parts, 2048)


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 8192), (8192, 1), (8192, 3000), (5000, 5000), (640, 480)]
)
def test_a_canvas_keeps_to_every_limit(size: tuple[int, int]) -> None:
    for parts in ((0.5, 0.5, 0.5, 0.5), (0, 0, 0, 8192.0), parts_to_ratio(*size, (16, 9))):
        for long_side_max in (1024, 2048, 8192, 100_000):
            if any(parts):
                found = frame(*size, parts, long_side_max)
                assert max(found.width, found.height) <= min(long_side_max, 8192)
                assert found.width * found.height <= 25_000_000
                assert 0 <= found.left <= found.width - found.inner_width
                assert 0 <= found.top <= found.height - found.inner_height


@IN_ONE_LOOP
async def test_a_canvas_holds_the_picture_and_its_mask_the_rest(images: Images) -> None:
    larger, mask = await images.canvas(encode(PICTURE), left=0.25, bottom=0.5, long_side_max=2048)
    canvas, area = opened(larger.data), opened(mask.data)
    assert canvas.size == area.size == (500, 600) == (larger.width, larger.height)
    assert (canvas.mode, area.mode, mask.media_type) == ("RGB", "L", "image/png")
    assert canvas.crop((100, 0, 500, 400)).tobytes() == PICTURE.tobytes()
    assert set(np.unique(np.asarray(area))) == {0, 255}
    assert ImageChops.invert(area).getbbox() == (108, 0, 500, 392)  # a seam of 2 % on both sides


@IN_ONE_LOOP
async def test_new_area_continues_the_colours_at_the_edge(images: Images) -> None:
    source = Image.new("RGB", (300, 200), (200, 40, 40))
    source.paste((30, 60, 220), (150, 0, 300, 200))
    larger, _ = await images.canvas(encode(source), left=1, right=1, top=1, long_side_max=2048)
    canvas = opened(larger.data)
    assert canvas.size == (900, 400)
    for at, ink in (
        ((10, 390), (200, 40, 40)),
        ((890, 390), (30, 60, 220)),
        ((310, 10), (200, 40, 40)),
    ):
        found = canvas.getpixel(at)
        assert isinstance(found, tuple)
        assert max(abs(one - two) for one, two in zip(found, ink, strict=True)) < 40
    steps = np.abs(np.diff(array(canvas)[0], axis=0)).max()
    assert steps < 12


@IN_ONE_LOOP
async def test_a_canvas_too_large_is_made_smaller_as_a_whole(images: Images) -> None:
    found = await images.canvas(
        encode(PICTURE, "JPEG"), left=0.5, right=0.5, top=0.5, bottom=0.5, long_side_max=300
    )
    for each in found:
        assert (each.width, each.height) == (300, 300)
    inner = opened(found[0].data).crop((75, 75, 225, 225))
    small = PICTURE.resize((150, 150), Image.Resampling.LANCZOS)
    assert np.abs(array(inner) - array(small)).mean() < 4


@IN_ONE_LOOP
async def test_a_transparent_picture_is_laid_on_white(images: Images) -> None:
    clear = Image.new("RGBA", (100, 100))
    larger, _ = await images.canvas(encode(clear), right=1, long_side_max=2048)
    assert opened(larger.data).getextrema() == ((255, 255),) * 3


@IN_ONE_LOOP
@pytest.mark.parametrize("size", [(1, 1), (1, 8192), (8192, 1), (8192, 3000)])
async def test_canvases_of_extreme_shapes(images: Images, size: tuple[int, int]) -> None:
    data = encode(scene(size))
    parts = parts_to_ratio(*size, (16, 9))
    for part in (parts, (0.5, 0.5, 0.5, 0.5)):
        if max(part) * min(size) >= 0.5:
            left, top, right, bottom = part
            larger, mask = await images.canvas(
                data, left=left, top=top, right=right, bottom=bottom, long_side_max=2048
            )
            assert max(larger.width, larger.height) <= 2048
            assert (mask.width, mask.height) == (larger.width, larger.height)
            assert opened(mask.data).getextrema()[1] == 255


@IN_ONE_LOOP
@pytest.mark.parametrize("side", [SIDE, 150, 1000])
async def test_a_merge_touches_no_pixel_outside_the_mask(images: Images, side: int) -> None:
    made = encode(MADE.resize((side, side)))
    found = await images.merge(encode(PICTURE), made, encode(AREA))
    assert (found.media_type, found.width, found.height) == ("image/png", SIDE, SIDE)
    merged, black = array(opened(found.data)), array(AREA) == 0
    assert (merged[black] == array(PICTURE)[black]).all()
    middle = (
        array(AREA.resize((SIDE // 10, SIDE // 10), Image.Resampling.BOX).resize(AREA.size)) == 255
    )
    assert middle.sum() > 1000
    assert np.abs(merged[middle] - (250, 240, 10)).max() <= 1


@IN_ONE_LOOP
async def test_the_edge_of_a_merge_is_soft_and_a_narrow_line_is_there(images: Images) -> None:
    before = Image.new("RGB", (SIDE, SIDE))
    area = Image.new("L", (SIDE, SIDE))
    area.paste(255, (100, 0, 300, 300))
    area.paste(255, (0, 350, SIDE, 353))
    made = Image.new("RGB", (SIDE, SIDE), (240, 240, 240))
    found = array(opened((await images.merge(encode(before), encode(made), encode(area))).data))
    row = found[150, :, 0]
    assert list(row[98:107]) == sorted(row[98:107])
    assert row[99] == 0 < row[100] < row[102] < row[106] == 240
    assert found[0, 200, 0] == 240  # at the picture's own edge nothing is softened
    assert list(found[349:354, 50, 0]) == pytest.approx([0, 120, 240, 120, 0], abs=3)


@IN_ONE_LOOP
async def test_a_mask_of_another_size_and_kind(images: Images) -> None:
    mask = AREA.resize((200, 200)).convert("RGB")
    found = await images.merge(encode(PICTURE), encode(MADE), encode(mask, "WEBP", lossless=True))
    far = (
        array(AREA.resize((40, 40), Image.Resampling.BOX).resize(AREA.size, Image.Resampling.BOX))
        == 0
    )
    assert (array(opened(found.data))[far] == array(PICTURE)[far]).mean() > 0.999


@IN_ONE_LOOP
async def test_a_merge_keeps_transparency(images: Images) -> None:
    before = PICTURE.convert("RGBA")
    before.paste((0, 0, 0, 0), (0, 0, SIDE, 200))
    found = opened((await images.merge(encode(before), encode(MADE), encode(STROKE))).data)
    black = array(STROKE) == 0
    assert (array(found)[black] == array(before)[black]).all()
    assert found.getpixel((200, 180)) == (250, 240, 10, 255)
    cut = Image.new("RGBA", (SIDE, SIDE))
    erased = opened((await images.merge(encode(PICTURE), encode(cut), encode(STROKE))).data)
    assert erased.getpixel((200, 180)) == (0, 0, 0, 0)
    assert (array(erased.convert("RGB"))[black] == array(PICTURE)[black]).all()


@IN_ONE_LOOP
async def test_a_merge_too_heavy_as_png_is_a_fine_jpeg(images: Images) -> None:
    before = Image.effect_noise((3000, 3000), 60).convert("RGB")
    source = encode(before, "JPEG", quality=90)
    area = brush((3000, 3000), [(0.3, 0.3), (0.6, 0.6)], 300)
    found = await images.merge(source, encode(MADE), encode(area))
    assert found.media_type == "image/jpeg"
    off = np.abs(array(opened(found.data)) - array(opened(source)))[array(area) == 0]
    assert off.mean() < 2


@IN_ONE_LOOP
async def test_a_cut_out_on_a_colour(images: Images) -> None:
    cutout = PICTURE.convert("RGBA")
    cutout.putalpha(STROKE)
    found = await images.backdrop(encode(cutout), colour=(10, 200, 90), picture=None)
    laid = opened(found.data)
    assert (laid.mode, laid.size, found.media_type) == ("RGB", PICTURE.size, "image/png")
    seen = array(STROKE) == 255
    assert (array(laid)[seen] == array(PICTURE)[seen]).all()
    assert (array(laid)[~seen] == (10, 200, 90)).all()


@IN_ONE_LOOP
async def test_a_cut_out_on_a_picture_that_covers_it(images: Images) -> None:
    cutout = Image.new("RGBA", (300, 300), (255, 255, 255, 255))
    cutout.paste((0, 0, 0, 0), (0, 0, 300, 200))
    wide = Image.new("RGB", (900, 100), (9, 9, 9))
    wide.paste((200, 0, 0), (400, 0, 500, 100))
    laid = opened((await images.backdrop(encode(cutout), colour=None, picture=encode(wide))).data)
    assert laid.size == (300, 300)
    assert laid.crop((12, 0, 288, 200)).getextrema() == ((200, 200), (0, 0), (0, 0))
    assert laid.crop((0, 201, 300, 300)).getextrema() == ((255, 255),) * 3


@IN_ONE_LOOP
async def test_soft_edges_of_a_cut_out_are_mixed(images: Images) -> None:
    cutout = Image.new("RGBA", (64, 64), (255, 255, 255, 128))
    cutout.paste((0, 0, 0, 0), (0, 0, 64, 32))
    laid = opened((await images.backdrop(encode(cutout), colour=(0, 0, 0), picture=None)).data)
    assert laid.getpixel((20, 50)) == (128, 128, 128)


@IN_ONE_LOOP
async def test_a_cut_out_that_is_not_cut(images: Images) -> None:
    soft = PICTURE.convert("RGBA")
    soft.putalpha(200)
    for whole in (PICTURE, soft):
        with pytest.raises(BadImage) as caught:
            await images.backdrop(encode(whole), colour=(0, 0, 0), picture=None)
        assert caught.value.key == "cutout-not-cut"
    for colour, picture in ((None, None), ((1, 2, 3), encode(PICTURE))):
        with pytest.raises(ValueError, match="a colour or a picture"):
            await images.backdrop(encode(soft), colour=colour, picture=picture)


@IN_ONE_LOOP
async def test_the_largest_pictures_two_at_once(images: Images) -> None:
    """All that decodes two or three pictures of 25 megapixels stays within the child's bounds."""
    large = scene((5000, 5000))
    source, area = encode(large, "JPEG"), encode(Image.new("L", (5000, 5000), 255))
    cutout = large.convert("RGBA")
    cutout.paste((0, 0, 0, 0), (0, 0, 2500, 2500))
    merged, laid = await asyncio.gather(
        images.merge(source, source, area),
        images.backdrop(encode(cutout), colour=None, picture=source),
    )
    assert (merged.width, laid.width) == (5000, 5000)
