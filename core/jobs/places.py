"""Places in the queue: told anew while jobs wait, and never over a message that shows more by then."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from core import records
from core.app import App
from core.jobs import compose
from core.messenger import Stage
from storage import places
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

# Only those that stand first: platforms take few edits, and further behind a place says little.
NEXT_MAX = 20
TELL_S_MAX = 3.0
# What was sent in time may take a moment to arrive; a result's edit waits for this long.
ARRIVES_S = 1.0
KEPT_S = TELL_S_MAX + ARRIVES_S


async def tell(app: App) -> None:
    """Tell those who wait, and whose place has changed. Any number of processes may do it."""
    waiting = await app.database.read(places.first, NEXT_MAX)
    await asyncio.gather(
        *(
            _tell(app, row, place)
            for place, row in enumerate(waiting, start=1)
            if row.answered_at is not None and row.told_place != place
        )
    )


def is_told(row: JobRow, now: datetime) -> bool:
    """Whether its message may just be changing: an edit of now could be overwritten."""
    return row.telling_until is not None and now < row.telling_until


async def _tell(app: App, row: JobRow, place: int) -> None:
    address = records.read_address(row.address)
    messenger = app.messengers.get(address.platform)
    if messenger is None:
        return
    ready_s = None
    if row.model is not None:
        ready_s = await app.paces.ready_s(app.database, row.model, place - 1, app.clock.now())
    lines = compose.waiting(app, place=place, held=row.price, own_key=row.own_key, ready_s=ready_s)
    now = app.clock.now()
    until = now + timedelta(seconds=KEPT_S)
    if not await app.database.statement(places.begin, row.id, place, now=now, until=until):
        return
    # Of the time that the message is kept, the database may have taken some.
    left_s = (until - app.clock.now()).total_seconds() - ARRIVES_S
    if left_s <= 0:
        return
    try:
        async with asyncio.timeout(min(TELL_S_MAX, left_s)):
            await messenger.progress(address, compose.passing(app, row, lines, stage=Stage.QUEUED))
    except TimeoutError:
        log.info("place not told in time", job=row.id)
        return
    await app.database.statement(places.end, row.id, until)
