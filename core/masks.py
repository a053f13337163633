"""The place to change, in our one convention: white changes, black stays; in a bounded child only.

People mark it in four ways, and all become the same: a mask in black and white; a picture with
transparent holes; strokes on a layer that is transparent else; the picture itself, painted over.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PIL import Image, ImageChops

from core.errors import BadImage
from core.likeness import differences, same_colours, shared_lines
from core.picture_files import PNG, Answer, decode, on_colour, write
from core.picture_header import read_header
from core.tones import is_plain, strokes_on_sheet, tones_of

WORK_SIDE_PX = 1024
SHAPE_OFF_MAX = 0.03
MARKED_MIN = 0.0001
MARKED_MAX = 0.995
ALIKE_MIN = 0.2
SAME_MIN = 0.5
WHITE = (255, 255, 255)


def mask(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """What was painted, then the picture it is for: the mask, exactly as large as the picture."""
    header = read_header(blobs[1])
    picture = on_colour(decode(blobs.pop(), within=WORK_SIDE_PX), WHITE)
    painted = decode(blobs.pop())
    _check_shape(painted, header.width, header.height)
    marked = _on_layer(painted, picture) if painted.mode == "RGBA" else _opaque(painted, picture)
    del painted
    return _written(marked, (header.width, header.height))


def box_mask(values: dict[str, Any], _: list[bytes]) -> Answer:
    """The same for a `box` in parts of the sides, of a picture of `size`."""
    (width, height), (left, top, right, bottom) = values["size"], values["box"]
    marked = Image.new("L", (width, height))
    marked.paste(
        255,
        (
            math.floor(left * width),
            math.floor(top * height),
            math.ceil(right * width),
            math.ceil(bottom * height),
        ),
    )
    return _written(marked, (width, height))


def _on_layer(painted: Image.Image, picture: Image.Image) -> Image.Image:
    """Strokes on a clear layer are what changes; of a picture with holes, the holes are."""
    alpha = painted.getchannel("A")
    _, top = alpha.getextrema()
    if not top:
        raise BadImage("mask-empty")
    covered = alpha.point(lambda value: 255 if 2 * value >= top else 0)
    small, picture = _alike_in_size(painted, picture)
    solid = np.asarray(small.getchannel("A")) * np.float32(2) >= top
    colours = small.convert("RGB")
    plain = is_plain(np.asarray(colours)[solid])
    if not plain and same_colours(colours, picture, solid) >= SAME_MIN:
        return ImageChops.invert(covered)
    rim = np.concatenate([solid[0], solid[-1], solid[:, 0], solid[:, -1]])
    if solid.mean() > 0.5 and rim.mean() > 0.5:
        return ImageChops.invert(covered)
    return covered


def _opaque(painted: Image.Image, picture: Image.Image) -> Image.Image:
    """A mask in black and white as it is; of a picture painted over, what is not the picture."""
    small, picture = _alike_in_size(painted, picture)
    tones = tones_of(small)
    alike = shared_lines(small, picture)
    if alike is None:
        everywhere = np.ones((picture.height, picture.width), np.bool_)
        alike = 0.0 if tones.pure else same_colours(small, picture, everywhere)
    if alike >= ALIKE_MIN:
        changed = differences(small, picture)
        if changed.any() or not tones.pure:
            return Image.fromarray(changed)
    if tones.two:
        return painted.convert("L").point(lambda value: 255 if value >= tones.middle else 0)
    strokes = strokes_on_sheet(small)
    if strokes is None:
        raise BadImage("mask-not-of-picture")
    return Image.fromarray(np.where(strokes, 255, 0).astype(np.uint8))


def _alike_in_size(painted: Image.Image, picture: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Both at the smaller one's size, so that both have lost the same details."""
    size = min(picture.size, painted.size)
    both = (
        item if item.size == size else item.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
        for item in (painted, picture)
    )
    one, two = both
    return one, two


def _check_shape(painted: Image.Image, width: int, height: int) -> None:
    off = painted.width * height / (painted.height * width)
    # a side of few pixels cannot be scaled more exactly than to whole ones
    exact = 1 / min(painted.size)
    if max(off, 1 / off) > 1 + SHAPE_OFF_MAX + exact:
        raise BadImage(
            "mask-other-shape",
            width=width,
            height=height,
            mask_width=painted.width,
            mask_height=painted.height,
        )


def _written(marked: Image.Image, size: tuple[int, int]) -> Answer:
    """Pure black and white at this size; raises BadImage where nothing is marked, or everything."""
    if marked.size != size:
        marked = marked.resize(size, Image.Resampling.BILINEAR)
        marked = marked.point(lambda value: 255 if value >= 128 else 0)
    share = marked.histogram()[255] / (size[0] * size[1])
    if share < MARKED_MIN:
        raise BadImage("mask-empty")
    if share >= MARKED_MAX:
        raise BadImage("mask-everything")
    return {}, [write(marked, PNG)]
