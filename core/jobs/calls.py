"""Paid calls: each is written down before it is made, and none whose outcome is open is made blindly again.

One vendor after the other is asked, as far as that is harmless: a refusal of the request ends it, and
an outcome that nobody can find out is followed by one more call at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from core import circuits, keys
from core.app import App
from core.choice import Choice
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id
from core.jobs import faults, hooks
from core.jobs.claim import JobGone, check_ours
from core.jobs.progress import Progress
from core.jobs.state import AttemptState
from core.jobs.turns import Turn
from providers.base import (
    Cancellable,
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
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

CALLS_MAX = 6
UNKNOWN_MAX = 2
# So long a wait is waited for a vendor that is too busy; for a longer one, the next is asked.
WAIT_S_MAX = 10.0
ALONE_WAIT_S_MAX = 60.0
WAITS_MAX = 3
FIND_S_MAX = 30.0
# What has just arrived may be missing from a vendor's list for some seconds.
FIND_WAITS_S = (0.0, 1.0, 3.0, 6.0)
CANCEL_S_MAX = 5.0

Request = Callable[[Model], ImageRequest]

_ENDS = frozenset({Fault.REFUSED, Fault.BAD_INPUT})


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
        return self.model.cost_usd * len(self.result.images) if told is None else told


async def pay(
    app: App, job: JobRow, routes: list[Choice], request: Request, progress: Progress, turn: Turn
) -> Paid:
    """The first result that one of the models gives; raises UserError where none does.

    On a person's own key, an outcome that nobody knows is the end: they may have paid for it.
    """
    earlier = await _settle_open(app, job, request, progress, turn)
    if earlier is not None:
        return earlier
    waiting = deque(await _closed_first(app, routes))
    failed: tuple[Choice, ProviderError] | None = None
    waits = 0
    for _ in range(CALLS_MAX):
        choice = waiting[0]
        try:
            return await _once(app, job, choice, request(choice.model), progress, turn)
        except ProviderError as error:
            if not choice.own_key:
                await circuits.heard(app.circuits, choice.model, error)
            unknown = error.fault is Fault.UNKNOWN
            if error.fault in _ENDS or (unknown and choice.own_key):
                raise faults.told(choice, error, _title(app, choice)) from error
            if failed is None or unknown:
                failed = (choice, error)
            if unknown and await _too_many_unknown(app, job):
                break
            if waits < WAITS_MAX and _is_short(error, alone=len(waiting) == 1):
                waits += 1
                await asyncio.sleep(error.retry_after_s or 0)
                continue
            waiting = _left(waiting, choice, error)
            if not waiting:
                break
    assert failed is not None
    raise faults.told(*failed, _title(app, failed[0])) from failed[1]


def _title(app: App, choice: Choice) -> str:
    vendor = app.vendors.get(choice.model.vendor)
    return choice.model.vendor if vendor is None else vendor.title


def _is_short(error: ProviderError, *, alone: bool) -> bool:
    wait_s = error.retry_after_s if error.fault is Fault.RATE_LIMITED else None
    # Only where no turn is held while it waits, others can work meanwhile.
    patient = alone and isinstance(error, circuits.TooFast)
    return wait_s is not None and wait_s <= (ALONE_WAIT_S_MAX if patient else WAIT_S_MAX)


async def _too_many_unknown(app: App, job: JobRow) -> bool:
    return await app.database.read(attempts.lost, job.id) >= UNKNOWN_MAX


def _left(waiting: deque[Choice], choice: Choice, error: ProviderError) -> deque[Choice]:
    """Who is left to ask: of a vendor that is out, no other model either.

    After an unknown outcome, the same one once more where there is nobody else.
    """
    model = choice.model
    if error.fault is Fault.MODEL_GONE:
        return deque(item for item in waiting if item.model.id != model.id)
    if choice.own_key:
        return deque(item for item in waiting if item is not choice)
    others = deque(item for item in waiting if item.model.vendor != model.vendor)
    if error.fault is Fault.UNKNOWN and not others:
        return deque([choice])
    return others


async def _closed_first(app: App, routes: list[Choice]) -> list[Choice]:
    """An own key first, then those whose circuits are closed, then those that have just failed others."""
    if len(routes) == 1:
        return routes
    names = {name for choice in routes for name in circuits.names_of(choice.model)}
    opened = await app.circuits.opened(names)

    def is_open(choice: Choice) -> bool:
        return not choice.own_key and not opened.isdisjoint(circuits.names_of(choice.model))

    return sorted(routes, key=is_open)


@contextlib.asynccontextmanager
async def _provider(
    app: App, job: JobRow, vendor: str, *, own_key: bool, begun: datetime | None = None
) -> AsyncIterator[object]:
    """The vendor as opened for everybody, or with the person's key, for this one call."""
    if not own_key:
        yield app.providers.get(vendor)
        return
    async with keys.opened(app, job.person_id, vendor, begun) as provider:
        yield provider


