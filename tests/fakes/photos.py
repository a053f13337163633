"""Generated pictures that behave like photos: gradients, texture, edges and fine lines; and brushes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

TINTS = np.array([1.0, 0.8, 0.6])


def photo(side: int = 512, seed: int = 1) -> Image.Image:
    """An RGB picture of side x side; another seed is another picture."""
    dice = default_rng(seed)
    place = np.mgrid[0:side, 0:side] / side
    waves = [
        90 + 70 * np.sin(2 * np.pi * (place * dice.uniform(0.2, 1, (2, 1, 1))).sum(axis=0) + start)
        for start in dice.uniform(0, 6, 3)
    ]
    ground = np.stack(waves, axis=2)
    for octave in range(2, 9):
        ground += _cloud(side, 2**octave, dice)[..., None] * (120 / 2**octave) * TINTS
    picture = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    _shapes(picture, dice)
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def noisy(picture: Image.Image, sigma: float, seed: int = 5) -> Image.Image:
    """The RGB picture with the noise of a camera."""
    noise = default_rng(seed).normal(0, sigma, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(array(picture) + noise + 0.5, 0, 255).astype(np.uint8))


def brush(size: tuple[int, int], points: Sequence[tuple[float, float]], width: int) -> Image.Image:
    """One stroke through points given in parts of the sides: mode L, white on black."""
    area = Image.new("L", size)
    draw = ImageDraw.Draw(area)
    path = [(x * size[0], y * size[1]) for x, y in points]
    draw.line(path, fill=255, width=width, joint="curve")
    for x, y in path:
        half = width / 2
        draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
    return area


def opened(data: bytes) -> Image.Image:
    """The picture of a file, decoded."""
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def array(picture: Image.Image) -> NDArray[np.float64]:
    """Its pixels as numbers."""
    return np.asarray(picture, np.float64)


def psnr(one: Image.Image, two: Image.Image) -> float:
    """How alike two pictures are, in decibels; more is better."""
    error = float(((array(one.convert("RGB")) - array(two.convert("RGB"))) ** 2).mean())
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def _cloud(side: int, cells: int, dice: Generator) -> NDArray[np.float64]:
    small = Image.fromarray(dice.normal(0, 1, (cells, cells)).astype(np.float32))
    return array(small.resize((side, side), Image.Resampling.BICUBIC))


def _shapes(picture: Image.Image, dice: Generator) -> None:
    side = picture.width
    draw = ImageDraw.Draw(picture)
    for number in range(20):
        x, y = dice.integers(0, side, 2).tolist()
        half = int(dice.integers(side // 40 + 1, side // 8 + 2))
        ink = tuple(dice.integers(0, 255, 3).tolist())
        if number % 2:
            draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)
        else:
            draw.polygon([(x, y - half), (x + half, y + half), (x - half, y + half // 2)], fill=ink)
    for _ in range(16):
        x, slant = int(dice.integers(0, side)), int(dice.integers(-side // 8 - 1, side // 8 + 1))
        draw.line((x, 0, x + slant, side), fill=tuple(dice.integers(0, 255, 3).tolist()), width=2)
