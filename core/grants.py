"""Grants: credits that moderators give out of their community's pool, and take back.

Each runs in one transaction that locks the pool first: limits, numbers and the balance are counted
under that lock, so that parallel grants see each other.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from core import accounts, communities, credits
from core.app import App, GrantRules
from core.authority import Authority
from core.credits import Entry
from core.errors import NotFound, UserError
from core.ids import new_id
from core.options import Mentioned
from core.people import recognise
from storage import audits, ledger, links, lots, pending_grants, people
from storage import communities as decided
from storage.audits import AuditRow
from storage.database import Connection
from storage.pending_grants import PendingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A moderator's wish: `by` is their person, empty for an anonymous one; `inbox` names the event."""

    authority: Authority
    by: str
    target: Mentioned
    amount: int
    reason: str
    inbox: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Credits that were given, or taken back; `number` is what the community calls the grant."""

    number: int
    amount: int
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A grant that another moderator has to approve."""

    id: str
    amount: int
    name: str
    reason: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    """What is to be granted, by whom, to whom."""

    community: str
    actor: str
    person_id: str
    target: str
    name: str
    amount: int
    reason: str
    inbox: str

    @property
    def transfer_id(self) -> str:
        """Derived from the event that asked: the same one again grants nothing more."""
        return f"grant:{self.inbox}"


async def grant(app: App, ask: Ask) -> Granted | Waits:
    """Give credits, or ask another moderator where it is a lot; raises UserError."""
    if ask.target.is_bot:
        raise UserError("target-bot")
    rules = app.rules.grants
    target = ask.target
    person_id = await recognise(app, target.platform, target.id, target.name, came=False)
    wanted = _Grant(
        community=ask.authority.community,
        actor=ask.authority.actor,
        person_id=person_id,
        target=target.label,
        name=target.name,
        amount=ask.amount,
        reason=ask.reason,
        inbox=ask.inbox,
    )
    return await app.database.transaction(
        _grant, wanted, ask.by, ask.authority.among, rules, app.clock.now()
    )


def _grant(
    connection: Connection,
    wanted: _Grant,
    by: str,
    among: frozenset[str],
    rules: GrantRules,
    now: datetime,
) -> Granted | Waits:
    communities.lock_pool(connection, wanted.community)
    waiting = pending_grants.of_inbox(connection, wanted.inbox)
    if waiting is not None:
        return _waits(waiting, rules)
    before = audits.of_transfer(connection, wanted.transfer_id)
    if before is not None:
        return _granted(before, wanted.name)
    wanted = dataclasses.replace(wanted, person_id=accounts.keep(connection, wanted.person_id))
    by = links.kept(connection, by)
    if wanted.person_id == by and wanted.actor not in rules.operators:
        raise UserError("target-self")
    if among and _is_one_of(connection, wanted.person_id, among):
        raise UserError("grant-anonymous-to-moderator")
    _check_limits(connection, wanted, rules, now)
    if wanted.amount <= rules.approve_above:
        return _make(connection, wanted, now)
    if not by:
        raise UserError("grant-anonymous", limit=rules.approve_above)
    row = PendingRow(
        id=new_id(),
        inbox=wanted.inbox,
        community=wanted.community,
        actor=wanted.actor,
        asked_by=by,
        person_id=wanted.person_id,
        target=wanted.target,
        name=wanted.name,
        amount=wanted.amount,
        reason=wanted.reason,
        state="pending",
        asked_at=now,
    )
    pending_grants.add(connection, row)
    communities.note(connection, _row("ask", wanted, wanted.actor, now))
    return _waits(row, rules)


def _is_one_of(connection: Connection, person_id: str, labels: frozenset[str]) -> bool:
    known = people.identities(connection, person_id)
    return any(f"{row.platform}:{row.external_id}" in labels for row in known)


def _check_limits(connection: Connection, wanted: _Grant, rules: GrantRules, now: datetime) -> None:
    """Raise UserError where it is over a limit of the day, or more than the pool has."""
    day = communities.day_of(now)
    given = audits.granted_by(connection, wanted.community, wanted.actor, day)
    if given + wanted.amount > rules.per_moderator:
        left = max(rules.per_moderator - given, 0)
        raise UserError("grant-moderator-limit", max=rules.per_moderator, left=left)
    got = audits.granted_to(connection, wanted.community, wanted.person_id, day)
    if got + wanted.amount > rules.per_recipient:
        left = max(rules.per_recipient - got, 0)
        raise UserError("grant-recipient-limit", max=rules.per_recipient, left=left)
    pool = ledger.read(connection, accounts.pool(wanted.community))
    free = 0 if pool is None else pool.free
    if free < wanted.amount and not decided.find(connection, wanted.community).open:
        raise UserError("pool-too-small", has=free, needs=wanted.amount)


def _make(connection: Connection, wanted: _Grant, now: datetime) -> Granted:
    """Move the credits; an open pool is filled up first."""
    rules = decided.find(connection, wanted.community)
    pool_id = accounts.pool(wanted.community)
    pool = ledger.read(connection, pool_id)
    assert pool is not None
    if rules.open and pool.free < wanted.amount:
        more = Entry(
            id=f"fund:{wanted.transfer_id}",
            debit=accounts.OPERATOR,
            credit=pool_id,
            amount=wanted.amount - pool.free,
            kind="fund",
            community=wanted.community,
        )
        credits.fund(connection, more, now)
    if rules.anywhere:
        account_id = accounts.open_person(connection, wanted.person_id)
    else:
        account_id = accounts.open_scoped(connection, wanted.person_id, wanted.community)
    entry = Entry(
        id=wanted.transfer_id,
        debit=pool_id,
        credit=account_id,
        amount=wanted.amount,
        kind="grant",
        actor=wanted.actor,
        community=wanted.community,
        note=wanted.reason,
    )
    credits.put(connection, entry, now, source="grant")
    row = communities.note(
        connection, _row("grant", wanted, wanted.actor, now, transfer_id=wanted.transfer_id)
    )
    return _granted(row, wanted.name)


