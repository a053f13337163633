"""Pictures of known colours, how far found colours are off, and what the colorthief package finds."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from colorthief import ColorThief
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from skimage.color import deltaE_ciede2000, rgb2lab

from tests.fakes.pictures import encode
from tests.fakes.scenes import clouds

Rgb = tuple[int, int, int]
SIZE = (360, 270)
APART_MIN = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A picture's file, and the colours that it was painted with."""

    data: bytes
    colours: tuple[Rgb, ...]


def differences(one: list[Rgb], other: list[Rgb]) -> NDArray[np.float64]:
    """CIEDE2000 between every two, shape (one, other)."""
    first, second = (rgb2lab(np.array(each, np.uint8)[None])[0] for each in (one, other))
    apart = deltaE_ciede2000(first[:, None, :], second[None, :, :])  # type: ignore[no-untyped-call]
    return np.asarray(apart)


def chosen(dice: Generator, count: int) -> tuple[Rgb, ...]:
    """Colours that are all well apart."""
    colours: list[Rgb] = []
    while len(colours) < count:
        red, green, blue = (int(value) for value in dice.integers(8, 248, 3))
        if not colours or differences([(red, green, blue)], colours).min() >= APART_MIN:
            colours.append((red, green, blue))
    return tuple(colours)


def painted(number: int, size: tuple[int, int] = SIZE, count: int = 0) -> Painted:
    """Patches with soft borders, or stripes, or discs, with grain; half of them as JPEG."""
    dice = default_rng(number)
    colours = chosen(dice, count or 3 + number % 5)
    if number % 3 == 0:
        height = clouds(dice, size, size[0] // 3, 2)
        level = np.argsort(np.argsort(height.ravel())).reshape(height.shape) / height.size
        canvas = np.array(colours, np.float32)[(level * len(colours)).astype(int)]
    else:
        picture = Image.new("RGB", size, colours[0])
        draw = ImageDraw.Draw(picture)
        for index, colour in enumerate(colours[1:], 1):
            left = size[0] * index // len(colours)
            if number % 3 == 1:
                draw.rectangle((left, 0, *size), fill=colour)
            else:
                draw.ellipse((left - 40, 40 + 20 * index, left + 70, 150 + 20 * index), fill=colour)
        canvas = np.asarray(picture, np.float32)
    canvas = canvas + 4 * dice.standard_normal(canvas.shape, np.float32)
    picture = Image.fromarray(canvas.clip(0, 255).astype(np.uint8))
    data = encode(picture, "JPEG", quality=88) if number % 2 else encode(picture)
    return Painted(data=data, colours=colours)


def thief(data: bytes, count: int, quality: int = 1) -> list[Rgb]:
    """What colorthief finds, looking at every `quality`th pixel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it asks Pillow in an old way
        found = ColorThief(BytesIO(data)).get_palette(color_count=max(2, count), quality=quality)
    return [(red, green, blue) for red, green, blue in found[:count]]


def error(found: list[Rgb], true: list[Rgb]) -> float:
    """How far off: the found from the nearest true one, and the true from the nearest found one."""
    apart = differences(found, true)
    return float(apart.min(axis=1).mean() + apart.min(axis=0).mean()) / 2
