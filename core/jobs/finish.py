"""The end of a job: its state, its money, its pictures and its delivery in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core import credits, records
from core.app import App
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id
from core.jobs import attempt
from core.jobs.make import Made
from core.jobs.state import AttemptState, State, check_move
from core.messenger import Picture, Say
from storage import attempts, deliveries, jobs, results
from storage import pictures as stored
from storage.database import UNREACHABLE, Connection
from storage.deliveries import DeliveryRow
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

END_WAITS_S = (0.5, 2.0, 5.0, 10.0)


class Stale(Exception):
    """The job has moved on since it was read; the transaction is undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A job that has just ended, and the delivery that this process holds for a while."""

    job: JobRow
    delivery: DeliveryRow
    pictures: tuple[Picture, ...]


async def succeeded(app: App, job: JobRow, made: Made) -> Ended | None:
    """Capture what was made, free the rest; None where the job was no longer ours."""
    ended = await _end(app, job, State.SUCCEEDED, made.lines, made=made)
    if ended is None:
        now = await app.database.read(jobs.get, job.id)
        if now is not None and now.cancel_asked and now.epoch == job.epoch:
            if made.attempt_id is not None:
                await attempt.wasted(app, job, made.attempt_id, made.cost_usd, made.own_key)
            return await cancelled(app, job)
    return ended


async def failed(app: App, job: JobRow, error: UserError) -> Ended | None:
    """Free the hold and say why nothing came of it."""
    lines = (Say(key=error.key, values=error.values),)
    return await _end(app, job, State.FAILED, lines)


async def cancelled(app: App, job: JobRow) -> Ended | None:
    """Free the hold: the person changed their mind."""
    # What runs on their own key may be charged there all the same.
    begun = job.own_key and job.state == State.RUNNING
    line = Say(key="cancelled-own-key" if begun else "cancelled")
    return await _end(app, job, State.CANCELLED, (line,))


async def _end(
    app: App, job: JobRow, state: State, lines: tuple[Say, ...], *, made: Made | None = None
) -> Ended | None:
    now = app.clock.now()
    carry_until = now + timedelta(seconds=app.rules.lease_s)
    try:
        ended = await _patiently(app, job, state, lines, now, carry_until, made)
    except Stale:
        log.warning("job was not ended so", state=state)
        return None
    failpoint("finish-committed")
    log.info("job ended", state=state)
    return ended


async def _patiently(
    app: App,
    job: JobRow,
    state: State,
    lines: tuple[Say, ...],
    now: datetime,
    carry_until: datetime,
    made: Made | None,
) -> Ended:
    """Made pictures are not thrown away for a database that is away for a moment."""
    for wait_s in END_WAITS_S:
        try:
            return await app.database.transaction(
                end, job, state, lines, now=now, carry_until=carry_until, made=made
            )
        except UNREACHABLE as error:
            log.warning("end not written", error=type(error).__name__)
            await asyncio.sleep(wait_s)
    return await app.database.transaction(
        end, job, state, lines, now=now, carry_until=carry_until, made=made
    )


def end(
    connection: Connection,
    job: JobRow,
    state: State,
    lines: tuple[Say, ...],
    *,
    now: datetime,
    carry_until: datetime,
    made: Made | None = None,
) -> Ended:
    """End a job from the state and epoch it was read in, all or nothing; raises Stale.

    This process carries the delivery; after `carry_until` any other may.
    """
    check_move(State(job.state), state)
    pictures = made.pictures if made is not None else ()
    taken = 0 if made is None else _price_of(job, made.count, made.credits_each)
    wallet = credits.capture(connection, job.id, taken, now)
    left = wallet.free if wallet is not None else 0
    # Without anything held, nothing but the own key could pay.
    own_key = made.own_key if made is not None else job.own_key and job.price == 0
    receipt = _receipt(job.price, taken, left, own_key=own_key)
    if wallet is not None and wallet.low:
        lines = (*lines, Say(key="balance-low", values={"command": "balance"}))
    row = jobs.finish(
        connection,
        job.id,
        leaving=job.state,
        epoch=job.epoch,
        state=state,
        captured=taken,
        lines=records.write_lines((*lines, receipt)),
        now=now,
    )
    if row is None:
        raise Stale
    stored.add(
        connection,
        job.id,
        [records.row_of(item, "output", place) for place, item in enumerate(pictures)],
    )
    if made is not None and made.cache_key is not None and pictures:
        results.put(connection, made.cache_key, job.id, now)
    _end_attempt(connection, job, made, now)
    delivery = DeliveryRow(
        id=new_id(),
        job_id=job.id,
        state="pending",
        epoch=1,
        tries=0,
        due_at=carry_until,
        reason=None,
        created_at=now,
    )
    deliveries.add(connection, delivery)
    return Ended(job=row, delivery=delivery, pictures=pictures)


def _price_of(job: JobRow, count: int, each: int | None) -> int:
    """What the `count` pictures that exist cost: as agreed, or less where something cheaper made them.

    The job's price is a multiple of the count that was asked for.
    """
    asked = max(1, job.count)
    agreed = job.price // asked
    return min(count, asked) * (agreed if each is None else min(each, agreed))


def _receipt(held: int, used: int, left: int, *, own_key: bool) -> Say:
    """What it cost, in the words for each case."""
    if own_key and used == 0:
        return Say(key="receipt-own-key")
    if held == 0:
        return Say(key="receipt-free")
    if used == 0:
        return Say(key="receipt-nothing", values={"left": left})
    if used == held:
        return Say(key="receipt", values={"used": used, "left": left})
    return Say(
        key="receipt-part", values={"used": used, "held": held, "back": held - used, "left": left}
    )


def _end_attempt(connection: Connection, job: JobRow, made: Made | None, now: datetime) -> None:
    """The attempt that made the pictures is done; one that is still open is given up."""
    if made is not None and made.attempt_id is not None:
        attempts.end(connection, made.attempt_id, AttemptState.DONE, now, cost_usd=made.cost_usd)
    elif job.state == State.RUNNING and job.model is not None:
        left = attempts.open_one(connection, job.id)
        if left is not None:
            attempts.end(connection, left.id, AttemptState.LOST, now, fault="unknown")
