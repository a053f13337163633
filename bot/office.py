"""What the operator does with pools, coupons and wallets from the command line; each answers with text."""

from __future__ import annotations

from collections.abc import Callable

from bot.processes import BooksWrongError, KeysLeftError, at_hand
from bot.settings import Settings
from core import (
    books,
    communities,
    coupons,
    linking,
    notices,
    people,
    plans,
    rotation,
    statements,
    wallets,
)
from core.errors import BadOption
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
        found = await communities.fund(parts.app, pool, amount, open=is_open, anywhere=anywhere)
    text = f"The pool {pool} has {found.free} credits now"
    if pool in communities.NAMED:
        return f"{text}."
    kind = "open" if found.open else "funded"
    where = "everywhere" if found.anywhere else "there only"
    return f"{text}. It is {kind}; what is granted out of it is good {where}."


async def show(settings: Settings, platform: str, user: str) -> str:
    """A person's balance, lots and last transfers."""
    async with at_hand(settings) as parts:
        named = await people.find_mentioned(parts.app, f"{platform}:{user}")
        person = await people.recognise(parts.app, platform, user, "")
        balance = await wallets.balance(parts.app, person)
        page = await statements.page(parts.app, person, None)
    lines = [f"{named.name} ({named.label}), person {person}"]
    for part in (balance.own, *balance.scoped):
        lines += _part(part)
    lines.append("Last transfers:")
    lines += [
        f"  {line.made_at:%Y-%m-%d %H:%M} {line.change:+d} {line.kind} {line.note} ({line.id})"
        for line in page.lines
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
        codes = await coupons.make(parts.app, amount, uses=uses, days=days, count=count)
    return "\n".join(codes)


async def grant(settings: Settings, platform: str, user: str, amount: int) -> str:
    """Credits for a person, who may be new; what they have then."""
    async with at_hand(settings) as parts:
        _check_platform(platform)
        person = await people.recognise(parts.app, platform, user, "")
        balance = await wallets.grant(parts.app, person, amount)
    return f"{platform} {user} has {balance.wallet.free} credits now."


async def set_plan(settings: Settings, platform: str, user: str, plan: str, *, renews: bool) -> str:
    """A plan for a person; until when it is theirs."""
    async with at_hand(settings) as parts:
        _check_platform(platform)
        person = await people.recognise(parts.app, platform, user, "")
        found = await plans.assign(parts.app, person, plan, renews=renews)
    until = found.period_end.date().isoformat()
    then = "is not renewed" if found.ends else "is renewed then"
    return f"{platform} {user} is on {found.plan.title} until {until}; it {then}."


def _check_platform(platform: str) -> None:
    # A person may be new, so a word that is mistyped would be somebody whom nobody can ever be.
    if platform not in notices.PLATFORMS:
        known = ", ".join(notices.PLATFORMS)
        raise BadOption("option-not-choice", option="platform", choices=known, value=platform[:40])


async def unlink(settings: Settings, link_id: str) -> str:
    """Two accounts parted again."""
    async with at_hand(settings) as parts:
        row = await linking.unlink(parts.app, link_id)
    return f"Parted: {row.gone} is a person of their own again, beside {row.kept}."


async def audit(settings: Settings) -> str:
    """The ledger, checked; how much of it there is."""
    async with at_hand(settings) as parts:
        wrong = await books.check(parts.app)
        if wrong is not None:
            raise BooksWrongError(
                f"{wrong.sentence} Paid jobs are stopped until it is right again."
            )
        size = await books.sizes(parts.app)
    return (
        f"All {len(books.INVARIANTS)} invariants hold: {size.accounts} accounts, "
        f"{size.transfers} transfers, {size.lots} lots, {size.holds} holds."
    )


async def rotate_keys(settings: Settings, say: Callable[[str], None]) -> str:
    """All data keys under the newest master key; raises KeysLeftError where some are not."""

    def told(done: int, left: int) -> None:
        say(f"{done} wrapped anew, {left} to go")

    async with at_hand(settings) as parts:
        found = await rotation.rotate(parts.app.database, parts.app.seals, told)
        version = parts.app.seals.version
    done = f"{found.done} data keys were wrapped anew by the master key {version}"
    left = sum(found.left.values())
    if left == 0:
        return f"{done}, and none is left under another. MASTER_KEY_OLD may be emptied."
    lines = [f"{done}; {left} are left under others:"]
    for name, count in sorted(found.missing.items()):
        lines.append(
            f"  {count} under the master key {name}, which is neither MASTER_KEY nor in MASTER_KEY_OLD: "
            "their keys cannot be opened without it."
        )
    if found.broken:
        lines.append(
            f"  {found.broken} that do not open: their rows were changed or moved by hand."
        )
    others = left - sum(found.missing.values()) - found.broken
    if others > 0:
        lines.append(
            f"  {others} that came meanwhile: a process still runs with an earlier MASTER_KEY."
        )
    raise KeysLeftError("\n".join(lines))
