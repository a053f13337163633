"""People's own keys for vendors: tried when they come, sealed at once, opened for one call only."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

import structlog

from core import circuits, keyring, notices, plans
from core.app import App, Rules
from core.errors import BadOption, Busy, NotFound, UserError
from core.keyring import NewKey
from core.messenger import Say
from core.sealing import SealBroken, Seals
from providers.base import Checkable, Credentials, Fault, Provider, ProviderError
from providers.base import Checked as Checked
from providers.base import Vendor as Vendor
from storage import keys, links, own_jobs
from storage.database import UNREACHABLE, Connection
from storage.keys import ChoiceRow, KeyRow

log = structlog.get_logger(__name__)

TICKET_S_MAX = 600.0
TICKET_BYTES = 24
TICKET_LENGTH_MAX = 100
TRIES_PER_MINUTE = 10
CHECK_S_MAX = 20.0
SECRET_LENGTH_MIN = 12
SECRET_LENGTH_MAX = 512
TEXT_LENGTH_MAX = 10_000

Prefer = Literal["own", "credits", "only"]
PREFER: tuple[Prefer, ...] = get_args(Prefer)


class KeyRefused(UserError):
    """The vendor does not take a key."""

    def __init__(self, vendor: str) -> None:
        super().__init__("key-refused", vendor=vendor)


class KeyPasted(UserError):
    """A text that was to be used or kept holds a key of the vendor."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__("key-pasted", vendor=vendor.title, url=vendor.keys_url or vendor.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A key that the vendor takes and that is kept; `replaced` one that was there."""

    vendor: str
    title: str
    last4: str
    checked: Checked
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """A key as its owner sees it: active, or off for a reason (a Fault); `used` by jobs this period."""

    vendor: str
    title: str
    last4: str
    state: str
    reason: str | None
    last_ok_at: datetime | None
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Who pays where a person has a key for a model: own first, credits first, or only own.

    `fall_back`: credits may pay where the own key could not.
    """

    prefer: Prefer = "own"
    fall_back: bool = False


def vendors(app: App) -> list[Vendor]:
    """The vendors that people may bring a key for."""
    return [vendor for vendor in app.vendors.values() if vendor.own_keys]


def recognise(app: App, text: str) -> Vendor | None:
    """The vendor of a key that stands anywhere in a text; the longest, where several fit."""
    found: tuple[int, Vendor] | None = None
    for vendor in vendors(app):
        if vendor.key_pattern is None:
            continue
        for match in re.finditer(vendor.key_pattern, text[:TEXT_LENGTH_MAX]):
            before = text[match.start() - 1 : match.start()]
            if before.isascii() and before.isalnum():
                continue  # within a word: a `task_…` holds no `sk_…`
            length = len(match[0])
            if found is None or length > found[0]:
                found = (length, vendor)
    return None if found is None else found[1]


def check_text(app: App, text: str) -> None:
    """Raise KeyPasted where a key stands anywhere in a text, however long."""
    for start in range(0, len(text), TEXT_LENGTH_MAX - SECRET_LENGTH_MAX):
        vendor = recognise(app, text[start : start + TEXT_LENGTH_MAX])
        if vendor is not None:
            raise KeyPasted(vendor)


async def add(
    app: App, person_id: str, vendor_name: str, secret: str, *, ticket: str | None = None
) -> Added:
    """Try a key and keep it, in the place of one for the same vendor; raises UserError.

    A `ticket` is used up by a key that is kept, and only by that.
    """
    vendor = _vendor(app, vendor_name)
    secret = secret.strip()
    length_ok = SECRET_LENGTH_MIN <= len(secret) <= SECRET_LENGTH_MAX
    if not length_ok or not all("!" <= letter <= "~" for letter in secret):
        raise BadOption("key-malformed", vendor=vendor.title)
    now = app.clock.now()
    # Asked again when it is kept; nothing is told to a vendor for what cannot be kept.
    await app.database.read(keyring.check_room, person_id, vendor.name, app.rules, now)
    checked = await _check(app, person_id, vendor, secret)
    new = NewKey(vendor=vendor.name, secret=secret, now=app.clock.now())
    replaced = await app.database.transaction(_keep, app.seals, person_id, new, app.rules, ticket)
    await circuits.wake(app.circuits, vendor.name, person_id)
    return Added(
        vendor=vendor.name,
        title=vendor.title,
        last4=keyring.last_of(secret),
        checked=checked,
        replaced=replaced,
    )


def _keep(
    connection: Connection,
    seals: Seals,
    person_id: str,
    new: NewKey,
    rules: Rules,
    ticket: str | None,
) -> bool:
    replaced = keyring.put(connection, seals, person_id, new, rules)
    if ticket is not None:
        # Of two at once the second finds it used, and what it has put is undone.
        _ticket(connection, ticket, new.now, used=True)
    return replaced


async def listed(app: App, person_id: str) -> list[OwnKey]:
    """A person's keys, by vendor."""
    rows, used = await app.database.read(_listed, person_id, app.rules, app.clock.now())
    return [
        OwnKey(
            vendor=row.vendor,
            title=_title(app, row.vendor),
            last4=row.last4,
            state=row.state,
            reason=row.reason,
            last_ok_at=row.last_ok_at,
            used=used.get(row.vendor, 0),
        )
        for row in rows
    ]


