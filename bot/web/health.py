"""/healthz: the process lives. /readyz: it can work, or which part keeps it from that."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.web.site import SITE
from core import pages
from core.ids import new_id

log = structlog.get_logger(__name__)

CHECK_S_MAX = 1.0
REDIS = web.AppKey("redis", Redis)


def routes() -> list[web.RouteDef]:
    """The two addresses."""
    return [web.get("/healthz", alive), web.get("/readyz", ready)]


async def alive(_: web.Request) -> web.Response:
    """Always fine: an answer is all that is asked."""
    return web.json_response({"alive": True})


async def ready(request: web.Request) -> web.Response:
    """200 where database and Redis answer within a second, else 503; both are named."""
    database, redis = await asyncio.gather(_database(request), _redis(request))
    ok = database and redis
    return web.json_response(
        {"ready": ok, "database": database, "redis": redis}, status=200 if ok else 503
    )


async def _database(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(CHECK_S_MAX):
            await pages.latest(request.app[SITE].parts.app, new_id(), 1)
    except Exception as error:  # noqa: BLE001 - whatever a database raises, it is not ready
        log.warning("database not ready", error=repr(error))
        return False
    return True


async def _redis(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(CHECK_S_MAX):
            await request.app[REDIS].ping()
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("redis not ready", error=repr(error))
        return False
    return True
