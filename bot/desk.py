"""The operator's desk: refunds, and what became of the tills' events, for the command line."""

from __future__ import annotations

from bot.processes import CannotStartError, at_hand
from bot.settings import Settings, SettingsError
from core import accounts, shop


async def refund(settings: Settings, payment: str, amount: int | None) -> str:
    """Pay back a payment, or a part of it; how it stands then."""
    till, _, charge = payment.partition(":")
    if till == accounts.STARS:
        return await _refund_stars(settings, charge)
    async with at_hand(settings) as parts:
        row = await shop.refund(parts.app, payment, amount)
    return f"{row.id}: {row.applied} of {row.credits} credits are left of it."


async def reconcile(settings: Settings) -> str:
    """Take in what was missed; how much it was."""
    async with at_hand(settings) as parts:
        if not parts.app.tills:
            raise CannotStartError("STRIPE_SECRET_KEY is not set: there is no till")
        return f"{await shop.catch_up(parts.app)} events taken in."


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
