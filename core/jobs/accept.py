"""Acceptance: the one transaction from a platform's event to jobs with their credits held."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import books, credits, keyring, plans, records
from core.app import Rules
from core.errors import Busy, NotEnoughCredits, UserError
from core.ids import first_id_at
from core.jobs.state import State, check_move
from core.messenger import Picture, Say
from core.offers import Plan
from storage import inbox, jobs, links, own_jobs, results
from storage import pictures as stored
from storage.database import Connection
from storage.jobs import JobRow

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A job that an event asks for, as each way to pay has it; the first that can be paid is taken.

    `once`: where the very same has been made before, that is what it becomes.
    """

    event: str
    ways: tuple[JobRow, ...]
    pictures: tuple[Picture, ...]
    once: bool = False


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


class NotAll(Exception):
    """One of several jobs is refused: none of them is accepted."""

    def __init__(self, refusal: UserError) -> None:
        super().__init__(refusal.key)
        self.refusal = refusal


def together(
    connection: Connection, asked: Sequence[Asked], rules: Rules
) -> tuple[Accepted, ...] | UserError:
    """The one transaction. A refusal is returned, not raised: it must be kept as well.

    Of several, it is raised, which undoes what was accepted before it.
    """
    accepted: list[Accepted] = []
    for each in asked:
        one = _accept(connection, each, rules)
        if isinstance(one, UserError):
            if len(asked) == 1:
                return one
            raise NotAll(_of_all(one, accepted, asked))
        accepted.append(one)
    return tuple(accepted)


def _of_all(refusal: UserError, accepted: Sequence[Accepted], asked: Sequence[Asked]) -> UserError:
    """A want of credits for one is told as what all of them need."""
    if not isinstance(refusal, NotEnoughCredits):
        return refusal
    held = sum(one.held for one in accepted)
    needs = held + sum(each.ways[0].price for each in asked[len(accepted) :])
    return NotEnoughCredits(needs=needs, has=refusal.has + held)


def keep(connection: Connection, asked: Asked, refusal: UserError) -> UserError | None:
    """What an event is told of whose jobs none was accepted; None: the same event was, meanwhile."""
    row = asked.ways[0]
    first = inbox.receive(connection, asked.event, row.id, row.created_at)
    if first != row.id:
        told = _again(connection, first, row.created_at)
        return told if isinstance(told, UserError) else None
    return _reject(connection, row, refusal)


def _accept(connection: Connection, asked: Asked, rules: Rules) -> Accepted | UserError:
    ways, event, once = asked.ways, asked.event, asked.once
    if once:
        # Held still: of two who ask for the same at once, the second sees what the first has begun.
        kept = keyring.held(connection, ways[0].person_id)
        ways = tuple(dataclasses.replace(way, person_id=kept) for way in ways)
    row = ways[0]
    before = _before(connection, row, asked.pictures) if once else None
    if before is not None and before.state == State.SUCCEEDED:
        inbox.receive(connection, event, before.id, row.created_at)
        return _again(connection, before.id, row.created_at)
    first = inbox.receive(connection, event, row.id, row.created_at)
    if first != row.id:
        return _again(connection, first, row.created_at)
    if before is not None:
        return _reject(connection, row, Busy("already-being-made"))
    return _hold(connection, ways, asked.pictures, rules)


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
    jobs.add(connection, dataclasses.replace(row, told_place=ahead + 1))
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
