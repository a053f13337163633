"""The page itself: what was said, commands and buttons coming in, and pictures by message."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator

from aiohttp import web

from bot import i18n
from bot.catalogue import typed
from bot.command import Button, Call, Identity, Reply
from bot.commandline import parse
from bot.dispatch import refusal
from bot.web import answer
from bot.web.render import PLAIN, TEXT_LENGTH_MAX, join_words
from bot.web.site import SITE, Site, Turned, check_token, known, wants_json
from bot.web.uploads import FILES_MAX, REQUEST_BYTES_MAX, Posted, TooLarge, posted
from bot.web.visitor import OPERATOR, PLATFORM, Visitor
from core import gallery, pages
from core.errors import UserError
from core.ids import is_id, new_id
from core.messenger import Address

SHOWN_MAX = 30


def routes() -> list[web.RouteDef]:
    """The page's addresses."""
    return [
        web.get("/", page),
        web.post("/send", send),
        web.post("/press", press),
        web.post("/dismiss", dismiss),
        web.get("/picture/{message}/{place}", picture, allow_head=False),
        web.get("/preview/{message}/{revision}", preview),
    ]


async def page(request: web.Request) -> web.Response:
    """The latest messages, or those before an id, with the box to write in."""
    site = request.app[SITE]
    visitor = await known(request)
    before = request.query.get("before", "")
    rows = await pages.latest(
        site.parts.app, visitor.person, SHOWN_MAX + 1, before if is_id(before) else None
    )
    response = site.renderer.page(
        [row for row in rows[-SHOWN_MAX:] if row.revision],
        visitor,
        message_id=new_id(),
        earlier=rows[1].id if len(rows) > SHOWN_MAX else None,
        paging=bool(before),
        can_sign_out=site.door.is_open,
    )
    if not site.door.is_open:
        site.door.remember(response, visitor.visit)
    return response


async def send(request: web.Request) -> web.Response:
    """Words and pictures as a command; words alone are something to draw."""
    visitor = await known(request)
    async with _form(request, visitor) as form:
        text = form.text("text").replace("\r\n", "\n").strip()[:TEXT_LENGTH_MAX]
        words = join_words(text, [item.name for item in form.uploads])
        return await _carry_out(request, visitor, form, words, text=text)


async def press(request: web.Request) -> web.Response:
    """A button, with the words of its form where it has one."""
    visitor = await known(request)
    async with _form(request, visitor) as form:
        button = Button.unpack(form.text("button"))
        if button is None:
            raise Turned("button-unknown", 400)
        label = i18n.button_label(visitor.language, button.command, button.position)
        said = form.text("prompt").replace("\r\n", "\n").strip()[:TEXT_LENGTH_MAX]
        words = f"{label}: {said}" if said else label
        return await _carry_out(request, visitor, form, words, button=button)


async def dismiss(request: web.Request) -> web.Response:
    """Take one message off the page; jobs are thrown away by their own button."""
    visitor = await known(request)
    async with _form(request, visitor) as form:
        await pages.remove(request.app[SITE].parts.app, form.text("message"), visitor.person)
        return _done(request, {"removed": form.text("message")})


async def picture(request: web.Request) -> web.Response:
    """A message's picture under an address that stays: leads to a fresh signed one."""
    site = request.app[SITE]
    found = await _answer(request)
    place = request.match_info["place"]
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else 0
    if not 1 <= number <= len(found.pictures):
        raise Turned("page-not-found", 404)
    wanted = found.pictures[number - 1]
    kind = wanted.media_type.partition("/")[2]
    name = found.names[number - 1] if found.names else f"picture-{number}.{kind}"
    query = "?download" if "download" in request.query else ""
    if query:
        visitor = await known(request)
        await gallery.downloaded_file(site.parts.app, visitor.person, wanted.sha256)
    raise web.HTTPFound(
        site.parts.links.path(wanted.sha256, name) + query, headers={"Cache-Control": "no-store"}
    )


async def preview(request: web.Request) -> web.Response:
    """The small picture of an unfinished job."""
    found = await _answer(request)
    if found.preview is None:
        raise Turned("page-not-found", 404)
    return web.Response(
        body=found.preview,
        content_type=found.preview_type,
        headers={"Cache-Control": "private, max-age=600"},
    )


async def _answer(request: web.Request) -> answer.Answer:
    visitor = await known(request)
    message_id = request.match_info["message"]
    row = None
    if is_id(message_id):
        row = await pages.find(request.app[SITE].parts.app, visitor.person, message_id)
    if row is None:
        raise Turned("page-not-found", 404)
    return answer.read(row.answer)


