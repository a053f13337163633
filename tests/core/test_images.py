from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image, ImageCms

from core.errors import BadImage
from core.images import BYTES_MAX, Images
from tests.fakes import pictures
from tests.fakes.pictures import SECRET, encode, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

CORPUS = pictures.corpus()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def assert_bare(data: bytes) -> None:
    """No metadata of any kind, and none of the canaries, in the file."""
    picture = opened(data)
    assert SECRET not in data
    assert not picture.getexif()
    assert not {"icc_profile", "exif", "xmp", "comment", "parameters"} & set(picture.info)
    if picture.format == "PNG":
        assert chunk_kinds(data) <= {b"IHDR", b"IDAT", b"IEND"}
    if picture.format == "WEBP":
        assert not {b"EXIF", b"XMP ", b"ICCP"} & {data[at : at + 4] for at in range(len(data))}


def chunk_kinds(data: bytes) -> set[bytes]:
    at, kinds = 8, set[bytes]()
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kinds.add(data[at + 4 : at + 8])
        at += 12 + length
    assert at == len(data)
    return kinds


async def test_the_corpus_of_hostile_files_comes_out_bare_or_is_refused(images: Images) -> None:
    wrong: list[str] = []
    for case in CORPUS:
        try:
            found = await images.admit(case.data)
        except BadImage as error:
            if error.key != case.refused:
                wrong.append(f"{case.name}: {error.key}, not {case.refused}")
            continue
        assert_bare(found.data)
        outcome = (found.media_type, (found.width, found.height))
        if case.refused or outcome != (case.media_type, case.size):
            wrong.append(f"{case.name}: admitted as {outcome}")
        assert opened(found.data).size == case.size, case.name
    assert wrong == []
    assert len(CORPUS) >= 40
    assert len({case.name for case in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("name", pictures.BOMBS)
async def test_a_bomb_stays_within_the_childs_bounds(images: Images, name: str) -> None:
    case = pictures.bomb(name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with asyncio.timeout(5):
        if case.refused is None:
            assert (await images.admit(case.data)).width == 4000
        else:
            with pytest.raises(BadImage) as caught:
                await images.admit(case.data)
            assert caught.value.key == case.refused
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


async def test_refusals_carry_what_their_sentences_need(images: Images) -> None:
    found: dict[str, dict[str, object]] = {}
    for data in (bytes(26 * 2**20), pictures.png(13300, 13301), b"text"):
        with pytest.raises(BadImage) as caught:
            await images.admit(data)
        found[caught.value.key] = dict(caught.value.values)
    assert found == {
        "image-too-many-bytes": {"size_mb": 26.0, "max_mb": 20.0},
        "image-too-large": {
            "width": 13300,
            "height": 13301,
            "side_max": 8192,
            "pixels_max_mp": 25,
        },
        "image-not-a-picture": {"formats": "PNG, JPEG, WebP, GIF"},
    }


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_comes_out_upright(images: Images, orientation: int, kind: str) -> None:
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposes that undo each orientation
    picture = scene((64, 32))
    if orientation > 1:
        undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}.get(orientation)
        picture = picture.transpose(
            undo if undo is not None else Image.Transpose(back[orientation])
        )
    exif = Image.Exif()
    exif[0x0112] = orientation
    admitted = await images.admit(encode(picture, kind, exif=exif, **_sharp(kind)))
    assert corners(opened(admitted.data)) == ["red", "green", "blue", "white"]
    assert (admitted.width, admitted.height) == (64, 32)


def _sharp(kind: str) -> dict[str, object]:
    return {} if kind == "PNG" else {"quality": 95}


def corners(picture: Image.Image) -> list[str]:
    inks = {
        "red": (220, 20, 20),
        "green": (20, 200, 20),
        "blue": (20, 20, 220),
        "white": (255,) * 3,
    }
    plain = picture.convert("RGB")
    places = [(8, 8), (plain.width - 8, 8), (8, plain.height - 8)]
    places.append((plain.width - 8, plain.height - 8))
    return [min(inks, key=lambda ink: apart(pixel(plain, at), inks[ink])) for at in places]


def pixel(picture: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = picture.getpixel(at)
    assert isinstance(found, tuple)
    return found


def apart(one: tuple[int, ...], two: tuple[int, ...]) -> int:
    return max(abs(left - right) for left, right in zip(one, two, strict=True))


async def test_png_keeps_every_pixel_and_jpeg_nearly_all(images: Images) -> None:
    picture = Image.effect_noise((256, 256), 60).convert("RGB")
    png = await images.admit(encode(picture))
    assert opened(png.data).tobytes() == picture.tobytes()
    source = encode(picture, "JPEG", quality=90)
    jpeg = await images.admit(source)
    before, after = opened(source).tobytes(), opened(jpeg.data).tobytes()
    error = sum(abs(one - two) for one, two in zip(before, after, strict=True)) / len(before)
    assert error < 2
    assert jpeg.media_type == "image/jpeg"


async def test_what_transparency_hides_is_left_behind(images: Images) -> None:
    picture = scene(mode="RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.paste((1, 2, 3, 0), (0, 0, 10, 10))
    found = opened((await images.admit(encode(picture))).data)
    assert found.getpixel((5, 5)) == (0, 0, 0, 0)
    assert found.getpixel((40, 30)) == picture.getpixel((40, 30))


async def test_deep_grey_is_scaled_and_not_cut(images: Images) -> None:
    case = next(case for case in CORPUS if case.name == "16-bit grey PNG")
    found = pixel(opened((await images.admit(case.data)).data), (5, 5))
    assert apart(found, (128, 128, 128)) <= 1


async def test_a_colour_profile_is_applied(images: Images) -> None:
    swapped = ImageCms.ImageCmsProfile(_swapped_profile())
    data = encode(Image.new("RGB", (32, 32), (200, 30, 40)), icc_profile=swapped.tobytes())
    found = pixel(opened((await images.admit(data)).data), (5, 5))
    assert apart(found, (30, 200, 40)) < 8


def _swapped_profile() -> BytesIO:
    """SRGB with its red and green primaries exchanged, under another name."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ", 128), data.index(b"gXYZ", 128)
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    name = "sRGB".encode("utf-16-be")
    return BytesIO(bytes(data).replace(name, "swap".encode("utf-16-be")))


async def test_what_is_admitted_is_admitted_again(images: Images) -> None:
    first = await images.admit(encode(Image.effect_noise((2600, 2600), 90).convert("RGB"), "JPEG"))
    assert len(first.data) <= BYTES_MAX
    assert (await images.admit(first.data)).media_type == "image/jpeg"


async def test_fit_leaves_alone_what_fits(images: Images) -> None:
    data = encode(scene())
    found = await images.fit(data, bytes_max=len(data), side_sum_max=80)
    assert found.data == data
    assert (found.media_type, found.width, found.height) == ("image/png", 48, 32)


@pytest.mark.parametrize("bytes_max", [1_000_000, 100_000, 9_000])
async def test_fit_makes_a_file_small_enough(images: Images, bytes_max: int) -> None:
    data = encode(Image.effect_noise((900, 600), 80).convert("RGB"))
    assert len(data) > bytes_max
    found = await images.fit(data, bytes_max=bytes_max, side_sum_max=None)
    assert len(found.data) <= bytes_max
    assert found.media_type == "image/jpeg"
    assert found.width / found.height == pytest.approx(1.5, rel=0.05)


async def test_fit_keeps_to_the_sum_of_sides_and_lays_clear_on_white(images: Images) -> None:
    data = encode(Image.new("RGBA", (3000, 200), (255, 0, 0, 0)))
    found = await images.fit(data, bytes_max=BYTES_MAX, side_sum_max=1600)
    assert found.width + found.height <= 1600
    assert (found.width, found.height) == (1500, 100)
    assert opened(found.data).getpixel((50, 50)) == (255, 255, 255)


async def test_fit_says_so_when_nothing_fits(images: Images) -> None:
    with pytest.raises(BadImage) as caught:
        await images.fit(encode(scene()), bytes_max=50, side_sum_max=None)
    assert caught.value.key == "image-too-many-bytes"


@pytest.mark.parametrize(
    ("count", "size"), [(2, (1032 * 2 - 8, 1024)), (3, (2056, 2056)), (4, (2056, 2056))]
)
async def test_grid(images: Images, count: int, size: tuple[int, int]) -> None:
    inks = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)][:count]
    found = await images.grid([encode(Image.new("RGB", (1100, 1100), ink)) for ink in inks])
    picture = opened(found.data)
    assert (found.media_type, picture.size) == ("image/jpeg", size)
    places = [(500, 500), (1500, 500), (500, 1500), (1500, 1500)]
    for place, ink in zip(places, inks, strict=False):
        assert apart(pixel(picture, place), ink) < 6
    if count == 3:
        assert apart(pixel(picture, places[3]), (236, 236, 233)) < 6


async def test_grid_centres_pictures_of_different_shape(images: Images) -> None:
    tall, wide = (Image.new("RGB", size, (9, 9, 9)) for size in ((100, 300), (300, 100)))
    picture = opened((await images.grid([encode(tall), encode(wide)])).data)
    assert picture.size == (608, 300)
    assert apart(pixel(picture, (150, 5)), (9, 9, 9)) < 6
    assert apart(pixel(picture, (5, 150)), (236, 236, 233)) < 6
    assert apart(pixel(picture, (458, 5)), (236, 236, 233)) < 6


@pytest.mark.parametrize("count", [0, 1, 5])
async def test_grid_wants_two_to_four(images: Images, count: int) -> None:
    with pytest.raises(ValueError, match="two to four"):
        await images.grid([encode(scene())] * count)
