"""Pictures: the gate that hostile files meet, and our own work on pixels, all in bounded children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

BYTES_MAX = 20 * 2**20
PIXELS_MAX = 25_000_000
SIDE_MAX = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A picture that our own encoder wrote from a fresh canvas, without metadata; sides in pixels."""

    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """One colour of a palette: red, green, blue in 0..255, its share of the picture 0..1, its name."""

    red: int
    green: int
    blue: int
    share: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A palette, largest share first, and its swatch picture."""

    colours: tuple[Colour, ...]
    swatch: Encoded


class Images(Protocol):
    """What core asks of the picture workshop."""

    async def admit(self, data: bytes) -> Encoded:
        """Check a file by its header, decode it in a bounded child, write it again; raises BadImage."""
        ...

    async def fit(self, data: bytes, *, bytes_max: int, side_sum_max: int | None) -> Encoded:
        """The same picture as it fits a message: re-encoded, then made smaller, until it does."""
        ...

    async def grid(self, images: Sequence[bytes]) -> Encoded:
        """Two to four pictures as one of 2x2, JPEG."""
        ...

    async def palette(self, data: bytes, *, count: int, neutral: bool) -> Palette:
        """The picture's `count` leading colours, found in OKLab."""
        ...

    async def close(self) -> None:
        """End the children."""
        ...
