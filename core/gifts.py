"""Gifts: credits that somebody has bought, for somebody else; each keeps its day of expiry."""

from __future__ import annotations

from datetime import datetime

from core import accounts, credits
from core.app import App
from core.credits import BOUGHT, Entry
from core.errors import UserError
from core.options import Mentioned
from core.people import recognise
from storage import ledger, lots, people
from storage.database import Connection
from storage.lots import LotRow


async def give(app: App, giver: str, target: Mentioned, amount: int, inbox: str) -> int:
    """Give bought credits away, once for each event; what is left to give. Raises UserError."""
    if target.is_bot:
        raise UserError("target-bot")
    if await app.database.read(people.find, target.platform, target.id) is None:
        # Nobody becomes known by a gift that cannot be.
        has = await app.database.read(_bought, giver, app.clock.now())
        if amount > has:
            raise UserError("gift-too-much", needs=amount, has=has)
    person_id = await recognise(app, target.platform, target.id, target.name, came=False)
    if person_id == giver:
        raise UserError("gift-self")
    return await app.database.transaction(_give, giver, person_id, amount, inbox, app.clock.now())


def _bought(connection: Connection, giver: str, now: datetime) -> int:
    """What somebody could give away, as far as can be told without a lock."""
    found = lots.left(connection, accounts.person(giver))
    return sum(
        item.remaining
        for item in found
        if item.source in BOUGHT and (item.expires_at is None or item.expires_at > now)
    )


def _give(
    connection: Connection, giver: str, taker: str, amount: int, inbox: str, now: datetime
) -> int:
    # In one order, whoever gives to whom: two gifts that cross must not wait for each other.
    kept = {who: accounts.keep(connection, who) for who in sorted((giver, taker))}
    giver, taker = kept[giver], kept[taker]
    if giver == taker:
        raise UserError("gift-self")
    own = accounts.person(giver)
    credits.expire(connection, own, now)
    account = ledger.read(connection, own)
    assert account is not None
    bought = [item for item in lots.left(connection, own) if item.source in BOUGHT]
    has = max(min(sum(item.remaining for item in bought), account.free), 0)
    if ledger.find(connection, _transfer_id(inbox, 0)) is not None:
        return has
    if amount > has:
        raise UserError("gift-too-much", needs=amount, has=has)
    left = amount
    for place, item in enumerate(bought):
        part = min(item.remaining, left)
        if part:
            _pass_on(connection, item, taker, part, _transfer_id(inbox, place), now)
        left -= part
    lots.set_expiry(connection, own)
    return has - amount


def _pass_on(
    connection: Connection, lot: LotRow, taker: str, amount: int, transfer_id: str, now: datetime
) -> None:
    """Part of a lot becomes a lot of somebody else."""
    entry = Entry(
        id=transfer_id,
        debit=lot.account,
        credit=accounts.person(taker),
        amount=amount,
        kind="gift",
        reference=lot.id,
    )
    credits.put(connection, entry, now, source="gift", expires_at=lot.expires_at)
    lots.take(connection, lot.id, amount)


def _transfer_id(inbox: str, place: int) -> str:
    return f"gift:{inbox}:{place}"
