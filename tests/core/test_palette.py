from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

import core
from core.colours import NAMES, leading_colours, names_of, oklab, srgb
from core.errors import BadImage
from core.images import Images
from core.swatch import draw_swatch
from tests.fakes.pictures import encode

IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


def stripes(*parts: tuple[tuple[int, ...], int], mode: str = "RGB") -> Image.Image:
    """Vertical stripes of given colours and widths, 100 px high."""
    picture = Image.new(mode, (sum(width for _, width in parts), 100))
    left = 0
    for ink, width in parts:
        picture.paste(ink, (left, 0, left + width, 100))
        left += width
    return picture


def test_oklab_is_oklab_and_comes_back() -> None:
    known = {  # the values of the colour space's own page
        (255, 255, 255): (1.0, 0.0, 0.0),
        (255, 0, 0): (0.62796, 0.22486, 0.12585),
        (0, 0, 255): (0.45201, -0.03246, -0.31153),
    }
    rgb = np.array(list(known), dtype=float)
    assert oklab(rgb) == pytest.approx(np.array(list(known.values())), abs=1e-4)
    assert srgb(oklab(rgb)) == pytest.approx(rgb, abs=0.1)


@IN_ONE_LOOP
async def test_colours_come_with_their_shares_largest_first(images: Images) -> None:
    picture = stripes(((200, 30, 30), 50), ((30, 60, 200), 30), ((250, 250, 250), 20))
    found = await images.palette(encode(picture), count=3, neutral=True)
    assert [(item.red, item.green, item.blue) for item in found.colours] == [
        (200, 30, 30),
        (30, 60, 200),
        (250, 250, 250),
    ]
    assert [item.share for item in found.colours] == pytest.approx([0.5, 0.3, 0.2], abs=0.01)


@IN_ONE_LOOP
async def test_a_picture_with_fewer_colours_returns_fewer(images: Images) -> None:
    picture = stripes(((200, 30, 30), 600), ((209, 33, 34), 300), ((30, 60, 200), 300))
    found = await images.palette(encode(picture), count=12, neutral=True)
    assert len(found.colours) == 2
    assert found.colours[0].share == pytest.approx(0.75, abs=0.01)


@IN_ONE_LOOP
async def test_greys_are_left_out_on_demand(images: Images) -> None:
    picture = stripes(
        ((0, 0, 0), 30), ((128, 128, 130), 30), ((255, 255, 255), 30), ((0, 160, 90), 10)
    )
    found = await images.palette(encode(picture), count=6, neutral=False)
    (green,) = found.colours
    assert (green.red, green.green, green.blue) == (0, 160, 90)
    assert green.share == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("picture", "key"),
    [
        (stripes(((0, 0, 0), 50), ((200, 200, 200), 50)), "palette-only-neutral"),
        (Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "palette-transparent"),
    ],
)
@IN_ONE_LOOP
async def test_nothing_left_is_said(images: Images, picture: Image.Image, key: str) -> None:
    with pytest.raises(BadImage) as caught:
        await images.palette(encode(picture), count=6, neutral=False)
    assert caught.value.key == key


@IN_ONE_LOOP
async def test_clear_pixels_do_not_count(images: Images) -> None:
    picture = stripes(((255, 0, 0, 0), 60), ((0, 0, 250, 255), 40), mode="RGBA")
    found = await images.palette(encode(picture), count=6, neutral=True)
    (blue,) = found.colours
    assert (blue.red, blue.green, blue.blue, blue.share) == (0, 0, 250, 1.0)


@IN_ONE_LOOP
async def test_the_same_picture_gives_the_same_palette(images: Images) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    data = encode(Image.fromarray(noise).resize((700, 500), Image.Resampling.BICUBIC), "JPEG")
    first = await images.palette(data, count=8, neutral=True)
    assert first == await images.palette(data, count=8, neutral=True)
    assert len(first.colours) == 8
    assert sum(item.share for item in first.colours) == pytest.approx(1)


@pytest.mark.parametrize("count", [0, 13])
@IN_ONE_LOOP
async def test_one_to_twelve(images: Images, count: int) -> None:
    with pytest.raises(ValueError, match="one to twelve"):
        await images.palette(b"", count=count, neutral=True)


def test_k_means_is_no_worse_than_median_cut() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (12, 12, 3)).astype(np.uint8)
    picture = Image.fromarray(noise).resize((128, 128), Image.Resampling.BICUBIC)
    pixels = oklab(np.asarray(picture, dtype=float).reshape(-1, 3))
    found = leading_colours(picture.convert("RGBA"), 8, neutral=True)
    cut = picture.quantize(8, Image.Quantize.MEDIANCUT).convert("RGB").getcolors()
    assert cut
    ours = oklab(np.array([item.rgb for item in found], dtype=float))
    theirs = oklab(np.array([ink for _, ink in cut], dtype=float))
    assert error(pixels, ours) < error(pixels, theirs)


def error(pixels: np.ndarray, centres: np.ndarray) -> float:
    apart = ((pixels[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return float(np.sqrt(apart.min(axis=1).mean()))


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((127, 127, 127), "grey"),
        ((254, 1, 1), "red"),
        ((10, 25, 80), "navy"),
        ((210, 108, 77), "terracotta"),
        ((167, 185, 152), "sage"),
        ((0, 128, 130), "teal"),
    ],
)
def test_names_people_would_say(rgb: tuple[int, int, int], name: str) -> None:
    assert names_of(oklab(np.array([rgb], dtype=float))) == [name]


def test_the_table_of_names_has_each_colour_once() -> None:
    table = Path(core.__file__).with_name("colour_names.toml").read_text(encoding="utf-8")
    named = tomllib.loads(table)
    assert 150 <= len(named) <= 250
    assert len(set(named.values())) == len(named) == len(NAMES)
    assert all(len(value) == 7 and value == value.lower() for value in named.values())


@pytest.mark.parametrize("count", range(1, 13))
def test_every_swatch_shows_each_colour_on_a_card(count: int) -> None:
    inks = [((n * 83) % 256, (n * 151 + 40) % 256, (n * 47 + 90) % 256) for n in range(count)]
    picture = stripes(*((ink, 128 // count) for ink in inks)).convert("RGBA")
    found = leading_colours(picture, count, neutral=True)
    swatch = draw_swatch(found)
    assert swatch.width == 960
    shown = {ink for _, ink in swatch.getcolors(2**20) or [] if _ > 960}
    assert {item.rgb for item in found} <= shown


@IN_ONE_LOOP
async def test_the_swatch_is_a_picture(images: Images) -> None:
    found = await images.palette(encode(stripes(((200, 30, 30), 50))), count=1, neutral=True)
    picture = Image.open(BytesIO(found.swatch.data))
    assert picture.size == (found.swatch.width, found.swatch.height)
    assert found.swatch.media_type == "image/png"
