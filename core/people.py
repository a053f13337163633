"""People: one person behind each identity, known from the first command on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from core.app import App
from core.ids import new_id
from storage import ledger, people
from storage.database import Connection


async def recognise(app: App, platform: str, external_id: str, name: str) -> str:
    """The person of an identity; the first time a new one, with the operator's free credits."""
    known = await app.database.read(people.find, platform, external_id)
    if known is not None:
        return known
    try:
        return await app.database.transaction(
            _welcome, platform, external_id, name, app.rules.signup_credits, app.clock.now()
        )
    except IntegrityError:  # the same newcomer came twice at once; the other one is committed
        met = await app.database.read(people.find, platform, external_id)
        if met is None:
            raise
        return met


def _welcome(
    connection: Connection,
    platform: str,
    external_id: str,
    name: str,
    credits: int,
    now: datetime,
) -> str:
    known = people.find(connection, platform, external_id)
    if known is not None:
        return known
    person_id = new_id()
    people.add(connection, person_id, platform, external_id, name, now)
    ledger.open_wallet(connection, person_id, credits)
    return person_id
