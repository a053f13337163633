"""Which tones a painted mask has: one colour, black and white, or all there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.ranks import ranked

TINT_MAX = 24
TINTED_PART_MAX = 0.02
NEAR_PART = 0.2
APART_MIN = 40
TWO_MIN = 0.6
PURE_MIN = 0.95
DARK_MAX, LIGHT_MIN = 64, 192
STROKE_APART_MIN = 64
PLAIN_OFF_MAX = 32
PLAIN_MIN = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Tones:
    """Whether there are mostly `two` greys, whether they are `pure` black and white, their `middle`."""

    two: bool
    pure: bool
    middle: float


def tones_of(picture: Image.Image) -> Tones:
    """The tones of an RGB picture; one of a single grey has two as well, one of them not used."""
    pixels = np.asarray(picture, np.int16)
    tinted = pixels.max(axis=2) - pixels.min(axis=2) > TINT_MAX
    light = np.asarray(picture.convert("L"), np.float32)
    lowest, highest = float(light.min()), float(light.max())
    if highest - lowest < APART_MIN:
        lowest, highest = 0.0, 255.0
    near = NEAR_PART * (highest - lowest)
    share = float(np.mean((light <= lowest + near) | (light >= highest - near)))
    grey = bool(tinted.mean() <= TINTED_PART_MAX)
    return Tones(
        two=grey and share >= TWO_MIN,
        pure=grey and share >= PURE_MIN and lowest <= DARK_MAX and highest >= LIGHT_MIN,
        middle=(lowest + highest) / 2,
    )


def strokes_on_sheet(picture: Image.Image) -> NDArray[np.bool_] | None:
    """Where a sheet of one colour has strokes of one other; None where it is no such sheet."""
    pixels = np.asarray(picture)
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if not is_plain(rim):
        return None
    marked = np.abs(pixels - ranked(rim, 0.5).astype(np.int16)).max(axis=2) > STROKE_APART_MIN
    return marked if is_plain(pixels[marked]) else None


def is_plain(colours: NDArray[np.uint8]) -> bool:
    """Whether nearly all of these colours, shape (n, 3), are one."""
    if not len(colours):
        return True
    off = np.abs(colours - ranked(colours, 0.5).astype(np.int16)).max(axis=1)
    return bool(np.mean(off <= PLAIN_OFF_MAX) >= PLAIN_MIN)
