"""Who pays for a job: a person's own key for a vendor, or their credits, by their own choice."""

from __future__ import annotations

from dataclasses import dataclass

from core import keys
from core.app import App
from core.keys import Prefer
from providers.base import Model
from storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """The vendors that a person has a good key for, and what is to pay first.

    `fall_back`: credits may pay where the own key could not.
    """

    vendors: frozenset[str] = frozenset()
    prefer: Prefer = "credits"
    fall_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A model, and whether the person's own key pays for it."""

    model: Model
    own_key: bool = False


CREDITS = Purse()


async def of_person(app: App, person_id: str) -> Purse:
    """What a person can pay with."""
    return await app.database.read(_read, person_id)


def _read(connection: Connection, person_id: str) -> Purse:
    vendors = keys.active(connection, person_id)
    if not vendors:
        return CREDITS
    chosen = keys.preference_of(connection, person_id)
    return Purse(vendors=vendors, prefer=chosen.prefer, fall_back=chosen.fall_back)
