"""An Atelier that speaks to a local Telegram with the real library."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import select

from bot.dispatch import Dispatch
from bot.links import Links
from bot.settings import Settings
from bot.telegram.client import WEBHOOK_PATH, Frontend, Webhook, open_webhook
from bot.telegram.messenger import TelegramMessenger
from core import wallets
from core.app import Rules
from core.clock import SystemClock
from core.people import recognise
from providers.base import Provider
from storage import jobs
from storage.database import Connection
from tests.fakes.studio import Studio, studio
from tests.fakes.telegram_server import SECRET_HEADER, FakeTelegram
from tests.fakes.telegram_world import User

MASTER_KEY = "0123456789abcdef" * 4


@dataclass(kw_only=True)
class House:
    """A running frontend, its rules and its Telegram."""

    server: FakeTelegram
    studio: Studio
    settings: Settings
    links: Links
    frontend: Frontend | None = None
    task: asyncio.Task[None] | None = field(default=None)

    @property
    def dispatch(self) -> Dispatch:
        return self.studio.dispatch

    async def start(self) -> None:
        """Begin to listen."""
        self.frontend = Frontend(self, poll_s=2)
        self.task = asyncio.create_task(self.frontend.run())
        polls = self.server._poll
        await self.server.until(lambda: self.server._poll > polls or bool(self.server.webhook))

    async def stop(self) -> None:
        """End in good order."""
        if self.task is None or self.frontend is None:
            return
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.frontend.close()
        self.task = self.frontend = None

    async def crash(self) -> None:
        """Stop dead: nothing is finished, nothing confirmed."""
        assert self.task is not None
        assert self.frontend is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        if self.frontend._receiver is not None:
            await self.frontend._receiver.drain(0)
        self.frontend._offset = None
        self.frontend._flying.clear()
        self.frontend._receiver = None
        await self.frontend.close()
        self.task = self.frontend = None

    async def recorded(self) -> None:
        """Wait until it is written down where each first answer stands."""
        async with asyncio.timeout(10):
            while await self.studio.app.database.read(_unanswered):  # noqa: ASYNC110 - in the database
                await asyncio.sleep(0.01)

    async def wallet(self, user: User) -> tuple[int, int]:
        """Free and held credits of a person."""
        person = await recognise(self.studio.app, "telegram", str(user.id), user.first_name)
        found = (await wallets.balance(self.studio.app, person)).wallet
        return found.free, found.pending


def _unanswered(connection: Connection) -> bool:
    found = select(jobs.job.c.id).where(jobs.job.c.answered_at.is_(None)).limit(1)
    return connection.execute(found).first() is not None


@contextlib.asynccontextmanager
async def house(
    folder: Path,
    database_url: str,
    *,
    rules: Rules | None = None,
    providers: dict[str, Provider] | None = None,
    **settings: object,
) -> AsyncIterator[House]:
    """Open one; the frontend is started by the test."""
    async with (
        FakeTelegram() as server,
        studio(database_url, folder, rules=rules, providers=providers) as opened,
    ):
        values = {
            "telegram_token": SecretStr(server.token),
            "telegram_api_url": server.url,
            "master_key": SecretStr(MASTER_KEY),
            **settings,
        }
        messenger = TelegramMessenger(server.token, server.url)
        cast("dict[str, object]", opened.app.messengers)["telegram"] = messenger
        made = House(
            server=server,
            studio=opened,
            settings=Settings.model_validate(values),
            links=Links(None, MASTER_KEY, SystemClock()),
        )
        try:
            yield made
        finally:
            await made.stop()
            await messenger.close()
        assert server.violations == []


@contextlib.asynccontextmanager
async def serving(chat: House, listener: socket.socket) -> AsyncIterator[Webhook]:
    """A web server that hands the webhook's requests on, as the page's server does."""
    hook = await open_webhook(chat)

    async def handle(request: web.Request) -> web.Response:
        return web.Response(
            status=await hook(request.headers.get(SECRET_HEADER), await request.read())
        )

    app = web.Application()
    app.router.add_post(WEBHOOK_PATH, handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield hook
    finally:
        await runner.cleanup()
        await hook.close()


def sqlite(folder: Path) -> str:
    """A database for a test that is not about what a database does."""
    return f"sqlite:///{folder / 'atelier.db'}"


@pytest.fixture
async def chat(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A house whose frontend polls."""
    async with house(tmp_path, database_url) as opened:
        await opened.start()
        yield opened
