"""gallery-delete: throw several pictures away; first asks whether that is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import gallery as pages
from bot.command import Button, Call, Command, Reply
from core import gallery, removal
from core.app import App
from core.errors import BadOption, Busy
from core.gallery import ResultRow
from core.options import option

ALL = "all"
_NUMBERS = re.compile(r"(\d{1,2})(?:\s*[-–]\s*(\d{1,2}))?")
_BETWEEN = re.compile(r"[\s,;.&+]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryDelete:
    """Which of the pictures on the page of a button."""

    numbers: str = option("Their numbers, such as 1 3 5, or: all", main=True, length_max=100)
    at: str = option("The page of a button", length_max=45, hidden=True)


async def _run(app: App, call: Call, params: GalleryDelete) -> Reply:
    place = await pages.place_of(app, call.person, params.at)
    total = 0
    if params.numbers.lower() == ALL:
        found = await gallery.page(app, call.person, place.show, None, removal.AT_ONCE_MAX)
        chosen = list(found.pictures)
        total = await gallery.count(app, call.person, place.show)
    else:
        shown = (await pages.page(app, call.person, place)).pictures
        if not shown or pages.check_of(shown) != place.check:
            # The numbers would mean other pictures than those that the person saw.
            raise Busy("gallery-changed")
        chosen = [shown[number - 1] for number in _read(params.numbers, len(shown))]
    if not chosen:
        raise Busy("gallery-changed")
    return await _asked(app, call, chosen, max(0, total - len(chosen)))


async def _asked(app: App, call: Call, chosen: list[ResultRow], left: int) -> Reply:
    question = await removal.ask(app, call.person, [row.mark for row in chosen])
    yes = Button(command="gallery-delete-yes", job_id=question)
    return Reply(lines=pages.asked(chosen, left), buttons=(yes,))


def _read(text: str, most: int) -> list[int]:
    """Numbers and ranges of them, each once; raises BadOption."""
    wrong = BadOption("gallery-numbers", value=text[:40], max=most)
    numbers: set[int] = set()
    at = 0
    for match in _NUMBERS.finditer(text):
        if not _BETWEEN.fullmatch(text[at : match.start()]):
            raise wrong
        first = int(match[1])
        numbers.update(range(first, int(match[2] or first) + 1))
        at = match.end()
    if not numbers or not _BETWEEN.fullmatch(text[at:]) or not numbers <= set(range(1, most + 1)):
        raise wrong
    return sorted(numbers)


COMMAND = Command(
    name="gallery-delete",
    summary="Throw pictures away",
    params=GalleryDelete,
    run=_run,
    private=True,
    hidden=True,
)
