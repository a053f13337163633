"""Work on pixels, run inside a bounded child only: its tasks by their names."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from core.canvas import backdrop, canvas, merge
from core.colours import Found, leading_colours
from core.cropping import crop
from core.enlarging import denoise, sharpen, upscale
from core.errors import BadImage
from core.faces import faces
from core.masks import box_mask, mask
from core.picture_files import (
    Answer,
    choices,
    decode,
    kind_of,
    on_colour,
    scaled,
    sides,
    write,
    write_within,
)
from core.picture_header import check_bytes
from core.previews import grid, previews, thumbnail
from core.swatch import draw_swatch

PNG_QUICK = {"format": "PNG", "compress_level": 1}
JPEG_QUALITIES = (92, 85, 75)
FIT_SHRINKS_MAX = 8
FIT_SHRINK = 0.75
PALETTE_SIDE_PX = 128


def admit(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """One picture, written again in the kind of format it came in, without visible loss."""
    source = blobs.pop()
    kind, lossless = kind_of(source)
    picture = decode(source)
    del source
    return {}, [write_within(picture, choices(picture, kind, lossless=lossless))]


def fit(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """One picture as JPEG of at most `bytes_max` bytes, width plus height within `side_sum_max`."""
    bytes_max, side_sum_max = values["bytes_max"], values["side_sum_max"]
    picture = on_colour(decode(blobs.pop()), (255, 255, 255))
    if side_sum_max is not None:
        picture = scaled(picture, side_sum_max / (picture.width + picture.height))
    size = 0
    for _ in range(FIT_SHRINKS_MAX):
        for quality in JPEG_QUALITIES:
            file = write(picture, {"format": "JPEG", "quality": quality})
            size = len(file)
            if size <= bytes_max:
                return {}, [file]
        picture = scaled(picture, min(FIT_SHRINK, math.sqrt(bytes_max / size)))
    check_bytes(size, bytes_max)
    raise BadImage("image-too-heavy")


def colours_in(data: bytes, count: int, *, neutral: bool) -> list[Found]:
    """Up to `count` leading colours of a file."""
    picture = decode(data, near=(PALETTE_SIDE_PX, PALETTE_SIDE_PX))
    side = min(1.0, PALETTE_SIDE_PX / max(picture.size))
    # nearest, because an average of neighbours invents colours that the picture has not
    small = picture.resize(sides(picture, side), Image.Resampling.NEAREST).convert("RGBA")
    return leading_colours(small, count, neutral=neutral)


def palette(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Up to `count` leading colours, each as [red, green, blue, share, name], and the swatch."""
    found = colours_in(blobs.pop(), values["count"], neutral=values["neutral"])
    swatch = write(draw_swatch(found), PNG_QUICK)
    return {"colours": [[*item.rgb, item.share, item.name] for item in found]}, [swatch]


TASKS = {
    "admit": admit,
    "backdrop": backdrop,
    "box_mask": box_mask,
    "canvas": canvas,
    "crop": crop,
    "denoise": denoise,
    "faces": faces,
    "fit": fit,
    "grid": grid,
    "mask": mask,
    "merge": merge,
    "palette": palette,
    "previews": previews,
    "sharpen": sharpen,
    "thumbnail": thumbnail,
    "upscale": upscale,
}
