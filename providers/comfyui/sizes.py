"""How large pictures are to be: about a megapixel, as the models are made for."""

from __future__ import annotations

import io
import math
import re

PIXELS = 2**20
SIDE_MIN, SIDE_MAX = 64, 2048
# Models are trained on sides of the first kind; those of a picture stay nearer to its own ratio.
SIDE_STEP, SOURCE_STEP = 64, 8

_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)


def of(ratio: str, source: bytes | None, factor: int | None) -> dict[str, int]:
    """The sides of the result and of its source, by placeholder; raises ValueError.

    Without a source they have the ratio; with one, its own, or `factor` times its own size.
    """
    if source is None:
        match = _RATIO.fullmatch(ratio)
        if match is None:
            raise ValueError(f"no size for ratio {ratio}")
        width, height = _fitted(int(match[1]), int(match[2]), SIDE_STEP)
        return {"width": width, "height": height}
    own = _own(source)
    width, height = _fitted(*own, SOURCE_STEP)
    if factor is not None:
        width, height = own[0] * factor, own[1] * factor
    return {"width": width, "height": height, "source_width": own[0], "source_height": own[1]}


def _own(data: bytes) -> tuple[int, int]:
    # Pillow is not needed before somebody edits a picture.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError("the picture cannot be read") from error


def _fitted(width: int, height: int, step: int) -> tuple[int, int]:
    factor = math.sqrt(PIXELS / (width * height))
    first, second = (
        min(max(round(side * factor / step) * step, SIDE_MIN), SIDE_MAX) for side in (width, height)
    )
    return first, second
