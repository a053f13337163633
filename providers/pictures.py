"""How large pictures are, as their headers tell it, and how large models want them to be."""

from __future__ import annotations

import math
import re

# About a megapixel is what diffusion models are made for.
PIXELS = 2**20
SIDE_MIN, SIDE_MAX = 64, 2048
# Models are trained on sides of the first kind; those of a picture stay nearer to its own ratio.
SIDE_STEP, SOURCE_STEP = 64, 8
JPEG_SEGMENTS_MAX = 4096

_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def ratio_of(text: str) -> tuple[int, int] | None:
    """Width to height, as in 16:9; None where it is no ratio."""
    match = _RATIO.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def fitted(width: int, height: int, step: int) -> tuple[int, int]:
    """Sides of about a megapixel in this ratio, in steps."""
    factor = math.sqrt(PIXELS / (width * height))
    first, second = (
        min(max(round(side * factor / step) * step, SIDE_MIN), SIDE_MAX) for side in (width, height)
    )
    return first, second


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG or WebP by its header; None where that tells none."""
    size = None
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    elif data[:3] == b"\xff\xd8\xff":
        size = _jpeg_size(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        size = _webp_size(data)
    return size if size is not None and min(size) > 0 else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(JPEG_SEGMENTS_MAX):
        if at + 9 > len(data) or data[at] != 0xFF:
            break
        if data[at + 1] in _JPEG_FRAMES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8X":
            sides = data[24:27], data[27:30]
            return int.from_bytes(sides[0], "little") + 1, int.from_bytes(sides[1], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            sides = data[26:28], data[28:30]
            width, height = (int.from_bytes(side, "little") & 0x3FFF for side in sides)
            return width, height
    return None
