"""What the operator does with pools, coupons and wallets from the command line; each answers with text."""

from __future__ import annotations

from bot import i18n
from bot.processes import CannotStartError, at_hand
from bot.settings import Settings
from core import communities, coupons, people, wallets
from core.errors import UserError
from core.wallets import Part


async def fund(
    settings: Settings,
    pool: str,
    amount: int,
    is_open: bool | None,
    anywhere: bool | None,
) -> str:
    """Credits for a pool, and what is decided about it; what it has then."""
    async with at_hand(settings) as parts:
        try:
            found = await communities.fund(parts.app, pool, amount, open=is_open, anywhere=anywhere)
        except UserError as error:
            raise _told(error) from error
    text = f"The pool {pool} has {found.free} credits now"
    if pool in communities.NAMED:
        return f"{text}."
    kind = "open" if found.open else "funded"
    where = "everywhere" if found.anywhere else "there only"
    return f"{text}. It is {kind}; what is granted out of it is good {where}."


async def show(settings: Settings, platform: str, user: str) -> str:
    """A person's balance, lots and last transfers."""
    async with at_hand(settings) as parts:
        try:
            named = await people.find_mentioned(parts.app, f"{platform}:{user}")
        except UserError as error:
            raise _told(error) from error
        person = await people.recognise(parts.app, platform, user, "")
        balance = await wallets.balance(parts.app, person)
        history = await wallets.history(parts.app, person)
    lines = [f"{named.name} ({named.label}), person {person}"]
    for part in (balance.own, *balance.scoped):
        lines += _part(part)
    lines.append("Last transfers:")
    lines += [
        f"  {row.made_at:%Y-%m-%d %H:%M} {row.kind} {row.amount}: {row.debit} -> {row.credit}"
        for row in history
    ]
    return "\n".join(lines)


def _part(part: Part) -> list[str]:
    where = "everywhere" if part.community is None else f"in {part.community}"
    lines = [f"{part.posted} credits good {where}, {part.pending} of them held"]
    for lot in part.lots:
        until = "for good" if lot.expires_at is None else f"until {lot.expires_at:%Y-%m-%d %H:%M}"
        lines.append(f"  {lot.source}: {lot.remaining} of {lot.amount}, {until}")
    return lines


async def make_coupons(
    settings: Settings, amount: int, uses: int, days: int | None, count: int
) -> str:
    """New codes, a line for each."""
    async with at_hand(settings) as parts:
        try:
            codes = await coupons.make(parts.app, amount, uses=uses, days=days, count=count)
        except UserError as error:
            raise _told(error) from error
    return "\n".join(codes)


def _told(error: UserError) -> CannotStartError:
    return CannotStartError(i18n.translate(i18n.FALLBACK, error.key, error.values))
