"""The gallery in words and buttons: a page of pictures, where it goes on, and one picture by itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import i18n
from bot.command import Button, Call, Reply
from core import gallery
from core.app import App
from core.errors import NotFound, UserError, Value
from core.gallery import Mark, ResultRow, Show
from core.messenger import Attached, Say

PAGE = 6
ADDRESS = "/gallery"
WORDS_LENGTH_MAX = 60
SHORT_LENGTH = 5
SUM_LENGTH = 4
NEWEST, FAVOURITES = "newest", "favourites"
STARS = {False: "☆", True: "★"}
_PLACE = re.compile(
    r"(?P<favourites>f?)(?:o(?P<operation>[a-z2-7]{5}))?(?:p(?P<persona>[a-z2-7]{5}))?"
    r"(?:s|(?P<way>[abi])(?P<position>[0-8])(?P<job>[a-z2-7]{26})(?P<sum>[a-z2-7]{4})?)"
)


class Way(StrEnum):
    """Where a page lies as seen from a picture: behind it, before it, or from it on."""

    OLDER = "a"
    NEWER = "b"
    FROM = "i"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page of a gallery; without a mark the one with the newest.

    `check` stands for the pictures that a person saw there; a place has to fit into a button.
    """

    show: Show
    mark: Mark | None = None
    way: Way = Way.OLDER
    check: str | None = None

    def pack(self) -> str:
        """At most 45 characters."""
        show = self.show
        packed = "f" if show.favourites else ""
        packed += f"o{_short(show.operation)}" if show.operation is not None else ""
        packed += f"p{_short(show.persona)}" if show.persona is not None else ""
        if self.mark is None:
            return f"{packed}s"
        job = _letters(bytes.fromhex(self.mark.job_id))
        return f"{packed}{self.way}{self.mark.position}{job}{self.check or ''}"


async def place_of(app: App, person_id: str, packed: str) -> Place:
    """The place that a button names, which anybody may have forged; raises UserError."""
    match = _PLACE.fullmatch(packed)
    if match is None:
        raise UserError("button-unknown")
    names = [*gallery.showable(app), *await gallery.operations(app, person_id)]
    operation = _meant(match["operation"], names)
    persona = match["persona"] and _meant(match["persona"], await gallery.personas(app, person_id))
    show = Show(favourites=bool(match["favourites"]), operation=operation, persona=persona)
    if match["way"] is None:
        return Place(show=show)
    mark = Mark(base64.b32decode(f"{match['job'].upper()}======").hex(), int(match["position"]))
    return Place(show=show, mark=mark, way=Way(match["way"]), check=match["sum"])


def _meant(short: str | None, names: Iterable[str]) -> str | None:
    if short is None:
        return None
    found = next((name for name in names if _short(name) == short), None)
    if found is None:
        raise NotFound("gallery-place-gone")
    return found


def _short(name: str) -> str:
    """A few letters for a name of any length."""
    return _letters(hashlib.sha256(name.encode()).digest())[:SHORT_LENGTH]


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def check_of(pictures: Sequence[ResultRow]) -> str:
    """A few letters for these very pictures in this order."""
    told = " ".join(f"{row.job_id}:{row.position}" for row in pictures)
    return _letters(hashlib.sha256(told.encode()).digest())[:SUM_LENGTH]


async def page(app: App, person_id: str, place: Place, limit: int = PAGE) -> gallery.Page:
    """The pictures at a place."""
    mark = place.mark
    if mark is not None and place.way is Way.FROM:
        mark = Mark(mark.job_id, mark.position - 1)
    newer = place.way is Way.NEWER
    return await gallery.page(app, person_id, place.show, mark, limit, newer=newer)


async def shown(app: App, call: Call, place: Place) -> Reply:
    """A page with its pictures, numbered, and all buttons."""
    found = await page(app, call.person, place)
    if not found.pictures:
        return Reply(lines=(empty(place.show),), private=True)
    lines = [_title(place.show)]
    lines += [_line(number, row) for number, row in enumerate(found.pictures, start=1)]
    attached: list[Attached] = []
    if not shows_links(app, call):
        made = await asyncio.gather(
            *(gallery.shown(app, row, str(n)) for n, row in enumerate(found.pictures, start=1))
        )
        attached = [item for item in made if item is not None]
        gone = [str(n) for n, item in enumerate(made, start=1) if item is None]
        if gone:
            lines.append(Say(key="gallery-files-gone", values={"numbers": ", ".join(gone)}))
    return Reply(
        lines=tuple(lines),
        attached=tuple(attached),
        pictures=() if attached else tuple(gallery.picture(row) for row in found.pictures),
        buttons=_buttons(app, call, place.show, found),
        private=True,
        album=True,
    )


