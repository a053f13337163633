"""/login/…: a one-time link from the chat becomes a session; and signing out."""

from __future__ import annotations

from collections import OrderedDict

from aiohttp import web

from bot.web.site import SITE, Turned, check_token, known
from bot.web.visitor import COOKIE_LENGTH_MAX
from core import logins
from core.clock import Clock

FAILED_MAX = 20
FAILED_WITHIN_S = 60.0
PLACES_MAX = 1000
CRAWLERS = (
    "discordbot",
    "telegrambot",
    "whatsapp",
    "slackbot",
    "twitterbot",
    "facebookexternalhit",
)


class FailedLogins:
    """How often links failed from one place lately; old places are forgotten, so it stays small."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def _count(self, place: str) -> tuple[int, float]:
        now = self._clock.steady_s()
        count, since = self._failed.get(place, (0, now))
        return (0, now) if now - since > FAILED_WITHIN_S else (count, since)

    def too_many(self, place: str) -> bool:
        """Whether this place has to wait."""
        return self._count(place)[0] >= FAILED_MAX

    def add(self, place: str) -> None:
        """One more."""
        count, since = self._count(place)
        self._failed[place] = (count + 1, since)
        self._failed.move_to_end(place)
        while len(self._failed) > PLACES_MAX:
            self._failed.popitem(last=False)


FAILED = web.AppKey("failed-logins", FailedLogins)


def routes() -> list[web.RouteDef]:
    """The two addresses."""
    return [web.get("/login/{token}", enter, allow_head=False), web.post("/leave", leave)]


def _only_looks(request: web.Request) -> bool:
    agent = request.headers.get("User-Agent", "").lower()
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" in purpose or any(name in agent for name in CRAWLERS)


async def enter(request: web.Request) -> web.StreamResponse:
    """Use a link up and open a session."""
    site = request.app[SITE]
    if not site.door.is_open:
        raise web.HTTPSeeOther("/")
    # Chats and browsers fetch links to show what is behind them; that must not use one up.
    if _only_looks(request):
        raise Turned("login-needed", 401)
    failed = request.app[FAILED]
    place = request.remote or ""
    if failed.too_many(place):
        raise Turned("page-login-often", 429)
    session = await logins.enter(site.parts.app, request.match_info["token"][:COOKIE_LENGTH_MAX])
    if session is None:
        failed.add(place)
        raise Turned("login-over", 410)
    response = web.HTTPSeeOther("/", headers={"Cache-Control": "no-store"})
    site.door.remember(response, session)
    raise response


async def leave(request: web.Request) -> web.StreamResponse:
    """Sign out."""
    site = request.app[SITE]
    visitor = await known(request)
    form = await request.post()
    check_token(request, visitor, str(form.get("token", "")))
    if site.door.is_open:
        await logins.leave(site.parts.app, visitor.visit)
    response = web.HTTPSeeOther("/")
    response.del_cookie(site.door.cookie)
    raise response
