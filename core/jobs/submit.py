"""Acceptance: one transaction from a platform's event to a job with its credits held, then the bell."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import books, credits, keyring, plans, preferences, purse, records, routing, styles
from core.app import App, Rules
from core.choice import Choice
from core.errors import Busy, NotEnoughCredits, UserError
from core.failpoints import failpoint
from core.ids import first_id_at, new_id
from core.jobs import sitting
from core.jobs.state import State, check_move
from core.messenger import Address, Picture, Say
from core.offers import Plan
from core.operations.base import Operation
from core.options import pictures_of, to_json
from core.purse import CREDITS, Purse
from storage import inbox, jobs, links, own_jobs, results
from storage import pictures as stored
from storage.database import Connection
from storage.jobs import JobRow

HOUR = timedelta(hours=1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A job that waits: its place in the queue (1 is next), what is held and what is left.

    `done`: it has been made before, and is not made again. `ready_s`: how long it may take.
    """

    job_id: str
    place: int
    held: int
    left: int
    own_key: bool = False
    repeated: bool = False
    done: bool = False
    ready_s: float | None = None


async def submit(app: App, order: Order) -> Accepted:
    """Accept an order, once however often its event comes; raises UserError where it is refused."""
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
    ways = _ways(app, order, choice, wallet)
    failpoint("submit-before")
    accepted = await app.database.transaction(
        _accept,
        ways,
        order.inbox,
        pictures_of(order.params),
        app.rules,
        once=order.operation.once(order.params) and not order.anew,
    )
    failpoint("submit-committed")
    if isinstance(accepted, UserError):
        raise accepted
    if not (accepted.repeated or accepted.done):
        await app.bell.ring()
    if choice is None or accepted.done:
        return accepted
    now, ahead = app.clock.now(), accepted.place - 1
    ready_s = await app.paces.ready_s(app.database, choice.model.id, ahead, now)
    return dataclasses.replace(accepted, ready_s=ready_s)


async def answered(app: App, job_id: str, address: Address) -> None:
    """The first answer stands at `address`: from now on the worker may edit it."""
    await app.database.statement(
        jobs.set_address, job_id, records.write_address(address), app.clock.now()
    )
    failpoint("answer-shown")


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


def _accept(
    connection: Connection,
    ways: tuple[JobRow, ...],
    event: str,
    pictures: tuple[Picture, ...],
    rules: Rules,
    *,
    once: bool,
) -> Accepted | UserError:
    """The one transaction. A refusal is returned, not raised: it must be kept as well."""
    if once:
        # Held still: of two who ask for the same at once, the second sees what the first has begun.
        kept = keyring.held(connection, ways[0].person_id)
        ways = tuple(dataclasses.replace(way, person_id=kept) for way in ways)
    row = ways[0]
    before = _before(connection, row, pictures) if once else None
    if before is not None and before.state == State.SUCCEEDED:
        inbox.receive(connection, event, before.id, row.created_at)
        return _again(connection, before.id, row.created_at)
    first = inbox.receive(connection, event, row.id, row.created_at)
    if first != row.id:
        return _again(connection, first, row.created_at)
    if before is not None:
        return _reject(connection, row, Busy("already-being-made"))
    return _hold(connection, ways, pictures, rules)


def _before(
    connection: Connection, row: JobRow, pictures: tuple[Picture, ...]
) -> results.Before | None:
    """The person's own job that makes, or has made, the very same."""
    source = pictures[0].sha256
    return results.before(connection, row.person_id, row.operation, row.params, source)


