"""Coupons: codes that the operator gives out; each is good so often, and once for a person."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from core import accounts, credits
from core.app import App
from core.credits import Entry
from core.errors import BadOption, Busy, UserError
from core.ids import new_id
from storage import coupons, ledger, people
from storage.coupons import CouponRow
from storage.database import Connection

# No two of these look alike: 23 signs, so that 20 of them are 90 bits.
ALPHABET = "34679ACDEFHJKMNPQRTVWXY"
LENGTH = 20
GROUP = 5
CREDITS_MAX = 1_000_000
USES_MAX = 1_000_000
COUNT_MAX = 10_000
MISSES_MAX = 5
MISSES_S = 3600.0


async def make(
    app: App, amount: int, *, uses: int = 1, days: int | None = None, count: int = 1
) -> list[str]:
    """New codes; only their hashes are kept. Raises BadOption."""
    limits = (
        ("credits", amount, CREDITS_MAX),
        ("uses", uses, USES_MAX),
        ("count", count, COUNT_MAX),
    )
    for name, value, most in limits:
        if not 1 <= value <= most:
            raise BadOption("option-out-of-range", option=name, value=value, min=1, max=most)
    now = app.clock.now()
    until = None if days is None else now + timedelta(days=days)
    codes = [_code() for _ in range(count)]
    await app.database.transaction(_add, codes, amount, uses, until, now)
    return codes


def _code() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _add(
    connection: Connection,
    codes: list[str],
    amount: int,
    uses: int,
    until: datetime | None,
    now: datetime,
) -> None:
    for code in codes:
        row = CouponRow(
            hash=_hash(code), credits=amount, uses_max=uses, uses=0, until=until, made_at=now
        )
        coupons.add(connection, row)


async def redeem(app: App, person_id: str, code: str, inbox: str) -> int:
    """The credits of a code, once for a person; how many. Raises UserError."""
    outcome = await app.database.transaction(
        _redeem, person_id, _hash(code), inbox, app.clock.now()
    )
    if isinstance(outcome, UserError):
        raise outcome
    return outcome


def _redeem(
    connection: Connection, person_id: str, hash_: str, inbox: str, now: datetime
) -> int | UserError:
    """What is returned is kept, as a wrong code is; what is raised is undone."""
    # The pool comes before the person's account, as everywhere; it also makes the tries count.
    pool_id = accounts.open_pool(connection, accounts.PROMOTION_POOL)
    pool = ledger.read(connection, pool_id, lock=True)
    assert pool is not None
    if coupons.misses(connection, person_id, now - timedelta(seconds=MISSES_S)) >= MISSES_MAX:
        return Busy("coupon-too-often", minutes=int(MISSES_S // 60))
    coupon = coupons.find(connection, hash_)
    if coupon is None:
        coupons.miss(connection, new_id(), person_id, now)
        return UserError("coupon-unknown")
    person_id = accounts.keep(connection, person_id)
    entry = Entry(
        id=f"coupon:{hash_[:40]}:{person_id}",
        debit=pool_id,
        credit=accounts.open_person(connection, person_id),
        amount=coupon.credits,
        kind="coupon",
        reference=inbox,
    )
    before = ledger.find(connection, entry.id)
    if before is not None and before.reference == inbox:
        return before.amount
    if not coupons.enter(connection, hash_, _hashes(connection, person_id), now):
        raise UserError("coupon-used")
    if not coupons.use(connection, hash_, now):
        raise UserError("coupon-over")
    if pool.free < coupon.credits:
        raise UserError("coupon-pool-empty")
    credits.put(connection, entry, now, source="coupon")
    return coupon.credits


def _hashes(connection: Connection, person_id: str) -> list[str]:
    """A person by their identities: known again also when they come back as a new one."""
    return [
        hashlib.sha256(f"{row.platform}:{row.external_id}".encode()).hexdigest()
        for row in people.identities(connection, person_id)
    ]


def _hash(code: str) -> str:
    """A code's hash: capitals, hyphens and spaces do not matter."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(f"coupon:{plain}".encode()).hexdigest()
