"""Linking: a code made on one platform and typed on another makes two people one, with one wallet.

Every credit moves by transfer, lot by lot; a signup bonus is never had twice; the operator can undo it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import accounts, credits, keyring, personas, styles
from core.app import App
from core.credits import Entry
from core.errors import BadOption, Busy, NotFound, UserError
from core.ids import new_id
from core.jobs.state import OPEN
from core.people import account_of
from core.sealing import Seals
from storage import jobs, ledger, links, lots, preferences, standings
from storage.database import Connection
from storage.ledger import AccountRow
from storage.links import LinkRow
from storage.lots import LotRow

CODE_S_MAX = 600.0
# No letters and digits that look alike: people type this from one screen to another.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 10
PAID = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What a link has brought together: credits that moved, and a bonus that went back."""

    link_id: str
    moved: int
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A link that waits for a yes: how much would go, and where to."""

    id: str
    credits: int
    account: str


async def make_code(app: App, person_id: str) -> str:
    """A code, good once and for ten minutes; only its hash is kept."""
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    now = app.clock.now()
    until = now + timedelta(seconds=CODE_S_MAX)
    await app.database.statement(links.add_code, _hash(code), person_id, now, until)
    return code


async def ask(app: App, person_id: str, code: str) -> Asked:
    """What a link would do, before it is done: a code is typed too easily for somebody else.

    The code is used up; whoever typed it may say yes or no, once and for ten minutes.
    """
    plain = "".join(code.split()).replace("-", "").upper()
    if len(plain) != CODE_LENGTH or any(letter not in LETTERS for letter in plain):
        raise BadOption("link-code-wrong")
    return await app.database.transaction(_ask, person_id, _hash(plain), app.clock.now())


async def confirm(app: App, person_id: str, ask_id: str) -> Linked:
    """Bring who was asked together with the person who made the code, who is kept."""
    hash_ = _hash_of_ask(ask_id, person_id)
    return await app.database.transaction(_link, app.seals, person_id, hash_, app.clock.now())


async def refuse(app: App, person_id: str, ask_id: str) -> None:
    """Let a link not be; only who was asked can."""
    hash_ = _hash_of_ask(ask_id, person_id)
    if await app.database.transaction(links.use_code, hash_, app.clock.now()) is None:
        raise NotFound("link-over")


async def unlink(app: App, link_id: str) -> LinkRow:
    """Part two people again: what moved goes back, as far as it is still there."""
    return await app.database.transaction(_unlink, app.seals, link_id, app.clock.now())


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _hash_of_ask(ask_id: str, person_id: str) -> str:
    """An ask is kept as a code is, under what only this person's press can name."""
    return _hash(f"ask:{ask_id}:{person_id}")


def _ask(connection: Connection, typed_by: str, code_hash: str, now: datetime) -> Asked:
    """What is raised leaves the code as it was."""
    maker = links.use_code(connection, code_hash, now)
    if maker is None:
        raise BadOption("link-code-wrong")
    kept = links.kept(connection, maker)
    _check(connection, kept, typed_by)
    ask_id = new_id()
    until = now + timedelta(seconds=CODE_S_MAX)
    links.add_code(connection, _hash_of_ask(ask_id, typed_by), kept, now, until)
    return Asked(
        id=ask_id,
        credits=sum(row.posted for row in ledger.of_owner(connection, typed_by)),
        account=account_of(connection, kept),
    )


def _check(connection: Connection, kept: str, typed_by: str) -> None:
    """Raise UserError where two people cannot become one now."""
    if kept == typed_by:
        raise UserError("link-same")
    for person_id in (kept, typed_by):
        if jobs.of_person(connection, person_id, OPEN, 1):
            raise Busy("link-busy")
    if all(_rank(connection, person_id) == PAID for person_id in (kept, typed_by)):
        raise UserError("link-two-plans")


def _link(
    connection: Connection, seals: Seals, typed_by: str, code_hash: str, now: datetime
) -> Linked:
    kept = links.use_code(connection, code_hash, now)
    if kept is None:
        raise NotFound("link-over")
    # In one order, whoever links whom: two links that cross must not wait for each other.
    now_one = {who: accounts.keep(connection, who) for who in sorted((kept, typed_by))}
    kept, typed_by = now_one[kept], now_one[typed_by]
    _check(connection, kept, typed_by)
    ranks = [_rank(connection, person_id) for person_id in (kept, typed_by)]
    row = LinkRow(id=new_id(), kept=kept, gone=typed_by, made_at=now, undone_at=None)
    links.add(connection, row)
    standings.drop(connection, kept if ranks[0] < ranks[1] else typed_by)
    styles.make_way(connection, row.gone, row.kept)
    links.move(connection, row)
    keyring.move(connection, seals, row)
    personas.move(connection, row)
    preferences.move(connection, row.gone, row.kept)
    moved = _move_credits(connection, row, row.gone, row.kept, now)
    return Linked(link_id=row.id, moved=moved, returned=_return_bonus(connection, row, now))


