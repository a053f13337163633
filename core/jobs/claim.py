"""Claiming: the next job by policy: priority, then whose jobs run least, then age."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from core.app import App, Rules
from core.failpoints import failpoint
from storage import jobs
from storage.database import Connection
from storage.jobs import JobRow

CLAIM_TRIES_MAX = 5


async def claim(app: App) -> JobRow | None:
    """Take the next job for this worker, in a new epoch and with a lease; None: nothing to do."""
    for _ in range(CLAIM_TRIES_MAX):
        now = app.clock.now()
        lease_until = now + timedelta(seconds=app.rules.lease_s)
        found, row = await app.database.transaction(_claim, now, lease_until, app.rules)
        if row is not None:
            failpoint("claim-committed")
            return row
        if not found:
            return None
    return None


def _claim(
    connection: Connection, now: datetime, lease_until: datetime, rules: Rules
) -> tuple[bool, JobRow | None]:
    """Whether there was a candidate, and the job if it became ours."""
    running = jobs.running(connection)
    expired = min((item for item in running if item.lease_until < now), default=None, key=_lease)
    job_id = expired.id if expired is not None else _waiting(connection, running, rules)
    if job_id is None:
        return False, None
    return True, jobs.start(connection, job_id, now=now, lease_until=lease_until)


def _lease(item: jobs.Running) -> datetime:
    return item.lease_until


def _waiting(connection: Connection, running: list[jobs.Running], rules: Rules) -> str | None:
    """The first by priority, then of whoever has the least running and may have more, then by age.

    Only people with running jobs are counted, and those are at most as many as there are slots: the
    cost does not grow with the queue.
    """
    counts = Counter(item.person_id for item in running)
    fresh = jobs.next_of_others(connection, tuple(counts))
    if fresh is not None and fresh.priority >= rules.priority_max:
        return str(fresh.id)
    ranked = [] if fresh is None else [(-fresh.priority, 0, str(fresh.id))]
    for level in sorted(set(counts.values())):
        if level >= rules.running_max:
            break
        persons = [person for person, count in counts.items() if count == level]
        waiting = jobs.next_of(connection, persons)
        if waiting is not None:
            ranked.append((-waiting.priority, level, str(waiting.id)))
    return min(ranked)[2] if ranked else None
