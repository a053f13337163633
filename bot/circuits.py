"""Circuits in Redis, shared by all workers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

PREFIX = "atelier:circuit:"
FAILURES = "atelier:failures:"
FAILURES_S = 60
CALLS = "atelier:calls:"
MINUTE_S = 60
REDIS_S_MAX = 1.0


class RedisCircuits:
    """Each open circuit is a key that expires; without Redis, vendors are simply asked."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_connect_timeout=REDIS_S_MAX)

    async def opened(self, names: Collection[str]) -> frozenset[str]:
        """Those that are open now."""
        ordered = sorted(set(names))
        if not ordered:
            return frozenset()
        try:
            async with asyncio.timeout(REDIS_S_MAX):
                found = await self._redis.mget([PREFIX + name for name in ordered])
        except (RedisError, OSError) as error:
            log.warning("circuits not read", error=repr(error))
            return frozenset()
        return frozenset(
            name for name, value in zip(ordered, found, strict=True) if value is not None
        )

    async def failed(self, name: str, open_s: float, chances: int) -> None:
        """The last of `chances` failures in a row opens the circuit for so long."""
        try:
            async with asyncio.timeout(REDIS_S_MAX):
                if chances > 1 and await self._count(name) < chances:
                    return
                await self._redis.set(PREFIX + name, b"open", px=max(1, int(open_s * 1000)))
        except (RedisError, OSError) as error:
            log.warning("circuit not opened", circuit=name, error=repr(error))
            return
        log.warning("circuit opened", circuit=name, open_s=open_s)

    async def _count(self, name: str) -> int:
        key = FAILURES + name
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, FAILURES_S)
            count, _ = await pipe.execute()
        return int(count)

    async def worked(self, name: str) -> None:
        """Forget failures."""
        await self._delete(FAILURES, name)

    async def shut(self, name: str) -> None:
        """Close it now."""
        await self._delete(PREFIX, name)

    async def _delete(self, kind: str, name: str) -> None:
        try:
            async with asyncio.timeout(REDIS_S_MAX):
                await self._redis.delete(kind + name)
        except (RedisError, OSError) as error:
            log.warning("circuit not closed", circuit=name, error=repr(error))

    async def room(self, name: str, per_minute: int) -> float:
        """Count one call; where this minute has no room for it, in how many seconds the next begins."""
        key = CALLS + name
        try:
            async with asyncio.timeout(REDIS_S_MAX):
                async with self._redis.pipeline(transaction=True) as pipe:
                    pipe.set(key, 0, ex=MINUTE_S, nx=True)
                    pipe.incr(key)
                    pipe.pttl(key)
                    _, count, left_ms = await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("calls not counted", circuit=name, error=repr(error))
            return 0.0
        return 0.0 if count <= per_minute else max(int(left_ms), 1) / 1000

    async def close(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()
