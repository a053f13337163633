"""The Telegram frontend: hears people by long polling, or by webhook where PUBLIC_URL is set."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Protocol

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.command import Command
from bot.dispatch import Dispatch
from bot.links import Links
from bot.settings import Settings
from bot.telegram.albums import Albums
from bot.telegram.answers import Answers
from bot.telegram.connection import ANSWER_S_MAX, close_bot, open_bot, wait_s
from bot.telegram.inbound import PLATFORM
from bot.telegram.receive import AGAIN_S, Failures, Receiver, group_of
from bot.telegram.stars import Stars
from bot.telegram.talk import Talk
from core.albums import left

log = structlog.get_logger(__name__)

ALLOWED = ("message", "callback_query", "pre_checkout_query")
POLL_S = 30
BUSY_POLL_S = 0.2
PAUSE_S_MIN = 1.0
PAUSE_S_MAX = 60.0
TOKEN_PAUSE_S = 300.0
TAKE_UP_S = 15.0
CHECK_S = 300.0
DRAIN_S_MAX = 5.0
CONFIRM_S_MAX = 2.0
DESCRIPTION_LENGTH_MAX = 256
WEBHOOK_PATH = "/webhooks/telegram"
WEBHOOK_CONNECTIONS_MAX = 40


class Parts(Protocol):
    """What the frontend needs of the process it runs in."""

    @property
    def dispatch(self) -> Dispatch:
        """The way to the rules."""
        ...

    @property
    def links(self) -> Links:
        """Addresses of files too large for the chat."""
        ...

    @property
    def settings(self) -> Settings:
        """The token, the server's address, PUBLIC_URL and the master key."""
        ...


async def run(parts: Parts) -> None:
    """Speak Telegram until cancelled; no fault of Telegram's or of the token's ends it."""
    frontend = Frontend(parts)
    try:
        await frontend.run()
    finally:
        await frontend.close()


async def open_webhook(parts: Parts) -> Webhook:
    """What the web server calls at WEBHOOK_PATH; it connects when there is something to do."""
    webhook = Webhook(parts)
    webhook.start()
    return webhook


def webhook_secret(master_key: str) -> str:
    """The header's secret that Telegram sends along, from the master key."""
    return hmac.new(master_key.encode(), b"telegram-webhook", hashlib.sha256).hexdigest()


class Frontend:
    """One connection to Telegram, and what is in work of what it brought."""

    def __init__(self, parts: Parts, *, poll_s: int = POLL_S) -> None:
        self._parts = parts
        self._poll_s = poll_s
        self._bot = _open(parts)
        self._stars = _stars(parts, self._bot)
        self._receiver: Receiver | None = None
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._offset: int | None = None
        self._failures = Failures()

    async def run(self) -> None:
        """Connect and listen; begin again with growing pauses whenever that ends."""
        watching = asyncio.create_task(self._stars.watch())
        try:
            await self._keep_listening()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _keep_listening(self) -> None:
        pause_s = PAUSE_S_MIN
        while True:
            began_s = self._parts.dispatch.app.clock.steady_s()
            try:
                await self._listen()
            except TelegramError as error:
                lasted_s = self._parts.dispatch.app.clock.steady_s() - began_s
                pause_s = PAUSE_S_MIN if lasted_s > PAUSE_S_MAX else min(pause_s * 2, PAUSE_S_MAX)
                await asyncio.sleep(max(pause_s, _explained(error)))

    async def close(self) -> None:
        """End what was begun, tell Telegram what is done, and give back the connections."""
        if self._receiver is not None:
            await self._receiver.drain(DRAIN_S_MAX)
            self._advance()
        if self._offset is not None and self._parts.settings.public_url is None:
            await self._confirm(self._offset)
        await close_bot(self._bot)

    async def _listen(self) -> None:
        if self._receiver is None:
            self._receiver = await _receiver(self._parts, self._bot, self._stars)
        await register(self._bot, list(self._parts.dispatch.catalogue.values()))
        if self._parts.settings.public_url is not None and await self._set_webhook():
            await self._keep_webhook()
        await self._bot.delete_webhook(drop_pending_updates=False)
        await self._poll(self._receiver)

    async def _poll(self, receiver: Receiver) -> None:
        """Ask for updates; only what is committed is confirmed, by the next question."""
        while True:
            updates = await self._bot.get_updates(
                offset=self._offset,
                timeout=0 if self._flying else self._poll_s,
                allowed_updates=ALLOWED,
                read_timeout=ANSWER_S_MAX,
            )
            for update in updates:
                if update.update_id not in self._flying:
                    self._flying[update.update_id] = receiver.take(update)
            if self._flying:
                await asyncio.wait(self._flying.values(), timeout=BUSY_POLL_S)
            if not self._advance():
                await asyncio.sleep(AGAIN_S)

    def _advance(self) -> bool:
        """Move the offset behind the updates that are done; False where one has to come again."""
        for update_id in sorted(self._flying):
            task = self._flying[update_id]
            if not task.done() or task.cancelled():
                return True
            del self._flying[update_id]
            if self._failures.again(update_id, task):
                return False
            self._offset = update_id + 1
        return True

    async def _confirm(self, offset: int) -> None:
        try:
            async with asyncio.timeout(CONFIRM_S_MAX):
                await self._bot.get_updates(offset=offset, limit=1, timeout=0)
        except (TelegramError, TimeoutError) as error:
            log.info("offset not confirmed", error=type(error).__name__)

    async def _set_webhook(self) -> bool:
        """Have updates sent to us; False where Telegram does not take the address."""
        try:
            await self._bot.set_webhook(
                f"{self._parts.settings.public_url}{WEBHOOK_PATH}",
                allowed_updates=ALLOWED,
                max_connections=WEBHOOK_CONNECTIONS_MAX,
                drop_pending_updates=False,
                secret_token=_secret(self._parts),
            )
        except BadRequest as error:
            log.error("telegram takes no webhook at PUBLIC_URL; polling", reason=error.message)
            return False
        return True

    async def _keep_webhook(self) -> None:
        """Look now and then whether updates still come to us."""
        while True:
            await asyncio.sleep(CHECK_S)
            info = await self._bot.get_webhook_info()
            if info.last_error_message:
                log.warning(
                    "telegram could not reach the webhook",
                    reason=info.last_error_message,
                    waiting=info.pending_update_count,
                )
            if not info.url.endswith(WEBHOOK_PATH):
                await self._set_webhook()


