"""People: one person behind each identity, known from the first command on."""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError

from core import accounts, credits
from core.app import App, Rules
from core.credits import Entry
from core.errors import BadOption
from core.ids import new_id
from core.options import Mentioned
from storage import ledger, people, preferences
from storage.database import Connection
from storage.people import IdentityRow
from storage.preferences import Preferences

log = structlog.get_logger(__name__)


async def recognise(
    app: App,
    platform: str,
    external_id: str,
    name: str,
    handle: str | None = None,
    *,
    came: bool = True,
) -> str:
    """The person of an identity; the first time a new one, with the operator's free credits.

    Those are for who `came` themselves: whom others have only named gets them when they come.
    `name` and `handle` (the @username; empty: none, None: not told) are kept as they are now.
    """
    person, _ = await meet(app, platform, external_id, name, handle, came=came)
    return person


async def meet(
    app: App,
    platform: str,
    external_id: str,
    name: str,
    handle: str | None = None,
    *,
    came: bool = True,
) -> tuple[str, Preferences]:
    """The same, with what the person has chosen."""
    handle = None if handle is None else handle.lower()[: people.HANDLE_LENGTH]
    known, chosen = await app.database.read(preferences.seen, platform, external_id)
    if known is not None:
        if _has_changed(known, name, handle):
            await app.database.transaction(_note, platform, external_id, name, handle)
        if came and known.welcomed_at is None:
            now = app.clock.now()
            await app.database.transaction(_welcome, platform, external_id, app.rules, now)
        return known.person_id, chosen
    try:
        person = await app.database.transaction(
            _meet, platform, external_id, name, handle, came, app.rules, app.clock.now()
        )
    except IntegrityError:  # the same newcomer came twice at once; the other one is committed
        met = await app.database.read(people.find, platform, external_id)
        if met is None:
            raise
        person = met
    return person, Preferences()


async def known(app: App, platform: str, external_id: str) -> str | None:
    """The person of an identity, if they have come before."""
    return await app.database.read(people.find, platform, external_id)


async def account(app: App, person_id: str) -> str:
    """Who a person is, in words that they know themselves by."""
    return await app.database.read(account_of, person_id)


def account_of(connection: Connection, person_id: str) -> str:
    """The same inside a transaction."""
    known = people.identities(connection, person_id)
    return ", ".join(f"{row.name or row.external_id} ({row.platform})" for row in known)


async def find_mentioned(app: App, text: str) -> Mentioned:
    """Who is meant by `platform:ID` or @username; only people that have been seen."""
    found = await app.database.read(_mentioned, text.strip())
    if found is None:
        raise BadOption("person-unknown", person=text[: people.HANDLE_LENGTH])
    return Mentioned(
        platform=found.platform,
        id=found.external_id,
        name=found.name or f"{found.platform}:{found.external_id}",
    )


def _mentioned(connection: Connection, text: str) -> IdentityRow | None:
    if text.startswith("@"):
        rows = people.called(connection, text[1:].lower())
        return rows[0] if len(rows) == 1 else None
    platform, _, external_id = text.partition(":")
    return people.seen(connection, platform.lower(), external_id)


def _has_changed(known: IdentityRow, name: str, handle: str | None) -> bool:
    renamed = bool(name) and known.name != name[: people.NAME_LENGTH]
    return renamed or (handle is not None and (known.handle or "") != handle)


def _note(
    connection: Connection, platform: str, external_id: str, name: str, handle: str | None
) -> None:
    """Keep the name and @username that the platform shows now."""
    if name:
        people.rename(connection, platform, external_id, name)
    if handle is not None:
        people.set_handle(connection, platform, external_id, handle)


def _meet(
    connection: Connection,
    platform: str,
    external_id: str,
    name: str,
    handle: str | None,
    came: bool,
    rules: Rules,
    now: datetime,
) -> str:
    known = people.find(connection, platform, external_id)
    if known is not None:
        return known
    person_id = new_id()
    people.add(connection, person_id, platform, external_id, name, now)
    if handle:
        people.set_handle(connection, platform, external_id, handle)
    accounts.open_person(connection, person_id)
    if came:
        _welcome(connection, platform, external_id, rules, now)
    return person_id


def _welcome(
    connection: Connection, platform: str, external_id: str, rules: Rules, now: datetime
) -> None:
    """Somebody comes for the first time themselves: now they get their free credits, once."""
    person_id = people.welcome(connection, platform, external_id, now)
    if person_id is None or not rules.signup_credits:
        return
    account_id = accounts.person(accounts.keep(connection, person_id))
    _give_signup(connection, account_id, f"{platform}:{external_id}", rules, now)


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
