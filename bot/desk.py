"""The operator's desk: refunds, and what became of the tills' events, for the command line."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from bot import i18n, processes
from bot.settings import Settings
from bot.wiring import open_parts
from core import shop
from core.app import App
from core.errors import UserError

NO_REDIS = "redis://127.0.0.1:1"


async def refund(settings: Settings, payment: str, amount: int | None) -> str:
    """Pay back a payment, or a part of it; how it stands then."""
    async with _opened(settings) as app:
        row = await shop.refund(app, payment, amount)
    return f"{row.id}: {row.applied} of {row.credits} credits are left of it."


async def reconcile(settings: Settings) -> str:
    """Take in what was missed; how much it was."""
    async with _opened(settings) as app:
        if not app.tills:
            raise processes.CannotStartError("STRIPE_SECRET_KEY is not set: there is no till")
        return f"{await shop.catch_up(app)} events taken in."


async def quarantined(settings: Settings) -> str:
    """A line for each event that was held back."""
    async with _opened(settings) as app:
        rows = await shop.quarantined(app)
    lines = [
        f"{row.received_at:%Y-%m-%d %H:%M}  {row.id}  {row.kind}  {row.reason}" for row in rows
    ]
    return "\n".join(lines) or "Nothing is held back."


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[App]:
    await processes.migrate(settings)
    try:
        async with open_parts(settings, NO_REDIS) as parts:
            yield parts.app
    except UserError as error:
        said = i18n.translate(i18n.FALLBACK, error.key, error.values)
        raise processes.CannotStartError(said) from error
