"""Delivery: the job's message is edited to what the job became; doing it twice is harmless."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from core.app import App
from core.errors import BadImage
from core.failpoints import failpoint
from core.jobs import compose, records
from core.messenger import (
    Address,
    Attached,
    Delivery,
    DeliveryDelayed,
    Messenger,
    Picture,
    Undeliverable,
)
from storage import deliveries, jobs
from storage.blobs import BlobFailed, BlobMissing
from storage.deliveries import DeliveryRow
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

LEASE_S = 20.0
LEASE_BEAT_S = 5.0
CALL_S_MAX = 60.0
ANSWER_S_MAX = 10.0
ANSWER_POLL_S = 0.05
TRIES_MAX = 20
RETRY_S_MAX = 120.0
DUE_MAX = 20


async def carry_due(app: App) -> None:
    """Carry what is overdue: its worker died, or the platform had asked for patience."""
    now = app.clock.now()
    waiting = await app.database.read(deliveries.due, now, DUE_MAX)
    await asyncio.gather(*(carry(app, item) for item in waiting))


async def carry(app: App, delivery_id: str, *, mine: bool = False) -> None:
    """Show one delivery in its chat; `mine`: it was just added by this worker, which holds it."""
    now = app.clock.now()
    lease_until = now + timedelta(seconds=LEASE_S)
    # The one who adds a delivery holds it until it is due; then whoever takes it first.
    reach = now + timedelta(seconds=LEASE_S + 1) if mine else now
    row = await app.database.transaction(
        deliveries.take, delivery_id, now=reach, lease_until=lease_until
    )
    if row is None:
        return
    with structlog.contextvars.bound_contextvars(job=row.job_id, delivery=row.id):
        beat = asyncio.create_task(_beat(app, row))
        try:
            await _carry(app, row)
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)


async def _beat(app: App, row: DeliveryRow) -> None:
    """Hold the delivery while it is carried: an upload may take longer than the lease."""
    while True:
        await asyncio.sleep(LEASE_BEAT_S)
        due_at = app.clock.now() + timedelta(seconds=LEASE_S)
        await app.database.transaction(deliveries.postpone, row.id, row.epoch, due_at, tried=False)


async def _carry(app: App, row: DeliveryRow) -> None:
    job = await _answered(app, row)
    if job is None or job.deleted_at is not None:
        await _end(app, row, "undeliverable", "deleted")
        return
    address = records.read_address(job.address)
    messenger = app.messengers.get(address.platform)
    if messenger is None:
        await _postpone(app, row, RETRY_S_MAX, tried=True)
        return
    delivery = await _prepared(
        app, job, row, messenger.limits.pictures_max, _bytes_max(messenger, address)
    )
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


async def _answered(app: App, row: DeliveryRow) -> JobRow | None:
    """The job, once its first answer stands: an edit that came before it would be overwritten."""
    while True:
        job = await app.database.read(jobs.get, row.job_id)
        if job is None or job.answered_at is not None:
            return job
        if (app.clock.now() - job.created_at).total_seconds() > ANSWER_S_MAX:
            return job
        await asyncio.sleep(ANSWER_POLL_S)


def _bytes_max(messenger: Messenger, address: Address) -> int:
    return address.bytes_max or messenger.limits.bytes_max


async def _prepared(
    app: App, job: JobRow, row: DeliveryRow, pictures_max: int, bytes_max: int
) -> Delivery:
    """The delivery with its pictures as this platform's message can carry them."""
    stored = await app.database.read(jobs.pictures, job.id, "output")
    pictures = tuple(records.picture_of_row(item) for item in stored)
    if not pictures_max or not pictures:
        return compose.final(job, row.id, pictures)
    messenger = app.messengers[records.read_address(job.address).platform]
    try:
        attached = await _attached(app, pictures, pictures_max, bytes_max, messenger)
    except (BlobMissing, BlobFailed, BadImage) as error:
        # The words and the buttons still go out; Original tries the file again.
        log.error("picture not attached", error=repr(error))
        attached = ()
    return compose.final(job, row.id, pictures, attached)


async def _attached(
    app: App,
    pictures: tuple[Picture, ...],
    pictures_max: int,
    bytes_max: int,
    messenger: Messenger,
) -> tuple[Attached, ...]:
    data = [await app.blobs.get(item.sha256) for item in pictures]
    if len(data) > pictures_max:
        merged = await app.images.grid(data)
        return (Attached(name="pictures.jpg", media_type=merged.media_type, data=merged.data),)
    shown = []
    share = bytes_max if len(data) == 1 else min(bytes_max, _MESSAGE_BYTES // len(data))
    for place, (item, content) in enumerate(zip(pictures, data, strict=True), start=1):
        fitted = await app.images.fit(
            content, bytes_max=share, side_sum_max=messenger.limits.side_sum_max
        )
        kind = fitted.media_type.partition("/")[2]
        shown.append(
            Attached(
                name=f"picture-{place}.{kind}",
                media_type=fitted.media_type,
                data=fitted.data,
                picture=item,
            )
        )
    return tuple(shown)


# Discord refuses a whole request over 25 MiB, however small each file is.
_MESSAGE_BYTES = 24 * 2**20


async def _sent(app: App, row: DeliveryRow, job: JobRow, address: Address, stands: Address) -> None:
    now = app.clock.now()
    if stands != address:
        await app.database.transaction(jobs.set_address, job.id, records.write_address(stands), now)
    await _end(app, row, "sent")
    waited_s = (now - job.created_at).total_seconds()
    log.info("delivered", state=job.state, waited_s=round(waited_s, 3))


async def _end(app: App, row: DeliveryRow, state: str, reason: str | None = None) -> None:
    await app.database.transaction(deliveries.end, row.id, state, app.clock.now(), reason)


async def _postpone(app: App, row: DeliveryRow, after_s: float, *, tried: bool) -> None:
    if row.tries + 1 >= TRIES_MAX:
        await _end(app, row, "undeliverable", "too many tries")
        return
    wait = min(max(after_s, 0.5) * (1 + row.tries * 0.5), max(RETRY_S_MAX, after_s))
    due_at = app.clock.now() + timedelta(seconds=wait)
    await app.database.transaction(deliveries.postpone, row.id, row.epoch, due_at, tried=tried)