def _listed(
    connection: Connection, person_id: str, rules: Rules, now: datetime
) -> tuple[list[KeyRow], Mapping[str, int]]:
    since = plans.of_person(connection, person_id, rules, now).period_start
    return keys.of_person(connection, person_id), own_jobs.by_vendor(connection, person_id, since)


async def test(app: App, person_id: str, vendor_name: str) -> Checked:
    """Try a key again: a good one is active afterwards, one that is refused is off; raises UserError."""
    vendor = _vendor(app, vendor_name)
    row, secret = await _unsealed(app, person_id, vendor)
    try:
        checked = await _check(app, person_id, vendor, secret)
    except KeyRefused:
        # Its owner is told by the answer.
        await app.database.statement(keys.switch_off, row.id, Fault.BAD_KEY.value)
        raise
    await app.database.statement(keys.worked, row.id, app.clock.now())
    return checked


async def remove(app: App, person_id: str, vendor_name: str) -> bool:
    """Forget a key; False where there is none."""
    return await app.database.transaction(_remove, person_id, vendor_name)


def _remove(connection: Connection, person_id: str, vendor_name: str) -> bool:
    return keys.remove(connection, keyring.held(connection, person_id), vendor_name)


async def prefer(app: App, person_id: str, prefer: str, fall_back: bool) -> None:
    """Choose who pays."""
    if prefer not in PREFER:
        raise BadOption(
            "option-not-choice", option="prefer", choices=", ".join(PREFER), value=prefer[:40]
        )
    row = ChoiceRow(person_id=person_id, prefer=prefer, fall_back=fall_back)
    await app.database.statement(keys.choose, row)


async def preference(app: App, person_id: str) -> Preference:
    """What a person has chosen, or the default."""
    return preference_of(await app.database.read(keys.choice, person_id))


def preference_of(row: ChoiceRow | None) -> Preference:
    """A choice as it is kept, or the default."""
    if row is None:
        return Preference()
    chosen = next(item for item in PREFER if item == row.prefer)
    return Preference(prefer=chosen, fall_back=row.fall_back)


async def make_ticket(app: App, person_id: str) -> str:
    """A ticket to the page where a key is put in: good once and for ten minutes; kept by hash."""
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    until = app.clock.now() + timedelta(seconds=TICKET_S_MAX)
    await app.database.statement(keys.add_ticket, _hash(ticket), person_id, until)
    return ticket


async def peek_ticket(app: App, ticket: str) -> str:
    """Whose ticket it is, which stays good; raises NotFound."""
    return await app.database.read(_ticket, ticket, app.clock.now(), used=False)


async def use_ticket(app: App, ticket: str) -> str:
    """Use a ticket up: whose it was; raises NotFound where it is unknown, used or over."""
    return await app.database.transaction(_ticket, ticket, app.clock.now(), used=True)


def _ticket(connection: Connection, ticket: str, now: datetime, *, used: bool) -> str:
    found = None
    if len(ticket) <= TICKET_LENGTH_MAX:
        found = (keys.use_ticket if used else keys.peek_ticket)(connection, _hash(ticket), now)
    if found is None:
        raise NotFound("key-ticket-over")
    return links.kept(connection, found)


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


async def switch_off(app: App, person_id: str, vendor_name: str, reason: str) -> None:
    """Use a key no more, and tell its owner, once."""
    row = await app.database.read(keys.find, person_id, vendor_name)
    if row is not None:
        await _switch_off(app, row, reason)


