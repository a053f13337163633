"""The operator's desk: refunds, and what became of the tills' events, for the command line."""

from __future__ import annotations

from bot.processes import CannotStartError, at_hand
from bot.settings import Settings, SettingsError
from core import accounts, shop
from core import premium as core_premium
from core import stars as core_stars
from core.app import App


async def refund(settings: Settings, payment: str, amount: int | None) -> str:
    """Pay back a payment, or a part of it; how it stands then."""
    till, _, charge = payment.partition(":")
    if till == accounts.STARS:
        return await _refund_stars(settings, charge)
    async with at_hand(settings) as parts:
        row = await shop.refund(parts.app, payment, amount)
    return f"{row.id}: {row.applied} of {row.credits} credits are left of it."


async def reconcile(settings: Settings) -> str:
    """Take in what each till told while nobody listened; a line for each."""
    lines = []
    async with at_hand(settings) as parts:
        app = parts.app
        if app.tills:
            lines.append(f"Stripe: {await shop.catch_up(app)} events taken in.")
        if settings.telegram_token is not None and core_stars.packs(app.rules):
            lines.append(f"Telegram Stars: {await _caught_up_stars(app, settings)} taken in.")
        if settings.discord_token is not None and core_premium.packs(app.rules):
            lines.append(f"Discord: {await _caught_up_premium(app, settings)} taken in.")
    if not lines:
        raise CannotStartError(
            "Nothing is sold here: no key of Stripe's, no pack for Stars or Discord."
        )
    return "\n".join(lines)


async def _caught_up_stars(app: App, settings: Settings) -> int:
    # A heavy SDK, only where it is needed.
    from telegram.error import TelegramError

    from bot.telegram import stars

    try:
        return await stars.catch_up(app, settings)
    except TelegramError as error:
        raise CannotStartError(f"Telegram cannot be asked: {type(error).__name__}") from error


async def _caught_up_premium(app: App, settings: Settings) -> int:
    # A heavy SDK, only where it is needed.
    from bot.discord import premium, rest

    try:
        return await premium.catch_up(app, settings)
    except (rest.RestRefused, rest.RestLimited, rest.RestLost) as error:
        raise CannotStartError(f"Discord cannot be asked: {error}") from error


async def quarantined(settings: Settings) -> str:
    """A line for each event that was held back."""
    async with at_hand(settings) as parts:
        rows = await shop.quarantined(parts.app)
    lines = [
        f"{row.received_at:%Y-%m-%d %H:%M}  {row.id}  {row.kind}  {row.reason}" for row in rows
    ]
    return "\n".join(lines) or "Nothing is held back."


async def _refund_stars(settings: Settings, charge: str) -> str:
    if settings.telegram_token is None:
        raise SettingsError("TELEGRAM_TOKEN is not set: the token of the bot, from @BotFather")
    # A heavy SDK, only where it is needed.
    from bot.telegram import stars

    async with at_hand(settings) as parts:
        try:
            return await stars.refund(parts.app, settings, charge)
        except stars.RefundRefused as error:
            raise CannotStartError(str(error)) from error
