"""The writing side of people's own keys: one transaction each, with the person held still."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from core import plans
from core.app import Rules
from core.errors import UserError
from core.ids import new_id
from core.sealing import SealBroken, Seals
from storage import keys, links
from storage.database import Connection
from storage.keys import DataKeyRow, KeyRow
from storage.links import LinkRow

LAST_LENGTH = 4
MOVED = "provider_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that the vendor has just taken."""

    vendor: str
    secret: str = field(repr=False)
    now: datetime


def last_of(secret: str) -> str:
    """What of a key is shown."""
    return secret[-LAST_LENGTH:]


def held(connection: Connection, person_id: str) -> str:
    """Who a person is now, with nobody else holding them still until the end.

    Held first, asked then: a link holds both until it is committed.
    """
    keys.hold_still(connection, person_id)
    while (into := links.kept_by(connection, person_id)) is not None:
        person_id = into
        keys.hold_still(connection, person_id)
    return person_id


def check_room(
    connection: Connection, person_id: str, vendor: str, rules: Rules, now: datetime
) -> None:
    """Raise UserError where the plan has no room for one more key; one may always be replaced."""
    rows = keys.of_person(connection, person_id)
    if any(row.vendor == vendor for row in rows):
        return
    most = plans.current(connection, person_id, rules, now).keys
    if len(rows) >= most:
        raise UserError("keys-too-many", limit=most)


def put(connection: Connection, seals: Seals, person_id: str, new: NewKey, rules: Rules) -> bool:
    """Keep a key, in the place of one for the same vendor; whether there was one."""
    person_id = held(connection, person_id)
    check_room(connection, person_id, new.vendor, rules, new.now)
    # Where it was the last one its data key goes too, so one that nothing unwraps is no trap.
    replaced = keys.remove(connection, person_id, new.vendor)
    row = KeyRow(
        id=new_id(),
        person_id=person_id,
        vendor=new.vendor,
        sealed=b"",
        last4=last_of(new.secret),
        state="active",
        reason=None,
        made_at=new.now,
        last_ok_at=new.now,
    )
    _add(connection, seals, row, new.secret)
    return replaced


def _add(connection: Connection, seals: Seals, row: KeyRow, secret: str) -> None:
    keys.add(connection, replace(row, sealed=_sealed(connection, seals, row, secret)))


def _sealed(connection: Connection, seals: Seals, row: KeyRow, secret: str) -> bytes:
    """A secret, sealed for this row; raises UserError where its person's data key does not open."""
    data_key = _data_key(connection, seals, row.person_id)
    try:
        return seals.seal(data_key, row.vendor, row.id, secret)
    except SealBroken as error:
        raise UserError("keys-unreadable") from error


def _data_key(connection: Connection, seals: Seals, person_id: str) -> DataKeyRow:
    """A person's data key, made if they have none."""
    found = keys.find_data_key(connection, person_id)
    if found is None:
        found = seals.new_data_key(person_id)
        keys.add_data_key(connection, found)
    return found


def move(connection: Connection, seals: Seals, row: LinkRow) -> None:
    """Keys of who is gone go to who is kept, sealed anew for them, and are written down.

    Where both have one for a vendor, that of who is kept stays and the other is forgotten: nobody
    could see or remove it any more. What was chosen goes along where the other has chosen nothing.
    """
    _hold_both(connection, row)
    had = {key.vendor for key in keys.of_person(connection, row.kept)}
    for key in keys.of_person(connection, row.gone):
        if key.vendor in had:
            keys.remove(connection, row.gone, key.vendor)
        else:
            _pass_on(connection, seals, key, row.kept)
            links.note(connection, row.id, MOVED, key.id)
    chosen = keys.choice(connection, row.gone)
    if chosen is not None:
        keys.drop_choice(connection, row.gone)
        if keys.choice(connection, row.kept) is None:
            keys.choose(connection, replace(chosen, person_id=row.kept))


def move_back(connection: Connection, seals: Seals, row: LinkRow) -> None:
    """Keys that a link has moved go back, sealed anew, where they are still there.

    A key that took the place of one meanwhile stays, and so does what was chosen.
    """
    _hold_both(connection, row)
    for key_id in links.noted(connection, row.id, MOVED):
        key = keys.by_id(connection, key_id)
        if key is not None and key.person_id == row.kept:
            _pass_on(connection, seals, key, row.gone)


def _hold_both(connection: Connection, row: LinkRow) -> None:
    """Hold who is gone and who is kept still, in the order that `held` does."""
    for person_id in (row.gone, row.kept):
        keys.hold_still(connection, person_id)


def _pass_on(connection: Connection, seals: Seals, key: KeyRow, person_id: str) -> None:
    data_key = keys.find_data_key(connection, key.person_id)
    if data_key is None:
        raise UserError("keys-unreadable")
    try:
        secret = seals.unseal(data_key, key)
    except SealBroken as error:
        raise UserError("keys-unreadable") from error
    sealed = _sealed(connection, seals, replace(key, person_id=person_id), secret)
    keys.move(connection, key, person_id, sealed)
