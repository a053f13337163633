"""Claiming: the next job by policy: priority, then whose jobs run least, then age."""

from __future__ import annotations

from datetime import timedelta

from core.app import App
from core.failpoints import failpoint
from storage import jobs
from storage.jobs import JobRow


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
