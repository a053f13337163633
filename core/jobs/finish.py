"""The end of a job: its state, its money, its pictures and its delivery in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from core import credits
from core.app import App
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id
from core.jobs import records
from core.jobs.make import Made
from core.jobs.state import AttemptState, State, check_move
from core.messenger import Picture, Say
from storage import deliveries, jobs
from storage.database import Connection
from storage.deliveries import DeliveryRow
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

CARRY_S_MAX = 20.0


class Stale(Exception):
    """The job has moved on since it was read; the transaction is undone."""


async def succeeded(app: App, job: JobRow, made: Made) -> str | None:
    """Capture what was made, free the rest; the delivery, None where the job was no longer ours."""
    return await _end(app, job, State.SUCCEEDED, made.lines, made=made)


async def failed(
    app: App, job: JobRow, error: UserError, *, attempt_lost: bool = False
) -> str | None:
    """Free the hold and say why nothing came of it."""
    lines = (Say(key=error.key, values=error.values),)
    return await _end(app, job, State.FAILED, lines, attempt_lost=attempt_lost)


async def cancelled(app: App, job: JobRow) -> str | None:
    """Free the hold: the person changed their mind."""
    return await _end(app, job, State.CANCELLED, (Say(key="cancelled"),), attempt_lost=True)


async def _end(
    app: App,
    job: JobRow,
    state: State,
    lines: Sequence[Say],
    *,
    made: Made | None = None,
    attempt_lost: bool = False,
) -> str | None:
    check_move(State.RUNNING, state)
    delivery_id = new_id()
    now = app.clock.now()
    try:
        await app.database.transaction(
            end, job, State.RUNNING, state, tuple(lines), delivery_id, now, made, attempt_lost
        )
    except Stale:
        log.warning("job was ended elsewhere", state=state)
        return None
    failpoint("finish-committed")
    log.info("job ended", state=state)
    return delivery_id


def end(
    connection: Connection,
    job: JobRow,
    leaving: State,
    state: State,
    lines: tuple[Say, ...],
    delivery_id: str,
    now: datetime,
    made: Made | None = None,
    attempt_lost: bool = False,
) -> None:
    """End a job from `leaving` in its epoch, all or nothing; raises Stale."""
    pictures = made.pictures if made is not None else ()
    taken = _price_of(job, pictures)
    wallet = credits.capture(connection, job.id, taken)
    receipt = _receipt(job.price, taken, wallet.free if wallet is not None else 0)
    text = records.write_lines((*lines, receipt))
    row = jobs.finish(
        connection,
        job.id,
        leaving=leaving,
        epoch=job.epoch,
        state=state,
        captured=taken,
        lines=text,
        now=now,
    )
    if row is None:
        raise Stale
    jobs.add_pictures(
        connection,
        job.id,
        [records.row_of(item, "output", place) for place, item in enumerate(pictures)],
    )
    _end_attempt(connection, job.id, made, attempt_lost, now)
    deliveries.add(
        connection,
        DeliveryRow(
            id=delivery_id,
            job_id=job.id,
            state="pending",
            epoch=0,
            tries=0,
            due_at=now + timedelta(seconds=CARRY_S_MAX) if leaving is State.RUNNING else now,
            reason=None,
            created_at=now,
        ),
    )


def _price_of(job: JobRow, pictures: Sequence[Picture]) -> int:
    """The part of the price for the pictures that exist; `price` is a multiple of the count asked."""
    asked = max(1, job.count)
    return job.price * min(len(pictures), asked) // asked


def _receipt(held: int, used: int, left: int) -> Say:
    """What it cost, in the words for each case."""
    if held == 0:
        return Say(key="receipt-free")
    if used == 0:
        return Say(key="receipt-nothing", values={"left": left})
    if used == held:
        return Say(key="receipt", values={"used": used, "left": left})
    return Say(
        key="receipt-part", values={"used": used, "held": held, "back": held - used, "left": left}
    )


def _end_attempt(
    connection: Connection, job_id: str, made: Made | None, attempt_lost: bool, now: datetime
) -> None:
    if made is not None and made.attempt_id is not None:
        jobs.end_attempt(
            connection, made.attempt_id, AttemptState.DONE, now, cost_usd=made.cost_usd
        )
    elif attempt_lost:
        open_one = jobs.open_attempt(connection, job_id)
        if open_one is not None:
            jobs.end_attempt(connection, open_one.id, AttemptState.LOST, now, fault="unknown")
