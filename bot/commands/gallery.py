"""gallery: a person's pictures, page by page: the newest, favourites, of one operation or persona."""

from __future__ import annotations

from dataclasses import dataclass

from bot import gallery as pages
from bot.command import Call, Command, Reply, Suggestion
from bot.gallery import FAVOURITES, NEWEST, Place
from core import gallery
from core.app import App
from core.errors import BadOption
from core.gallery import Show
from core.messenger import Say
from core.options import option

SUGGESTIONS_MAX = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The options of gallery; `at` is the page of a button."""

    show: str = option(
        "What to show: newest, favourites, or what an operation made",
        default=NEWEST,
        main=True,
        suggest="shown",
        length_max=40,
    )
    persona: str | None = option("Only pictures of this persona", default=None, length_max=100)
    at: str | None = option("The page of a button", default=None, length_max=45, hidden=True)


async def _run(app: App, call: Call, params: Gallery) -> Reply:
    if params.at is not None:
        return await pages.shown(app, call, await pages.place_of(app, call.person, params.at))
    show = params.show.lower()
    operation = None
    if show not in {NEWEST, FAVOURITES}:
        theirs = await gallery.operations(app, call.person)
        if show not in {*gallery.showable(app), *theirs}:
            known = ", ".join(_names(app))
            raise BadOption("option-not-choice", option="show", value=show, choices=known)
        operation = show
    shown = Show(favourites=show == FAVOURITES, operation=operation, persona=params.persona)
    return await pages.shown(app, call, Place(show=shown))


def _names(app: App) -> list[str]:
    return [NEWEST, FAVOURITES, *gallery.showable(app)]


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    if option != "show":
        return ()
    fitting = [name for name in _names(app) if typed.lower() in name]
    return tuple(
        Suggestion(value=name, text=Say(key="gallery-suggestion", values={"name": name}))
        for name in fitting[:SUGGESTIONS_MAX]
    )


COMMAND = Command(
    name="gallery",
    summary="Look through your pictures",
    params=Gallery,
    run=_run,
    suggest=_suggest,
    private=True,
)