async def _switch_off(app: App, row: KeyRow, reason: str) -> None:
    title = _title(app, row.vendor)
    await app.database.transaction(_off, row.id, reason, title, app.clock.now())


def _off(connection: Connection, key_id: str, reason: str, title: str, now: datetime) -> None:
    row = keys.by_id(connection, key_id)
    if row is None or not keys.switch_off(connection, key_id, reason):
        return
    # Once each time that it is switched off: a test may have found it good in between.
    notice_id = f"key-off:{key_id}:{now.isoformat()}"
    told = {"vendor": title, "last4": row.last4, "reason": reason}
    line = Say(key="key-switched-off", values=told)
    notices.add(connection, notice_id, row.person_id, [line], now)


@contextlib.asynccontextmanager
async def opened(
    app: App, person_id: str, vendor_name: str, begun: datetime | None = None
) -> AsyncIterator[Provider]:
    """A vendor opened with a person's active key, for one call; raises UserError before it.

    `begun`: when the call began that is looked up; a key that is newer knows nothing of it.
    A ProviderError of the call that says that the key is refused switches it off on its way out.
    """
    vendor = _vendor(app, vendor_name)
    row, secret = await _unsealed(app, person_id, vendor)
    if row.state != "active" or (begun is not None and row.made_at > begun):
        raise UserError("key-off", vendor=vendor.title)
    provider = _open(app, vendor, secret)
    del secret
    try:
        yield provider
    except ProviderError as error:
        if error.fault is Fault.BAD_KEY:
            await _switch_off(app, row, error.fault.value)
        raise
    finally:
        await provider.close()


async def worked(app: App, person_id: str, vendor_name: str) -> None:
    """The vendor has just taken the key; what was made with it is worth more than this note."""
    try:
        await app.database.statement(keys.worked_for, person_id, vendor_name, app.clock.now())
    except UNREACHABLE as error:
        log.warning("use of a key not noted", error=type(error).__name__)


def _vendor(app: App, name: str) -> Vendor:
    vendor = app.vendors.get(name)
    if vendor is None or not vendor.own_keys:
        known = ", ".join(item.name for item in vendors(app))
        raise BadOption("option-not-choice", option="vendor", choices=known, value=name[:40])
    return vendor


def _title(app: App, vendor_name: str) -> str:
    """A vendor's title; its name where it is no longer there."""
    vendor = app.vendors.get(vendor_name)
    return vendor_name if vendor is None else vendor.title


async def _unsealed(app: App, person_id: str, vendor: Vendor) -> tuple[KeyRow, str]:
    """A key's row and the key itself; raises UserError."""
    found = await app.database.read(keys.with_data_key, person_id, vendor.name)
    if found is None:
        raise NotFound("key-none", vendor=vendor.title)
    row, data_key = found
    try:
        return row, app.seals.unseal(data_key, row)
    except SealBroken as error:
        log.error("a key cannot be unsealed", key=row.id, reason=str(error))
        raise UserError("keys-unreadable") from error


def _open(app: App, vendor: Vendor, secret: str) -> Provider:
    base_url = app.addresses.get(vendor.name)
    provider = vendor.open(Credentials(key=secret, base_url=base_url))
    assert provider is not None, f"{vendor.name} does not open with a key alone"
    return provider


async def _check(app: App, person_id: str, vendor: Vendor, secret: str) -> Checked:
    """What a key is good for; raises UserError where that cannot be told now, KeyRefused where it is not.

    Whoever could try as many as they like could find out which of those they stole are good.
    """
    if await app.circuits.room(f"tries:{person_id}", TRIES_PER_MINUTE) > 0:
        raise Busy("keys-too-often")
    provider = _open(app, vendor, secret)
    assert isinstance(provider, Checkable), f"{vendor.name} cannot try a key"
    try:
        async with asyncio.timeout(CHECK_S_MAX):
            return await provider.check()
    except ProviderError as error:
        if error.fault is Fault.BAD_KEY:
            raise KeyRefused(vendor.title) from error
        if error.fault is Fault.NO_FUNDS:
            return Checked(funds="0")
        log.info("key not tried", vendor=vendor.name, fault=error.fault.value, detail=error.detail)
        raise UserError("key-not-tried", vendor=vendor.title) from error
    except TimeoutError as error:
        raise UserError("key-not-tried", vendor=vendor.title) from error
    finally:
        await provider.close()
