"""The circuits that workers share, on a real Redis; and what they are without one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot import circuits
from bot.circuits import RedisCircuits
from bot.redis_server import EmbeddedRedis

NAMES = {"vendor:openai", "vendor:xai", "model:flux"}
# Longer than any test takes.
LONG_S = 60.0
SHORT_S = 0.6
CHANCES = 3


@contextlib.asynccontextmanager
async def shared(redis_url: str, count: int = 2) -> AsyncIterator[list[RedisCircuits]]:
    """The circuits as so many workers see them."""
    found = [RedisCircuits(redis_url) for _ in range(count)]
    try:
        yield found
    finally:
        for each in found:
            await each.close()


async def test_one_of_two_workers_opens_it_for_both(redis_url: str) -> None:
    async with shared(redis_url) as (here, there):
        assert await here.opened(NAMES) == frozenset()
        assert await here.opened(()) == frozenset()
        await here.failed("vendor:openai", LONG_S, 1)
        for each in (here, there):
            assert await each.opened(NAMES) == {"vendor:openai"}
            assert await each.opened(["vendor:openai", "vendor:openai"]) == {"vendor:openai"}
            assert await each.opened({"vendor:xai"}) == frozenset()


async def test_it_can_be_closed_for_all(redis_url: str) -> None:
    async with shared(redis_url) as (here, there):
        await here.failed("vendor:openai", LONG_S, 1)
        await there.shut("vendor:openai")
        assert await here.opened(NAMES) == frozenset()


async def test_the_last_chance_opens_it_whoever_had_the_others(redis_url: str) -> None:
    async with shared(redis_url) as (here, there):
        for each in (here, there):
            await each.failed("vendor:xai", LONG_S, CHANCES)
            assert await each.opened(NAMES) == frozenset()
        await here.failed("vendor:xai", LONG_S, CHANCES)
        assert await there.opened(NAMES) == {"vendor:xai"}


async def test_chances_that_are_taken_at_once_are_all_counted(redis_url: str) -> None:
    async with shared(redis_url, CHANCES) as workers:
        await asyncio.gather(*(each.failed("vendor:xai", LONG_S, CHANCES) for each in workers))
        assert await workers[0].opened(NAMES) == {"vendor:xai"}


async def test_what_worked_forgets_the_failures(redis_url: str) -> None:
    async with shared(redis_url) as (here, there):
        for _ in range(CHANCES):
            for _ in range(CHANCES - 1):
                await here.failed("vendor:xai", LONG_S, CHANCES)
            await there.worked("vendor:xai")
        await here.failed("vendor:openai", LONG_S, CHANCES)
        await there.worked("vendor:openai")
        assert await there.opened(NAMES) == frozenset()


async def test_failures_of_long_ago_are_forgotten(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuits, "FAILURES_S", 1)
    async with shared(redis_url) as (here, _):
        for _ in range(CHANCES - 1):
            await here.failed("vendor:xai", LONG_S, CHANCES)
        await asyncio.sleep(1.1)
        await here.failed("vendor:xai", LONG_S, CHANCES)
        assert await here.opened(NAMES) == frozenset()


async def test_it_closes_by_itself_and_nothing_stays_in_redis(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    async with shared(redis_url) as (here, there):
        await here.failed("vendor:openai", SHORT_S, 1)
        assert await there.opened(NAMES) == {"vendor:openai"}
        await here.failed("model:flux", 0.0, 1)
        await asyncio.sleep(SHORT_S + 0.1)
        assert await there.opened(NAMES) == frozenset()
        assert await redis.keys("*") == []
        await here.failed("vendor:xai", LONG_S, CHANCES)
        for key in await redis.keys("*"):
            assert 0 < await redis.ttl(key) <= circuits.FAILURES_S
    await redis.aclose()


Told = Callable[[RedisCircuits], Awaitable[object]]
ASKED: list[Told] = [
    lambda each: each.failed("vendor:openai", LONG_S, 1),
    lambda each: each.failed("vendor:openai", LONG_S, CHANCES),
    lambda each: each.worked("vendor:openai"),
]


async def all_are_closed(each: RedisCircuits) -> None:
    """Nothing raises or hangs, and every circuit is closed."""
    for ask in ASKED:
        began = time.monotonic()
        await ask(each)
        assert await each.opened(NAMES) == frozenset()
        assert time.monotonic() - began < 2 * circuits.REDIS_S_MAX + 1


async def test_redis_that_goes_away_closes_them_all(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    await server.start()
    async with shared(server.url, 1) as (each,):
        await each.failed("vendor:openai", LONG_S, 1)
        assert await each.opened(NAMES) == {"vendor:openai"}
        await server.close()
        await all_are_closed(each)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "unix:///nowhere/redis.sock"])
async def test_no_redis_at_all(url: str) -> None:
    async with shared(url, 1) as (each,):
        await all_are_closed(each)


async def test_redis_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuits, "REDIS_S_MAX", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with shared(f"redis://127.0.0.1:{port}", 1) as (each,):
        await all_are_closed(each)
    server.close()
