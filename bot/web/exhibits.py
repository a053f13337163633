"""The gallery's pages as templates show them: tiles, filters, and all that is known of one picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from bot import gallery as pages
from bot import i18n
from bot.gallery import Place, Way
from bot.links import Links
from core import gallery
from core.archive import file_name
from core.gallery import Mark, Page, ResultRow, Show
from core.ids import is_id

ADDRESS = pages.ADDRESS
VALUE_LENGTH_MAX = 2000
VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A picture: what it is chosen by, where it is shown, opened and fetched, and what is said of it.

    `small` is its thumbnail, `large` the picture itself.
    """

    key: str
    small: str
    large: str
    href: str
    file: str
    width: int
    height: int
    words: str
    operation: str
    date: str
    favourite: bool
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A link to one part of the gallery."""

    href: str
    label: str
    current: bool


def key_of(mark: Mark) -> str:
    """What a picture is called in forms; its first one is 1."""
    return f"{mark.job_id}:{mark.position + 1}"


def read_key(text: str) -> Mark | None:
    """The picture of a form's value, which anybody may have forged."""
    job_id, _, position = text.partition(":")
    good = len(position) == 1 and position.isascii() and position.isdigit()
    return Mark(job_id, int(position) - 1) if good and is_id(job_id) else None


def path_of(mark: Mark) -> str:
    """The address of a picture's own page."""
    return f"{ADDRESS}/{mark.job_id}/{mark.position + 1}"


def tile(row: ResultRow, links: Links, show: Show) -> Tile:
    """One picture of a page that shows a part of the gallery."""
    return Tile(
        key=key_of(row.mark),
        small=f"{path_of(row.mark)}/small?v={row.sha256[:VERSION_LENGTH]}",
        large=links.path(row.sha256, file_name(row)),
        href=f"{path_of(row.mark)}?in={Place(show=show).pack()}",
        file=f"{path_of(row.mark)}/file",
        width=row.width,
        height=row.height,
        words=gallery.words(row) or row.operation,
        operation=row.operation,
        date=row.created_at.date().isoformat(),
        favourite=row.favourite_at is not None,
        downloads=row.downloads,
    )


def filters(
    language: str, show: Show, operations: list[str], personas: list[str]
) -> tuple[Filter, ...]:
    """Newest, favourites, each operation and each persona that a person has pictures of."""
    parts = [
        (Show(), {}, i18n.translate(language, "gallery-page-newest")),
        (
            Show(favourites=True),
            {"show": pages.FAVOURITES},
            f"★ {i18n.translate(language, 'gallery-page-favourites')}",
        ),
        *((Show(operation=name), {"show": name}, f"/{name}") for name in operations),
        *((Show(persona=name), {"persona": name}, name) for name in personas),
    ]
    return tuple(
        Filter(
            href=f"{ADDRESS}?{urlencode(query)}" if query else ADDRESS,
            label=label,
            current=part == show,
        )
        for part, query, label in parts
    )


def newer(page: Page, show: Show) -> str | None:
    """Where the newer pictures are, if there are some."""
    if not page.newer:
        return None
    return at(Place(show=show, mark=page.pictures[0].mark, way=Way.NEWER))


def older(page: Page, show: Show) -> str | None:
    """Where the older ones are."""
    return at(Place(show=show, mark=page.pictures[-1].mark)) if page.older else None


def at(place: Place) -> str:
    """The address of a place."""
    return f"{ADDRESS}?at={place.pack()}"


# The person's words stand above them; a style's own words are told by its name.
_UNSHOWN = frozenset({"prompt", "style_words", "style_negative"})


def parameters(row: ResultRow) -> tuple[tuple[str, str], ...]:
    """What a picture was made by, without its words and without other pictures."""
    found = json.loads(row.params)
    return tuple(
        (name, str(value)[:VALUE_LENGTH_MAX])
        for name, value in found.items()
        if name not in _UNSHOWN and isinstance(value, str | int | float) and value != ""
    )