class Webhook:
    """Takes updates that Telegram sends; 200 means that their commands, or parts, are committed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._secret = _secret(parts).encode()
        self._bot: Bot | None = None
        self._receiver: Receiver | None = None
        self._albums: Albums | None = None
        self._failures = Failures()
        self._connecting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def __call__(self, secret: str | None, body: bytes) -> int:
        """The status to answer: 403 to strangers, 503 where the update has to come again."""
        if not hmac.compare_digest((secret or "").encode(), self._secret):
            return 403
        try:
            receiver, albums = await self._connected()
            text = body.decode()
            update = Update.de_json(json.loads(text), self._bot)
        except TelegramError as error:
            log.warning("webhook is not ready", error=type(error).__name__)
            return 503
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("update not understood", error=type(error).__name__)
            return 400
        # Telegram sends the next part of an album only after this one is answered.
        part = group_of(update) is not None
        task = asyncio.create_task(albums.keep(update, text)) if part else receiver.take(update)
        await asyncio.wait({task})
        return 503 if task.cancelled() or self._failures.again(update.update_id, task) else 200

    def start(self) -> None:
        """Begin to look for albums that a process which died has left."""
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """End what was begun, and give back the connections."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._receiver is not None:
            await self._receiver.drain(DRAIN_S_MAX)
        if self._albums is not None:
            await self._albums.close()
        if self._bot is not None:
            await close_bot(self._bot)

    async def _watch(self) -> None:
        """Take up what is left: at the start, and later what another process held when it died."""
        while True:
            (error,) = await asyncio.gather(self._take_up(), return_exceptions=True)
            if error is not None:
                log.warning("albums not looked for", error=type(error).__name__)
            await asyncio.sleep(TAKE_UP_S)

    async def _take_up(self) -> None:
        if await left(self._parts.dispatch.app):
            _, albums = await self._connected()
            await albums.take_up()

    async def _connected(self) -> tuple[Receiver, Albums]:
        async with self._connecting:
            if self._receiver is None or self._albums is None:
                self._bot = self._bot or _open(self._parts)
                stars = _stars(self._parts, self._bot)
                self._receiver = await _receiver(self._parts, self._bot, stars)
                self._albums = Albums(self._parts.dispatch, self._bot, self._receiver)
            return self._receiver, self._albums


async def register(bot: Bot, commands: Sequence[Command]) -> None:
    """Put the commands into the menus where they differ.

    All in private, the public ones in groups, and there those of moderators for administrators.
    """
    typed = [item for item in commands if item.is_typed(PLATFORM)]
    shown = [item for item in typed if not item.moderators]
    public = [item for item in shown if not item.private or item.name == "help"]
    theirs = [item for item in typed if item.moderators]
    menus: tuple[tuple[BotCommandScope, list[Command]], ...] = (
        (BotCommandScopeDefault(), shown),
        (BotCommandScopeAllGroupChats(), public),
        (BotCommandScopeAllChatAdministrators(), [*public, *theirs]),
    )
    for scope, listed in menus:
        wanted = tuple(
            BotCommand(item.name.replace("-", "_"), item.summary[:DESCRIPTION_LENGTH_MAX])
            for item in listed
        )
        if await bot.get_my_commands(scope) != wanted:
            await bot.set_my_commands(wanted, scope)


def _open(parts: Parts) -> Bot:
    token = parts.settings.telegram_token
    assert token is not None
    return open_bot(token.get_secret_value(), parts.settings.telegram_api_url)


async def _receiver(parts: Parts, bot: Bot, stars: Stars) -> Receiver:
    me = await bot.get_me()
    username = me.username or ""
    answers = Answers(parts.dispatch, bot, username, parts.links, stars)
    log.info("telegram connected", bot=username)
    return Receiver(Talk(parts.dispatch, bot, username, answers), stars)


def _stars(parts: Parts, bot: Bot) -> Stars:
    return Stars(parts.dispatch.app, bot, _master_key(parts))


def _secret(parts: Parts) -> str:
    return webhook_secret(_master_key(parts))


def _master_key(parts: Parts) -> str:
    key = parts.settings.master_key
    assert key is not None
    return key.get_secret_value()


def _explained(error: TelegramError) -> float:
    """Say in the log what ended the connection; how long to wait at least, in seconds."""
    match error:
        case InvalidToken():
            # The library's own words would hold the token.
            log.error("telegram does not know this token: check TELEGRAM_TOKEN with @BotFather")
            return TOKEN_PAUSE_S
        case Conflict():
            log.error("another program listens with the same TELEGRAM_TOKEN: stop one of them")
            return PAUSE_S_MIN
        case RetryAfter():
            log.warning("telegram asks for patience", wait_s=wait_s(error))
            return wait_s(error)
        case NetworkError():
            log.warning("telegram cannot be reached", error=type(error).__name__)
            return PAUSE_S_MIN
        case _:
            log.error("telegram refused", error=type(error).__name__)
            return PAUSE_S_MIN
