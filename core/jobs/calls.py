"""Paid calls: each is written down before it is made, and none whose outcome is open is made blindly again.

One vendor after the other is asked, as far as that is harmless: a refusal of the request ends it, and
an outcome that nobody can find out is followed by one more call at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from core import circuits
from core.app import App
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id
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
# So long a wait that a vendor asks for is waited; for a longer one, the next is asked.
WAIT_S_MAX = 10.0
FIND_S_MAX = 30.0
CANCEL_S_MAX = 5.0

Request = Callable[[Model], ImageRequest]

_ENDS = frozenset({Fault.REFUSED, Fault.BAD_INPUT})
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


class JobGone(Exception):
    """The job is another worker's now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a vendor made, and the attempt that stands for it until the job ends."""

    result: ImageResult
    model: Model
    attempt_id: str

    @property
    def cost_usd(self) -> float:
        """What the vendor says it took, else what its price list says."""
        told = self.result.cost_usd
        return self.model.cost_usd * len(self.result.images) if told is None else told


async def pay(
    app: App, job: JobRow, routes: list[Model], request: Request, progress: Progress, turn: Turn
) -> Paid:
    """The first result that one of the models gives; raises UserError where none does."""
    earlier = await _settle_open(app, job, request, progress, turn)
    if earlier is not None:
        return earlier
    waiting = deque(await _closed_first(app, routes))
    failed: tuple[Model, ProviderError] | None = None
    waited = False
    for _ in range(CALLS_MAX):
        model = waiting[0]
        try:
            return await _once(app, job, model, request(model), progress, turn)
        except ProviderError as error:
            await circuits.heard(app.circuits, model, error)
            if error.fault in _ENDS:
                raise _told(model, error) from error
            if failed is None or error.fault is Fault.UNKNOWN:
                failed = (model, error)
            if error.fault is Fault.UNKNOWN and await _too_many_unknown(app, job):
                break
            if not waited and _is_short(error):
                waited = True
                await asyncio.sleep(error.retry_after_s or 0)
                continue
            waiting = _left(waiting, model, error)
            if not waiting:
                break
    assert failed is not None
    raise _told(*failed) from failed[1]


def _told(model: Model, error: ProviderError) -> UserError:
    return UserError(_KEYS[error.fault], model=model.title)


def _is_short(error: ProviderError) -> bool:
    limited = error.fault is Fault.RATE_LIMITED
    return limited and error.retry_after_s is not None and error.retry_after_s <= WAIT_S_MAX


async def _too_many_unknown(app: App, job: JobRow) -> bool:
    return await app.database.read(attempts.lost, job.id) >= UNKNOWN_MAX


def _left(waiting: deque[Model], model: Model, error: ProviderError) -> deque[Model]:
    """Who is left to ask: of a vendor that is out, no other model either.

    After an unknown outcome, the same one once more where there is nobody else.
    """
    if error.fault is Fault.MODEL_GONE:
        return deque(item for item in waiting if item.id != model.id)
    others = deque(item for item in waiting if item.vendor != model.vendor)
    if error.fault is Fault.UNKNOWN and not others:
        return deque([model])
    return others


async def _closed_first(app: App, routes: list[Model]) -> list[Model]:
    """Those whose circuits are closed before those that have just failed others."""
    if len(routes) == 1:
        return routes
    names = {name for model in routes for name in circuits.names_of(model)}
    opened = await app.circuits.opened(names)
    return sorted(routes, key=lambda model: not opened.isdisjoint(circuits.names_of(model)))


async def _once(
    app: App, job: JobRow, model: Model, request: ImageRequest, progress: Progress, turn: Turn
) -> Paid:
    """One call, written down first; where its answer is lost, the vendor is asked what became of it."""
    provider = app.providers[model.vendor]
    attempt_id = await _begin(app, job, model)
    await turn.take()
    request = dataclasses.replace(request, id=_call_id(attempt_id))
    since = app.clock.now()
    try:
        try:
            result = await _call(app, provider, request, attempt_id, progress)
        except OutcomeUnknown as lost:
            theirs = await _found(provider, request, since, lost)
            result = await _resumed(app, provider, theirs, request, attempt_id, progress)
    except ProviderError as error:
        await _end_unfinished(app, attempt_id, model, error)
        raise
    await app.circuits.worked(circuits.names_of(model)[0])
    return Paid(result=result, model=model, attempt_id=attempt_id)


def _call_id(attempt_id: str) -> str:
    return str(UUID(attempt_id))


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
        failpoint("vendor-accepted")

    try:
        async with asyncio.timeout(app.rules.call_s_max):
            return await provider.run(request, partial=progress.partial, accepted=accepted)
    except TimeoutError as error:
        raise OutcomeUnknown(f"no answer within {app.rules.call_s_max} s") from error


async def _found(
    provider: Provider, request: ImageRequest, since: datetime, lost: OutcomeUnknown
) -> str:
    """The vendor's id of a call whose answer was lost; raises `lost` where it cannot be found out."""
    if not isinstance(provider, Findable):
        raise lost
    try:
        async with asyncio.timeout(FIND_S_MAX):
            theirs = await provider.find(request, since)
    except (ProviderError, TimeoutError) as error:
        log.warning("lost call not looked up", error=str(error))
        raise lost from error
    if theirs is None:
        raise ProviderError(Fault.UNAVAILABLE, f"never arrived: {lost.detail}") from lost
    return theirs


async def _resumed(
    app: App,
    provider: Provider,
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
        result = await _taken_up(app, model, left, request, progress)
    except ProviderError as error:
        await _end_unfinished(app, left.id, model, error)
        if model is not None and error.fault in _ENDS:
            raise _told(model, error) from error
        vendor = app.vendors.get(left.vendor)
        free = vendor is not None and vendor.free_to_repeat
        if not free and await _too_many_unknown(app, job):
            raise UserError("provider-unknown", model=left.model) from error
        return None
    assert model is not None
    return Paid(result=result, model=model, attempt_id=left.id)


async def _taken_up(
    app: App, model: Model | None, left: AttemptRow, request: Request, progress: Progress
) -> ImageResult:
    """What became of a dead worker's call, by the vendor's id or by ours."""
    lost = OutcomeUnknown("its worker died")
    provider = app.providers.get(left.vendor)
    if model is None or provider is None or not isinstance(provider, Resumable):
        raise lost
    asked = dataclasses.replace(request(model), id=_call_id(left.id))
    theirs = left.vendor_id
    if theirs is None:
        theirs = await _found(provider, asked, left.started_at, lost)
    return await _resumed(app, provider, theirs, asked, left.id, progress)


async def stop(app: App, job: JobRow) -> None:
    """Tell the vendor that nobody waits any more, where it can be told; whatever it says to that."""
    left = await app.database.read(attempts.open_one, job.id)
    if left is None or left.vendor_id is None:
        return
    provider: object = app.providers.get(left.vendor)
    if isinstance(provider, Cancellable):
        with contextlib.suppress(ProviderError, TimeoutError):
            async with asyncio.timeout(CANCEL_S_MAX):
                await provider.cancel(left.vendor_id)
