"""/gallery: a person's pictures as a page: favourites, several thrown away, all of them as one file."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web
from multidict import MultiDict

from bot import gallery as pages
from bot import i18n
from bot.command import buttons_for
from bot.gallery import FAVOURITES, NEWEST, Place
from bot.web import exhibits
from bot.web.render import ShownButton
from bot.web.site import SITE, Turned, check_token, known, wants_json
from bot.web.visitor import Visitor
from core import archive, gallery, removal
from core.app import App
from core.errors import BadImage, Busy, NotFound, UserError
from core.gallery import Mark, ResultRow, Show
from core.jobs import cancel, library
from core.messenger import Say

PAGE = 24
SMALL_S_MAX = 30 * 24 * 3600
NAME_LENGTH_MAX = 100
NUMBER_LENGTH_MAX = 4
PERSON_ZIPS_MAX = 2
ZIPS_MAX = 16

ZIPS: web.AppKey[Counter[str]] = web.AppKey("zips")
# A page asks for all of its thumbnails at once, and jobs need the same hands.
SMALL_AT_ONCE = 4
SMALL_ONES: web.AppKey[asyncio.Semaphore] = web.AppKey("small-ones")

_TOLD = {
    "deleted": "gallery-deleted",
    "stay": "gallery-messages-stay",
    "running": "gallery-running-left",
}
_ONE = "/{job:[0-9a-f]{32}}/{position:[1-9]}"


def routes() -> list[web.RouteDef]:
    """The gallery's addresses."""
    here = exhibits.ADDRESS
    return [
        web.get(here, page),
        web.post(here, act),
        web.get(f"{here}/zip", everything, allow_head=False),
        web.get(here + _ONE, one),
        web.get(f"{here}{_ONE}/file", file, allow_head=False),
        web.get(f"{here}{_ONE}/small", small),
    ]


async def page(request: web.Request) -> web.Response:
    """Pictures as tiles: the newest, or those of the filter and the place that were asked for."""
    visitor = await known(request)
    return await _page(request, visitor, await _place(request, visitor), _told(request))


async def _page(
    request: web.Request, visitor: Visitor, place: Place, told: list[Say]
) -> web.Response:
    site = request.app[SITE]
    app, show = site.parts.app, place.show
    found = await pages.page(app, visitor.person, place, PAGE)
    operations = await gallery.operations(app, visitor.person)
    personas = await gallery.personas(app, visitor.person)
    if not found.pictures:
        told.append(pages.empty(show))
    response = site.renderer.whole(
        "gallery.html",
        visitor.language,
        200,
        visitor=visitor,
        can_sign_out=site.door.is_open,
        told=i18n.sentences(visitor.language, tuple(told)),
        tiles=[exhibits.tile(row, site.parts.links, show) for row in found.pictures],
        filters=exhibits.filters(visitor.language, show, operations, personas),
        newer=exhibits.newer(found, show),
        older=exhibits.older(found, show),
        place=place.pack(),
        whole=Place(show=show).pack(),
    )
    return _remembered(request, visitor, response)


async def one(request: web.Request) -> web.Response:
    """One picture, large, with all that is known of it and all that can be done with it."""
    visitor = await known(request)
    site = request.app[SITE]
    app = site.parts.app
    row = await _asked_for(request, visitor)
    show = (await _nearest(app, visitor, request.query.get("in", "s"))).show
    parent = await gallery.first_of(app, visitor.person, row.parent_id)
    before, after = await gallery.neighbours(app, visitor.person, show, row.mark)
    within = f"?in={Place(show=show).pack()}"
    response = site.renderer.whole(
        "exhibit.html",
        visitor.language,
        200,
        visitor=visitor,
        can_sign_out=site.door.is_open,
        tile=exhibits.tile(row, site.parts.links, show),
        told=i18n.sentences(visitor.language, pages.told(row)),
        parameters=exhibits.parameters(row),
        buttons=await _buttons(request, visitor, row),
        parent=exhibits.path_of(parent.mark) if parent is not None else None,
        before=exhibits.path_of(before) + within if before is not None else None,
        after=exhibits.path_of(after) + within if after is not None else None,
        place=Place(show=show).pack(),
    )
    return _remembered(request, visitor, response)


