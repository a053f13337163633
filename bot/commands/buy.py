"""buy: packs of credits with their prices, or the page where one is paid."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Button, Call, Command, Reply, Suggestion
from core import accounts, shop, stars
from core.app import App
from core.errors import UserError
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Buy:
    """The options of buy."""

    pack: str | None = option(
        "Which pack; without it you see them all",
        default=None,
        main=True,
        suggest="packs",
        length_max=40,
    )


async def _run(app: App, call: Call, params: Buy) -> Reply:
    offers = shop.packs(app, call.identity.platform)
    premium = counter.premium_buttons(app, call.identity.platform)
    if not offers and not premium:
        raise UserError("shop-closed")
    if params.pack is None:
        lines = [Say(key="buy-title")]
        lines += [
            counter.pack_line(place, offer, call.language)
            for place, offer in enumerate(offers, start=1)
        ]
        return Reply(
            lines=tuple(lines),
            buttons=(*counter.buttons("buy", "pack", offers, call.language), *premium),
        )
    offer = shop.choose(offers, "pack", params.pack)
    if offer.till == accounts.STARS:
        order, pack = await stars.ask(app, call.person, offer.item.id, call.address)
        invoice = counter.invoice(order.id, pack, call.language)
        return Reply(lines=(Say(key="stars-sent"),), invoice=invoice)
    checkout = await shop.check_out(app, call.person, offer, call.address)
    price = counter.price(call.language, offer.price)
    said = Say(key="buy-link", values={"title": offer.item.title, "price": price})
    return Reply(lines=(said,), buttons=(Button(command="pay", url=checkout.url),))


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    found = app.rules.packs if option == "pack" else ()
    return tuple(counter.suggestion(pack) for pack in found if typed.lower() in pack.id)


COMMAND = Command(
    name="buy",
    summary="Buy credits",
    params=Buy,
    run=_run,
    private=True,
    suggest=_suggest,
)
