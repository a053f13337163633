"""Pictures of which it is known where the subject is: things outdoors, goods, portraits."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng
from PIL import Image, ImageDraw, ImageFilter

from tests.fakes.drawn_people import Box, Field, anybody, draw_person
from tests.fakes.drawn_things import THINGS, Thing

SIZES = ((768, 512), (512, 768), (720, 576), (896, 504), (640, 640))
FOCUSES = {"thing": "auto", "goods": "product", "portrait": "face"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture, the box of its subject in pixels, and the focus that is made for its kind."""

    name: str
    kind: str
    picture: Image.Image
    box: Box

    @property
    def focus(self) -> str:
        return FOCUSES[self.kind]


def scenes(kind: str) -> Iterator[Scene]:
    """All of a kind, the same each time: 12 of `thing`, 10 of `goods`, 12 of `portrait`."""
    if kind == "thing":
        for number in range(12):
            yield _thing(number, OUTDOORS[number % len(OUTDOORS)], THINGS[number % len(THINGS)])
    elif kind == "goods":
        for number in range(10):
            yield _goods(number, THINGS[(number * 2 + 1) % len(THINGS)])
    else:
        for number in range(12):
            yield portrait(number)


def clouds(dice: Generator, size: tuple[int, int], cell: int, octaves: int = 4) -> Field:
    """Smooth noise between 0 and 1, finer and fainter with each octave."""
    columns, rows = size
    total, weight = np.zeros((rows, columns), np.float32), 0.0
    for octave in range(octaves):
        pitch = max(2, cell >> octave)
        few = dice.random((rows // pitch + 3, columns // pitch + 3), np.float32)
        large = Image.fromarray(few).resize(
            (few.shape[1] * pitch, few.shape[0] * pitch), Image.Resampling.BICUBIC
        )
        share = 0.5**octave
        total += np.asarray(large)[:rows, :columns] * share
        weight += share
    return np.asarray(np.clip(total / weight, 0, 1))


def _mixed(dark: tuple[int, int, int], light: tuple[int, int, int], where: Field) -> Field:
    low, high = np.array(dark, np.float32), np.array(light, np.float32)
    return low + where.astype(np.float32)[..., None] * (high - low)


def meadow(dice: Generator, size: tuple[int, int]) -> Field:
    """Grass below, a hazy sky above."""
    columns, rows = size
    grass = _mixed((38, 70, 26), (124, 150, 66), clouds(dice, size, 28, 4))
    sky = _mixed((136, 172, 214), (222, 230, 238), clouds(dice, size, 220, 3))
    edge = rows * 0.3 + 12 * np.sin(np.arange(columns) / 70 + dice.random() * 6)
    above = np.clip((edge[None, :] - np.arange(rows)[:, None]) / 6 + 0.5, 0, 1)
    return np.asarray(grass + above[..., None] * (sky - grass))


def shore(dice: Generator, size: tuple[int, int]) -> Field:
    """Sand with a band of water."""
    rows = size[1]
    sand = _mixed((176, 148, 108), (228, 206, 166), clouds(dice, size, 12, 3))
    water = _mixed((30, 84, 112), (98, 150, 168), clouds(dice, size, 40, 4))
    down = np.arange(rows)[:, None] / rows
    wet = np.clip((0.34 - down) * 30, 0, 1) * np.ones((1, size[0]))
    return np.asarray(sand + wet[..., None] * (water - sand))


def boards(dice: Generator, size: tuple[int, int]) -> Field:
    """A table of wooden boards."""
    columns, rows = size
    grain = clouds(dice, (columns, rows), 90, 5)
    rings = 0.5 + 0.5 * np.sin(grain * 26 + np.arange(columns)[None, :] / 160)
    wood = _mixed((96, 62, 38), (172, 124, 80), 0.6 * grain + 0.4 * rings)
    gaps = (np.arange(rows) % 128 < 4)[:, None, None]
    return np.asarray(np.where(gaps, wood * 0.45, wood))


def street(dice: Generator, size: tuple[int, int]) -> Field:
    """A wall of bricks, as a distractor full of edges."""
    columns, rows = size
    down, across = np.mgrid[0:rows, 0:columns]
    course = down // 26
    across = across + (course % 2) * 30
    mortar = (down % 26 < 3) | (across % 60 < 3)
    tone = (
        clouds(dice, size, 60, 3) * 0.5
        + dice.random((rows // 26 + 1, columns // 60 + 2))[course, across // 60] * 0.5
    )
    brick = _mixed((112, 54, 42), (172, 96, 72), tone)
    return np.asarray(np.where(mortar[..., None], np.array((168, 160, 150)), brick))


def evening(dice: Generator, size: tuple[int, int]) -> Field:
    """Lights out of focus in the dark."""
    dark = _mixed((14, 16, 30), (48, 40, 62), clouds(dice, size, 200, 3))
    picture = Image.fromarray(dark.astype(np.uint8))
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(26):
        x, y, r = (
            int(dice.integers(*span)) for span in ((0, size[0]), (0, size[1] * 2 // 3), (8, 24))
        )
        ink = tuple(int(value) for value in dice.integers((160, 110, 50), (255, 210, 160)))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(*ink, int(dice.integers(30, 80))))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(5)), np.float32)


OUTDOORS: tuple[Callable[[Generator, tuple[int, int]], Field], ...] = (
    meadow, shore, boards, street, evening,
)  # fmt: skip


def _dice(name: str) -> Generator:
    return default_rng(zlib.crc32(name.encode()))


def _finished(canvas: Field, dice: Generator) -> Image.Image:
    """What a camera makes of it: grain in all channels alike, and a little in each."""
    canvas = canvas + 3 * dice.standard_normal(canvas.shape[:2], np.float32)[..., None]
    canvas += 1.5 * dice.standard_normal(canvas.shape, np.float32)
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))


def _place(dice: Generator, size: tuple[int, int], sides: tuple[int, int]) -> tuple[int, int]:
    """A top left corner that leaves the subject whole, more often off the middle than on it."""
    x, y = (
        round(float(dice.beta(0.9, 0.9)) * (whole - side - 24)) + 12
        for whole, side in zip(size, sides, strict=True)
    )
    return x, y


def _thing(number: int, background: Callable[..., Field], thing: Thing) -> Scene:
    name = f"{thing.__name__} {number}"
    dice = _dice(name)
    size = SIZES[number % len(SIZES)]
    canvas = background(dice, size)
    side = int(dice.uniform(0.24, 0.42) * min(size))
    box = _laid(canvas, thing(dice, side), _place(dice, size, (side, side)), shade=0.35)
    _distract(canvas, dice, box)
    return Scene(name=name, kind="thing", picture=_finished(canvas, dice), box=box)


def _goods(number: int, thing: Thing) -> Scene:
    name = f"goods {number}"
    dice = _dice(name)
    size = SIZES[(number + 2) % len(SIZES)]
    tint = dice.integers(196, 250, 3)
    down, across = np.mgrid[0 : size[1], 0 : size[0]]
    light = 1 - 0.16 * np.hypot(across / size[0] - dice.random(), down / size[1] - 0.3)
    canvas = np.asarray(tint * light[..., None], np.float32)
    side = int(dice.uniform(0.4, 0.62) * min(size))
    box = _laid(canvas, thing(dice, side), _place(dice, size, (side, side)), shade=0.18)
    return Scene(name=name, kind="goods", picture=_finished(canvas, dice), box=box)


def portrait(number: int) -> Scene:
    """One person before a background that is out of focus."""
    name = f"portrait {number}"
    dice = _dice(name)
    size = SIZES[number % len(SIZES)]
    canvas = OUTDOORS[number % len(OUTDOORS)](dice, size)
    soft = Image.fromarray(canvas.astype(np.uint8)).filter(ImageFilter.GaussianBlur(4))
    canvas = np.asarray(soft, np.float32).copy()
    half = float(dice.uniform(0.1, 0.2) * min(size))
    x = float(dice.uniform(1.3 * half, size[0] - 1.3 * half))
    y = float(dice.uniform(1.3 * half, size[1] - 1.6 * half))
    box = draw_person(canvas, anybody(dice), (x, y), half)
    return Scene(name=name, kind="portrait", picture=_finished(canvas, dice), box=box)


def _laid(canvas: Field, drawn: Image.Image, at: tuple[int, int], shade: float) -> Box:
    """Lay a thing on the canvas, with its shadow; gives back the box of what is opaque in it."""
    x, y = at
    part = canvas[y : y + drawn.height, x : x + drawn.width]
    pixels = np.asarray(drawn, np.float32)
    alpha = pixels[..., 3:] / 255
    foot = Image.new("L", drawn.size)
    opaque = drawn.getchannel("A").point(lambda value: 255 * (value > 127)).getbbox()
    assert opaque is not None
    left, top, right, bottom = opaque
    thick = max(4, (bottom - top) // 10)
    ImageDraw.Draw(foot).ellipse((left, bottom - thick, right, bottom + thick // 2), fill=255)
    shadow = (
        np.asarray(foot.filter(ImageFilter.GaussianBlur(thick / 2)), np.float32)[..., None] / 255
    )
    part *= 1 - shade * shadow
    part += alpha * (pixels[..., :3] - part)
    return x + left, y + top, x + right, y + bottom


def _distract(canvas: Field, dice: Generator, box: Box) -> None:
    """Small bright leaves and lights that are not the subject, away from it."""
    rows, columns, _ = canvas.shape
    picture = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(7):
        x, y, r = (int(dice.integers(*span)) for span in ((0, columns), (0, rows), (4, 10)))
        if box[0] - 30 < x < box[2] + 30 and box[1] - 30 < y < box[3] + 30:
            continue
        ink = tuple(int(value) for value in dice.integers(60, 245, 3))
        draw.ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=ink)
    canvas[:] = np.asarray(picture, np.float32)
