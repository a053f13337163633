"""The styles that ship with Atelier, and their example pictures; one file of each, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
FOLDER = PACKAGE / "style_examples"
SHEET = "sheet.jpg"
SHEET_TYPE = "image/jpeg"
EXAMPLE_TYPE = "image/webp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A style that all have: what is added to the prompt, and to what is left out."""

    name: str
    title: str
    words: str
    negative: str


def shipped() -> tuple[Shipped, ...]:
    """All of them, in the order in which they are shown."""
    return tuple(by_name().values())


@cache
def by_name() -> Mapping[str, Shipped]:
    """The same by their names."""
    text = (PACKAGE / "shipped_styles.toml").read_text(encoding="utf-8")
    return {row["name"]: Shipped(**row) for row in tomllib.loads(text)["styles"]}


@cache
def example(name: str) -> bytes:
    """A small picture of a style: WebP, 256 pixels square. Raises KeyError where there is no such style."""
    return (FOLDER / f"{by_name()[name].name}.webp").read_bytes()


@cache
def sheet() -> bytes:
    """All of the examples in one picture, with their names: JPEG."""
    return (FOLDER / SHEET).read_bytes()
