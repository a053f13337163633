"""Small and joined pictures for chats and galleries; in a bounded child only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from core.picture_files import Answer, decode, on_colour, scaled, write

JPEG_GRID = {"format": "JPEG", "quality": 90}
WEBP_THUMBNAIL = {"format": "WEBP", "quality": 80, "method": 4}
GRID_CELL_PX = 1024
GRID_GAP_PX = 8
GRID_COLOUR = (236, 236, 233)


def grid(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Two pictures side by side, three or four as 2x2, each whole and centred in its cell."""
    return {}, [_grid([_cell(decode(blob, within=GRID_CELL_PX)) for blob in blobs])]


def thumbnail(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The picture with a long side of `side` px at most, WebP, transparency kept."""
    side = values["side"]
    return {}, [_thumbnail(decode(blobs.pop(), within=side), side)]


def previews(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The grid, then the thumbnail of each, every file decoded once."""
    cells: list[Image.Image] = []
    small: list[bytes] = []
    side = values["side"]
    for blob in blobs:
        picture = decode(blob, within=max(GRID_CELL_PX, side))
        cells.append(_cell(picture))
        small.append(_thumbnail(picture, side))
    return {}, [_grid(cells), *small]


def _grid(cells: Sequence[Image.Image]) -> bytes:
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
    return write(canvas, JPEG_GRID)


def _cell(picture: Image.Image) -> Image.Image:
    return scaled(on_colour(picture, GRID_COLOUR), GRID_CELL_PX / max(picture.size))


def _thumbnail(picture: Image.Image, side: int) -> bytes:
    return write(scaled(picture, side / max(picture.size)), WEBP_THUMBNAIL)
