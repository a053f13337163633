"""Paid calls: each is written down before it is made, and none whose outcome is open is made blindly again.

One vendor after the other is asked, as far as that is harmless: a refusal of the request ends it, and
an outcome that nobody can find out is followed by one more call at most.
"""

from __future__ import annotations

from collections import deque

from core import circuits
from core.app import App
from core.choice import Choice
from core.jobs import attempt, faults
from core.jobs.attempt import Paid, Request
from core.jobs.progress import Progress
from core.jobs.turns import Turn
from providers.base import Fault, ProviderError
from storage.jobs import JobRow

# So long a wait is waited for a vendor that is too busy; for a longer one, the next is asked.
WAIT_S_MAX = 10.0
ALONE_WAIT_S_MAX = 60.0
WAITS_MAX = 3


async def pay(
    app: App, job: JobRow, routes: list[Choice], request: Request, progress: Progress, turn: Turn
) -> Paid:
    """The first result that one of the models gives; raises UserError where none does.

    On a person's own key, an outcome that nobody knows is the end: they may have paid for it.
    """
    waiting = deque(await _closed_first(app, routes))
    failed: tuple[Choice, ProviderError] | None = None
    waits = 0
    # Each round waits, which is bounded, or leaves one vendor less; or it is the second unknown outcome.
    while waiting:
        choice = waiting[0]
        try:
            return await attempt.once(app, job, choice, request(choice.model), progress, turn)
        except ProviderError as error:
            await _heard(app, job, choice, error)
            unknown = error.fault is Fault.UNKNOWN
            if error.fault in faults.ENDS or (unknown and choice.own_key):
                raise faults.told(app, choice, error) from error
            if failed is None or unknown:
                failed = (choice, error)
            if unknown and await attempt.too_many_unknown(app, job):
                break
            if waits < WAITS_MAX and _is_short(error, alone=len(waiting) == 1):
                waits += 1
                await progress.rest(error.retry_after_s or 0)
                continue
            waiting = _left(waiting, choice, error)
    assert failed is not None
    raise faults.told(app, *failed) from failed[1]


async def _heard(app: App, job: JobRow, choice: Choice, error: ProviderError) -> None:
    """Note for the calls to come what this one was told, where the vendor itself was asked."""
    if isinstance(error, circuits.TooFast):
        return
    if not choice.own_key:
        await circuits.heard(app.circuits, choice.model, error)
    # What else is told of somebody's own key, they can mend at any moment.
    elif error.fault is Fault.RATE_LIMITED and (error.retry_after_s or 0) > WAIT_S_MAX:
        rest_s = error.retry_after_s or 0
        await circuits.rest(app.circuits, choice.model.vendor, job.person_id, rest_s)


def _is_short(error: ProviderError, *, alone: bool) -> bool:
    wait_s = error.retry_after_s if error.fault is Fault.RATE_LIMITED else None
    # Only where no turn is held while it waits, others can work meanwhile.
    patient = alone and isinstance(error, circuits.TooFast)
    return wait_s is not None and wait_s <= (ALONE_WAIT_S_MAX if patient else WAIT_S_MAX)


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
