"""The sweep: what nobody can need any more is removed, a little at a time. Any number of copies may run."""

from __future__ import annotations

from datetime import timedelta

import structlog

from core import credits, personas, plans
from core.app import App
from storage import (
    albums,
    coupons,
    erasure,
    inbox,
    keys,
    ledger,
    links,
    logins,
    pictures,
    questions,
    results,
)
from storage.blobs import FOLDERS

log = structlog.get_logger(__name__)

# No platform sends an event again after so long.
INBOX_AGE = timedelta(days=30)
QUESTION_AGE = timedelta(days=30)
ALBUM_AGE = timedelta(days=1)
LOGIN_AGE = timedelta()
TOLD_AGE = timedelta(days=30)
# As long as the operator can have results given again.
RESULT_AGE = timedelta(days=30)
COUPON_MISS_AGE = timedelta(days=1)
# A command that has stored its pictures commits, or is refused, long before.
BLOB_AGE = timedelta(days=1)

ROWS_MAX = 1000
BLOBS_MAX = 500
CHECKED_AT_ONCE = 500
# Each round looks at a part of the blobs. Not 24: rounds at the same hours of each day get to all.
ROUNDS = 23
ROUND_S = 3600.0

_PURGES = (
    ("inbox", inbox.purge, INBOX_AGE),
    ("questions", questions.purge, QUESTION_AGE),
    ("albums", albums.purge, ALBUM_AGE),
    ("logins", logins.purge, LOGIN_AGE),
    ("link codes", links.purge, LOGIN_AGE),
    ("key tickets", keys.purge, LOGIN_AGE),
    ("payment_bodies", erasure.bodies, TOLD_AGE),
    ("notices", erasure.notices, TOLD_AGE),
    ("coupon_misses", coupons.purge, COUPON_MISS_AGE),
    ("results", results.purge, RESULT_AGE),
)


async def sweep(app: App) -> None:
    """One round: old rows, and old blobs that nothing refers to."""
    now = app.clock.now()
    removed = {
        name: await app.database.transaction(purge, now - age, ROWS_MAX)
        for name, purge, age in _PURGES
    }
    removed["months"] = await plans.renew_due(app, ROWS_MAX)
    removed["credits"] = await _credits(app)
    removed["personas"] = await personas.expire(app)
    removed["blobs"] = await _blobs(app, round_of(now.timestamp()))
    if any(removed.values()):
        log.info("swept", **removed)


async def _credits(app: App) -> int:
    """Take what has expired out of accounts that nobody looks at."""
    now = app.clock.now()
    due = await app.database.read(ledger.expired, now, ROWS_MAX)
    amounts = [await app.database.transaction(credits.expire, item, now) for item in due]
    return sum(amounts)


def round_of(seconds: float) -> int:
    """Which part of the blobs the round at this time looks at."""
    return int(seconds // ROUND_S) % ROUNDS


async def _blobs(app: App, part: int) -> int:
    before = app.clock.now() - BLOB_AGE
    removed = 0
    for folder in FOLDERS[part::ROUNDS]:
        old = await app.blobs.older(folder, before)
        for start in range(0, len(old), CHECKED_AT_ONCE):
            some = old[start : start + CHECKED_AT_ONCE]
            unused = sorted(set(some) - await app.database.read(pictures.referred, some))
            for sha256 in unused[: BLOBS_MAX - removed]:
                removed += await _remove(app, sha256)
    return removed


async def _remove(app: App, sha256: str) -> bool:
    """Remove a blob, unless a command has come for it meanwhile: it is put before it is referred to."""
    if await app.database.read(pictures.referred, [sha256]):
        return False
    put_at = await app.blobs.put_at(sha256)
    if put_at is None or put_at > app.clock.now() - BLOB_AGE:
        return False
    await app.blobs.delete(sha256)
    return True
