"""Claiming: the next job by policy: priority, then whose jobs run least, then age; and still having it."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.app import App
from core.failpoints import failpoint
from core.jobs.state import State
from storage import jobs
from storage.jobs import JobRow


class JobGone(Exception):
    """The job is another worker's now."""


async def claim(app: App) -> JobRow | None:
    """Take the next job for this worker, in a new epoch and with a lease; None: nothing to do."""
    now = app.clock.now()
    row = await app.database.statement(
        jobs.start_next,
        now=now,
        lease_until=now + timedelta(seconds=app.rules.lease_s),
    )
    if row is not None:
        failpoint("claim-committed")
    return row


async def check_ours(app: App, job: JobRow, since: datetime) -> None:
    """Raise JobGone where a worker that last knew at `since` has slept so long that it may be another's."""
    if (app.clock.now() - since).total_seconds() < app.rules.lease_s / 2:
        return
    row = await app.database.read(jobs.get, job.id)
    if row is None or row.state != State.RUNNING or row.epoch != job.epoch:
        raise JobGone
