"""Cancelling: a waiting job ends at once; a running one is told to stop."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.app import App
from core.errors import NotFound, NotYours
from core.jobs import deliver
from core.jobs.finish import Ended, Stale, end
from core.jobs.state import OPEN, State
from core.messenger import Say
from storage import jobs
from storage.database import Connection

ALL_MAX = 50


async def cancel(app: App, person_id: str, job_id: str) -> None:
    """Cancel one job of this person; raises where it is another's or has ended."""
    now = app.clock.now()
    until = now + timedelta(seconds=app.rules.lease_s)
    try:
        ended = await app.database.transaction(_cancel, person_id, job_id, now, until)
    except Stale:  # a worker took it between the look and the move: tell that worker
        ended = await app.database.transaction(_cancel, person_id, job_id, now, until)
    if ended is not None:
        await deliver.carry_held(app, ended)


async def open_jobs(app: App, person_id: str) -> list[jobs.JobRow]:
    """A person's jobs that have not ended, oldest first."""
    return await app.database.read(jobs.of_person, person_id, OPEN, ALL_MAX)


def _cancel(
    connection: Connection, person_id: str, job_id: str, now: datetime, carry_until: datetime
) -> Ended | None:
    """How it ended here and now; None: it is running and ends with its worker."""
    row = jobs.get(connection, job_id)
    if row is None:
        raise NotFound("job-gone")
    if row.person_id != person_id:
        raise NotYours
    if row.state == State.QUEUED:
        lines = (Say(key="cancelled"),)
        return end(connection, row, State.CANCELLED, lines, now=now, carry_until=carry_until)
    if not jobs.ask_cancel(connection, job_id):
        raise NotFound("job-ended")
    return None
