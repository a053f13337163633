"""The addresses that vendors call when a picture is done."""

from __future__ import annotations

from aiohttp import web

from bot.web.parts import Parts
from core.errors import NotFound
from core.jobs import hooks

PATH = "/webhooks/replicate"
VENDOR = "replicate"
CALL_LENGTH_MAX = 40


def routes(parts: Parts) -> list[web.RouteDef]:
    """The webhook of each vendor that has one."""

    async def take(request: web.Request) -> web.Response:
        call_id = request.query.get("call", "")[:CALL_LENGTH_MAX]
        body = await request.read()
        try:
            await hooks.hear(parts.app, VENDOR, call_id, request.headers, body)
        except NotFound:
            return web.Response(status=404)
        except hooks.HookDelayed:
            return web.Response(status=503)
        return web.Response(status=200)

    return [web.post(PATH, take)]