def _rank(connection: Connection, person_id: str) -> int:
    """What a plan is worth keeping: above none and one that has ended, the operator's, then a paid one."""
    row = standings.find(connection, person_id)
    if row is None or row.status == "ended":
        return 0 if row is None else 1
    return 2 if row.till == accounts.OPERATOR else PAID


def _move_credits(
    connection: Connection, row: LinkRow, source: str, target: str, now: datetime
) -> int:
    """Every lot as it is into the same account of the other, and what is owed too."""
    total = 0
    for account in ledger.of_owner(connection, source, lock=True):
        into = _same_account(connection, account, target)
        for item in lots.left(connection, account.id):
            entry = _entry("link", item.id, account.id, into, item.remaining, row)
            _move_lot(connection, item, entry, now)
            total += item.remaining
        if account.posted < 0:
            owed = _entry("link", "owed", into, account.id, -account.posted, row)
            credits.take(connection, owed, now, may_fall=True)
    return total


def _same_account(connection: Connection, account: AccountRow, person_id: str) -> str:
    if account.scope is None:
        return accounts.open_person(connection, person_id)
    return accounts.open_scoped(connection, person_id, account.scope)


def _move_lot(connection: Connection, item: LotRow, entry: Entry, now: datetime) -> None:
    moved = credits.take(connection, entry, now, first=item.id)
    assert moved
    credits.receive(connection, entry, now, source=item.source, expires_at=item.expires_at)


def _return_bonus(connection: Connection, row: LinkRow, now: datetime) -> int:
    """All but one of the signup bonuses go back to their pool, as far as free credits are left."""
    account_id = accounts.person(row.kept)
    had, back = [], 0
    for person_id in (row.kept, *links.gone_into(connection, row.kept)):
        own = accounts.person(person_id)
        had += [item.amount for item in ledger.of_kind(connection, own, "signup")]
        back += sum(item.amount for item in ledger.of_kind(connection, own, "signup-back"))
    too_much = sum(had) - max(had, default=0) - back
    found = lots.left(connection, account_id)
    left = sum(item.remaining for item in found if item.source == "signup")
    amount = max(min(too_much, left), 0)
    if amount:
        entry = Entry(
            id=f"link:{row.id}:signup",
            debit=account_id,
            credit=accounts.SIGNUP_POOL,
            amount=amount,
            kind="signup-back",
            reference=row.id,
        )
        credits.take(connection, entry, now, sources={"signup"})
    return amount


def _entry(verb: str, what: str, debit: str, credit: str, amount: int, row: LinkRow) -> Entry:
    entry_id = f"{verb}:{row.id}:{what}"
    if len(entry_id) > ledger.ID_LENGTH:
        # Cut, two of them could be the same, and the second would not be moved.
        entry_id = f"{verb}:{row.id}:{hashlib.sha256(what.encode()).hexdigest()}"
    return Entry(
        id=entry_id,
        debit=debit,
        credit=credit,
        amount=amount,
        kind="link",
        reference=row.id,
    )


def _unlink(connection: Connection, seals: Seals, link_id: str, now: datetime) -> LinkRow:
    row = links.find(connection, link_id)
    if row is None:
        raise NotFound("link-gone")
    # As `accounts.keep` takes them: first who is gone, then who is kept.
    for person_id in (row.gone, row.kept):
        ledger.of_owner(connection, person_id, lock=True)
    if links.kept_by(connection, row.kept) is not None:
        raise UserError("link-newer")
    if jobs.of_person(connection, row.kept, OPEN, 1):
        raise Busy("link-busy")
    if not links.move_back(connection, row, now):
        raise NotFound("link-gone")
    keyring.move_back(connection, seals, row)
    personas.move_back(connection, row)
    for account in ledger.of_owner(connection, row.kept):
        into = _same_account(connection, account, row.gone)
        for item in lots.left(connection, account.id):
            origin = _origin(item)
            if origin.startswith(f"link:{row.id}:"):
                entry = _entry("unlink", origin, account.id, into, item.remaining, row)
                _move_lot(connection, item, entry, now)
    return row


def _origin(item: LotRow) -> str:
    """The name of a lot, before newer links that were undone took it away and back."""
    name = item.id
    while name.startswith("unlink:"):
        # The undone link is named twice: by what undid it, and by what it had made of the lot.
        name = name.split(":", 4)[-1]
    return name
