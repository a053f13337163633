"""The processes: which parts run together, how they start, and how they end in good order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from bot import i18n
from bot import log as logs
from bot.redis_server import EmbeddedRedis
from bot.settings import Settings, SettingsError
from bot.web.app import serve
from bot.wiring import Parts, open_parts
from bot.worker import run_worker
from core import rotation, shop
from core.errors import UserError
from migrations.start import CannotMigrateError, migrate_if_needed

log = structlog.get_logger(__name__)

FRONTEND_RESTART_S = 30.0
# By then all libraries are loaded.
SETTLED_S = 10.0

# With a webhook this only finds what it missed; where nobody can call us, it is the one way.
CATCH_UP_S = 3600.0
ASK_S = 60.0


class CannotStartError(Exception):
    """Something outside the settings keeps a process from its work; the text says what to do."""


class BooksWrongError(Exception):
    """An invariant of the ledger does not hold; the text says which and where."""


class ModelsWrongError(Exception):
    """Some models that are offered cannot be used; the text says which and why."""


class KeysLeftError(Exception):
    """People's keys are not all under the newest master key; the text says why."""


Part = Callable[[Parts], Awaitable[None]]


async def up(settings: Settings) -> None:
    """Everything in one process, with a redis-server of its own where no REDIS_URL is set."""
    parts: list[Part] = [_serve_page, _work, _hear_news, _catch_up]
    if settings.discord_token is not None:
        parts.append(_speak_discord)
    if settings.telegram_token is not None:
        parts.append(_speak_telegram)
    await _run(settings, parts)


async def discord(settings: Settings) -> None:
    """The Discord frontend."""
    if settings.discord_token is None:
        raise SettingsError("DISCORD_TOKEN is not set: the token of the bot, from Discord's portal")
    await _run(settings, [_speak_discord], shared=True)


async def telegram(settings: Settings) -> None:
    """The Telegram frontend."""
    if settings.telegram_token is None:
        raise SettingsError("TELEGRAM_TOKEN is not set: the token of the bot, from @BotFather")
    await _run(settings, [_speak_telegram], shared=True)


async def web(settings: Settings) -> None:
    """The page and the webhooks."""
    await _run(settings, [_serve_page, _hear_news, _catch_up], shared=True)


async def worker(settings: Settings) -> None:
    """One worker."""
    await _run(settings, [_work, _hear_news, _catch_up], shared=True)


async def migrate(settings: Settings) -> None:
    """The database, brought up to date."""
    _configure_log(settings)
    await _migrate(settings)


@contextlib.asynccontextmanager
async def at_hand(settings: Settings) -> AsyncIterator[Parts]:
    """The rules for one command of the operator's, without Redis; refusals in plain words."""
    _configure_log(settings)
    await _migrate(settings)
    async with open_parts(settings, "redis://127.0.0.1:1") as parts:
        try:
            yield parts
        except UserError as error:
            raise CannotStartError(i18n.translate("en", error.key, error.values)) from error


async def _run(settings: Settings, parts: list[Part], *, shared: bool = False) -> None:
    _configure_log(settings)
    if shared and settings.redis_url is None:
        raise SettingsError(
            "REDIS_URL is not set: processes of their own share a Redis (and a database). "
            "`atelier up` needs neither."
        )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        migrated = asyncio.create_task(_migrate(settings))
        redis_url = await stack.enter_async_context(_redis(settings))
        await migrated
        opened = await stack.enter_async_context(open_parts(settings, redis_url))
        await look_for_master_keys(opened)
        await _until(stop, opened, parts)


async def look_for_master_keys(opened: Parts) -> None:
    """Say so where people's keys are sealed by a master key that this process was not given."""
    missing = await rotation.missing(opened.app.database, opened.app.seals)
    if missing:
        log.error(
            "people's own keys cannot be opened: the master key that seals them is neither "
            "MASTER_KEY nor in MASTER_KEY_OLD",
            people=sum(missing.values()),
            versions=sorted(missing),
            version_here=opened.app.seals.version,
        )


async def _until(stop: asyncio.Event, opened: Parts, parts: list[Part]) -> None:
    """Run the parts until one fails or the process is asked to end; each ends by being cancelled."""
    tasks = [asyncio.ensure_future(part(opened)) for part in parts]
    stopping = asyncio.create_task(stop.wait())
    # What stays for good is not looked through again: that takes the event loop a tenth of a second.
    settled = asyncio.get_running_loop().call_later(SETTLED_S, gc.freeze)
    try:
        done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        settled.cancel()
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.gather(stopping, *tasks, return_exceptions=True)
        log.info("stopped")


@contextlib.asynccontextmanager
async def _redis(settings: Settings) -> AsyncIterator[str]:
    if settings.redis_url is not None:
        yield settings.redis_url.get_secret_value()
        return
    async with EmbeddedRedis(settings.data_dir) as server:
        yield server.url


async def _migrate(settings: Settings) -> None:
    try:
        await migrate_if_needed(settings.database)
    except CannotMigrateError as error:
        raise CannotStartError(str(error)) from error


def _configure_log(settings: Settings) -> None:
    logs.configure(settings.log_level, settings.log_format, settings.secrets())


async def _serve_page(parts: Parts) -> None:
    """The page; with PUBLIC_URL it also takes Telegram's webhook."""
    async with contextlib.AsyncExitStack() as stack:
        webhook = None
        if parts.settings.telegram_token is not None and parts.settings.public_url is not None:
            # A heavy SDK, only where it is set up.
            from bot.telegram.client import open_webhook

            webhook = await open_webhook(parts)
            stack.push_async_callback(webhook.close)
        address = await stack.enter_async_context(serve(parts, telegram_webhook=webhook))
        if parts.settings.page_is_open and parts.settings.public_url is None:
            log.warning("set PUBLIC_URL: /login cannot tell people where the page is")
        sys.stdout.write(f"Atelier is ready: {address}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def _hear_news(parts: Parts) -> None:
    await parts.news.run()


async def _catch_up(parts: Parts) -> None:
    """At the start and then regularly: take in what the tills told while nobody listened."""
    settings = parts.settings
    told = settings.public_url is not None and settings.stripe_webhook_secret is not None
    while parts.app.tills:
        try:
            await shop.catch_up(parts.app)
        except UserError:
            log.warning("a till was not reached")
        except Exception:  # a supervisor: a database that is away must not end the process
            log.exception("catching up failed")
        await asyncio.sleep(CATCH_UP_S if told else ASK_S)
    await asyncio.Event().wait()


async def _work(parts: Parts) -> None:
    limits = parts.settings.jobs
    await run_worker(parts.app, parts.news, parts.redis_url, limits.slots, limits.drain_s)


async def _supervised(name: str, part: Part, parts: Parts) -> None:
    """Keep a frontend speaking: what ends it must end neither the page nor the worker."""
    while True:
        try:
            await part(parts)
        except (SettingsError, CannotStartError):
            raise
        except Exception:  # a supervisor: the platform may have sent anything
            log.exception("frontend stopped, to be started again", frontend=name)
        await asyncio.sleep(FRONTEND_RESTART_S)


async def _speak_discord(parts: Parts) -> None:
    from bot.discord.client import run

    await _supervised("discord", run, parts)


async def _speak_telegram(parts: Parts) -> None:
    from bot.telegram.client import run

    await _supervised("telegram", run, parts)