async def _once(
    app: App, job: JobRow, choice: Choice, request: ImageRequest, progress: Progress, turn: Turn
) -> Paid:
    """One call, written down first; where its answer is lost, the vendor is asked what became of it."""
    model = choice.model
    await circuits.keep_pace(app.circuits, app.rules.vendor_limits, choice, job.person_id)
    begun = app.clock.now()
    attempt_id = await _begin(app, job, choice)
    await turn.take()
    await check_ours(app, job, begun)
    call_id = _call_id(attempt_id)
    # Of a call on somebody's own account, we could not tell who sent the webhook.
    hook = None if choice.own_key else hooks.address(app, model.vendor, call_id)
    request = dataclasses.replace(request, id=call_id, webhook=hook)
    try:
        async with _provider(app, job, model.vendor, own_key=choice.own_key) as provider:
            result = await _called(app, job, provider, request, attempt_id, progress)
    except ProviderError as error:
        await _end_unfinished(app, attempt_id, model, error)
        raise
    except UserError as error:
        # Their key is off or cannot be read: nothing was asked.
        told = ProviderError(Fault.BAD_KEY, error.key)
        await _end_unfinished(app, attempt_id, model, told)
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
        theirs = theirs or await _found(provider, request, since, lost)
        return await _resumed(app, provider, theirs, request, attempt_id, progress)


def _call_id(attempt_id: str) -> str:
    return str(UUID(attempt_id))


async def _begin(app: App, job: JobRow, choice: Choice) -> str:
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


async def _found(
    provider: object, request: ImageRequest, since: datetime, lost: OutcomeUnknown
) -> str:
    """The vendor's id of a call whose answer was lost; raises `lost` where it cannot be found out."""
    if not isinstance(provider, Findable):
        raise lost
    for wait_s in FIND_WAITS_S:
        await asyncio.sleep(wait_s)
        try:
            async with asyncio.timeout(FIND_S_MAX):
                theirs = await provider.find(request, since)
        except (ProviderError, TimeoutError) as error:
            log.warning("lost call not looked up", error=str(error))
            raise lost from error
        if theirs is not None:
            return theirs
    raise ProviderError(Fault.UNAVAILABLE, f"never arrived: {lost.detail}") from lost


async def _resumed(
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


async def _end_unfinished(
    app: App, attempt_id: str, model: Model | None, error: ProviderError
) -> None:
    unknown = isinstance(error, OutcomeUnknown)
    vendor = model.vendor if model is not None else "-"
    log.warning("attempt failed", vendor=vendor, fault=error.fault, detail=error.detail)
    await app.database.statement(
        attempts.end,
        attempt_id,
        # A vendor that cannot be asked will never tell: the call is given up, its cost booked.
        AttemptState.LOST if unknown else AttemptState.REFUSED,
        app.clock.now(),
        fault=error.fault,
        cost_usd=model.cost_usd if model is not None and unknown else None,
    )


async def _settle_open(
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
        asked = dataclasses.replace(request(model), id=_call_id(left.id))
        own_key, begun = left.own_key, left.started_at
        async with _provider(app, job, left.vendor, own_key=own_key, begun=begun) as provider:
            result = await _taken_up(app, provider, left, asked, progress)
    except (ProviderError, UserError) as told:
        error = told if isinstance(told, ProviderError) else OutcomeUnknown(told.key)
        await _end_unfinished(app, left.id, model, error)
        await _end_here(app, job, left, model, error)
        return None
    choice = Choice(model=model, own_key=left.own_key)
    return Paid(result=result, choice=choice, attempt_id=left.id)


async def _end_here(
    app: App, job: JobRow, left: AttemptRow, model: Model | None, error: ProviderError
) -> None:
    """Raise where no other call may follow the one that a dead worker left open."""
    choice = Choice(model=model, own_key=left.own_key) if model is not None else None
    if choice is not None and error.fault in _ENDS:
        raise faults.told(choice, error, _title(app, choice)) from error
    vendor = app.vendors.get(left.vendor)
    if error.fault is not Fault.UNKNOWN or (vendor is not None and vendor.free_to_repeat):
        return
    if left.own_key or await _too_many_unknown(app, job):
        if choice is not None:
            raise faults.told(choice, error, _title(app, choice)) from error
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
        theirs = await _found(provider, asked, left.started_at, lost)
    return await _resumed(app, provider, theirs, asked, left.id, progress)


async def stop(app: App, job: JobRow) -> None:
    """Tell the vendor that nobody waits any more, where it can be told; whatever it says to that."""
    left = await app.database.read(attempts.open_one, job.id)
    if left is None or left.vendor_id is None:
        return
    with contextlib.suppress(ProviderError, UserError, TimeoutError):
        async with _provider(app, job, left.vendor, own_key=left.own_key) as provider:
            if isinstance(provider, Cancellable):
                async with asyncio.timeout(CANCEL_S_MAX):
                    await provider.cancel(left.vendor_id)