def shows_links(app: App, call: Call) -> bool:
    """Whether the platform shows stored pictures by itself, and takes no files."""
    messenger = app.messengers.get(call.address.platform)
    return messenger is not None and not messenger.limits.pictures_max


def _buttons(app: App, call: Call, show: Show, found: gallery.Page) -> tuple[Button, ...]:
    first, last = found.pictures[0], found.pictures[-1]
    buttons = [
        Button(command="open", job_id=row.job_id, position=row.position + 1, label=str(number))
        for number, row in enumerate(found.pictures, start=1)
    ]
    if found.newer:
        buttons.append(_to("gallery", Place(show=show, mark=first.mark, way=Way.NEWER), "←"))
    if found.older:
        buttons.append(_to("gallery", Place(show=show, mark=last.mark, way=Way.OLDER), "→"))
    seen = Place(show=show, mark=first.mark, way=Way.FROM, check=check_of(found.pictures))
    buttons.append(_to("gallery-delete", seen))
    buttons.append(_to("gallery-download", Place(show=show)))
    if shows_links(app, call):
        label = i18n.button_label(call.language, "gallery")
        buttons.append(Button(command="gallery", url=ADDRESS, label=label, row=1))
    return tuple(buttons)


def _to(command: str, place: Place, label: str | None = None) -> Button:
    return Button(command=command, given=("at", place.pack()), label=label, row=1)


def label_of(call: Call, command: str, row: ResultRow) -> str:
    """What stands on a button of one picture, whatever its number is; a star says if it is a favourite."""
    label = i18n.button_label(call.language, command)
    return f"{STARS[row.favourite_at is not None]} {label}" if command == "favourite" else label


def _title(show: Show) -> Say:
    return Say(key="gallery-title", values=_of(show))


def empty(show: Show) -> Say:
    """That there is nothing to show, and how there comes to be something."""
    return Say(key="gallery-empty", values=_of(show))


def _of(show: Show) -> dict[str, Value]:
    """What is shown, as sentences name it."""
    if show.persona is not None:
        return {"show": "persona", "name": show.persona}
    if show.operation is not None:
        return {"show": "operation", "name": show.operation}
    return {"show": FAVOURITES if show.favourites else NEWEST, "name": ""}


def asked(chosen: Sequence[ResultRow], left: int) -> tuple[Say, ...]:
    """Whether these are to be thrown away; `left` are as many more that cannot go at once."""
    values: dict[str, Value] = {
        "count": len(chosen),
        "favourites": sum(row.favourite_at is not None for row in chosen),
    }
    lines = [Say(key="gallery-delete-ask", values=values)]
    if left:
        lines.append(Say(key="gallery-delete-left", values={"count": left}))
    return tuple(lines)


def _line(number: int, row: ResultRow) -> Say:
    words = " ".join(gallery.words(row).split())
    if len(words) > WORDS_LENGTH_MAX:
        words = f"{words[: WORDS_LENGTH_MAX - 1].rstrip()}…"
    values: dict[str, Value] = {
        "place": number,
        "star": "yes" if row.favourite_at is not None else "no",
        "words": words or row.operation,
        "operation": row.operation,
        "date": row.created_at.date().isoformat(),
    }
    return Say(key="gallery-line", values=values)


def told(row: ResultRow) -> tuple[Say, ...]:
    """What there is to say of one picture beside its words."""
    values: dict[str, Value] = {
        "operation": row.operation,
        "model": row.model or "none",
        "date": row.created_at.date().isoformat(),
        "width": row.width,
        "height": row.height,
    }
    lines = [Say(key="gallery-made", values=values)]
    if row.persona is not None:
        lines.append(Say(key="gallery-persona", values={"persona": row.persona}))
    if row.downloads:
        lines.append(Say(key="gallery-downloads", values={"count": row.downloads}))
    return tuple(lines)
