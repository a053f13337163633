"""The addresses that Stripe calls, and where it sends people back to."""

from __future__ import annotations

from aiohttp import web

from bot.stripe.webhook import PATH, SIGNATURE_HEADER, StripeWebhook
from bot.web.parts import Parts
from bot.web.site import SITE
from bot.web.visitor import language_of

SIGNATURE_LENGTH_MAX = 2048


def routes(parts: Parts) -> list[web.RouteDef]:
    """The page after a payment; and the webhook, where its secret is set."""
    found = [web.get("/paid", paid)]
    settings = parts.settings
    if settings.stripe_webhook_secret is not None:
        hook = StripeWebhook(
            parts.app,
            settings.stripe_webhook_secret.get_secret_value(),
            live=settings.stripe_is_live,
        )

        async def take(request: web.Request) -> web.Response:
            signature = request.headers.get(SIGNATURE_HEADER, "")[:SIGNATURE_LENGTH_MAX]
            return web.Response(status=await hook(await request.read(), signature))

        found.append(web.post(PATH, take))
    return found


async def paid(request: web.Request) -> web.Response:
    """Where people come back to from the till; the chat says what was credited."""
    key = "page-not-paid" if "no" in request.query else "page-paid"
    return request.app[SITE].renderer.note(language_of(request), key, 200)
