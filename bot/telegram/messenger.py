"""Carries deliveries to Telegram from any process: by editing the waiting message."""

from __future__ import annotations

import asyncio
import dataclasses

import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.telegram.connection import close_bot, open_bot, wait_s
from bot.telegram.post import edit, post, says
from bot.telegram.render import Shown, of_delivery
from core.messenger import Address, Delivery, DeliveryDelayed, Limits, Undeliverable

log = structlog.get_logger(__name__)

PHOTO_BYTES_MAX = 10 * 2**20
PHOTO_SIDES_MAX = 10_000
FILE_BYTES_MAX = 50_000_000
PATIENCE_S_MAX = 3.0
RETRY_S = 2.0
TOKEN_RETRY_S = 60.0
REASON_LENGTH_MAX = 80

LIMITS = Limits(
    pictures_max=1,
    bytes_max=PHOTO_BYTES_MAX,
    side_sum_max=PHOTO_SIDES_MAX,
    file_bytes_max=FILE_BYTES_MAX,
)

_MESSAGE_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_ALREADY_GONE = ("message to delete not found", "message_id_invalid")


class TelegramMessenger:
    """The Messenger of Telegram, over its own connections."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._bot = open_bot(token, api_url, connections=16)

    @property
    def limits(self) -> Limits:
        """One picture in a message, as a photo: 10 MiB, sides of 10,000 pixels together."""
        return LIMITS

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        """Edit the waiting message, else send a new one as near to it as can be."""
        shown = of_delivery(address.language, delivery)
        try:
            return await self._deliver(address, shown)
        except RetryAfter as error:
            if wait_s(error) > PATIENCE_S_MAX:
                raise DeliveryDelayed(wait_s(error)) from error
            await asyncio.sleep(wait_s(error))
            return await self._once_more(address, shown)
        except TelegramError as error:
            raise _translated(error) from error

    async def _once_more(self, address: Address, shown: Shown) -> Address:
        try:
            return await self._deliver(address, shown)
        except TelegramError as error:
            raise _translated(error) from error

    async def _deliver(self, address: Address, shown: Shown) -> Address:
        if address.message is None:
            return await post(self._bot, address, shown)
        try:
            await edit(self._bot, address, shown)
        except ChatMigrated as error:
            place = str(error.new_chat_id)
            moved = dataclasses.replace(
                address, place=place, message=None, thread=None, reply_to=None
            )
            return await post(self._bot, moved, shown)
        except BadRequest as error:
            if not says(error, *_MESSAGE_GONE):
                raise
            return await post(self._bot, dataclasses.replace(address, message=None), shown)
        return address

    async def progress(self, address: Address, delivery: Delivery) -> None:
        """Edit the waiting message in passing; what fails is left to the result."""
        if address.message is None:
            return
        try:
            await edit(self._bot, address, of_delivery(address.language, delivery))
        except TelegramError as error:
            log.debug("progress not shown", error=type(error).__name__)

    async def remove(self, address: Address) -> None:
        """Delete the message; one that Telegram keeps, because it is old, loses its buttons."""
        if address.message is None:
            return
        chat, message = int(address.place), int(address.message)
        try:
            await self._bot.delete_message(chat, message)
        except BadRequest as error:
            if not says(error, *_ALREADY_GONE):
                await self._strip(chat, message)
        except TelegramError as error:
            log.warning("message not deleted", error=type(error).__name__)

    async def _strip(self, chat: int, message: int) -> None:
        try:
            await self._bot.edit_message_reply_markup(chat, message)
        except TelegramError as error:
            log.warning("message not deleted", error=type(error).__name__)

    async def close(self) -> None:
        """Give back connections."""
        await close_bot(self._bot)


def _translated(error: TelegramError) -> Undeliverable | DeliveryDelayed:
    """Whether there is a point in another try, and when."""
    match error:
        case RetryAfter():
            return DeliveryDelayed(wait_s(error))
        case InvalidToken():
            return DeliveryDelayed(TOKEN_RETRY_S)
        case Forbidden():
            return Undeliverable("blocked" if says(error, "blocked") else "kicked")
        case BadRequest():
            return Undeliverable(error.message[:REASON_LENGTH_MAX])
        case NetworkError():
            return DeliveryDelayed(RETRY_S)
        case _:
            return Undeliverable(error.message[:REASON_LENGTH_MAX])
