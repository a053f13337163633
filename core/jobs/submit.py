"""Submission: what is ordered is weighed, accepted in one transaction, and the bell is rung."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from core import preferences, purse, records, routing, styles
from core.app import App
from core.choice import Choice
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id
from core.jobs import accept, sitting
from core.jobs.accept import Accepted, Asked
from core.jobs.state import State, check_move
from core.messenger import Address
from core.operations.base import Operation
from core.options import pictures_of, to_json
from core.purse import CREDITS, Purse
from storage import answers
from storage.jobs import JobRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One operation asked for by one person; `inbox` names the event that asked.

    `like` is the model that made what is to be changed. `anew`: what was made before is of no use.
    `by_default` are the options that nobody named: they were filled from the person's settings.
    """

    person_id: str
    community: str | None
    operation: Operation
    params: object
    address: Address
    inbox: str
    parent_id: str | None = None
    like: str | None = None
    anew: bool = False
    by_default: frozenset[str] = frozenset()


async def submit(app: App, order: Order) -> Accepted:
    """Accept an order, once however often its event comes; raises UserError where it is refused."""
    (accepted,) = await submit_all(app, (order,))
    return accepted


async def submit_all(app: App, orders: Sequence[Order]) -> tuple[Accepted, ...]:
    """Accept the orders of one event together: all of them, or none where one is refused."""
    weighed = [await _weighed(app, order) for order in orders]
    asked = [each for each, _ in weighed]
    failpoint("submit-before")
    try:
        accepted = await app.database.transaction(accept.together, asked, app.rules)
    except accept.NotAll as none:
        refusal = await app.database.transaction(accept.keep, asked[0], none.refusal)
        if refusal is None:
            return await submit_all(app, orders)
        raise refusal from None
    failpoint("submit-committed")
    if isinstance(accepted, UserError):
        raise accepted
    for one in accepted:
        if not (one.repeated or one.done):
            await app.bell.ring()
    choices = [choice for _, choice in weighed]
    return tuple([await _timed(app, one, by) for one, by in zip(accepted, choices, strict=True)])


async def _weighed(app: App, order: Order) -> tuple[Asked, Choice | None]:
    """What an order comes to and who would make it; raises UserError where it is refused."""
    if order.operation.check is not None:
        order.operation.check(order.params)
    params = await styles.worded(app, order.params, order.person_id, order.community)
    order = dataclasses.replace(order, params=params)
    wallet = CREDITS
    if order.operation.request is not None:
        wallet = await purse.of_person(app, order.person_id)
    params = await sitting.seated(
        app, order.person_id, order.operation, order.params, wallet, order.like
    )
    order = dataclasses.replace(order, params=params)
    choice = routing.choose(app, order.operation, order.params, wallet, order.like)
    _check_leave(app, order, choice, wallet)
    asked = Asked(
        event=order.inbox,
        ways=_ways(app, order, choice, wallet),
        pictures=pictures_of(order.params),
        once=order.operation.once(order.params) and not order.anew,
    )
    return asked, choice


async def _timed(app: App, accepted: Accepted, choice: Choice | None) -> Accepted:
    """With how long it may take, where a model makes it."""
    if choice is None or accepted.done:
        return accepted
    now, ahead = app.clock.now(), accepted.place - 1
    ready_s = await app.paces.ready_s(app.database, choice.model.id, ahead, now)
    return dataclasses.replace(accepted, ready_s=ready_s)


async def answered(app: App, job_id: str, address: Address) -> bool:
    """The first answer stands at `address`: from now on the worker may edit it.

    False: it comes too late, and the job is shown elsewhere.
    """
    in_time = await app.database.statement(
        answers.answer, job_id, records.write_address(address), app.clock.now()
    )
    failpoint("answer-shown")
    return in_time


def _check_leave(app: App, order: Order, choice: Choice | None, wallet: Purse) -> None:
    """Raise where credits would pay in the place of a key that is off, and nobody allowed them to."""
    if choice is None or choice.own_key or wallet.prefer != "own" or wallet.fall_back:
        return
    vendors = {choice.model.vendor}
    if getattr(order.params, "model", None) is None:
        name = order.operation.needs(order.params)
        vendors = {model.vendor for model in app.models.values() if name in model.operations}
    stopped = sorted(vendors & wallet.off)
    if stopped:
        raise UserError("own-key-off", vendor=app.vendors[stopped[0]].title)


def _ways(app: App, order: Order, choice: Choice | None, wallet: Purse) -> tuple[JobRow, ...]:
    """The same job, as it can be paid for: in the order in which that is tried."""
    price = order.operation.price(order.params, choice.model if choice is not None else None)
    row = _row(app, order, choice, price)
    if choice is None:
        return (row,)
    fee = app.rules.own_key_fee * row.count
    if choice.own_key:
        on_key = dataclasses.replace(row, price=fee)
        if not wallet.fall_back or price <= fee:
            return (on_key,)
        # With credits held, they may pay where the own key cannot; without, the key can still pay.
        return (row, on_key, *_by_credits(app, order, row.id))
    try:
        key_first = dataclasses.replace(wallet, prefer="own")
        other = routing.choose(app, order.operation, order.params, key_first, order.like)
    except UserError:
        return (row,)
    if other is None or not other.own_key:
        return (row,)
    return row, dataclasses.replace(row, model=other.model.id, price=fee, own_key=True)


def _by_credits(app: App, order: Order, job_id: str) -> tuple[JobRow, ...]:
    """The way of somebody without own keys, for where the plan has no more jobs on them."""
    params = preferences.as_named(order.params, order.by_default)
    try:
        choice = routing.choose(app, order.operation, params, CREDITS, order.like)
    except UserError:
        return ()
    model = choice.model if choice is not None else None
    price = order.operation.price(order.params, model)
    return (dataclasses.replace(_row(app, order, choice, price), id=job_id),)


def _row(app: App, order: Order, choice: Choice | None, price: int) -> JobRow:
    check_move(None, State.QUEUED)
    now = app.clock.now()
    return JobRow(
        id=new_id(),
        person_id=order.person_id,
        community=order.community,
        operation=order.operation.name,
        model=None if choice is None else choice.model.id,
        params=to_json(order.params, order.by_default),
        parent_id=order.parent_id,
        address=records.write_address(order.address),
        count=order.operation.count(order.params),
        price=price,
        priority=0,
        running_max=1,
        state=State.QUEUED,
        epoch=0,
        lease_until=None,
        cancel_asked=False,
        captured=0,
        lines="[]",
        created_at=now,
        # A page's message is there before its job; elsewhere the frontend tells when it is.
        answered_at=now if order.address.message is not None else None,
        started_at=None,
        finished_at=None,
        deleted_at=None,
        own_key=choice is not None and choice.own_key,
        persona=getattr(order.params, "persona", None),
    )
