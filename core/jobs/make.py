"""Making a job's pictures: by our own code, or by one paid call that is written down before it is made."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import structlog

from core.app import App
from core.errors import BadImage, Busy, UserError
from core.failpoints import failpoint
from core.ids import new_id
from core.images import Encoded
from core.jobs import records
from core.jobs.progress import Progress
from core.jobs.state import AttemptState
from core.messenger import Picture, Say
from core.operations.base import Operation
from core.options import from_json, pictures_of
from providers.base import (
    Fault,
    ImageRequest,
    ImageResult,
    Model,
    OutcomeUnknown,
    Provider,
    ProviderError,
    SourceImage,
    Vendor,
)
from storage import attempts
from storage.attempts import AttemptRow
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

ATTEMPTS_MAX = 2
GATE_TRIES_MAX = 60
GATE_RETRY_S = 1.0


class JobGone(Exception):
    """The job is another worker's now."""


class Turn(Protocol):
    """A limit on how many jobs are made at once: taken before the work, left when pictures are there."""

    async def take(self) -> None:
        """Wait until this job may be made; again is harmless."""
        ...

    def leave(self) -> None:
        """What follows is storing and showing; again is harmless."""
        ...


class AnyTime:
    """No limit."""

    async def take(self) -> None:
        """At once."""

    def leave(self) -> None:
        """Nobody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a job made: stored pictures, what to say of them, and the attempt that is done with it."""

    pictures: tuple[Picture, ...]
    lines: tuple[Say, ...]
    attempt_id: str | None = None
    cost_usd: float | None = None


async def make(app: App, job: JobRow, progress: Progress, turn: Turn) -> Made:
    """Make and store the pictures of a claimed job; raises UserError where it cannot be done."""
    operation = app.operations.get(job.operation)
    if operation is None:
        raise UserError("operation-gone", operation=job.operation)
    params: object = from_json(operation.params, job.params)
    sources = pictures_of(params)
    data = [await app.blobs.get(item.sha256) for item in sources]
    if operation.local is not None:
        await turn.take()
        result = await operation.local(app.images, params, tuple(data))
        turn.leave()
        return Made(pictures=await _store(app, result.images), lines=result.lines)
    images = tuple(
        SourceImage(data=content, media_type=item.media_type)
        for content, item in zip(data, sources, strict=True)
    )
    return await _by_provider(app, job, operation, params, images, progress, turn)


async def _by_provider(
    app: App,
    job: JobRow,
    operation: Operation,
    params: object,
    images: tuple[SourceImage, ...],
    progress: Progress,
    turn: Turn,
) -> Made:
    model = app.models.get(job.model or "")
    provider = app.providers.get(model.vendor) if model is not None else None
    if model is None or provider is None or operation.request is None:
        raise UserError("model-gone", model=job.model or "-")
    await _settle_open(app, job)
    request = operation.request(params, model, images)
    while True:
        attempt_id = await _begin(app, job, model)
        await turn.take()
        try:
            result = await _call(app, provider, request, attempt_id, progress)
        except ProviderError as error:
            await _end_unfinished(app, attempt_id, model, error)
            if not await _may_repeat(app, job, error):
                raise UserError(_KEYS[error.fault], model=model.title) from error
            continue
        failpoint("provider-answered")
        turn.leave()
        encoded = await _admitted(app, result, attempt_id, model)
        return Made(
            pictures=await _store(app, encoded),
            lines=(Say(key="made-by", values={"model": model.title}),),
            attempt_id=attempt_id,
            cost_usd=result.cost_usd,
        )


_KEYS = {
    Fault.BAD_KEY: "provider-bad-key",
    Fault.NO_FUNDS: "provider-no-funds",
    Fault.RATE_LIMITED: "provider-rate-limited",
    Fault.REFUSED: "provider-refused",
    Fault.BAD_INPUT: "provider-bad-input",
    Fault.MODEL_GONE: "provider-model-gone",
    Fault.UNAVAILABLE: "provider-unavailable",
    Fault.UNKNOWN: "provider-unknown",
}


