"""Work on pixels, run inside a bounded child only: its tasks by their names."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from core.colours import leading_colours
from core.cropping import crop
from core.errors import BadImage
from core.faces import faces
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
from core.swatch import draw_swatch

PNG_SMALL = {"format": "PNG", "compress_level": 6}
JPEG_GRID = {"format": "JPEG", "quality": 90}
JPEG_QUALITIES = (92, 85, 75)
FIT_SHRINKS_MAX = 8
FIT_SHRINK = 0.75
GRID_CELL_PX = 1024
GRID_GAP_PX = 8
GRID_COLOUR = (236, 236, 233)
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


def grid(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Two pictures side by side, three or four as 2x2, each whole and centred in its cell."""
    cells = [_cell(blob) for blob in blobs]
    width = max(cell.width for cell in cells)
    height = max(cell.height for cell in cells)
    rows = (len(cells) + 1) // 2
    size = (2 * width + GRID_GAP_PX, rows * height + (rows - 1) * GRID_GAP_PX)
    canvas = Image.new("RGB", size, GRID_COLOUR)
    for index, cell in enumerate(cells):
        row, column = divmod(index, 2)
        left = column * (width + GRID_GAP_PX) + (width - cell.width) // 2
        top = row * (height + GRID_GAP_PX) + (height - cell.height) // 2
        canvas.paste(cell, (left, top))
    return {}, [write(canvas, JPEG_GRID)]


def palette(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Up to `count` leading colours, each as [red, green, blue, share, name], and the swatch."""
    picture = decode(blobs.pop(), near=(PALETTE_SIDE_PX, PALETTE_SIDE_PX))
    side = min(1.0, PALETTE_SIDE_PX / max(picture.size))
    # nearest, because an average of neighbours invents colours that the picture has not
    small = picture.resize(sides(picture, side), Image.Resampling.NEAREST).convert("RGBA")
    found = leading_colours(small, values["count"], neutral=values["neutral"])
    swatch = write(draw_swatch(found), PNG_SMALL)
    return {"colours": [[*item.rgb, item.share, item.name] for item in found]}, [swatch]


TASKS = {
    "admit": admit, "crop": crop, "faces": faces, "fit": fit, "grid": grid, "palette": palette,
}  # fmt: skip


def _cell(data: bytes) -> Image.Image:
    picture = on_colour(decode(data, near=(GRID_CELL_PX, GRID_CELL_PX)), GRID_COLOUR)
    return scaled(picture, GRID_CELL_PX / max(picture.size))
