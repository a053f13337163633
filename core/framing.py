"""How a picture lies on a larger canvas; sides in pixels, parts of the picture's own sides."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.picture_header import PIXELS_MAX, SIDE_MAX

ROUNDING = 1e-6  # what a whole number may lose on its way through parts

Parts = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A canvas, and where the picture lies on it: `left`, `top`, `inner_width`, `inner_height`."""

    width: int
    height: int
    left: int
    top: int
    inner_width: int
    inner_height: int


def parts_to_ratio(width: int, height: int, ratio: tuple[int, int]) -> Parts:
    """What to add on the left, top, right and bottom, as parts, for a ratio; half on each side."""
    across, down = ratio
    wanted = across / down
    if width / height < wanted:
        each = (height * wanted / width - 1) / 2
        return each, 0.0, each, 0.0
    each = (width / wanted / height - 1) / 2
    return 0.0, each, 0.0, each


def frame(width: int, height: int, parts: Parts, long_side_max: int) -> Frame:
    """The canvas for a picture of these sides, all of it smaller where it would be too large."""
    if not all(0 <= part <= SIDE_MAX for part in parts) or not any(parts):
        raise ValueError("a canvas grows on one side at least, and shrinks on none")
    left, top, right, bottom = parts
    across, down = width * (1 + left + right), height * (1 + top + bottom)
    longest = min(long_side_max, SIDE_MAX)
    factor = min(1.0, longest / max(across, down), math.sqrt(PIXELS_MAX / (across * down)))
    as_it_is = factor == 1 and round(across) * round(down) <= PIXELS_MAX
    inner_width, whole_width = _side(width, across, None if as_it_is else factor)
    inner_height, whole_height = _side(height, down, None if as_it_is else factor)
    return Frame(
        width=whole_width,
        height=whole_height,
        left=_before(whole_width - inner_width, left, right),
        top=_before(whole_height - inner_height, top, bottom),
        inner_width=inner_width,
        inner_height=inner_height,
    )


def _side(inner: int, whole: float, factor: float | None) -> tuple[int, int]:
    """The picture's side and the canvas'; at a limit both are rounded down, to stay within it."""
    if factor is None:
        return inner, round(whole)
    return max(1, int(inner * factor + ROUNDING)), max(1, int(whole * factor + ROUNDING))


def _before(added: int, before: float, after: float) -> int:
    return round(added * before / (before + after)) if added else 0
