"""One paid call: written down before it is made, and asked after where its answer is lost."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from core import accounts, circuits, credits, keys
from core.app import App
from core.choice import Choice
from core.credits import Entry
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id
from core.jobs import hooks
from core.jobs.claim import JobGone, check_ours
from core.jobs.progress import Progress
from core.jobs.state import AttemptState
from core.jobs.turns import Turn
from providers.base import (
    Fault,
    Findable,
    ImageRequest,
    ImageResult,
    Model,
    OutcomeUnknown,
    Provider,
    ProviderError,
    Resumable,
)
from storage import attempts
from storage.attempts import AttemptRow
from storage.database import Connection
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

UNKNOWN_MAX = 2
FIND_S_MAX = 30.0
# What has just arrived may be missing from a vendor's list for some seconds.
FIND_WAITS_S = (0.0, 1.0, 3.0, 6.0)

Request = Callable[[Model], ImageRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a vendor made, and the attempt that stands for it until the job ends."""

    result: ImageResult
    choice: Choice
    attempt_id: str

    @property
    def model(self) -> Model:
        """What made it."""
        return self.choice.model

    @property
    def cost_usd(self) -> float:
        """What the vendor says it took, else what its price list says."""
        told = self.result.cost_usd
        return self.model.cost_usd * max(1, len(self.result.images)) if told is None else told


@contextlib.asynccontextmanager
async def opened(
    app: App, job: JobRow, vendor: str, *, own_key: bool, begun: datetime | None = None
) -> AsyncIterator[object]:
    """The vendor as opened for everybody, or with the person's key, for this one call."""
    if not own_key:
        yield app.providers.get(vendor)
        return
    async with keys.opened(app, job.person_id, vendor, begun) as provider:
        yield provider


async def once(
    app: App, job: JobRow, choice: Choice, request: ImageRequest, progress: Progress, turn: Turn
) -> Paid:
    """One call, written down first; where its answer is lost, the vendor is asked what became of it."""
    model = choice.model
    await circuits.keep_pace(app.circuits, app.rules.vendor_limits, choice, job.person_id)
    begun = app.clock.now()
    attempt_id = await begin(app, job, choice)
    try:
        await turn.take()
    except asyncio.CancelledError:
        # Nobody has been asked yet.
        now, why = app.clock.now(), attempts.CANCELLED
        await app.database.statement(attempts.end, attempt_id, AttemptState.REFUSED, now, fault=why)
        raise
    await check_ours(app, job, begun)
    theirs = call_id(attempt_id)
    # Of a call on somebody's own account, we could not tell who sent the webhook.
    hook = None if choice.own_key else hooks.address(app, model.vendor, theirs)
    request = dataclasses.replace(request, id=theirs, webhook=hook)
    try:
        async with opened(app, job, model.vendor, own_key=choice.own_key) as provider:
            result = await _called(app, job, provider, request, attempt_id, progress)
    except ProviderError as error:
        await end_unfinished(app, job, attempt_id, model, error, own_key=choice.own_key)
        raise
    except UserError as error:
        # Their key is off or cannot be read: nothing was asked.
        told = ProviderError(Fault.BAD_KEY, error.key)
        await end_unfinished(app, job, attempt_id, model, told, own_key=choice.own_key)
        raise told from error
    if choice.own_key:
        await keys.worked(app, job.person_id, model.vendor)
    else:
        await app.circuits.worked(circuits.names_of(model)[0])
    return Paid(result=result, choice=choice, attempt_id=attempt_id)


async def _called(
    app: App,
    job: JobRow,
    provider: object,
    request: ImageRequest,
    attempt_id: str,
    progress: Progress,
) -> ImageResult:
    since = app.clock.now()
    try:
        return await _call(app, provider, request, attempt_id, progress)
    except OutcomeUnknown as lost:
        if not isinstance(provider, Resumable):
            raise
        # The vendor may have told its id before, or by a webhook in the meantime.
        left = await app.database.read(attempts.open_one, job.id)
        theirs = left.vendor_id if left is not None and left.id == attempt_id else None
        theirs = theirs or await found(provider, request, since, lost)
        return await resumed(app, provider, theirs, request, attempt_id, progress)


def call_id(attempt_id: str) -> str:
    """Our id of a call, as vendors take it."""
    return str(UUID(attempt_id))


async def begin(app: App, job: JobRow, choice: Choice) -> str:
    """Commit the intent of a call; raises JobGone where the job is no longer ours."""
    row = AttemptRow(
        id=new_id(),
        job_id=job.id,
        vendor=choice.model.vendor,
        model=choice.model.id,
        state=AttemptState.INTENT,
        vendor_id=None,
        started_at=app.clock.now(),
        own_key=choice.own_key,
    )
    if not await app.database.statement(attempts.add, row, job.epoch):
        raise JobGone
    failpoint("attempt-committed")
    return row.id


