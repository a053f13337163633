"""Execution: claim a job, keep it with a beating lease, make its pictures, end it in one transaction."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from enum import StrEnum
from typing import Any

import structlog

from core.app import App
from core.errors import UserError
from core.failpoints import failpoint
from core.jobs import deliver, finish, leftover, make
from core.jobs.claim import JobGone, claim
from core.jobs.finish import Ended
from core.jobs.progress import Progress
from core.jobs.state import State, check_move
from core.jobs.turns import AnyTime, Turn
from storage import jobs
from storage.blobs import BlobFailed, BlobMissing
from storage.database import UNREACHABLE
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

EPOCHS_MAX = 4


class Verdict(StrEnum):
    """Why a job's work is stopped from outside."""

    LOST = "lost"
    CANCEL = "cancel"


async def run_next(app: App, turn: Turn | None = None) -> bool:
    """Claim the next job and see it through to its message; False where nothing waits.

    `turn` bounds how many jobs are made at once, beside others being claimed, stored and shown.
    """
    job = await claim(app)
    if job is None:
        return False
    with structlog.contextvars.bound_contextvars(job=job.id):
        log.info("job started", operation=job.operation, epoch=job.epoch)
        await _run(app, job, turn or AnyTime())
    return True


async def _run(app: App, job: JobRow, turn: Turn) -> None:
    try:
        ended = await _work_with_lease(app, job, turn)
    except asyncio.CancelledError:
        # This worker goes away in good order: the job goes back to the queue, for the next one.
        check_move(State.RUNNING, State.QUEUED)
        await asyncio.shield(app.database.statement(jobs.release, job.id, job.epoch))
        await app.bell.ring()
        raise
    if ended is not None:
        await deliver.carry_held(app, ended)


async def _work_with_lease(app: App, job: JobRow, turn: Turn) -> Ended | None:
    """The job's own work beside the beat of its lease; how it ended, None where it was lost."""
    progress = Progress(app, job)
    work = asyncio.create_task(_work(app, job, progress, turn))
    beat = asyncio.create_task(_beat(app, job))
    shown = asyncio.create_task(progress.run())
    try:
        await asyncio.wait({work, beat}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        done = work.done()
        await _stop(beat, shown, *(() if done else (work,)))
    if done:
        return await work
    if beat.result() is Verdict.LOST:
        log.warning("job lost to another worker", epoch=job.epoch)
        return None
    await leftover.stop(app, job)
    return await finish.cancelled(app, job)


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _beat(app: App, job: JobRow) -> Verdict:
    """Renew the lease until the job is lost, or its person cancels it."""
    while True:
        await asyncio.sleep(app.rules.beat_s)
        until = app.clock.now() + timedelta(seconds=app.rules.lease_s)
        try:
            asked = await app.database.statement(jobs.beat, job.id, job.epoch, until)
        except UNREACHABLE as error:
            # The call to the vendor is worth more than a beat: the epoch still guards the end.
            log.warning("beat missed", error=type(error).__name__)
            continue
        if asked is None:
            return Verdict.LOST
        if asked:
            return Verdict.CANCEL


async def _work(app: App, job: JobRow, progress: Progress, turn: Turn) -> Ended | None:
    """Make the pictures and end the job; None where the job was lost."""
    if job.epoch > EPOCHS_MAX:
        # It has taken several workers down with it: one more would not end better.
        return await _failed(app, job, UserError("job-crashes"))
    if job.cancel_asked:
        await leftover.stop(app, job)
        return await finish.cancelled(app, job)
    try:
        made = await make.make(app, job, progress, turn)
    except JobGone:
        return None
    except UserError as error:
        return await _failed(app, job, error)
    except (BlobMissing, BlobFailed) as error:
        log.error("blob store", error=repr(error))
        return await _failed(app, job, UserError("storage-failed"))
    failpoint("finish-before")
    return await finish.succeeded(app, job, made)


async def _failed(app: App, job: JobRow, error: UserError) -> Ended | None:
    """End a job that brings nothing, and a call of it that is still open."""
    await leftover.stop(app, job, why=None)
    return await finish.failed(app, job, error)
