"""Who pays for a job: a person's own key for a vendor, or their credits, by their own choice."""

from __future__ import annotations

from dataclasses import dataclass

from core import keys
from core.app import App
from core.keys import Prefer
from storage import keys as stored
from storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """The vendors that a person has a good key for, and what is to pay first.

    `off` are those whose key was refused. `fall_back`: credits may pay where the own key could not.
    """

    vendors: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    prefer: Prefer = "credits"
    fall_back: bool = False


CREDITS = Purse()


def of_anybody(app: App) -> Purse:
    """What somebody with a key for every vendor could pay with."""
    return Purse(vendors=frozenset(vendor.name for vendor in keys.vendors(app)))


async def of_person(app: App, person_id: str) -> Purse:
    """What a person can pay with."""
    return await app.database.read(_read, person_id)


def _read(connection: Connection, person_id: str) -> Purse:
    vendors, off, row = stored.purse(connection, person_id)
    chosen = keys.preference_of(row)
    if not vendors and not off and chosen.prefer != "only":
        return CREDITS
    # Who pays with own keys only has said no to credits, whatever else was said.
    fall_back = chosen.fall_back and chosen.prefer != "only"
    return Purse(vendors=vendors, off=off, prefer=chosen.prefer, fall_back=fall_back)
