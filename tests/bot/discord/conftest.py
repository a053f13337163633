"""A whole Atelier that speaks to a local Discord."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import warnings
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # Python 3.11 and 3.12 say that discord.py's sound part uses a module that will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    importlib.import_module("discord")

from bot.discord.client import Frontend
from bot.discord.messenger import DiscordMessenger, open_messenger
from bot.links import Links
from core.app import Rules
from core.jobs.execute import run_next
from core.jobs.reconcile import carry_overdue
from core.messenger import Messenger
from providers.base import Provider
from tests.fakes.discord_server import TOKEN, DiscordServer
from tests.fakes.studio import Studio, studio

# As `[grants] discord_roles` of atelier.toml.
MODERATOR_ROLE = "77001"
WORK_PAUSE_S = 0.02


@dataclass(frozen=True, kw_only=True)
class House:
    """The server, the studio behind the bot, and the messenger that its worker uses."""

    server: DiscordServer
    studio: Studio
    messenger: DiscordMessenger
    working: asyncio.Event


def messenger_for(server: DiscordServer, studio: Studio, page_url: str | None) -> DiscordMessenger:
    """A messenger as the worker's process has it."""
    clock = studio.app.clock
    links = Links(page_url, "0" * 64, clock)
    return open_messenger(token=TOKEN, api_url=server.url, links=links, clock=clock)


def frontend_for(
    server: DiscordServer,
    studio: Studio,
    page_url: str | None = None,
    roles: Sequence[str] = (),
) -> Frontend:
    """A frontend as the bot's process has it."""
    return Frontend(
        token=TOKEN,
        api_url=server.url,
        dispatch=studio.dispatch,
        links=Links(page_url, "0" * 64, studio.app.clock),
        clock=studio.app.clock,
        roles=roles,
    )


async def _work(studio: Studio, working: asyncio.Event) -> None:
    while True:
        await working.wait()
        if not await run_next(studio.app):
            await carry_overdue(studio.app)
            await asyncio.sleep(WORK_PAUSE_S)


@contextlib.asynccontextmanager
async def running(*parts: asyncio.Task[None]) -> AsyncIterator[None]:
    """Run tasks for a while; one that fails, fails the test."""
    try:
        yield
    finally:
        for part in parts:
            part.cancel()
        ended = await asyncio.gather(*parts, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error


@pytest.fixture
def rules() -> Rules | None:
    """The operator's numbers, where a test gives others."""
    return None


@pytest.fixture
def providers() -> dict[str, Provider] | None:
    """Vendors besides the offline one, where a test has some."""
    return None


@pytest.fixture
async def house(
    database_url: str,
    tmp_path: Path,
    rules: Rules | None,
    providers: dict[str, Provider] | None,
) -> AsyncIterator[House]:
    """Everything running; at the end no request may have broken Discord's description."""
    async with (
        DiscordServer() as server,
        studio(database_url, tmp_path, rules=rules, providers=providers) as opened,
    ):
        messenger = messenger_for(server, opened, None)
        messengers = opened.app.messengers
        assert isinstance(messengers, dict)
        carrier: Messenger = messenger
        messengers["discord"] = carrier
        working = asyncio.Event()
        working.set()
        tasks = (
            asyncio.create_task(frontend_for(server, opened, roles=[MODERATOR_ROLE]).run()),
            asyncio.create_task(_work(opened, working)),
        )
        async with running(*tasks):
            await server.until(lambda: server.connected and server.commands)
            yield House(server=server, studio=opened, messenger=messenger, working=working)
        await messenger.close()
    assert server.violations == []
