"""Delivery: the job's message is edited to what the job became; doing it twice is harmless."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from core import records
from core.app import App
from core.errors import BadImage
from core.failpoints import failpoint
from core.jobs import compose, places
from core.jobs.finish import Ended
from core.messenger import (
    Address,
    Attached,
    DeliveryDelayed,
    Messenger,
    Picture,
    Undeliverable,
)
from storage import answers, deliveries, jobs
from storage import pictures as stored
from storage.blobs import BlobFailed, BlobMissing
from storage.database import Connection
from storage.deliveries import DeliveryRow
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

CALL_S_MAX = 60.0
ANSWER_S_MAX = 10.0
ANSWER_POLL_S = 0.05
GIVE_UP_S = 24 * 3600.0
RETRY_S_MAX = 120.0
# Discord refuses a whole request over 25 MiB, however small each file is.
MESSAGE_BYTES_MAX = 24 * 2**20
DUE_MAX = 20


async def carry_due(app: App) -> None:
    """Carry what is overdue: its worker died, or the platform had asked for patience."""
    now = app.clock.now()
    waiting = await app.database.read(deliveries.due, now, DUE_MAX)
    await asyncio.gather(*(carry(app, item) for item in waiting))


async def carry_held(app: App, ended: Ended) -> None:
    """Show how a job has ended, which this process holds the delivery of."""
    await _hold(app, ended.delivery, ended.job, ended.pictures)


async def carry(app: App, delivery_id: str) -> None:
    """Show one overdue delivery, unless another process takes it first."""
    now = app.clock.now()
    lease_until = now + timedelta(seconds=app.rules.lease_s)
    row = await app.database.statement(
        deliveries.take, delivery_id, now=now, lease_until=lease_until
    )
    if row is None:
        return
    job, pictures = await app.database.read(_read, row.job_id)
    await _hold(app, row, job, pictures)


def _read(connection: Connection, job_id: str) -> tuple[JobRow, tuple[Picture, ...]]:
    job = jobs.get(connection, job_id)
    assert job is not None  # a delivery's key names its job
    rows = stored.of_job(connection, job_id, "output")
    return job, tuple(records.picture_of_row(row) for row in rows)


async def _hold(app: App, row: DeliveryRow, job: JobRow, pictures: tuple[Picture, ...]) -> None:
    with structlog.contextvars.bound_contextvars(job=row.job_id, delivery=row.id):
        beat = asyncio.create_task(_beat(app, row))
        try:
            await _carry(app, row, await _answered(app, job), pictures)
        except Exception:  # one delivery's fault must neither stop the others nor be tried at once
            log.exception("delivery failed")
            await _postpone(app, row, RETRY_S_MAX / 4, tried=True)
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)


async def _beat(app: App, row: DeliveryRow) -> None:
    """Hold the delivery while it is carried: an upload may take longer than the lease."""
    while True:
        await asyncio.sleep(app.rules.beat_s)
        due_at = app.clock.now() + timedelta(seconds=app.rules.lease_s)
        await app.database.statement(deliveries.postpone, row.id, row.epoch, due_at, tried=False)


async def _carry(app: App, row: DeliveryRow, job: JobRow, pictures: tuple[Picture, ...]) -> None:
    if job.deleted_at is not None:
        await _end(app, row, "undeliverable", "deleted")
        return
    address = records.read_address(job.address)
    messenger = app.messengers.get(address.platform)
    if messenger is None:
        await _postpone(app, row, RETRY_S_MAX, tried=True)
        return
    attached = await _attached(app, pictures, messenger, address)
    delivery = compose.final(app, job, row.id, pictures, attached)
    failpoint("deliver-before")
    try:
        async with asyncio.timeout(CALL_S_MAX):
            stands = await messenger.deliver(address, delivery)
    except Undeliverable as error:
        log.warning("undeliverable", reason=error.reason)
        await _end(app, row, "undeliverable", error.reason)
    except DeliveryDelayed as error:
        await _postpone(app, row, error.retry_after_s, tried=True)
    except TimeoutError:
        await _postpone(app, row, 1.0, tried=True)
    else:
        failpoint("deliver-sent")
        await _sent(app, row, job, address, stands)
        failpoint("deliver-recorded")


async def _answered(app: App, job: JobRow) -> JobRow:
    """The job, once its first answer stands: an edit that came before it would be overwritten.

    The same goes for its place in the queue, where that is just being told.
    """
    while _is_unanswered(job, now := app.clock.now()) or places.is_told(job, now):
        await asyncio.sleep(ANSWER_POLL_S)
        job = await _anew(app, job)
    if job.answered_at is None:
        await app.database.statement(answers.wait_no_longer, job.id, app.clock.now())
        # The answer may have come in this very moment.
        job = await _anew(app, job)
    return job


async def _anew(app: App, job: JobRow) -> JobRow:
    found = await app.database.read(jobs.get, job.id)
    return found or job


def _is_unanswered(job: JobRow, now: datetime) -> bool:
    return job.answered_at is None and (now - job.created_at).total_seconds() <= ANSWER_S_MAX


async def _attached(
    app: App, pictures: tuple[Picture, ...], messenger: Messenger, address: Address
) -> tuple[Attached, ...]:
    """The pictures as this platform's message can carry them; none where it shows them by link."""
    limits = messenger.limits
    pictures = tuple(item for item in pictures if item.sha256 != stored.GONE)
    if not limits.pictures_max or not pictures:
        return ()
    bytes_max = address.bytes_max or limits.bytes_max
    try:
        data = [await app.blobs.get(item.sha256) for item in pictures]
        if len(data) > limits.pictures_max:
            merged = await app.images.grid(data)
            name = "pictures.jpg"
            return (Attached(name=name, media_type=merged.media_type, data=merged.data),)
        return await _fitted(app, pictures, data, bytes_max, limits.side_sum_max)
    except (BlobMissing, BlobFailed, BadImage) as error:
        # The words and the buttons still go out; Original tries the file again.
        log.error("picture not attached", error=repr(error))
        return ()


