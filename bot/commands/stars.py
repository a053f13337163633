"""stars: packs of credits for Telegram Stars; which one, then its invoice."""

from __future__ import annotations

from dataclasses import dataclass

from bot import counter
from bot.command import Button, Call, Command, Reply, Suggestion
from core import stars
from core.app import App
from core.errors import UserError
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Stars:
    """The options of stars."""

    pack: str | None = option("Which pack", default=None, suggest="packs", length_max=31)


def _check(app: App, _: Stars) -> None:
    if not stars.packs(app.rules):
        raise UserError("stars-none")


async def _run(app: App, call: Call, params: Stars) -> Reply:
    if params.pack is None:
        return _choice(app)
    order, pack = await stars.ask(app, call.person, params.pack, call.address)
    invoice = counter.invoice(order.id, pack, call.language)
    return Reply(lines=(Say(key="stars-sent"),), invoice=invoice)


def _choice(app: App) -> Reply:
    lines = [Say(key="stars-which")]
    if app.rules.terms:
        lines.append(Say(key="payment-terms", values={"operator": app.rules.terms}))
    buttons = tuple(
        Button(
            command="stars",
            given=("pack", pack.id),
            label=f"{pack.title}: {pack.stars} ⭐",
        )
        for pack in stars.packs(app.rules)
    )
    return Reply(lines=tuple(lines), buttons=buttons)


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(
            value=pack.id,
            text=Say(key="stars-pack", values={"title": pack.title, "stars": pack.stars or 0}),
        )
        for pack in stars.packs(app.rules)
        if pack.id.startswith(typed.lower())
    )


COMMAND = Command(
    name="stars",
    summary="Buy credits with Telegram Stars",
    params=Stars,
    run=_run,
    private=True,
    suggest=_suggest,
    check=_check,
    platforms=frozenset({stars.PLATFORM}),
)
