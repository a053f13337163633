"""What a picture file says of itself in its first bytes; nothing is decoded here."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import BadImage

BYTES_MAX = 20 * 2**20
PIXELS_MAX = 25_000_000
SIDE_MAX = 8192
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
FORMATS_SHOWN = "PNG, JPEG, WebP, GIF"
JPEG_STEPS_MAX = 4096

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_LONE = frozenset((0x01, *range(0xD0, 0xD8)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A file's format (one of FORMATS) and its sides in pixels."""

    format: str
    width: int
    height: int

    @property
    def media_type(self) -> str:
        """The format as a media type, such as image/png."""
        return f"image/{self.format.lower()}"


def read_header(data: bytes) -> Header:
    """Format and sides of a file; raises BadImage where there are none to read."""
    if not data:
        raise BadImage("image-empty")
    for magic, name, sides in READERS:
        if magic(data):
            try:
                width, height = sides(data)
            except (struct.error, IndexError) as error:
                raise BadImage("image-broken") from error
            if width < 1 or height < 1:
                raise BadImage("image-broken")
            return Header(format=name, width=width, height=height)
    raise BadImage("image-not-a-picture", formats=FORMATS_SHOWN)


def can_be_clear(data: bytes) -> bool:
    """Whether a file of ours has transparent places: PNG and WebP say so in their first bytes."""
    if data.startswith(b"\x89PNG"):
        return data[25:26] in {b"\x04", b"\x06"}
    if data[8:15] == b"WEBPVP8" and len(data) > 24:
        flags = {b"X": data[20], b"L": data[24]}.get(data[15:16], 0)
        return bool(flags & 0x10)
    return False


def check_bytes(size: int, bytes_max: int = BYTES_MAX) -> None:
    """Raise BadImage for a file of more than `bytes_max` bytes."""
    if size > bytes_max:
        raise BadImage("image-too-many-bytes", size_mb=_mb(size), max_mb=_mb(bytes_max))


def check_sides(width: int, height: int, key: str = "image-too-large") -> None:
    """Raise BadImage, with this key, for more pixels or longer sides than we decode."""
    if width > SIDE_MAX or height > SIDE_MAX or width * height > PIXELS_MAX:
        raise BadImage(
            key,
            width=width,
            height=height,
            side_max=SIDE_MAX,
            pixels_max_mp=PIXELS_MAX // 1_000_000,
        )


def _mb(size: int) -> float:
    return math.ceil(size / 2**20 * 10) / 10


def _png(data: bytes) -> tuple[int, int]:
    length, kind, width, height = struct.unpack_from(">I4sII", data, 8)
    if length != 13 or kind != b"IHDR":
        return 0, 0
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return _u24(data, 24) + 1, _u24(data, 27) + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _u24(data: bytes, at: int) -> int:
    return int.from_bytes(struct.unpack_from("<3s", data, at)[0], "little")


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(JPEG_STEPS_MAX):
        if data[at] != 0xFF:
            return 0, 0
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in JPEG_LONE:
            at += 2
        elif marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            at += 2 + max(length, 2)
    return 0, 0


READERS: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], tuple[int, int]]], ...] = (
    (lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), "PNG", _png),
    (lambda data: data.startswith(b"\xff\xd8\xff"), "JPEG", _jpeg),
    (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", "WEBP", _webp),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), "GIF", _gif),
)