async def approve(app: App, authority: Authority, by: str, grant_id: str) -> Granted:
    """Let a grant happen that another moderator asked for; raises UserError."""
    return await app.database.transaction(
        _approve, authority, by, grant_id, app.rules.grants, app.clock.now()
    )


def _approve(
    connection: Connection,
    authority: Authority,
    by: str,
    grant_id: str,
    rules: GrantRules,
    now: datetime,
) -> Granted:
    wanted, asked_by = _waiting(connection, authority, grant_id)
    by = links.kept(connection, by)
    # Whoever cannot be told apart from the one who asked, or gains by it, is no second one.
    if not by or by == asked_by or authority.actor == wanted.actor:
        raise UserError("grant-own")
    if by == wanted.person_id:
        raise UserError("grant-for-oneself")
    if not pending_grants.end(connection, grant_id, "approved"):
        raise UserError("grant-decided")
    _check_limits(connection, wanted, rules, now)
    made = _make(connection, wanted, now)
    approved = _row("approve", wanted, authority.actor, now, transfer_id=wanted.transfer_id)
    communities.note(connection, approved)
    return made


async def refuse(app: App, authority: Authority, grant_id: str) -> Granted:
    """Say no to a grant that waits, also to one's own; raises UserError."""
    return await app.database.transaction(_refuse, authority, grant_id, app.clock.now())


def _refuse(connection: Connection, authority: Authority, grant_id: str, now: datetime) -> Granted:
    wanted, _ = _waiting(connection, authority, grant_id)
    if not pending_grants.end(connection, grant_id, "refused"):
        raise UserError("grant-decided")
    row = communities.note(connection, _row("refuse", wanted, authority.actor, now))
    return _granted(row, wanted.name)


def _waiting(connection: Connection, authority: Authority, grant_id: str) -> tuple[_Grant, str]:
    """A grant of this community that was asked for, and by which person."""
    communities.lock_pool(connection, authority.community)
    row = pending_grants.find(connection, grant_id)
    if row is None or row.community != authority.community:
        raise NotFound("grant-gone")
    wanted = _Grant(
        community=row.community,
        actor=row.actor,
        # Both may have become one with somebody while it waited.
        person_id=accounts.keep(connection, row.person_id),
        target=row.target,
        name=row.name,
        amount=row.amount,
        reason=row.reason,
        inbox=row.inbox,
    )
    return wanted, links.kept(connection, row.asked_by)


async def revoke(
    app: App, authority: Authority, number: int, reason: str | None, inbox: str
) -> Granted:
    """Take back into the pool what is left of a grant; raises UserError."""
    return await app.database.transaction(
        _revoke, authority, number, reason, inbox, app.clock.now()
    )


def _revoke(
    connection: Connection,
    authority: Authority,
    number: int,
    reason: str | None,
    inbox: str,
    now: datetime,
) -> Granted:
    pool = communities.lock_pool(connection, authority.community)
    transfer_id = f"revoke:{inbox}"
    before = audits.of_transfer(connection, transfer_id)
    if before is not None:
        name = communities.named(connection, before.target or "")
        return Granted(number=number, amount=before.amount or 0, name=name)
    found = audits.find(connection, authority.community, number)
    if found is None or found.verb != "grant" or found.transfer_id is None:
        raise NotFound("grant-unknown", number=str(number))
    lot_id = found.transfer_id
    amount, account_id = _left(connection, lot_id)
    if amount <= 0:
        raise UserError("revoke-nothing", number=str(number))
    entry = Entry(
        id=transfer_id,
        debit=account_id,
        credit=pool.id,
        amount=amount,
        kind="revoke",
        reference=lot_id,
        actor=authority.actor,
        community=authority.community,
        note=reason,
    )
    credits.take(connection, entry, now, first=lot_id)
    row = AuditRow(
        id=new_id(),
        community=authority.community,
        number=None,
        verb="revoke",
        actor=authority.actor,
        target=found.target,
        person_id=found.person_id,
        amount=amount,
        reason=f"#{number} {reason or ''}".strip()[: ledger.NOTE_LENGTH],
        transfer_id=transfer_id,
        made_at=now,
    )
    communities.note(connection, row)
    name = communities.named(connection, found.target or "")
    return Granted(number=number, amount=amount, name=name)


def _left(connection: Connection, lot_id: str) -> tuple[int, str]:
    """What of a lot is neither spent nor held, and its account, which is locked."""
    lot = lots.find(connection, lot_id)
    assert lot is not None
    account = ledger.read(connection, lot.account, lock=True)
    lot = lots.find(connection, lot_id)
    assert lot is not None
    assert account is not None
    return min(lot.remaining, account.free), account.id


def _row(
    verb: str, wanted: _Grant, actor: str, now: datetime, *, transfer_id: str | None = None
) -> AuditRow:
    return AuditRow(
        id=new_id(),
        community=wanted.community,
        number=None,
        verb=verb,
        actor=actor,
        target=wanted.target,
        person_id=wanted.person_id,
        amount=wanted.amount,
        reason=wanted.reason,
        transfer_id=transfer_id,
        made_at=now,
    )


def _granted(row: AuditRow, name: str) -> Granted:
    return Granted(
        number=row.number or 0, amount=row.amount or 0, name=name, reason=row.reason or ""
    )


def _waits(row: PendingRow, rules: GrantRules) -> Waits:
    return Waits(
        id=row.id,
        amount=row.amount,
        name=row.name,
        reason=row.reason,
        limit=rules.approve_above,
    )