async def _fitted(
    app: App,
    pictures: tuple[Picture, ...],
    data: list[bytes],
    bytes_max: int,
    side_sum_max: int | None,
) -> tuple[Attached, ...]:
    share = bytes_max if len(data) == 1 else min(bytes_max, MESSAGE_BYTES_MAX // len(data))
    shown = []
    for place, (item, content) in enumerate(zip(pictures, data, strict=True), start=1):
        fits = item.size_bytes <= share and (
            side_sum_max is None or item.width + item.height <= side_sum_max
        )
        media_type, fitted = item.media_type, content
        if not fits:
            smaller = await app.images.fit(content, bytes_max=share, side_sum_max=side_sum_max)
            media_type, fitted = smaller.media_type, smaller.data
        name = f"picture-{place}.{media_type.partition('/')[2]}"
        shown.append(Attached(name=name, media_type=media_type, data=fitted, picture=item))
    return tuple(shown)


async def _sent(app: App, row: DeliveryRow, job: JobRow, address: Address, stands: Address) -> None:
    now = app.clock.now()
    if stands != address:
        await app.database.statement(
            answers.set_address, job.id, records.write_address(stands), now
        )
    await _end(app, row, "sent")
    waited_s = (now - job.created_at).total_seconds()
    log.info("delivered", state=job.state, waited_s=round(waited_s, 3))


async def _end(app: App, row: DeliveryRow, state: str, reason: str | None = None) -> None:
    await app.database.statement(deliveries.end, row.id, state, app.clock.now(), reason)


async def _postpone(app: App, row: DeliveryRow, after_s: float, *, tried: bool) -> None:
    now = app.clock.now()
    if (now - row.created_at).total_seconds() > GIVE_UP_S:
        await _end(app, row, "undeliverable", "too late")
        return
    # Twice as long each time, but never sooner than the platform asked.
    wait = max(after_s, min(0.5 * 2 ** min(row.tries, 10), RETRY_S_MAX))
    due_at = now + timedelta(seconds=wait)
    await app.database.statement(deliveries.postpone, row.id, row.epoch, due_at, tried=tried)
