"""Whether two pictures show the same, and where they do not; both RGB, of one size, and small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.ranks import ranked
from core.regions import Area, closed, grown, shrunk, without_specks

Floats = NDArray[np.float32]

LINES_SIDE_PX = 256
LINE_MIN = 8.0
LINES_MIN = 60
LINE_OFF_MAX = 0.5
BLUR_PX = 1.0
COLOUR_WEIGHT = 1.3
QUIET_PART = 0.2
NOISE_FACTOR = 8.0
CHANGE_MIN, CHANGE_MAX = 12.0, 40.0
RELIEF_PX = 3
RELIEF_PART = 0.5
CLEAR_FACTOR = 1.6
CLEAR_REACH = 8
SPECK_PART = 1 / 256
SPECK_SHARE = 0.15
HOLE_PART = 1 / 128
SAME_MAX = 24


def shared_lines(one: Image.Image, picture: Image.Image) -> float | None:
    """The part of the picture's lines and edges that `one` has too; None where there are too few.

    Colours alone say little: a mask and a picture of something on white are both mostly white.
    """
    mine, theirs = _slopes(one), _slopes(picture)
    strength = (theirs**2).sum(axis=0)
    lines = strength >= LINE_MIN**2
    if np.count_nonzero(lines) < LINES_MIN:
        return None
    off = ((mine - theirs) ** 2).sum(axis=0)
    return float(np.mean(off[lines] <= LINE_OFF_MAX**2 * strength[lines]))


def same_colours(one: Image.Image, picture: Image.Image, where: NDArray[np.bool_]) -> float:
    """The part of these pixels that have nearly the same colour in both."""
    apart = np.abs(np.asarray(one, np.int16) - np.asarray(picture, np.int16)).max(axis=2)
    return float(np.mean(apart[where] <= SAME_MAX)) if where.any() else 0.0


def differences(one: Image.Image, picture: Image.Image) -> Area:
    """255 where `one` was clearly painted over, whatever its compression and scaling did to it."""
    mine, theirs = _blurred(one), _blurred(picture)
    apart = mine - theirs
    apart[..., 1:] *= COLOUR_WEIGHT
    apart = np.sqrt((apart**2).sum(axis=2))
    usual = float(ranked(apart.ravel(), QUIET_PART))
    limit = min(max(NOISE_FACTOR * usual, CHANGE_MIN), CHANGE_MAX)
    allowed = limit + RELIEF_PART * _relief(theirs)
    side = max(picture.size)
    reach = max(1, round(side * SPECK_PART))
    clear = without_specks(_area(apart > CLEAR_FACTOR * allowed), reach, SPECK_SHARE)
    changed = without_specks(_area(apart > allowed), reach, SPECK_SHARE)
    # compression leaves faint spots, but a stroke is clearly there somewhere
    changed &= grown(clear, CLEAR_REACH * reach)
    return grown(closed(changed, max(1, round(side * HOLE_PART))), 1)


def _area(where: NDArray[np.bool_]) -> Area:
    return where.astype(np.uint8) * np.uint8(255)


def _relief(ycc: Floats) -> Floats:
    """How much light or colour varies around each pixel: there, scaling and compression err most."""
    planes = (ycc[..., channel].astype(np.uint8) for channel in range(3))
    ranges = [grown(plane, RELIEF_PX) - shrunk(plane, RELIEF_PX) for plane in planes]
    return np.asarray(np.max(ranges, axis=0), np.float32)


def _slopes(picture: Image.Image) -> Floats:
    """How light changes to the right and downwards, shape (2, rows, columns)."""
    light = picture.convert("L")
    light.thumbnail((LINES_SIDE_PX, LINES_SIDE_PX), Image.Resampling.BOX)
    values = np.asarray(light, np.float32)
    right = np.diff(values, axis=1, append=values[:, -1:])
    down = np.diff(values, axis=0, append=values[-1:])
    return np.stack([right, down])


def _blurred(picture: Image.Image) -> Floats:
    soft = picture.filter(ImageFilter.GaussianBlur(BLUR_PX))
    return np.asarray(soft.convert("YCbCr"), np.float32)
