"""Communities: their pools of credits, and the log of all that is done there with authority."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import datetime

from core import accounts, credits
from core.app import App
from core.credits import Entry
from core.errors import BadOption
from core.ids import new_id
from storage import audits, communities, ledger, people
from storage.audits import AuditRow
from storage.communities import CommunityRow
from storage.database import Connection
from storage.ledger import AccountRow

PAGE = 10
FUND_MAX = 1_000_000_000
OPERATOR = "operator"
NAMED = {"signup": accounts.SIGNUP_POOL, "promotion": accounts.PROMOTION_POOL}
_COMMUNITY = re.compile(r"[a-z]{1,20}:-?[0-9]{1,20}", re.ASCII)
_NEWEST = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A community's pool, and who has granted how much of it today."""

    free: int
    open: bool
    anywhere: bool
    today: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A row of the log, with people as their platforms name them now."""

    row: AuditRow
    actor: str
    target: str


def lock_pool(connection: Connection, community: str) -> AccountRow:
    """A community's pool, opened if it is not there, and still until the end.

    Whatever is counted or numbered in a community comes after this; people's accounts come after it.
    """
    account_id = accounts.open_pool(connection, accounts.pool(community))
    row = ledger.read(connection, account_id, lock=True)
    assert row is not None
    return row


def note(connection: Connection, row: AuditRow) -> AuditRow:
    """Write into the log, under the community's next number; its pool is locked."""
    if row.community is not None:
        row = dataclasses.replace(row, number=audits.last(connection, row.community) + 1)
    audits.add(connection, row)
    return row


def day_of(now: datetime) -> datetime:
    """When the day began, in UTC, by which limits are counted."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def pool(app: App, community: str) -> Pool:
    """What a community's pool has."""
    return await app.database.read(_pool, community, app.clock.now())


def _pool(connection: Connection, community: str, now: datetime) -> Pool:
    decided = communities.find(connection, community)
    account = ledger.read(connection, accounts.pool(community))
    today = audits.granted(connection, community, day_of(now))
    return Pool(
        free=0 if account is None else account.free,
        open=decided.open,
        anywhere=decided.anywhere,
        today=tuple((named(connection, actor), amount) for actor, amount in today),
    )


async def history(app: App, community: str, before: int | None = None) -> list[Logged]:
    """A page of the log, newest first, of rows before a number."""
    return await app.database.read(_history, community, before or _NEWEST)


def _history(connection: Connection, community: str, before: int) -> list[Logged]:
    return [
        Logged(
            row=row,
            actor=named(connection, row.actor),
            target=named(connection, row.target) if row.target is not None else "",
        )
        for row in audits.page(connection, community, before, PAGE)
    ]


def named(connection: Connection, label: str) -> str:
    """Somebody's label in the log, with the name that their platform shows."""
    platform, _, external_id = label.partition(":")
    found = people.seen(connection, platform, external_id) if external_id else None
    return f"{found.name} ({label})" if found is not None and found.name else label


async def fund(
    app: App,
    name: str,
    amount: int,
    *,
    open: bool | None = None,  # noqa: A002 - the pool's own word
    anywhere: bool | None = None,
) -> Pool:
    """Credits of the operator for a pool: signup, promotion, or a community's; what is decided of it.

    None leaves a decision as it is. Raises BadOption.
    """
    if not 0 <= amount <= FUND_MAX:
        raise BadOption("option-out-of-range", option="amount", value=amount, min=0, max=FUND_MAX)
    if name in NAMED:
        if open is not None or anywhere is not None:
            raise BadOption("option-unknown", option="open, anywhere", known="amount")
        return await app.database.transaction(_fund_named, NAMED[name], amount, app.clock.now())
    if _COMMUNITY.fullmatch(name) is None:
        known = ", ".join([*NAMED, "discord:ID", "telegram:ID"])
        raise BadOption("option-not-choice", option="pool", value=name[:40], choices=known)
    return await app.database.transaction(_fund, name, amount, open, anywhere, app.clock.now())


def _fund_named(connection: Connection, account_id: str, amount: int, now: datetime) -> Pool:
    accounts.open_pool(connection, account_id)
    if amount:
        credits.fund(connection, _entry(account_id, amount, None), now)
    account = ledger.read(connection, account_id)
    return Pool(free=account.free if account is not None else 0, open=False, anywhere=True)


def _fund(
    connection: Connection,
    community: str,
    amount: int,
    is_open: bool | None,
    anywhere: bool | None,
    now: datetime,
) -> Pool:
    account = lock_pool(connection, community)
    before = communities.find(connection, community)
    decided = CommunityRow(
        id=community,
        open=before.open if is_open is None else is_open,
        anywhere=before.anywhere if anywhere is None else anywhere,
    )
    communities.put(connection, decided)
    entry = _entry(account.id, amount, community)
    if amount:
        credits.fund(connection, entry, now)
    words = ("open" if decided.open else "funded", "anywhere" if decided.anywhere else "here")
    row = AuditRow(
        id=new_id(),
        community=community,
        number=None,
        verb="fund",
        actor=OPERATOR,
        target=None,
        person_id=None,
        amount=amount,
        reason=", ".join(words),
        transfer_id=entry.id if amount else None,
        made_at=now,
    )
    note(connection, row)
    return _pool(connection, community, now)


def _entry(account_id: str, amount: int, community: str | None) -> Entry:
    return Entry(
        id=f"fund:{new_id()}",
        debit=accounts.OPERATOR,
        credit=account_id,
        amount=amount,
        kind="fund",
        actor=OPERATOR,
        community=community,
    )