def _hold(
    connection: Connection, ways: tuple[JobRow, ...], pictures: tuple[Picture, ...], rules: Rules
) -> Accepted | UserError:
    """Set the price aside, look at the limits and put the job into the queue."""
    plan = plans.current(connection, ways[0].person_id, rules, ways[0].created_at)
    running_max = rules.running_max if plan.running_max is None else plan.running_max
    by_credits = tuple(way for way in ways if not way.own_key)
    if ways[0].own_key and by_credits and _own_keys_over(connection, ways[0], plan, rules):
        ways = by_credits
    # The hold comes first: it locks the wallet, so that what is counted next stays true.
    row, left = _held(connection, ways)
    row = dataclasses.replace(row, priority=plan.priority, running_max=running_max)
    if left is None or row.price == 0:
        # Who has gone into another by a link of this moment has nothing left: only then is it asked.
        kept = links.kept(connection, row.person_id)
        if kept != row.person_id:
            theirs = tuple(dataclasses.replace(way, person_id=kept) for way in ways)
            return _hold(connection, theirs, pictures, rules)
    mine, ahead = jobs.count_open_and_ahead(connection, row.person_id, row.id, row.priority)
    refusal = _over_limit(connection, row, plan, rules, mine)
    if refusal is not None:
        credits.void(connection, row.id, row.created_at)
        return _reject(connection, row, refusal)
    if left is None:
        if books.stopped(connection):
            return _reject(connection, row, UserError("paid-jobs-stopped"))
        has = credits.available(connection, row.person_id, row.community, row.created_at)
        return _reject(connection, row, NotEnoughCredits(needs=row.price, has=max(has, 0)))
    jobs.add(connection, row)
    stored.add(
        connection,
        row.id,
        [records.row_of(item, "input", place) for place, item in enumerate(pictures)],
    )
    return Accepted(job_id=row.id, place=ahead + 1, held=row.price, left=left, own_key=row.own_key)


def _held(connection: Connection, ways: tuple[JobRow, ...]) -> tuple[JobRow, int | None]:
    """The first way that there are credits for, and what is left; else the first one, and None."""
    for row in ways:
        left = credits.hold(
            connection, row.id, row.person_id, row.price, row.community, row.created_at
        )
        if left is not None:
            return row, left
    return ways[0], None


def _over_limit(
    connection: Connection, row: JobRow, plan: Plan, rules: Rules, mine: int
) -> UserError | None:
    """What of the person's plan this job would exceed."""
    queued_max = rules.queued_max if plan.queued_max is None else plan.queued_max
    open_max = queued_max + row.running_max
    if mine >= open_max:
        return Busy("too-many-jobs", max=open_max)
    if row.own_key and _own_keys_over(connection, row, plan, rules):
        return Busy("own-key-jobs-over", max=plan.own_key_jobs or 0, plan=plan.title)
    hourly_max = plan.hourly.get(row.operation)
    if hourly_max is None:
        return None
    since = first_id_at(row.created_at - HOUR)
    if jobs.count_since(connection, row.person_id, row.operation, since) < hourly_max:
        return None
    return Busy("too-many-an-hour", max=hourly_max, operation=row.operation, plan=plan.title)


def _own_keys_over(connection: Connection, row: JobRow, plan: Plan, rules: Rules) -> bool:
    if plan.own_key_jobs is None:
        return False
    month = plans.of_person(connection, row.person_id, rules, row.created_at).period_start
    return own_jobs.count_since(connection, row.person_id, first_id_at(month)) >= plan.own_key_jobs


def _reject(connection: Connection, row: JobRow, refusal: UserError) -> UserError:
    """Keep the refusal: the same event stays refused, also after a top-up."""
    check_move(None, State.REJECTED)
    lines = records.write_lines([Say(key=refusal.key, values=refusal.values)])
    jobs.add(
        connection,
        dataclasses.replace(row, state=State.REJECTED, lines=lines, finished_at=row.created_at),
    )
    return refusal


def _again(connection: Connection, job_id: str, now: datetime) -> Accepted | UserError:
    """What the first coming of this event became."""
    row = jobs.get(connection, job_id)
    if row is None:
        return UserError("job-gone")
    if row.state == State.REJECTED:
        said = records.read_lines(row.lines)[0]
        return UserError(said.key, **said.values)
    left = credits.available(connection, row.person_id, row.community, now)
    ahead = jobs.waiting_before(connection, row.id, row.priority)
    return Accepted(
        job_id=row.id,
        place=ahead + 1,
        held=row.price,
        left=left,
        own_key=row.own_key,
        repeated=True,
        done=row.state == State.SUCCEEDED,
    )