async def _buttons(request: web.Request, visitor: Visitor, row: ResultRow) -> list[ShownButton]:
    """The buttons of the picture's job, without those that this page has by itself."""
    site = request.app[SITE]
    app = site.parts.app
    job = await library.own(app, visitor.person, row.job_id)
    count = len(await library.pictures(app, row.job_id))
    actions = gallery.actions(app, job, count, row.position + 1)
    buttons = [
        # There is one picture here, whatever its number is.
        dataclasses.replace(item, label=i18n.button_label(visitor.language, item.command))
        for item in buttons_for(row.job_id, actions)
        if item.command not in {"favourite", "original", "delete"}
    ]
    return [site.renderer.button(button, visitor.language) for button in buttons]


async def file(request: web.Request) -> web.Response:
    """Leads to a fresh signed address of a picture; `?download` is counted."""
    visitor = await known(request)
    site = request.app[SITE]
    row = await _asked_for(request, visitor)
    query = ""
    if "download" in request.query:
        query = "?download"
        await gallery.downloaded(site.parts.app, [row.mark])
    address = site.parts.links.path(row.sha256, archive.file_name(row)) + query
    raise web.HTTPFound(address, headers={"Cache-Control": "no-store"})


async def small(request: web.Request) -> web.Response:
    """The thumbnail of a picture; where none can be made now, the picture itself."""
    visitor = await known(request)
    site = request.app[SITE]
    row = await _asked_for(request, visitor)
    try:
        async with request.app[SMALL_ONES]:
            made = await gallery.small(site.parts.app, visitor.person, row)
    except NotFound as error:
        raise Turned.by(error, 404) from error
    except (BadImage, Busy):
        address = site.parts.links.path(row.sha256, archive.file_name(row))
        raise web.HTTPFound(address, headers={"Cache-Control": "no-store"}) from None
    return web.Response(
        body=made.data,
        content_type=made.media_type,
        # Its address has a part of the picture's hash in it.
        headers={"Cache-Control": f"private, max-age={SMALL_S_MAX}, immutable"},
    )


async def everything(request: web.Request) -> web.StreamResponse:
    """All pictures that are shown as one file."""
    visitor = await known(request)
    app = request.app[SITE].parts.app
    place = await _read_place(app, visitor, request.query.get("at", "s"))
    return await _send(request, visitor, archive.streamed(app, visitor.person, place.show))


async def act(request: web.Request) -> web.StreamResponse:
    """What the form on the page was sent for: a star, or something with the chosen pictures."""
    visitor = await known(request)
    form = await _posted(request)
    check_token(request, visitor, form.get("token", ""))
    place = await _read_place(request.app[SITE].parts.app, visitor, form.get("at", "s"))
    star = exhibits.read_key(form.get("star", ""))
    if star is not None:
        return await _star(request, visitor, place, star, alone="alone" in form)
    chosen = [mark for text in form.getall("picture", []) if (mark := exhibits.read_key(text))]
    match form.get("do"):
        case "stay":  # what a browser sends where somebody presses Enter without a button
            raise web.HTTPSeeOther(exhibits.at(place))
        case "zip" if chosen:
            app = request.app[SITE].parts.app
            pieces = archive.streamed_some(app, visitor.person, chosen[: removal.AT_ONCE_MAX])
            return await _send(request, visitor, pieces)
        case "delete" if chosen:
            return await _ask(request, visitor, place, chosen)
        case "delete-all":
            return await _ask(request, visitor, place, None)
        case "delete-yes" if chosen:
            return await _delete(request, visitor, place, chosen)
    return await _page(request, visitor, place, [Say(key="gallery-page-none")])


async def _star(
    request: web.Request, visitor: Visitor, place: Place, mark: Mark, *, alone: bool
) -> web.Response:
    try:
        on = await gallery.favourite(request.app[SITE].parts.app, visitor.person, mark)
    except UserError as error:
        raise Turned("page-not-found", 404) from error
    if wants_json(request):
        return web.json_response({"favourite": on})
    if alone:
        raise web.HTTPSeeOther(f"{exhibits.path_of(mark)}?in={Place(show=place.show).pack()}")
    raise web.HTTPSeeOther(f"{exhibits.at(place)}#{exhibits.key_of(mark)}")


async def _ask(
    request: web.Request, visitor: Visitor, place: Place, chosen: list[Mark] | None
) -> web.Response:
    """Whether these pictures are really to be thrown away; None: all that are shown."""
    site = request.app[SITE]
    app, left = site.parts.app, 0
    if chosen is None:
        found = await gallery.page(app, visitor.person, place.show, None, removal.AT_ONCE_MAX)
        rows = list(found.pictures)
        left = await gallery.count(app, visitor.person, place.show) - len(rows)
    else:
        rows = await gallery.some(app, visitor.person, chosen[: removal.AT_ONCE_MAX])
    if not rows:
        return await _page(request, visitor, place, [Say(key="gallery-page-none")])
    lines = pages.asked(rows, max(0, left))
    response = site.renderer.whole(
        "gallery_delete.html",
        visitor.language,
        200,
        visitor=visitor,
        can_sign_out=site.door.is_open,
        told=i18n.sentences(visitor.language, lines),
        tiles=[exhibits.tile(row, site.parts.links, place.show) for row in rows],
        back=exhibits.at(place),
        place=place.pack(),
    )
    return _remembered(request, visitor, response)