async def _begin(app: App, job: JobRow, model: Model) -> str:
    """Commit the intent of a call; raises JobGone where the job is no longer ours."""
    row = AttemptRow(
        id=new_id(),
        job_id=job.id,
        vendor=model.vendor,
        model=model.id,
        state=AttemptState.INTENT,
        vendor_id=None,
        started_at=app.clock.now(),
    )
    if not await app.database.statement(attempts.add, row, job.epoch):
        raise JobGone
    failpoint("attempt-committed")
    return row.id


async def _call(
    app: App, provider: Provider, request: ImageRequest, attempt_id: str, progress: Progress
) -> ImageResult:
    """One call, bounded in time; what comes too late is an unknown outcome."""

    async def accepted(vendor_id: str) -> None:
        await app.database.statement(attempts.name, attempt_id, vendor_id)

    try:
        async with asyncio.timeout(app.rules.call_s_max):
            return await provider.run(request, partial=progress.partial, accepted=accepted)
    except TimeoutError as error:
        raise OutcomeUnknown(f"no answer within {app.rules.call_s_max} s") from error


async def _end_unfinished(app: App, attempt_id: str, model: Model, error: ProviderError) -> None:
    unknown = isinstance(error, OutcomeUnknown)
    log.warning("attempt failed", vendor=model.vendor, fault=error.fault, detail=error.detail)
    await app.database.statement(
        attempts.end,
        attempt_id,
        # A vendor that cannot be asked will never tell: the call is given up, its cost booked.
        AttemptState.LOST if unknown else AttemptState.REFUSED,
        app.clock.now(),
        fault=error.fault,
        cost_usd=model.cost_usd if unknown else None,
    )


async def _may_repeat(app: App, job: JobRow, error: ProviderError) -> bool:
    """An outcome that nobody knows is tried once more at most, on our own key; nothing else is."""
    if not isinstance(error, OutcomeUnknown):
        return False
    return await app.database.read(attempts.count, job.id) < ATTEMPTS_MAX


async def _settle_open(app: App, job: JobRow) -> None:
    """Close an attempt that a dead worker left open, before another may begin."""
    if job.epoch == 1:
        return
    attempt = await app.database.read(attempts.open_one, job.id)
    if attempt is None:
        return
    vendor: Vendor | None = app.vendors.get(attempt.vendor)
    lost_usd = app.models[attempt.model].cost_usd if attempt.model in app.models else None
    await app.database.statement(
        attempts.end,
        attempt.id,
        AttemptState.LOST,
        app.clock.now(),
        fault=Fault.UNKNOWN,
        cost_usd=lost_usd,
    )
    free = vendor is not None and vendor.free_to_repeat
    if not free and await app.database.read(attempts.count, job.id) >= ATTEMPTS_MAX:
        raise UserError("provider-unknown", model=attempt.model)


async def _admitted(
    app: App, result: ImageResult, attempt_id: str, model: Model
) -> tuple[Encoded, ...]:
    """The vendor's pictures through the same gate as anybody's; those that fail are left out."""
    admitted = []
    for data in result.images:
        try:
            admitted.append(await _admit_paid(app, data))
        except BadImage as error:
            log.warning("vendor's picture refused", vendor=model.vendor, key=error.key)
    if not admitted:
        await app.database.statement(
            attempts.end,
            attempt_id,
            AttemptState.DONE,
            app.clock.now(),
            fault=Fault.UNAVAILABLE,
            cost_usd=result.cost_usd,
        )
        raise UserError("provider-no-picture", model=model.title)
    return tuple(admitted)


async def _admit_paid(app: App, data: bytes) -> Encoded:
    """A picture that is paid for waits for its turn, however many uploads wait as well."""
    for _ in range(GATE_TRIES_MAX):
        try:
            return await app.images.admit(data)
        except Busy:
            await asyncio.sleep(GATE_RETRY_S)
    return await app.images.admit(data)


async def _store(app: App, images: tuple[Encoded, ...]) -> tuple[Picture, ...]:
    stored = []
    for encoded in images:
        sha256 = await app.blobs.put(encoded.data)
        stored.append(records.picture_of(encoded, sha256))
    failpoint("blob-stored")
    return tuple(stored)