async def _call(
    app: App, provider: object, request: ImageRequest, attempt_id: str, progress: Progress
) -> ImageResult:
    """One call, bounded in time; what comes too late is an unknown outcome."""
    if not isinstance(provider, Provider):
        raise ProviderError(Fault.UNAVAILABLE, "the vendor is not set up any more")

    async def accepted(vendor_id: str) -> None:
        await app.database.statement(attempts.name, attempt_id, vendor_id)
        failpoint("vendor-accepted")

    try:
        async with asyncio.timeout(app.rules.call_s_max):
            return await provider.run(request, partial=progress.partial, accepted=accepted)
    except TimeoutError as error:
        raise OutcomeUnknown(f"no answer within {app.rules.call_s_max} s") from error


async def found(
    provider: object, request: ImageRequest, since: datetime, lost: OutcomeUnknown
) -> str:
    """The vendor's id of a call whose answer was lost; raises `lost` where it cannot be found out."""
    if not isinstance(provider, Findable):
        raise lost
    looked = False
    for wait_s in FIND_WAITS_S:
        await asyncio.sleep(wait_s)
        try:
            async with asyncio.timeout(FIND_S_MAX):
                theirs = await provider.find(request, since)
        except (ProviderError, TimeoutError) as error:
            log.warning("lost call not looked up", error=str(error))
            looked = False
            continue
        if theirs is not None:
            return theirs
        looked = True
    if not looked:
        raise lost
    raise ProviderError(Fault.UNAVAILABLE, f"never arrived: {lost.detail}") from lost


async def resumed(
    app: App,
    provider: object,
    theirs: str,
    request: ImageRequest,
    attempt_id: str,
    progress: Progress,
) -> ImageResult:
    """The result of a call that the vendor knows by its id."""
    assert isinstance(provider, Resumable)
    await app.database.statement(attempts.name, attempt_id, theirs)
    try:
        async with asyncio.timeout(app.rules.call_s_max):
            return await provider.resume(theirs, request, partial=progress.partial)
    except TimeoutError as error:
        raise OutcomeUnknown(f"no answer within {app.rules.call_s_max} s") from error


async def end_unfinished(
    app: App,
    job: JobRow,
    attempt_id: str,
    model: Model | None,
    error: ProviderError,
    *,
    own_key: bool,
    why: str | None = None,
) -> None:
    """Close a call that brought nothing; `model` None: it has been taken away since.

    `why` stands in the row instead of the fault where it was not the vendor's.
    """
    why = why or error.fault
    vendor = model.vendor if model is not None else "-"
    log.warning("attempt failed", vendor=vendor, fault=why, detail=error.detail)
    if isinstance(error, OutcomeUnknown):
        loss = _loss_of(app, job, model, own_key=own_key)
        await app.database.transaction(_lose, job, attempt_id, loss, why, app.clock.now())
        return
    await app.database.statement(
        attempts.end, attempt_id, AttemptState.REFUSED, app.clock.now(), fault=why
    )


async def wasted(
    app: App, job: JobRow, attempt_id: str, cost_usd: float | None, own_key: bool
) -> None:
    """Close a call that brought pictures which their person had cancelled by then."""
    loss = _Loss(usd=cost_usd, credits=0 if own_key or not cost_usd else job.price)
    await app.database.transaction(
        _lose, job, attempt_id, loss, attempts.CANCELLED, app.clock.now()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    """What a call costs the house that may have been paid for nothing: by the price list, and in credits."""

    usd: float | None = None
    credits: int = 0


def _loss_of(app: App, job: JobRow, model: Model | None, *, own_key: bool) -> _Loss:
    vendor = app.vendors.get(model.vendor) if model is not None else None
    free = own_key or (vendor is not None and vendor.free_to_repeat)
    usd = model.cost_usd * max(1, job.count) if model is not None else None
    return _Loss(usd=usd, credits=0 if free else job.price)


def _lose(
    connection: Connection, job: JobRow, attempt_id: str, loss: _Loss, why: str, now: datetime
) -> None:
    """Give up a call of which its vendor will never tell; on our key, the house bears its price."""
    attempts.end(connection, attempt_id, AttemptState.LOST, now, fault=why, cost_usd=loss.usd)
    if loss.credits:
        entry = Entry(
            id=f"loss:{attempt_id}",
            debit=accounts.PROVIDER_LOSS,
            credit=accounts.REVENUE,
            amount=loss.credits,
            kind="loss",
            reference=job.id,
        )
        credits.book(connection, entry, now)


async def too_many_unknown(app: App, job: JobRow) -> bool:
    """Whether as many calls of a job may have been paid for nothing as may be."""
    return await app.database.read(attempts.lost, job.id) >= UNKNOWN_MAX
