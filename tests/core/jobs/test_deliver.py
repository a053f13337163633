"""Delivery: held until the first answer stands, tried again, given up with a reason, never doubled."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

from core.jobs import deliver, reconcile, submit
from core.messenger import Address, DeliveryDelayed, Limits, Undeliverable
from storage import deliveries, jobs
from storage.deliveries import DeliveryRow
from tests.fakes.studio import Studio


async def only(room: Studio, job_id: str) -> DeliveryRow:
    [row] = await room.app.database.read(deliveries.of_job, job_id)
    return row


async def accepted(room: Studio, *, answered: bool = True, count: str = "1") -> str:
    call = room.call(prompt="a fox", count=count)
    if not answered:
        address = dataclasses.replace(call.address, message=None)
        call = dataclasses.replace(call, address=address)
    reply = await room.dispatch.run("imagine", call)
    assert reply.job_id is not None
    return reply.job_id


async def test_the_result_waits_for_the_first_answer(room: Studio) -> None:
    job_id = await accepted(room, answered=False)
    working = asyncio.create_task(room.work())
    await asyncio.sleep(0.4)
    assert room.chat.delivered == []
    place = Address(platform="test", place="room", user="ann", message="m1")
    await submit.answered(room.app, job_id, place)
    await working
    [(address, _)] = room.chat.delivered
    assert address.message == "m1"
    assert (await only(room, job_id)).state == "sent"


async def test_patience_is_kept_and_the_same_is_tried_again(room: Studio) -> None:
    job_id = await accepted(room)
    room.chat.fail.append(DeliveryDelayed(0.5))
    await room.work()
    row = await only(room, job_id)
    assert (row.state, row.tries) == ("pending", 1)
    await reconcile.carry_overdue(room.app)
    assert room.chat.delivered == []
    await asyncio.sleep(0.6)
    await reconcile.carry_overdue(room.app)
    await reconcile.carry_overdue(room.app)
    assert len(room.chat.delivered) == 1
    assert (await only(room, job_id)).state == "sent"


async def test_no_way_left_ends_it_with_a_reason(room: Studio) -> None:
    job_id = await accepted(room)
    room.chat.fail.append(Undeliverable("kicked"))
    await room.work()
    row = await only(room, job_id)
    assert (row.state, row.reason) == ("undeliverable", "kicked")
    job = await room.app.database.read(jobs.get, job_id)
    assert job is not None
    assert job.state == "succeeded"


async def test_two_carriers_show_it_once(room: Studio) -> None:
    job_id = await accepted(room)
    room.chat.fail.append(DeliveryDelayed(0.5))
    await room.work()
    await asyncio.sleep(0.6)
    row = await only(room, job_id)
    await asyncio.gather(*(deliver.carry(room.app, row.id) for _ in range(6)))
    assert len(room.chat.delivered) == 1


async def test_a_dead_carriers_delivery_is_carried_by_another(room: Studio) -> None:
    job_id = await accepted(room)
    room.chat.fail.append(DeliveryDelayed(0.5))
    await room.work()
    row = await only(room, job_id)
    now = room.app.clock.now() + timedelta(seconds=1)
    lease = room.app.clock.now()
    await room.app.database.transaction(deliveries.take, row.id, now=now, lease_until=lease)
    await reconcile.carry_overdue(room.app)
    assert len(room.chat.delivered) == 1


async def test_several_pictures_become_one_where_a_message_takes_one(room: Studio) -> None:
    room.chat.limits = Limits(pictures_max=1, bytes_max=10 * 2**20)
    await accepted(room, count="4")
    await room.work()
    [(_, delivery)] = room.chat.delivered
    [attached] = delivery.attached
    assert attached.media_type == "image/jpeg"
    assert len(delivery.pictures) == 4


async def test_a_picture_over_the_limit_is_made_to_fit(room: Studio) -> None:
    room.chat.limits = Limits(pictures_max=4, bytes_max=20_000)
    await room.run("imagine", prompt="a fox", model="sketch")
    await room.work()
    [(_, delivery)] = room.chat.delivered
    [attached] = delivery.attached
    assert len(attached.data) <= 20_000
    assert delivery.pictures[0].size_bytes > 20_000