@contextlib.asynccontextmanager
async def _form(request: web.Request, visitor: Visitor) -> AsyncIterator[Posted]:
    """A form of this visitor; raises Turned where it is not, or is too large."""
    try:
        async with posted(request) as form:
            check_token(request, visitor, form.text("token"))
            yield form
    except TooLarge as error:
        raise Turned(
            "page-too-large", 413, files=FILES_MAX, max_mb=REQUEST_BYTES_MAX // 2**20
        ) from error


async def _carry_out(
    request: web.Request,
    visitor: Visitor,
    form: Posted,
    words: str,
    *,
    text: str = "",
    button: Button | None = None,
) -> web.Response:
    """Keep the words, run the command, show its answer; the same id again does nothing new."""
    site = request.app[SITE]
    app = site.parts.app
    try:
        # What a person writes is kept before it is carried out; a key must not be.
        site.parts.dispatch.check_text(words)
    except UserError as error:
        raise Turned.by(error, 400) from error
    message_id = form.text("id")
    if not is_id(message_id):
        raise Turned("page-stale", 400)
    if not await pages.add(app, visitor.person, message_id, words):
        before = await pages.find(app, visitor.person, message_id)
        if before is None:
            raise Turned("page-stale", 403)
        # Words without an answer were cut off by a crash: their command has yet to run.
        if before.revision:
            return await _shown(request, visitor, message_id)
    call = _call(visitor, form, message_id)
    reply = await (
        _typed(site, call, text) if button is None else _pressed(site, call, form, button)
    )
    if reply.language is not None and reply.language != visitor.language:
        visitor = await known(request)
    if button is not None and _is_passing(reply):
        await pages.remove(app, message_id)
        notice = " ".join(i18n.sentences(visitor.language, reply.lines))
        return _done(request, {"notice": notice, "removed": message_id})
    for other in reply.beside:
        await _beside(site, call, other)
    shown = answer.write(answer.of_reply(reply))
    await pages.show(app, message_id, shown, final=reply.job_id is None, first=True)
    return await _shown(request, visitor, message_id)


async def _beside(site: Site, call: Call, reply: Reply) -> None:
    """Show another job that the same words began: its message is called as the job is."""
    app = site.parts.app
    if reply.job_id is None:
        return
    added = await pages.add(app, call.person, reply.job_id, reply.prompt or "")
    await pages.show(app, reply.job_id, answer.write(answer.of_reply(reply)), first=True)
    stands = dataclasses.replace(call.address, message=reply.job_id, beside=True)
    in_time = await site.parts.dispatch.answered(reply.job_id, stands)
    if added and not in_time:
        # The same form again, and its message has been thrown away by now.
        await pages.remove(app, reply.job_id)


def _call(visitor: Visitor, form: Posted, message_id: str) -> Call:
    return Call(
        identity=Identity(platform=PLATFORM, id=OPERATOR, name=OPERATOR),
        address=Address(
            platform=PLATFORM,
            place=visitor.person,
            user=visitor.person,
            message=message_id,
            language=visitor.language,
        ),
        inbox=f"{PLATFORM}:{message_id}",
        language=visitor.language,
        uploads=tuple(form.uploads),
        person=visitor.person,
    )


async def _typed(site: Site, call: Call, text: str) -> Reply:
    dispatch = site.parts.dispatch
    try:
        command, arguments = parse(
            text if text.startswith("/") else f"/{PLAIN} {text}",
            typed(dispatch.catalogue, PLATFORM),
        )
    except UserError as error:
        return refusal(error)
    return await dispatch.run(command.name, dataclasses.replace(call, arguments=arguments))


async def _pressed(site: Site, call: Call, form: Posted, button: Button) -> Reply:
    packed = button.pack()
    asked = site.parts.dispatch.form(packed, PLATFORM)
    said = {item.name: form.text(item.name) for item in asked.fields} if asked else {}
    return await site.parts.dispatch.press(packed, dataclasses.replace(call, arguments=said))


def _is_passing(reply: Reply) -> bool:
    """Whether an answer to a button only says that it was done: what changed shows it already."""
    return not (reply.job_id or reply.error or reply.pictures or reply.buttons or reply.prompt)


async def _shown(request: web.Request, visitor: Visitor, message_id: str) -> web.Response:
    site = request.app[SITE]
    row = await pages.find(site.parts.app, visitor.person, message_id)
    if row is None:
        return _done(request, {"removed": message_id})
    html = site.renderer.message(row, visitor)
    return _done(request, {"message": {"id": row.id, "revision": row.revision, "html": html}})


def _done(request: web.Request, told: dict[str, object]) -> web.Response:
    """What the script needs; a form without script goes back to the page."""
    if wants_json(request):
        return web.json_response(told)
    raise web.HTTPSeeOther("/#end")
