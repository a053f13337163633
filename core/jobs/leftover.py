"""What a dead worker left open: its call is finished or closed before another may begin."""

from __future__ import annotations

import asyncio
import dataclasses

import structlog

from core.app import App
from core.choice import Choice
from core.errors import UserError
from core.jobs import attempt, faults
from core.jobs.attempt import Paid, Request
from core.jobs.progress import Progress
from core.jobs.turns import Turn
from providers.base import (
    Cancellable,
    Fault,
    ImageRequest,
    ImageResult,
    Model,
    OutcomeUnknown,
    ProviderError,
    Resumable,
)
from storage import attempts
from storage.attempts import AttemptRow
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

CANCEL_S_MAX = 5.0


async def settle(
    app: App, job: JobRow, request: Request, progress: Progress, turn: Turn
) -> Paid | None:
    """Finish the attempt that a dead worker left open, or close it before another may begin."""
    if job.epoch == 1:
        return None
    left = await app.database.read(attempts.open_one, job.id)
    if left is None:
        return None
    model = app.models.get(left.model)
    await turn.take()
    try:
        if model is None:
            raise OutcomeUnknown("its model is gone")
        asked = dataclasses.replace(request(model), id=attempt.call_id(left.id))
        own_key, begun = left.own_key, left.started_at
        async with attempt.opened(app, job, left.vendor, own_key=own_key, begun=begun) as provider:
            result = await _taken_up(app, provider, left, asked, progress)
    except (ProviderError, UserError) as told:
        error = told if isinstance(told, ProviderError) else OutcomeUnknown(told.key)
        await attempt.end_unfinished(app, job, left.id, model, error, own_key=left.own_key)
        await _end_here(app, job, left, model, error)
        return None
    choice = Choice(model=model, own_key=left.own_key)
    return Paid(result=result, choice=choice, attempt_id=left.id)


async def _end_here(
    app: App, job: JobRow, left: AttemptRow, model: Model | None, error: ProviderError
) -> None:
    """Raise where no other call may follow the one that a dead worker left open."""
    choice = None if model is None else Choice(model=model, own_key=left.own_key)
    if choice is not None and error.fault in faults.ENDS:
        raise faults.told(app, choice, error) from error
    vendor = app.vendors.get(left.vendor)
    if error.fault is not Fault.UNKNOWN or (vendor is not None and vendor.free_to_repeat):
        return
    if left.own_key or await attempt.too_many_unknown(app, job):
        if choice is not None:
            raise faults.told(app, choice, error) from error
        key = "own-key-unknown" if left.own_key else "provider-unknown"
        raise UserError(key, model=left.model) from error


async def _taken_up(
    app: App, provider: object, left: AttemptRow, asked: ImageRequest, progress: Progress
) -> ImageResult:
    """What became of a dead worker's call, by the vendor's id or by ours."""
    lost = OutcomeUnknown("its worker died")
    if not isinstance(provider, Resumable):
        raise lost
    theirs = left.vendor_id
    if theirs is None:
        theirs = await attempt.found(provider, asked, left.started_at, lost)
    return await attempt.resumed(app, provider, theirs, asked, left.id, progress)


async def stop(app: App, job: JobRow, *, why: str | None = attempts.CANCELLED) -> None:
    """Give up the call of a job that nobody waits for any more; its vendor is told, where it can be."""
    left = await app.database.read(attempts.open_one, job.id)
    if left is None:
        return
    model = app.models.get(left.model)
    error: ProviderError = OutcomeUnknown("given up while it ran")
    try:
        if left.vendor_id is not None and await _cancelled(app, job, left, left.vendor_id):
            error = ProviderError(Fault.UNAVAILABLE, "cancelled at the vendor")
    except (ProviderError, UserError, TimeoutError) as refused:
        log.warning("not cancelled at the vendor", error=str(refused))
    await attempt.end_unfinished(app, job, left.id, model, error, own_key=left.own_key, why=why)


async def _cancelled(app: App, job: JobRow, left: AttemptRow, theirs: str) -> bool:
    """Whether the vendor stopped it before it ended; raises where it cannot be told now."""
    async with attempt.opened(app, job, left.vendor, own_key=left.own_key) as provider:
        if not isinstance(provider, Cancellable):
            return False
        async with asyncio.timeout(CANCEL_S_MAX):
            return await provider.cancel(theirs)
