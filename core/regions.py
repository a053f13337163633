"""Areas of a picture as arrays of 0 and 255: made larger, smaller, cleaned, and how deep they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Area = NDArray[np.uint8]


def grown(area: Area, radius: int) -> Area:
    """Larger by `radius` px on every side, with square corners."""
    wide = _largest_near(area, radius)
    return np.ascontiguousarray(_largest_near(wide.T, radius).T)


def shrunk(area: Area, radius: int) -> Area:
    """Smaller by `radius` px, but not at the picture's own edge."""
    return 255 - grown(255 - area, radius)


def closed(area: Area, radius: int) -> Area:
    """Without the holes and gaps that are at most twice `radius` px wide."""
    return shrunk(grown(area, radius), radius)


def without_specks(area: Area, radius: int, share: float) -> Area:
    """Only what has at least `share` of its neighbourhood marked as well: lines stay, dots go."""
    around = np.asarray(Image.fromarray(area).filter(ImageFilter.BoxBlur(radius)))
    return np.where(around >= share * 255, area, np.uint8(0))


def depth(area: Area, steps: int) -> Area:
    """How many px each pixel lies inside the area, `steps` at most; 0 outside."""
    inside, deep = area, np.zeros_like(area)
    for step in range(steps):
        deep += inside & 1
        inside = _peeled(inside, corners=step % 2 == 0)
    return deep


def _peeled(area: Area, *, corners: bool) -> Area:
    """Without its outermost px; squares and crosses in turn come close to a circle."""
    rows = area.copy()
    rows[1:] &= area[:-1]
    rows[:-1] &= area[1:]
    source = rows if corners else area
    rows = rows.copy() if corners else rows
    rows[:, 1:] &= source[:, :-1]
    rows[:, :-1] &= source[:, 1:]
    return rows


def _largest_near(area: Area, radius: int) -> Area:
    """The largest value within `radius` rows."""
    window = 2 * radius + 1
    found = np.pad(area, ((radius, radius), (0, 0)))
    span = 1
    while 2 * span <= window:
        found = np.maximum(found[:-span], found[span:])
        span *= 2
    rest = window - span
    return np.maximum(found[: len(area)], found[rest : rest + len(area)])
