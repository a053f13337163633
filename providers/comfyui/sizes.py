"""How large pictures are to be: about a megapixel, as the models are made for."""

from __future__ import annotations

import io
import math
import re

from providers.base import Fault, ImageRequest, ProviderError
from providers.comfyui.workflow import Value

PIXELS = 2**20
SIDE_MIN, SIDE_MAX = 64, 2048
# Models are trained on sides of the first kind; those of a picture stay nearer to its own ratio.
SIDE_STEP, SOURCE_STEP = 64, 8

_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)


def of(request: ImageRequest) -> dict[str, Value]:
    """How large the result is to be, and how large the source is."""
    if not request.images:
        match = _RATIO.fullmatch(request.ratio)
        if match is None:
            raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
        width, height = _fitted(int(match[1]), int(match[2]), SIDE_STEP)
        return {"width": width, "height": height}
    # Pillow is not needed before somebody edits a picture.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(request.images[0].data)) as image:
            source = image.size
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ProviderError(Fault.BAD_INPUT, "the picture cannot be read") from error
    width, height = _fitted(*source, SOURCE_STEP)
    if request.operation == "upscale":
        width, height = source[0] * request.scale, source[1] * request.scale
    return {
        "width": width,
        "height": height,
        "source_width": source[0],
        "source_height": source[1],
    }


def _fitted(width: int, height: int, step: int) -> tuple[int, int]:
    """Sides in this ratio for about a megapixel, in steps."""
    factor = math.sqrt(PIXELS / (width * height))
    first, second = (
        min(max(round(side * factor / step) * step, SIDE_MIN), SIDE_MAX) for side in (width, height)
    )
    return first, second
