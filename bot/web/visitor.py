"""Who visits the page, and whether a request is really theirs: session, Host, Origin, form token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot import i18n
from bot.web.parts import Parts
from core import logins, preferences
from core.people import recognise

OPERATOR = "operator"
PLATFORM = "web"
VISIT_BYTES = 24
COOKIE_LENGTH_MAX = 64
LANGUAGES_MAX = 10
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person at the page; `visit` is the cookie's value, `form_token` proves a form is our own."""

    person: str
    language: str
    visit: str
    form_token: str


class Doorkeeper:
    """Tells who a request comes from; knows the address once the server listens."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        key = parts.settings.master_key
        assert key is not None
        self._key = hashlib.sha256(b"forms:" + key.get_secret_value().encode()).digest()
        self.port = parts.settings.port

    @property
    def is_open(self) -> bool:
        """Whether only people with a link are let in."""
        return self._parts.settings.page_is_open

    @property
    def cookie(self) -> str:
        """The cookie's name; ports share cookies, so a local one names its port."""
        return "atelier" if self.is_open else f"atelier-{self.port}"

    @property
    def secure(self) -> bool:
        """Whether people come by https."""
        return (self._parts.settings.page_url or "").startswith("https://")

    async def visitor(self, request: web.Request) -> Visitor | None:
        """Who this is; None where the page is open and they have no session."""
        visit = request.cookies.get(self.cookie, "")[:COOKIE_LENGTH_MAX]
        app = self._parts.app
        if self.is_open:
            person = await logins.person_of(app, visit) if visit else None
        else:
            visit = visit or secrets.token_urlsafe(VISIT_BYTES)
            person = await recognise(app, PLATFORM, OPERATOR, OPERATOR)
        if person is None:
            return None
        chosen = await preferences.glance_at(app, person)
        return Visitor(
            person=person,
            language=chosen.language or language_of(request),
            visit=visit,
            form_token=self._token(visit),
        )

    def remember(self, response: web.StreamResponse, visit: str) -> None:
        """Set the cookie by which the visitor is known again, for 30 days."""
        response.set_cookie(
            self.cookie,
            visit,
            max_age=int(logins.SESSION_S_MAX),
            httponly=True,
            samesite="Lax",
            secure=self.secure,
        )

    def good_token(self, visitor: Visitor, token: str) -> bool:
        """Whether a form's token was made for this visitor."""
        return hmac.compare_digest(visitor.form_token.encode(), token.encode())

    def good_host(self, request: web.Request) -> bool:
        """Whether a page for this machine only was asked for under one of its own names.

        Another website's name that suddenly points here (DNS rebinding) is not one of them.
        """
        if self.is_open:
            return True
        names = {f"{name}:{self.port}" for name in LOCAL_NAMES}
        if self.port == 80:
            names.update(LOCAL_NAMES)
        return request.host.lower() in names

    def good_origin(self, request: web.Request) -> bool:
        """Whether a browser says that a request comes from our own page, or says nothing.

        A form sent under our Referrer-Policy has the Origin "null"; its token decides.
        """
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("Origin")
        if origin is None or origin == "null":
            return True
        ours = {request.host.lower()}
        if self._parts.settings.page_url is not None:
            ours.add(urlsplit(self._parts.settings.page_url).netloc.lower())
        return urlsplit(origin).netloc.lower() in ours

    def _token(self, visit: str) -> str:
        return hmac.new(self._key, visit.encode(), hashlib.sha256).hexdigest()


def language_of(request: web.Request) -> str:
    """The first of the browser's languages that there are sentences in."""
    known = i18n.languages()
    accepted = request.headers.get("Accept-Language", "").split(",")[:LANGUAGES_MAX]
    for item in accepted:
        code = item.partition(";")[0].strip()
        for candidate in (code, code.partition("-")[0]):
            if candidate in known:
                return candidate
    return i18n.FALLBACK