async def _delete(
    request: web.Request, visitor: Visitor, place: Place, chosen: list[Mark]
) -> web.Response:
    app = request.app[SITE].parts.app
    removed = await removal.remove(app, visitor.person, chosen[: removal.AT_ONCE_MAX])
    running = len(await cancel.open_jobs(app, visitor.person))
    query = f"&deleted={removed.pictures}&stay={removed.stay}&running={running}"
    raise web.HTTPSeeOther(exhibits.at(place) + query)


async def _send(
    request: web.Request, visitor: Visitor, pieces: AsyncGenerator[bytes, None]
) -> web.StreamResponse:
    """A file that is made while it is sent; one person has few of them at once."""
    open_ones = request.app[ZIPS]
    if open_ones[visitor.person] >= PERSON_ZIPS_MAX or open_ones.total() >= ZIPS_MAX:
        raise Turned("gallery-page-zips", 429)
    response = web.StreamResponse(
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": "attachment; filename=gallery.zip",
            "X-Accel-Buffering": "no",
        }
    )
    response.content_type = "application/zip"
    open_ones[visitor.person] += 1
    try:
        await response.prepare(request)
        async with aclosing(pieces):
            async for piece in pieces:
                await response.write(piece)
        await response.write_eof()
    finally:
        open_ones[visitor.person] -= 1
        if not open_ones[visitor.person]:
            del open_ones[visitor.person]
    return response


async def _posted(request: web.Request) -> MultiDict[str]:
    """The form's fields that are texts; a name may have several."""
    try:
        form = await request.post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest(text="This is not a form.") from error
    return MultiDict((name, value) for name, value in form.items() if isinstance(value, str))


async def _asked_for(request: web.Request, visitor: Visitor) -> ResultRow:
    match = request.match_info
    mark = Mark(match["job"], int(match["position"]) - 1)
    try:
        return await gallery.find(request.app[SITE].parts.app, visitor.person, mark)
    except UserError as error:
        # Whether somebody else has it is nobody's business.
        raise Turned("page-not-found", 404) from error


async def _place(request: web.Request, visitor: Visitor) -> Place:
    """Where in the gallery an address leads; raises Turned."""
    query = request.query
    if "at" in query:
        return await _nearest(request.app[SITE].parts.app, visitor, query["at"])
    shown = _name(query.get("show", NEWEST))
    operation = None if shown in {NEWEST, FAVOURITES} else shown
    persona = _name(query.get("persona", "")) or None
    show = Show(favourites=shown == FAVOURITES, operation=operation, persona=persona)
    return Place(show=show)


def _name(told: str) -> str:
    """A name as it can be looked for: PostgreSQL takes no zero byte."""
    return told[:NAME_LENGTH_MAX].replace("\x00", "?")


async def _read_place(app: App, visitor: Visitor, packed: str) -> Place:
    """A place that something is to be done with; raises Turned where there is none."""
    try:
        return await pages.place_of(app, visitor.person, packed)
    except UserError as error:
        raise Turned.by(error, 404) from error


async def _nearest(app: App, visitor: Visitor, packed: str) -> Place:
    """A place to look at: of what is gone altogether, the whole gallery is nearest."""
    try:
        return await pages.place_of(app, visitor.person, packed)
    except UserError:
        return Place(show=Show())


def _told(request: web.Request) -> list[Say]:
    """What was done before this page was shown."""
    lines = []
    for name, key in _TOLD.items():
        text = request.query.get(name, "")[:NUMBER_LENGTH_MAX]
        if text.isascii() and text.isdigit() and (int(text) or name == "deleted"):
            known_key = key if int(text) else "gallery-deleted-before"
            lines.append(Say(key=known_key, values={"count": int(text)}))
    return lines


def _remembered(request: web.Request, visitor: Visitor, response: web.Response) -> web.Response:
    """The page with the cookie that its forms belong to."""
    door = request.app[SITE].door
    if not door.is_open:
        door.remember(response, visitor.visit)
    return response
