"""Telegram Stars: invoices out, questions before a payment answered at once, payments and refunds in.

Only Telegram tells that something was paid; what it told while nobody listened is read from its list
of transactions.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator

import structlog
from telegram import (
    Bot,
    LabeledPrice,
    Message,
    PreCheckoutQuery,
    StarTransaction,
    TransactionPartnerUser,
)
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.command import Invoice
from bot.i18n import translate
from bot.settings import Settings
from bot.telegram.connection import close_bot, open_bot
from bot.telegram.post import says
from core import stars
from core.app import App
from core.messenger import Address
from core.stars import Told

log = structlog.get_logger(__name__)

CURRENCY = "XTR"
# What a copy of an invoice that was passed on leads to: an order of one's own.
START = "stars"
TITLE_MAX = 32
DESCRIPTION_MAX = 255
CHECK_LENGTH = 32
# Telegram waits 10 seconds in all.
LOOK_S_MAX = 4.0
ANSWER_S_MAX = 4.0
ANSWER_PAUSE_S = 0.2
PAGE = 100
WATCH_S = 3600.0
WATCH_RETRY_S = 60.0
_BY_INVOICE = "invoice_payment"
_REFUNDED_BEFORE = ("charge_already_refunded",)


class RefundRefused(Exception):
    """Telegram does not give this payment back; the text says why."""


class Stars:
    """The till of one bot."""

    def __init__(self, app: App, bot: Bot, master_key: str) -> None:
        self._app = app
        self._bot = bot
        self._key = hashlib.sha256(b"stars:" + master_key.encode()).digest()
        self._seen = 0

    async def send(self, address: Address, invoice: Invoice) -> Address:
        """Put an invoice into the person's private chat; raises TelegramError."""
        await self._bot.send_invoice(
            chat_id=int(address.user),
            title=invoice.title[:TITLE_MAX],
            description=invoice.description[:DESCRIPTION_MAX],
            payload=self.payload(invoice.order_id),
            currency=CURRENCY,
            prices=[LabeledPrice(invoice.title[:TITLE_MAX], invoice.stars)],
            provider_token="",
            start_parameter=START,
        )
        return address

    def payload(self, order_id: str) -> str:
        """What an invoice carries: our id, and that it is from us."""
        return f"{order_id}.{self._check(order_id)}"

    def order_of(self, payload: str) -> str | None:
        """The order of a payload; None where we did not write it."""
        order_id, _, check = payload.partition(".")
        good = hmac.compare_digest(self._check(order_id).encode(), check.encode())
        return order_id if good else None

    def _check(self, order_id: str) -> str:
        return hmac.new(self._key, order_id.encode(), hashlib.sha256).hexdigest()[:CHECK_LENGTH]

    async def check(self, query: PreCheckoutQuery) -> None:
        """Answer whether something may be paid, in any case before Telegram gives up waiting."""
        payer = query.from_user
        key = await stars.objection(
            self._app,
            self.order_of(query.invoice_payload),
            str(payer.id),
            query.total_amount,
            query.currency,
            LOOK_S_MAX,
        )
        refused = translate(payer.language_code or "en", key) if key is not None else None
        if key is not None:
            log.info("payment refused", reason=key)
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                while not await self._answered(query.id, refused):  # noqa: ASYNC110 - asks again
                    await asyncio.sleep(ANSWER_PAUSE_S)
        except TimeoutError:
            log.warning("payment not answered in time")

    async def _answered(self, query_id: str, refused: str | None) -> bool:
        """Whether Telegram has our answer, or does not want it any more."""
        try:
            await self._bot.answer_pre_checkout_query(
                query_id, ok=refused is None, error_message=refused
            )
        except TelegramError as error:
            log.warning("payment not answered", error=type(error).__name__)
            return isinstance(error, BadRequest) or not isinstance(error, NetworkError)
        return True

    async def hear(self, message: Message) -> bool:
        """Take in a payment or refund that a message tells of; False where it tells of none."""
        paid, back = message.successful_payment, message.refunded_payment
        told = paid or back
        if told is None:
            return False
        payer = message.from_user
        # Told in the payer's own chat; who speaks there of a refund may be the bot.
        person = message.chat.id if payer is None or payer.is_bot else payer.id
        heard = Told(
            charge=told.telegram_payment_charge_id,
            payer=str(person),
            amount=told.total_amount,
            currency=told.currency,
            order_id=self.order_of(told.invoice_payload),
        )
        await (stars.paid if paid is not None else stars.refunded)(self._app, heard)
        return True

    async def watch(self) -> None:
        """Read at the start and hourly what came while nobody listened."""
        while stars.packs(self._app.rules):
            (ended,) = await asyncio.gather(self.catch_up(), return_exceptions=True)
            failed = isinstance(ended, BaseException)
            if failed:
                log.warning("payments not read", error=type(ended).__name__)
            await asyncio.sleep(WATCH_RETRY_S if failed else WATCH_S)

    async def catch_up(self) -> int:
        """Merge the payments and refunds that were missed, and return how many; raises TelegramError.

        The first time all there ever were, oldest first; later only what came since.
        """
        count = 0
        while True:
            page = await self._bot.get_star_transactions(offset=self._seen, limit=PAGE)
            told = [found for item in page.transactions if (found := self._read(item)) is not None]
            for kind, item in await stars.missing(self._app, told):
                count += await (stars.paid if kind == stars.PAID else stars.refunded)(
                    self._app, item
                )
            self._seen += len(page.transactions)
            if len(page.transactions) < PAGE:
                break
        if count:
            log.info("payments caught up", count=count)
        return count

    def _read(self, item: StarTransaction) -> tuple[str, Told] | None:
        """A transaction as the payment or refund it was; None where it was something else."""
        kind = stars.PAID if item.source is not None else stars.REFUNDED
        other = item.source or item.receiver
        if not isinstance(other, TransactionPartnerUser) or other.transaction_type != _BY_INVOICE:
            return None
        told = Told(
            charge=item.id,
            payer=str(other.user.id),
            amount=abs(item.amount),
            currency=CURRENCY,
            order_id=self.order_of(other.invoice_payload or ""),
        )
        return kind, told

    async def refund(self, charge: str) -> Told:
        """Give a payment back; again does no harm. Raises RefundRefused or TelegramError."""
        told = await stars.find(self._app, charge)
        if told is None:
            raise RefundRefused(f"There is no payment {stars.payment_id(charge)} here.")
        try:
            await self._bot.refund_star_payment(int(told.payer), charge)
        except BadRequest as error:
            if not says(error, *_REFUNDED_BEFORE):
                raise RefundRefused(f"Telegram refuses: {error.message}") from error
        await stars.refunded(self._app, told)
        return told


async def refund(app: App, settings: Settings, charge: str) -> str:
    """Give a payment back, for the command line; what was done. Raises RefundRefused."""
    async with _opened(app, settings) as till:
        try:
            told = await till.refund(charge)
        except TelegramError as error:
            text = "Telegram did not answer. Try again: it gives nothing back twice."
            raise RefundRefused(text) from error
    return f"{told.amount} Stars are given back to telegram {told.payer}."


async def catch_up(app: App, settings: Settings) -> int:
    """Merge what was missed, for the command line; how many payments and refunds that were."""
    async with _opened(app, settings) as till:
        return await till.catch_up()


@contextlib.asynccontextmanager
async def _opened(app: App, settings: Settings) -> AsyncIterator[Stars]:
    """The till with a connection of its own."""
    token, key = settings.telegram_token, settings.master_key
    assert token is not None
    assert key is not None
    bot = open_bot(token.get_secret_value(), settings.telegram_api_url, connections=2)
    try:
        yield Stars(app, bot, key.get_secret_value())
    finally:
        await close_bot(bot)
