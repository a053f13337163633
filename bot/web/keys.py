"""/keys: where people put in a key of theirs; by their session, or by a ticket from the chat."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot import i18n, own_keys
from bot.links import takes_secrets
from bot.web.site import SITE, Turned, check_token, known
from bot.web.visitor import Visitor, language_of
from core import keys, preferences
from core.errors import Busy, NotFound, UserError
from core.people import account

KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """For whom a key is put in, to be sent to `action`: by a ticket, or as a `visitor` who is known."""

    person: str
    language: str
    action: str
    ticket: str | None = None
    visitor: Visitor | None = None


def routes() -> list[web.RouteDef]:
    """The two doors to the form."""
    return [
        web.get("/keys", ask),
        web.post("/keys", take),
        web.get("/keys/{ticket}", ask),
        web.post("/keys/{ticket}", take),
    ]


async def ask(request: web.Request) -> web.Response:
    """The form; looking at it uses nothing up."""
    holder = await _holder(request)
    return await _form(request, holder, chosen=request.query.get("vendor", ""))


async def take(request: web.Request) -> web.Response:
    """Try a key and keep it; what is wrong with it is said above the same form."""
    holder = await _holder(request)
    form = await _posted(request)
    if holder.visitor is not None:
        check_token(request, holder.visitor, form.get("token", ""))
    # Where there is a ticket, only who has it knows where to send the form to.
    app = request.app[SITE].parts.app
    vendor = form.get("vendor", "")
    try:
        added = await keys.add(app, holder.person, vendor, form.get(KEY, ""), ticket=holder.ticket)
    except NotFound as error:
        raise Turned.by(error, 410) from error
    except Busy as error:
        raise Turned.by(error, 429) from error
    except UserError as error:
        problem = i18n.translate(holder.language, error.key, error.values)
        return await _form(request, holder, chosen=vendor, problem=problem)
    done = i18n.sentences(holder.language, own_keys.added(added))
    return await _form(request, holder, done=done)


async def _holder(request: web.Request) -> Holder:
    """Who has come; raises Turned where they have to come otherwise, or no key may be put in here."""
    app = request.app[SITE].parts.app
    if not takes_secrets(app.rules.page_url):
        raise Turned("keys-page-not-safe", 403)
    ticket = request.match_info.get("ticket")
    if ticket is None:
        visitor = await known(request)
        return Holder(
            person=visitor.person,
            language=visitor.language,
            action=own_keys.PAGE,
            visitor=visitor,
        )
    try:
        person = await keys.peek_ticket(app, ticket)
    except NotFound as error:
        raise Turned.by(error, 410) from error
    chosen = await preferences.glance_at(app, person)
    return Holder(
        person=person,
        language=chosen.language or language_of(request),
        action=f"{own_keys.PAGE}/{ticket}",
        ticket=ticket,
    )


async def _posted(request: web.Request) -> dict[str, str]:
    """The form's fields that are texts."""
    try:
        form = await request.post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest(text="This is not a form.") from error
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _form(
    request: web.Request,
    holder: Holder,
    *,
    chosen: str = "",
    problem: str = "",
    done: tuple[str, ...] = (),
) -> web.Response:
    site = request.app[SITE]
    found = keys.vendors(site.parts.app)
    response = site.renderer.key_form(
        holder.language,
        status=400 if problem else 200,
        holder=holder,
        account=await account(site.parts.app, holder.person),
        vendors=found,
        chosen=chosen if len(found) != 1 else found[0].name,
        problem=problem,
        done=done,
    )
    if holder.visitor is not None and not site.door.is_open:
        site.door.remember(response, holder.visitor.visit)
    return response
