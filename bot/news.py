"""News: a hint over Redis that a topic has changed in the database; losing one costs a moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CHANNEL = "atelier:news:"
RECONNECT_S = 1.0
WAIT_S = 15.0
PUBLISH_S_MAX = 1.0


class News:
    """Publishes hints, and wakes the listeners of this process; one subscription serves them all."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_connect_timeout=1.0)
        self._listeners: dict[str, set[asyncio.Event]] = {}

    async def publish(self, topic: str) -> None:
        """Tell all processes; silence where Redis is away: listeners also look by themselves."""
        try:
            async with asyncio.timeout(PUBLISH_S_MAX):
                await self._redis.publish(CHANNEL + topic, b"")
        except (RedisError, OSError) as error:
            log.warning("news not told", error=repr(error))

    @contextlib.contextmanager
    def listen(self, topic: str) -> Iterator[asyncio.Event]:
        """An event that is set at each news of a topic; the listener clears it."""
        event = asyncio.Event()
        self._listeners.setdefault(topic, set()).add(event)
        try:
            yield event
        finally:
            self._listeners[topic].discard(event)
            if not self._listeners[topic]:
                del self._listeners[topic]

    async def run(self) -> None:
        """Receive for as long as the process lives; reconnects."""
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as error:
                log.warning("news interrupted", error=repr(error))
            await asyncio.sleep(RECONNECT_S)

    async def _receive(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.psubscribe(CHANNEL + "*")
            while True:
                message = await subscription.get_message(
                    ignore_subscribe_messages=True, timeout=WAIT_S
                )
                if message is not None:
                    self._wake(message["channel"].decode().removeprefix(CHANNEL))

    def _wake(self, topic: str) -> None:
        for event in self._listeners.get(topic, ()):
            event.set()

    async def close(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()
