"""Notices: what is said to a person later, in the chat where they asked or wherever they can be reached."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from core import records
from core.app import App
from core.ids import new_id
from core.messenger import Address, Delivery, DeliveryDelayed, Say, Stage, Undeliverable
from storage import notices, payments, people
from storage.database import Connection
from storage.notices import NoticeRow

log = structlog.get_logger(__name__)

DUE_MAX = 20
TRIES_MAX = 20
CARRY_S = 60.0
RETRY_S_MAX = 600.0
PLATFORMS = ("telegram", "discord", "web")


def add(
    connection: Connection,
    notice_id: str,
    person_id: str,
    lines: Sequence[Say],
    now: datetime,
    address: Address | None = None,
) -> None:
    """Say something once, at `address` or where the person can be reached; inside a transaction."""
    where = address or reach(connection, person_id)
    if where is None:
        return
    if where.platform == "web" and where.message is None:
        where = dataclasses.replace(where, message=new_id())
    row = NoticeRow(
        id=notice_id,
        person_id=person_id,
        address=records.write_address(where),
        lines=records.write_lines(lines),
        state="pending",
        tries=0,
        due_at=now,
        made_at=now,
    )
    notices.add(connection, row)


def reach(connection: Connection, person_id: str) -> Address | None:
    """Where a person can be written to alone; None: nowhere."""
    asked = payments.latest_order(connection, person_id)
    if asked is not None:
        return alone(records.read_address(asked.address))
    rows = people.identities(connection, person_id)
    known = {row.platform: row.external_id for row in rows}
    for platform in PLATFORMS:
        if platform in known:
            place = person_id if platform == "web" else known[platform]
            return alone(Address(platform=platform, place=place, user=place))
    return None


def alone(address: Address) -> Address:
    """The same person, in a new message that nobody else reads."""
    return dataclasses.replace(
        address,
        place=address.user,
        message=None,
        thread=None,
        reply_to=None,
        token=None,
        token_until=None,
        private=True,
    )


async def carry_due(app: App) -> None:
    """Say what is due; any number of copies may run."""
    waiting = await app.database.read(notices.due, app.clock.now(), DUE_MAX)
    await asyncio.gather(*(_carry(app, item) for item in waiting))


async def _carry(app: App, notice_id: str) -> None:
    now = app.clock.now()
    row = await app.database.statement(
        notices.take, notice_id, now, now + timedelta(seconds=CARRY_S)
    )
    if row is None:
        return
    address = records.read_address(row.address)
    messenger = app.messengers.get(address.platform)
    if row.tries > TRIES_MAX:
        await app.database.statement(notices.end, row.id, "failed")
        return
    if messenger is None:
        return
    delivery = Delivery(
        id=row.id,
        job_id="",
        operation="notice",
        stage=Stage.SUCCEEDED,
        lines=records.read_lines(row.lines),
    )
    try:
        async with asyncio.timeout(CARRY_S / 2):
            await messenger.deliver(address, delivery)
    except Undeliverable as error:
        log.info("notice undeliverable", notice=row.id, reason=error.reason)
        await app.database.statement(notices.end, row.id, "failed")
    except (DeliveryDelayed, TimeoutError) as error:
        asked_s = error.retry_after_s if isinstance(error, DeliveryDelayed) else 0.0
        wait_s = min(max(asked_s, 2.0**row.tries), RETRY_S_MAX)
        until = app.clock.now() + timedelta(seconds=wait_s)
        await app.database.statement(notices.postpone, row.id, until)
    else:
        await app.database.statement(notices.end, row.id, "sent")
