"""The leading colours of a picture: weighted k-means in OKLab, and English names for them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng  # imported by name: numpy finds it lazily else
from numpy.typing import NDArray
from PIL import Image

from core.errors import BadImage

Floats = NDArray[np.float64]
Whole = NDArray[np.signedinteger]

SEED = 7
STARTS = 3
ROUNDS_MAX = 20
BIN_BITS = 5
BINS_MAX = 2500
ALPHA_MIN = 128
NEAR = 0.035
SHARE_MIN = 0.002
NEUTRAL_CHROMA_MAX = 0.04
NEUTRAL_DARK_MAX = 0.18

# OKLab, Björn Ottosson: linear sRGB to cone response, its cube root to lightness and two opponents.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
CONES_BACK = np.linalg.inv(CONES)
OPPONENTS_BACK = np.linalg.inv(OPPONENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One colour: sRGB 0..255, its share of the opaque pixels 0..1, its name."""

    rgb: tuple[int, int, int]
    share: float
    name: str


def oklab(rgb: Floats) -> Floats:
    """From sRGB 0..255, shape (n, 3), to OKLab."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ CONES.T) @ OPPONENTS.T)


def srgb(lab: Floats) -> Floats:
    """From OKLab, shape (n, 3), to sRGB 0..255, out-of-gamut colours clipped."""
    linear = np.clip((lab @ OPPONENTS_BACK.T) ** 3 @ CONES_BACK.T, 0, 1)
    part = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.clip(part * 255, 0, 255))


def leading_colours(picture: Image.Image, count: int, *, neutral: bool) -> list[Found]:
    """At most `count` colours of an RGBA picture, largest share first; fewer where it has fewer."""
    points, weights = _bins(picture)
    if not len(points):
        raise BadImage("palette-transparent")
    whole = weights.sum()
    if not neutral:
        coloured = ~_is_neutral(points)
        points, weights = points[coloured], weights[coloured]
        if not len(points):
            raise BadImage("palette-only-neutral")
    centres, sizes = _merged(*_clusters(points, weights, count))
    kept = sizes >= min(SHARE_MIN * whole, sizes.max())
    centres, sizes = centres[kept], sizes[kept]
    order = np.argsort(-sizes, kind="stable")
    return [
        Found(rgb=_whole(rgb), share=float(size / whole), name=name)
        for rgb, size, name in zip(
            srgb(centres[order]), sizes[order], names_of(centres[order]), strict=True
        )
    ]


def names_of(lab: Floats) -> list[str]:
    """The nearest well-known name of each colour, shape (n, 3) in OKLab."""
    return [NAMES[index] for index in _distances(lab, NAMED).argmin(axis=1)]


def _whole(rgb: Floats) -> tuple[int, int, int]:
    red, green, blue = (round(float(value)) for value in rgb)
    return red, green, blue


def _bins(picture: Image.Image) -> tuple[Floats, Floats]:
    """Opaque pixels gathered in cubes of colour: the mean of each in OKLab, and how many it has."""
    pixels = np.asarray(picture, dtype=np.uint8).reshape(-1, 4)
    rgb = pixels[pixels[:, 3] >= ALPHA_MIN, :3]
    if not len(rgb):
        return np.empty((0, 3)), np.empty(0)
    where, weights = _cubes(rgb, BIN_BITS)
    if len(weights) > BINS_MAX:
        where, weights = _cubes(rgb, BIN_BITS - 1)
    sums = [np.bincount(where, weights=rgb[:, channel]) for channel in range(3)]
    return oklab(np.stack(sums, axis=1) / weights[:, None]), weights.astype(np.float64)


def _cubes(rgb: NDArray[np.uint8], bits: int) -> tuple[Whole, Whole]:
    """Which cube each pixel falls in, with `bits` a channel, and how many pixels each cube has."""
    number = (rgb >> (8 - bits)).astype(np.int64) @ np.array([1 << 2 * bits, 1 << bits, 1])
    _, where, weights = np.unique(number, return_inverse=True, return_counts=True)
    return where, weights


def _is_neutral(lab: Floats) -> NDArray[np.bool_]:
    dark = lab[:, 0] < NEUTRAL_DARK_MAX
    return np.asarray((np.hypot(lab[:, 1], lab[:, 2]) < NEUTRAL_CHROMA_MAX) | dark)


def _distances(points: Floats, centres: Floats) -> Floats:
    """Squared distances, shape (points, centres)."""
    cross = points @ centres.T
    squares = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(squares - 2 * cross, 0))


def _clusters(points: Floats, weights: Floats, count: int) -> tuple[Floats, Floats]:
    """The best of a few seeded k-means: centres and the weight of each."""
    dice = default_rng(SEED)
    runs = [_k_means(points, weights, _spread(points, weights, count, dice)) for _ in range(STARTS)]
    centres, sizes, _ = min(runs, key=lambda run: run[2])
    return centres, sizes


def _spread(points: Floats, weights: Floats, count: int, dice: Generator) -> Floats:
    """Starting centres as k-means++ chooses them: far from each other, with some luck."""
    chosen = [points[dice.choice(len(points), p=weights / weights.sum())]]
    for _ in range(min(count, len(points)) - 1):
        pull = _distances(points, np.array(chosen)).min(axis=1) * weights
        if pull.sum() <= 1e-9 * weights.sum():
            break
        chosen.append(points[dice.choice(len(points), p=pull / pull.sum())])
    return np.array(chosen)


def _k_means(points: Floats, weights: Floats, centres: Floats) -> tuple[Floats, Floats, float]:
    """Lloyd's rounds from given centres: centres that own something, their weights, the error."""
    owner = np.zeros(len(points), dtype=np.int64)
    for _ in range(ROUNDS_MAX):
        nearest = _distances(points, centres).argmin(axis=1)
        sizes = np.bincount(nearest, weights=weights, minlength=len(centres))
        sums = [
            np.bincount(nearest, weights=weights * points[:, axis], minlength=len(centres))
            for axis in range(3)
        ]
        held = sizes > 0
        centres = np.where(
            held[:, None], np.stack(sums, 1) / np.maximum(sizes, 1)[:, None], centres
        )
        if np.array_equal(nearest, owner):
            break
        owner = nearest
    error = float((((points - centres[nearest]) ** 2).sum(axis=1) * weights).sum())
    return centres[held], sizes[held].astype(np.float64), error


def _merged(centres: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Colours that an eye hardly tells apart become one, nearest pair first."""
    while len(centres) > 1:
        apart = _distances(centres, centres) + np.eye(len(centres)) * 9
        one, two = divmod(int(apart.argmin()), len(centres))
        if apart[one, two] > NEAR**2:
            break
        pair = [one, two]
        mean = np.average(centres[pair], axis=0, weights=sizes[pair])
        both = sizes[one] + sizes[two]
        centres = np.vstack([np.delete(centres, pair, axis=0), mean])
        sizes = np.append(np.delete(sizes, pair), both)
    return centres, sizes


def _table() -> tuple[list[str], Floats]:
    text = Path(__file__).with_name("colour_names.toml").read_text(encoding="utf-8")
    named: dict[str, str] = tomllib.loads(text)
    rgb = [tuple(bytes.fromhex(value.removeprefix("#"))) for value in named.values()]
    return list(named), oklab(np.array(rgb, dtype=np.float64))


NAMES, NAMED = _table()
