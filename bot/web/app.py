"""The web server: every address there is, the headers of every answer, and its start and end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from aiohttp import web
from redis.asyncio import Redis

from bot.settings import SettingsError
from bot.web import (
    assets,
    chat,
    events,
    files,
    gallery,
    health,
    keys,
    login,
    statements,
    stripe,
    vendors,
)
from bot.web.login import FailedLogins
from bot.web.parts import Parts
from bot.web.render import Renderer
from bot.web.site import SITE, Site, Turned, turned
from bot.web.visitor import Doorkeeper
from core.shipped_styles import EXAMPLE_TYPE

log = structlog.get_logger(__name__)

Webhook = Callable[[str, bytes], Awaitable[int]]

BODY_BYTES_MAX = 2**20
SHUTDOWN_S_MAX = 2.0
STATIC_S_MAX = 365 * 24 * 3600
SECRET_LENGTH_MAX = 256
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
WEBHOOKS = "/webhooks/"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@contextlib.asynccontextmanager
async def serve(parts: Parts, *, telegram_webhook: Webhook | None = None) -> AsyncIterator[str]:
    """Listen on HOST and PORT; gives the address for people. Raises SettingsError for a taken port."""
    app = make_app(parts, telegram_webhook=telegram_webhook)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S_MAX)
    await runner.setup()
    try:
        port = await _listen(runner, parts.settings.host, parts.settings.port)
        app[SITE].door.port = port
        yield _address(parts, port)
    finally:
        await runner.cleanup()


def make_app(parts: Parts, *, telegram_webhook: Webhook | None = None) -> web.Application:
    """The application with all its addresses."""
    app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[_turn, _guard])
    app[SITE] = Site(
        parts=parts,
        door=Doorkeeper(parts),
        renderer=Renderer(parts.dispatch, parts.links),
    )
    app[events.STREAMS] = set()
    app[gallery.ZIPS] = Counter()
    app[gallery.SMALL_ONES] = asyncio.Semaphore(gallery.SMALL_AT_ONCE)
    app[login.FAILED] = FailedLogins(parts.app.clock)
    app.cleanup_ctx.append(_redis(parts.redis_url))
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(events.end_streams)
    for part in (chat, events, files, gallery, health, keys, login, statements):
        app.add_routes(part.routes())
    app.router.add_get("/static/{name}", _static_files())
    app.add_routes(stripe.routes(parts))
    app.add_routes(vendors.routes(parts))
    if telegram_webhook is not None:
        app.router.add_post(f"{WEBHOOKS}telegram", _telegram(telegram_webhook))
    return app


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    """The port, which the system chooses where none is asked for."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"PORT: {port} is taken on {host} by another program. End that one, or set "
                "PORT to another number (0 takes any free one)."
            ) from error
        if error.errno == errno.EACCES:
            raise SettingsError(f"PORT: this user may not listen on {port}. Try 8080.") from error
        raise SettingsError(f"HOST: cannot listen on {host} ({error.strerror})") from error
    return int(runner.addresses[0][1])


def _address(parts: Parts, port: int) -> str:
    if parts.settings.public_url is not None:
        return parts.settings.public_url
    host = parts.settings.host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _redis(url: str) -> Callable[[web.Application], AsyncIterator[None]]:
    async def opened(app: web.Application) -> AsyncIterator[None]:
        app[health.REDIS] = Redis.from_url(url, socket_connect_timeout=health.CHECK_S_MAX)
        yield
        await app[health.REDIS].aclose()

    return opened


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


@web.middleware
async def _turn(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer what was turned away with its sentence, and a wrong address too."""
    try:
        return await handler(request)
    except Turned as refused:
        return turned(request, refused)
    except web.HTTPNotFound:
        return turned(request, Turned("page-not-found", 404))
    except web.HTTPClientError as refused:
        return turned(request, Turned("page-refused", refused.status))
    except web.HTTPException:
        raise
    except Exception:  # the supervisor of the page: a full disk must still be told in words
        reference = secrets.token_hex(4)
        log.exception("request failed", reference=reference, path=_route(request))
        return turned(request, Turned("internal-error", 500, reference=reference))


def _route(request: web.Request) -> str:
    """Which address it was, without what opens a door in it: a link's token or a ticket."""
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical


@web.middleware
async def _guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Let in only requests under our own name, and changes only from our own page."""
    door = request.app[SITE].door
    # A machine calls the webhooks, under whatever name, and proves itself by their secret.
    if not request.path.startswith(WEBHOOKS):
        if not door.good_host(request):
            raise Turned("page-host", 403)
        if request.method not in {"GET", "HEAD"} and not door.good_origin(request):
            raise Turned("page-elsewhere", 403)
    return await handler(request)


def _static_files() -> Callable[[web.Request], Awaitable[web.Response]]:
    """The few small files of the page, kept in memory under names that change with them."""

    async def static(request: web.Request) -> web.Response:
        found = assets.assets().get(request.match_info["name"])
        if found is None:
            raise Turned("page-not-found", 404)
        fresh = request.query.get("v") == found.version
        kept = f"public, max-age={STATIC_S_MAX}, immutable" if fresh else "no-cache"
        return web.Response(
            body=found.data,
            content_type=found.media_type,
            charset=None if found.media_type == EXAMPLE_TYPE else "utf-8",
            headers={"Cache-Control": kept, "ETag": f'"{found.version}"'},
        )

    return static


def _telegram(webhook: Webhook) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def take(request: web.Request) -> web.Response:
        secret = request.headers.get(SECRET_HEADER, "")[:SECRET_LENGTH_MAX]
        return web.Response(status=await webhook(secret, await request.read()))

    return take
