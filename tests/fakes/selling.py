"""Puts a local Stripe behind an Atelier that runs in the test's own process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import cast

import stripe

from bot.stripe.client import StripeTill
from bot.stripe.webhook import StripeWebhook
from core import notices
from core.app import App, Rules
from core.offers import Pack, Plan
from core.tills import Till
from tests.fakes.stripe_server import KEY, WEBHOOK_SECRET, FakeStripe

RULES = Rules(
    vendor_order=("openai", "sketch"),
    packs=(
        Pack(id="small", title="100 credits", credits=100, amount=500),
        Pack(id="large", title="1200 credits", credits=1200, amount=4000),
    ),
    plans=(
        Plan(id="free", title="Free"),
        Plan(id="creator", title="Creator", amount=2900, credits=50),
        Plan(id="pro", title="Pro", on_request=True),
    ),
)


@contextlib.asynccontextmanager
async def selling(app: App, *platforms: str) -> AsyncIterator[FakeStripe]:
    """Sell on these platforms."""
    async with FakeStripe() as server:
        till = StripeTill(app, KEY, live=False, api_url=server.url, platforms=frozenset(platforms))
        cast("dict[str, Till]", app.tills)["stripe"] = till
        try:
            yield server
        finally:
            await till.close()
        assert server.violations == []


async def tell(app: App, server: FakeStripe) -> None:
    """Hand what has happened to the webhook, and say what is to be said."""
    hook = StripeWebhook(app, WEBHOOK_SECRET, live=False)
    for told in server.world.events:
        if not told.delivered:
            signed = stripe.WebhookSignature.generate_signature_header(told.text, WEBHOOK_SECRET)
            assert await hook(told.text.encode(), signed) == 200
            told.delivered = True
    await notices.carry_due(app)


def paid_at(server: FakeStripe, url: str) -> str:
    """Pay at the page that an address leads to; what paid."""
    return server.world.pay(url.rpartition("/")[2])
