"""persona: photos of somebody to draw portraits from: which there are, one more, one shown or removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import personas as words
from bot.command import Call, Command, Reply
from core import personas
from core.app import App
from core.errors import BadOption, NotFound
from core.messenger import Picture
from core.options import option, pictures_of
from core.sitter import NAME_LENGTH_MAX, PHOTOS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """The options of persona."""

    do: str | None = option(
        "What to do; without it you see your personas, or the one you name",
        default=None,
        choices=("list", "create", "show", "remove"),
    )
    name: str | None = option(
        "Its name, such as Anna",
        default=None,
        main=True,
        suggest="personas",
        length_max=NAME_LENGTH_MAX,
    )
    photo: Picture | None = option("A photo with one face, large and sharp", default=None)
    photo_2: Picture | None = option("A second photo of the same person", default=None)
    photo_3: Picture | None = option("A third photo", default=None)
    photo_4: Picture | None = option("A fourth photo", default=None)
    photo_5: Picture | None = option("A fifth photo", default=None)


def _what(params: Persona) -> str:
    """What is to be done; `/persona Anna` with photos makes one, without it shows it."""
    if params.do is not None:
        return params.do
    if pictures_of(params):
        return "create"
    return "list" if params.name is None else "show"


def _check(_: App, params: Persona) -> None:
    what, photos = _what(params), pictures_of(params)
    if what != "create":
        if photos:
            raise BadOption("too-many-images", max=0)
        return
    if params.name is None:
        raise BadOption("option-missing", option="name")
    personas.checked_name(params.name)
    if not photos:
        raise BadOption("image-missing")


async def _run(app: App, call: Call, params: Persona) -> Reply:
    what = _what(params)
    if what == "list":
        return words.listing(await personas.listed(app, call.person))
    if what == "create":
        assert params.name is not None
        photos = pictures_of(params)
        return words.asking(app, await personas.create(app, call.person, params.name, photos))
    command, act = _WITH_ONE[what]
    if params.name is not None:
        return await act(app, call, await personas.named(app, call.person, params.name))
    mine = await personas.listed(app, call.person)
    if not mine:
        raise NotFound("personas-none", max=PHOTOS_MAX)
    if len(mine) > 1:
        return words.which(command, mine)
    return await act(app, call, mine[0].id)


_WITH_ONE: dict[str, tuple[str, Callable[[App, Call, str], Awaitable[Reply]]]] = {
    "show": (words.SHOW, words.shown),
    "remove": (words.REMOVE, words.removed),
}


COMMAND = Command(
    name="persona",
    summary="Keep photos of yourself for portraits",
    params=Persona,
    run=_run,
    private=True,
    suggest_own=words.suggest,
    check=_check,
)
