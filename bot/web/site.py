"""What every handler of the page stands on, and the forms that come in."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.web.parts import Parts
from bot.web.render import Renderer
from bot.web.visitor import Doorkeeper, Visitor, language_of
from core.errors import UserError, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The parts, the door and the templates."""

    parts: Parts
    door: Doorkeeper
    renderer: Renderer


SITE = web.AppKey("site", Site)


class Turned(Exception):
    """A request that is answered with one sentence and nothing else; `key` names it in the locales."""

    def __init__(self, key: str, status: int, **values: Value) -> None:
        super().__init__(key)
        self.key = key
        self.status = status
        self.values = values

    @classmethod
    def by(cls, error: UserError, status: int) -> Turned:
        """A refusal of the rules as the answer to a request."""
        return cls(error.key, status, **error.values)


async def known(request: web.Request) -> Visitor:
    """Who this is; raises Turned where they have to come with a link first."""
    visitor = await request.app[SITE].door.visitor(request)
    if visitor is None:
        raise Turned("login-needed", 401)
    return visitor


def check_token(request: web.Request, visitor: Visitor, token: str) -> None:
    """Raise Turned where a form is not one that we gave to this visitor."""
    if not request.app[SITE].door.good_token(visitor, token):
        raise Turned("page-stale", 403)


def wants_json(request: web.Request) -> bool:
    """Whether our script asks, not a form."""
    return "application/json" in request.headers.get("Accept", "")


def turned(request: web.Request, refused: Turned) -> web.Response:
    """The one sentence, as the script or a person reads it."""
    renderer = request.app[SITE].renderer
    language = language_of(request)
    page = renderer.note(language, refused.key, refused.status, **refused.values)
    if not wants_json(request):
        return page
    sentence = renderer.sentence(language, refused.key, **refused.values)
    return web.json_response({"notice": sentence}, status=refused.status)
