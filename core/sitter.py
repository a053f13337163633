"""Who sits for a portrait: a persona as an operation sees it, and how large one may be."""

from __future__ import annotations

from dataclasses import dataclass

NAME_LENGTH_MAX = 40
PHOTOS_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitter:
    """The persona that somebody is drawn by, and how many photos it has."""

    id: str
    name: str
    photos: int
