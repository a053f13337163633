"""One word of a till, kept and merged in one transaction, so that the same word twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from core import notices
from core.app import App
from core.failpoints import failpoint
from core.messenger import Address, Say
from core.payments import MERGED, QUARANTINED, Change, receive, settle
from storage import payments
from storage.database import Connection
from storage.payments import EventRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a till told: `id` the same however often it tells it, `body` as it came."""

    id: str
    till: str
    kind: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a word means for a payment, and why it must be held back, if it must.

    `payer` is who gave the money, where that is known: they are told of a payment that is held back;
    `where` is where a payment without an order is answered.
    """

    change: Change
    wrong: str | None = None
    payer: str | None = None
    where: Address | None = None


async def take_in(app: App, word: Word, read: Callable[[Connection], Reading]) -> bool:
    """Keep a word and let the ledger follow it; False where it came before."""
    new, reason = await app.database.transaction(_take_in, app, word, read)
    if new:
        failpoint("payment-committed")
    if reason is not None:
        log.error("payment event held back", event=word.id, kind=word.kind, reason=reason)
    return new


def _take_in(
    connection: Connection, app: App, word: Word, read: Callable[[Connection], Reading]
) -> tuple[bool, str | None]:
    now = app.clock.now()
    row = EventRow(
        id=word.id,
        till=word.till,
        kind=word.kind,
        body=json.dumps(word.body),
        outcome=MERGED,
        reason=None,
        received_at=now,
    )
    if not receive(connection, row):
        return False, None
    found = read(connection)
    reason = settle(connection, found.change, now, found.where) or found.wrong
    if reason is not None:
        payments.set_outcome(connection, word.id, QUARANTINED, reason)
        if found.payer is not None:
            lines = (Say(key="payment-held", values={"id": found.change.payment}),)
            notices.add(connection, f"{word.id}:held", found.payer, lines, now, found.where)
    return True, reason


async def body_of(app: App, event_id: str) -> Mapping[str, object] | None:
    """A word as it was kept; None where it never came."""
    row = await app.database.read(payments.find_event, event_id)
    return None if row is None else json.loads(row.body)


async def missing(app: App, event_ids: list[str]) -> set[str]:
    """Which of these words never came."""
    return set(event_ids) - await app.database.read(payments.known_events, event_ids)
