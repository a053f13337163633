"""/files/…: stored pictures under signed addresses that are over after a while."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from bot.web.site import SITE, Turned
from core import pages
from core.errors import NotFound

TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
}


def routes() -> list[web.RouteDef]:
    """The files' address."""
    return [web.get("/files/{sha256}/{until}/{signature}/{name}", file)]


async def file(request: web.Request) -> web.Response:
    """A picture, to be shown or (`?download`) to be kept."""
    site = request.app[SITE]
    match = request.match_info
    sha256, until, name = match["sha256"], match["until"], match["name"]
    if not site.parts.links.good(sha256, until, match["signature"], name):
        raise Turned("page-file-over", 403)
    try:
        data = await pages.file(site.parts.app, sha256)
    except NotFound as error:
        raise Turned(error.key, 404) from error
    left_s = int(until) - int(site.parts.app.clock.now().timestamp())
    kept = "attachment" if "download" in request.query else "inline"
    return web.Response(
        body=data,
        content_type=TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream"),
        headers={
            "Cache-Control": f"private, max-age={max(0, left_s)}, immutable",
            "Content-Disposition": f"{kept}; filename*=UTF-8''{quote(name, safe='')}",
        },
    )
