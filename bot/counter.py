"""The counter: how offers, prices and plans are put into words and buttons, for every command alike."""

from __future__ import annotations

from babel.numbers import format_currency, get_currency_precision

from bot import i18n
from bot.command import Button, Call, Invoice, Suggestion
from core import premium, shop
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.offers import Pack, Plan
from core.shop import Offer
from core.tills import Price

BUTTONS_MAX = 9
STARS = "xtr"


def buy_buttons(app: App, call: Call) -> tuple[Button, ...]:
    """A way to more credits, where any are sold."""
    platform = call.identity.platform
    sold = shop.packs(app, platform) or premium_buttons(app, platform)
    return (Button(command="buy"),) if sold else ()


def premium_buttons(app: App, platform: str) -> tuple[Button, ...]:
    """What Discord itself sells, there alone: a button that it shows with its own price."""
    if platform != premium.PLATFORM:
        return ()
    return tuple(
        Button(command="premium", sku=pack.sku) for pack in premium.packs(app.rules) if pack.sku
    )


def invoice(order_id: str, pack: Pack, language: str) -> Invoice:
    """What is to be paid in Telegram Stars."""
    return Invoice(
        order_id=order_id,
        title=pack.title,
        description=i18n.translate(language, "stars-invoice", {"credits": pack.credits}),
        stars=pack.stars or 0,
    )


def buttons(
    command: str, option: str, offers: tuple[Offer, ...], language: str
) -> tuple[Button, ...]:
    """A button for each offer with its price; it names what it sells, whatever else is sold later."""
    return tuple(
        Button(
            command=command,
            given=(option, offer.key),
            label=f"{offer.item.title}: {price(language, offer.price)}",
        )
        for offer in offers[:BUTTONS_MAX]
    )


def pack_line(place: int, offer: Offer, language: str) -> Say:
    """A pack with its price."""
    values: dict[str, Value] = {
        "place": place,
        "item": offer.item.id,
        "title": offer.item.title,
        "credits": offer.item.credits,
        "price": price(language, offer.price),
    }
    return Say(key="buy-pack", values=values)


def plan_line(app: App, plan: Plan, language: str) -> Say:
    """A plan with what it costs and allows."""
    rules = app.rules
    queued_max = rules.queued_max if plan.queued_max is None else plan.queued_max
    values: dict[str, Value] = {
        "title": plan.title,
        "price": price(language, Price(amount=plan.amount, currency=plan.currency)),
        "sold": "request" if plan.on_request else "yes" if plan.is_sold else "free",
        "credits": plan.credits,
        "running": rules.running_max if plan.running_max is None else plan.running_max,
        "queued": queued_max,
    }
    return Say(key="plan-line", values=values)


def price(language: str, asked: Price) -> str:
    """An amount of money in a language's own way."""
    if asked.currency == STARS:
        return f"{asked.amount} ⭐"
    currency = asked.currency.upper()
    digits = get_currency_precision(currency)
    locale = language.replace("-", "_")
    try:
        return format_currency(asked.amount / 10**digits, currency, locale=locale)
    except (ValueError, LookupError):
        return format_currency(asked.amount / 10**digits, currency, locale="en")


def suggestion(item: Pack | Plan) -> Suggestion:
    """A pack or plan to complete an option with, and its price."""
    whole = Price(amount=item.amount, currency=item.currency)
    values: dict[str, Value] = {"title": item.title, "price": price(i18n.FALLBACK, whole)}
    return Suggestion(value=item.id, text=Say(key="offer", values=values))
