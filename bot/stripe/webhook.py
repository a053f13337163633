"""Stripe's webhook: the signature over the raw bytes, then one transaction, then 200."""

from __future__ import annotations

import json

import structlog

from bot.stripe import events
from bot.stripe.library import library
from core import intake
from core.app import App

log = structlog.get_logger(__name__)

PATH = "/webhooks/stripe"
SIGNATURE_HEADER = "Stripe-Signature"
TOLERANCE_S = 300


class StripeWebhook:
    """Takes events in; nothing is answered with 200 that is not committed."""

    def __init__(self, app: App, secret: str, *, live: bool) -> None:
        self._app = app
        self._secret = secret
        self._live = live

    async def __call__(self, body: bytes, signature: str) -> int:
        """The status that Stripe gets; what raises here is sent again by Stripe, for three days."""
        stripe = await library()
        try:
            stripe.WebhookSignature.verify_header(body, signature, self._secret, TOLERANCE_S)
            event = json.loads(body)
            told = events.read(event, self._app.clock.now(), live=self._live)
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            log.warning("stripe's webhook: not from stripe", error=type(error).__name__)
            return 400
        await intake.take(self._app, told)
        return 200
