"""A part of a picture drawn anew: what the mask marks, and nothing else."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from providers.sketch.canvas import Unreadable, lettered, loaded, previewed
from providers.sketch.drawing import scene_of

# The canvas is no longer than this either way; a longer part is cut out of it.
ASPECT_MAX = 4
# Smaller parts have no room for words.
LETTERED_MIN = 64


def redrawn(
    prompt: str, source: bytes, mask: bytes, *, seed: int, negative: str | None, strength: float
) -> tuple[bytes, bytes]:
    """The picture with its marked part drawn anew, as PNG, and its preview; raises Unreadable.

    White of the mask changes, grey does in part; a pixel that is black stays as it is.
    """
    image = loaded(source)
    marked = loaded(mask).convert("L")
    if marked.size != image.size:
        marked = marked.resize(image.size, Image.Resampling.NEAREST)
    box = marked.getbbox()
    if box is None:
        raise Unreadable("the mask marks nothing")
    size = (box[2] - box[0], box[3] - box[1])
    drawing = ImageOps.fit(scene_of(prompt, seed=seed, ratio=_ratio(size), negative=negative), size)
    part = marked.crop(box).point([round(level * strength) for level in range(256)])
    if min(size) >= LETTERED_MIN:
        drawing = lettered(drawing, prompt, f" · seed {seed}")
    image.paste(drawing, box, part)
    whole = io.BytesIO()
    # Lossless, so that what is not marked is the same to the pixel.
    image.save(whole, "PNG", compress_level=1)
    return whole.getvalue(), previewed(image.convert("RGB"))


def _ratio(size: tuple[int, int]) -> tuple[int, int]:
    wide, high = size
    return min(wide, high * ASPECT_MAX), min(high, wide * ASPECT_MAX)
