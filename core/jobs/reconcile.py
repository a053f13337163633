"""Reconciling: what was cut off is found again in the database. Any number of copies may run."""

from __future__ import annotations

from datetime import datetime

from core.app import App
from core.jobs import deliver
from storage import jobs
from storage.database import Connection


async def work_waiting(app: App, limit: int) -> int:
    """How many jobs could be claimed now, counted up to `limit`: queued, or left by a dead worker."""
    return min(limit, await app.database.read(_waiting, app.clock.now(), limit))


async def carry_overdue(app: App) -> None:
    """Show what should have been shown: its worker died, or the platform asked for patience."""
    await deliver.carry_due(app)


def _waiting(connection: Connection, now: datetime, limit: int) -> int:
    return jobs.count_expired(connection, now) + jobs.count_waiting(connection, limit)
