"""People: one person behind each identity, known from the first command on."""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError

from core import accounts, credits
from core.app import App, Rules
from core.credits import Entry
from core.ids import new_id
from storage import ledger, people
from storage.database import Connection

log = structlog.get_logger(__name__)


async def recognise(app: App, platform: str, external_id: str, name: str) -> str:
    """The person of an identity; the first time a new one, with the operator's free credits."""
    known = await app.database.read(people.find, platform, external_id)
    if known is not None:
        return known
    try:
        return await app.database.transaction(
            _welcome, platform, external_id, name, app.rules, app.clock.now()
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
    rules: Rules,
    now: datetime,
) -> str:
    known = people.find(connection, platform, external_id)
    if known is not None:
        return known
    person_id = new_id()
    people.add(connection, person_id, platform, external_id, name, now)
    account_id = accounts.open_person(connection, person_id)
    if rules.signup_credits:
        _give_signup(connection, account_id, f"{platform}:{external_id}", rules, now)
    return person_id


def _give_signup(
    connection: Connection, account_id: str, identity: str, rules: Rules, now: datetime
) -> None:
    """The free credits of an identity, once ever, while the operator's pool has any."""
    accounts.open_pool(connection, accounts.SIGNUP_POOL)
    if rules.signup_pool:
        first = Entry(
            id="fund:signup:first",
            debit=accounts.OPERATOR,
            credit=accounts.SIGNUP_POOL,
            amount=rules.signup_pool,
            kind="fund",
        )
        credits.fund(connection, first, now)
    pool = ledger.read(connection, accounts.SIGNUP_POOL, lock=True)
    if pool is None or pool.free < rules.signup_credits:
        log.warning("signup pool is empty", has=pool.free if pool is not None else 0)
        return
    bonus = Entry(
        # A hash: who was here stays known when all else of them is deleted.
        id=f"signup:{hashlib.sha256(identity.encode()).hexdigest()[:32]}",
        debit=accounts.SIGNUP_POOL,
        credit=account_id,
        amount=rules.signup_credits,
        kind="signup",
    )
    credits.put(connection, bonus, now, source="signup")
