"""Faces are found, drawn and real, large and small; and which photos do for a person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import skimage
from PIL import Image, ImageFilter

from core.images import Images
from core.portraits import FACE_PX_MIN, SHARPNESS_MIN, SIDE_PX_MIN, Face
from tests.fakes.drawn_people import Box, anybody, draw_person
from tests.fakes.pictures import encode
from tests.fakes.scenes import scenes

IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
# The astronaut Eileen Collins, by NASA, in the public domain: her face from brows to chin.
FACE: Box = (172, 68, 278, 174)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


def astronaut(width: int = 512) -> Image.Image:
    """Her portrait, as large as wanted."""
    picture = Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png").convert("RGB")
    return picture.resize((width, width), Image.Resampling.LANCZOS)


def near(width: int) -> Image.Image:
    """Her head and shoulders, the face a third of the picture."""
    return astronaut(1024).crop((150, 0, 750, 600)).resize((width, width), Image.Resampling.LANCZOS)


def drawn(*places: tuple[float, float, float], size: int = 800, dice: int = 4) -> Image.Image:
    """Somebody at each place (x, y, half a head)."""
    luck = np.random.default_rng(dice)
    canvas = np.full((size, size, 3), (150, 164, 178), np.float32)
    for x, y, half in places:
        draw_person(canvas, anybody(luck), (x, y), half)
    canvas += 3 * luck.standard_normal(canvas.shape, np.float32)
    return Image.fromarray(canvas.clip(0, 255).astype(np.uint8))


def alike(one: Box, other: Box) -> float:
    """How much two boxes have in common, 0..1."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0, wide) * max(0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / (sum(areas) - both)


def box(face: Face) -> Box:
    return face.left, face.top, face.right, face.bottom


@IN_ONE_LOOP
async def test_a_real_face_is_found_where_it_is(images: Images) -> None:
    (face,) = await images.faces(encode(astronaut()))
    assert alike(box(face), FACE) > 0.8
    assert face.sharpness > 0.05


@pytest.mark.parametrize("part", [0.06, 0.1, 0.2, 0.4, 0.7, 0.9])
@IN_ONE_LOOP
async def test_a_face_is_found_whatever_part_of_the_picture_it_takes(
    images: Images, part: float
) -> None:
    side = round((FACE[2] - FACE[0]) / part)
    left, top = (FACE[0] + FACE[2] - side) // 2, (FACE[1] + FACE[3] - side) // 2
    canvas = Image.new("RGB", (side, side), (150, 160, 170))
    canvas.paste(astronaut(), (-left, -top))
    (face, *_) = await images.faces(encode(canvas.resize((900, 900), Image.Resampling.LANCZOS)))
    expected = [
        (edge - corner) * 900 / side for edge, corner in zip(FACE, (left, top) * 2, strict=True)
    ]
    assert alike(box(face), tuple(round(edge) for edge in expected)) > 0.6  # type: ignore[arg-type]


@IN_ONE_LOOP
async def test_every_drawn_person_is_found_once(images: Images) -> None:
    for scene in scenes("portrait"):
        (face,) = await images.faces(encode(scene.picture))
        assert alike(box(face), scene.box) > 0.35, scene.name


@pytest.mark.parametrize("kind", ["thing", "goods"])
@IN_ONE_LOOP
async def test_nothing_else_is_a_face(images: Images, kind: str) -> None:
    for scene in scenes(kind):
        assert await images.faces(encode(scene.picture)) == (), scene.name


@pytest.mark.parametrize("file", ["chelsea.png", "coffee.png", "rocket.jpg"])
@IN_ONE_LOOP
async def test_neither_a_cat_nor_a_cup_is_a_face(images: Images, file: str) -> None:
    path = Path(skimage.__file__).parent / "data" / file
    assert await images.faces(path.read_bytes()) == ()


@IN_ONE_LOOP
async def test_the_largest_face_comes_first(images: Images) -> None:
    found = await images.faces(encode(drawn((180, 300, 60), (560, 320, 130), (350, 200, 40))))
    assert len(found) == 3
    assert [face.width for face in found] == sorted((face.width for face in found), reverse=True)
    assert alike(box(found[0]), (430, 190, 690, 450)) > 0.35


@IN_ONE_LOOP
async def test_a_photo_of_25_megapixels_keeps_to_the_bounds(images: Images) -> None:
    picture = near(600).resize((5000, 5000))
    (face,) = await images.faces(encode(picture, "JPEG"))
    assert face.width > 1000


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (lambda: near(1000), None),
        (lambda: drawn((400, 320, 170)), None),
        (lambda: drawn((400, 320, 170), (700, 110, 26)), None),  # one far behind does not count
        (lambda: astronaut(SIDE_PX_MIN - 1), "too-small"),
        (lambda: astronaut(SIDE_PX_MIN), "too-small"),  # the picture is large enough, the face is not
        (lambda: drawn((400, 320, 80)), "too-small"),
        (lambda: drawn(), "no-face"),
        (lambda: drawn((230, 320, 150), (580, 320, 140)), "several-faces"),
        (lambda: near(1000).filter(ImageFilter.GaussianBlur(9)), "too-blurred"),
    ],
    ids=[
        "real", "drawn", "one behind", "small picture", "small face", "small drawn face", "nobody",
        "two people", "blurred",
    ],
)  # fmt: skip
@IN_ONE_LOOP
async def test_a_photo_is_good_enough_or_it_is_said_why_not(
    images: Images, photo: Callable[[], Image.Image], reason: str | None
) -> None:
    picture = photo()
    check = await images.portrait_check(encode(picture))
    assert check.reason == reason
    assert (check.face is None) == (reason == "no-face" or min(picture.size) < SIDE_PX_MIN)
    if reason is None:
        assert check.face is not None
        assert check.face.width >= FACE_PX_MIN


def moved(picture: Image.Image, length: int) -> Image.Image:
    """As the camera shakes sideways."""
    pixels = np.asarray(picture, np.float32)
    steps = [np.roll(pixels, step, axis=1) for step in range(length)]
    return Image.fromarray((sum(steps[1:], steps[0]) / length).astype(np.uint8))


def grainy(picture: Image.Image, spread: float) -> Image.Image:
    """As in little light."""
    dice = np.random.default_rng(1)
    pixels = np.asarray(picture, np.float32)
    noise = spread * dice.standard_normal(pixels.shape, np.float32)
    return Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("width", [620, 1400])
@IN_ONE_LOOP
async def test_blur_is_told_at_any_size_and_through_noise(images: Images, width: int) -> None:
    face = width / 2.9
    sharp = near(width)
    soft = sharp.filter(ImageFilter.GaussianBlur(face * 0.03))
    good = (sharp, grainy(sharp, 25), sharp.filter(ImageFilter.GaussianBlur(face * 0.004)))
    bad = (soft, grainy(soft, 25), moved(sharp, round(face * 0.09)))
    for picture in good:
        assert (await images.faces(encode(picture, "JPEG", quality=90)))[
            0
        ].sharpness > 1.5 * SHARPNESS_MIN
    for picture in bad:
        assert (await images.faces(encode(picture, "JPEG", quality=90)))[
            0
        ].sharpness < SHARPNESS_MIN
