"""What the page always shows: its script and styles, and the example pictures, kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core import shipped_styles

STATIC = Path(__file__).parent / "static"
VERSION_LENGTH = 12
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SAMPLE = "style-{}.webp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of the page; its address changes with its `version`."""

    data: bytes = field(repr=False)
    media_type: str
    version: str


@cache
def assets() -> Mapping[str, Asset]:
    """All of them, by name."""
    found = {path.name: _asset(path.read_bytes(), TYPES[path.suffix]) for path in STATIC.iterdir()}
    for style in shipped_styles.shipped():
        data = shipped_styles.example(style.name)
        found[SAMPLE.format(style.name)] = _asset(data, shipped_styles.EXAMPLE_TYPE)
    return found


def _asset(data: bytes, media_type: str) -> Asset:
    version = hashlib.sha256(data).hexdigest()[:VERSION_LENGTH]
    return Asset(data=data, media_type=media_type, version=version)


def address(name: str) -> str:
    """The address of a file, which changes with its content."""
    return f"/static/{name}?v={assets()[name].version}"


def sample_address(name: str) -> str | None:
    """The address of a style's example; None where it ships no more."""
    file = SAMPLE.format(name)
    return address(file) if file in assets() else None
