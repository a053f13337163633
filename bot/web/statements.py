"""/statements/…: a person's own transfers as a file, made when it is fetched."""

from __future__ import annotations

from aiohttp import web

from bot.web.answer import STATEMENTS
from bot.web.site import SITE, known
from core import statements


def routes() -> list[web.RouteDef]:
    """The one address."""
    return [web.get(f"{STATEMENTS}credits.csv", credits)]


async def credits(request: web.Request) -> web.Response:
    """Everything that happened with this visitor's credits."""
    visitor = await known(request)
    data = await statements.as_csv(request.app[SITE].parts.app, visitor.person)
    return web.Response(
        body=data,
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": "attachment; filename=credits.csv",
        },
    )
