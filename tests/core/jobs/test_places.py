"""Places in the queue: told anew to those who stand first, once each, and never over a result."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from core.jobs import places
from core.jobs.execute import run_next
from core.messenger import Address, Delivery, Stage
from storage import jobs
from storage import places as stored
from tests.fakes.studio import Studio


async def ordered(room: Studio, user: str) -> str:
    reply = await room.run("imagine", user, prompt=f"a fox of {user}")
    assert reply.job_id is not None
    return reply.job_id


def told(room: Studio) -> dict[str, int]:
    """Which job was told which place."""
    return {item.job_id: int(item.lines[0].values["place"]) for item in room.chat.passing}


async def test_who_moves_up_is_told_once(room: Studio) -> None:
    first, second, third = [await ordered(room, user) for user in ("ann", "ben", "cleo")]
    await places.tell(room.app)
    assert room.chat.passing == []
    assert await run_next(room.app)
    room.chat.passing.clear()
    await places.tell(room.app)
    assert told(room) == {second: 1, third: 2}
    shown = next(item for item in room.chat.passing if item.job_id == third)
    assert [line.key for line in shown.lines] == ["queued", "held-alone"]
    assert shown.lines[1].values == {"held": 1}
    assert (shown.stage, shown.actions, shown.prompt) == (
        Stage.QUEUED, ("cancel",), "a fox of cleo",
    )  # fmt: skip
    room.chat.passing.clear()
    await asyncio.gather(*(places.tell(room.app) for _ in range(4)))
    assert room.chat.passing == []
    assert first not in told(room)


async def test_where_the_first_answer_does_not_stand_nothing_is_told(room: Studio) -> None:
    await ordered(room, "ann")
    call = room.call("ben", prompt="a fox")
    call = dataclasses.replace(call, address=dataclasses.replace(call.address, message=None))
    reply = await room.dispatch.run("imagine", call)
    assert await run_next(room.app)
    room.chat.passing.clear()
    await places.tell(room.app)
    assert room.chat.passing == []
    assert reply.job_id is not None
    stands = Address(platform="test", place="room", user="ben", message="m1")
    await room.dispatch.answered(reply.job_id, stands)
    await places.tell(room.app)
    assert told(room) == {reply.job_id: 1}


async def test_the_result_waits_for_a_place_that_is_being_told(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ordered(room, "ann")
    job_id = await ordered(room, "ben")
    assert await run_next(room.app)
    begun, go = asyncio.Event(), asyncio.Event()
    order: list[str] = []
    deliver = room.chat.deliver

    async def slow(address: Address, delivery: Delivery) -> None:
        begun.set()
        await go.wait()
        order.append("place")

    async def noted(address: Address, delivery: Delivery) -> Address:
        order.append("result")
        return await deliver(address, delivery)

    monkeypatch.setattr(room.chat, "progress", slow)
    monkeypatch.setattr(room.chat, "deliver", noted)
    telling = asyncio.create_task(places.tell(room.app))
    await begun.wait()
    working = asyncio.create_task(run_next(room.app))
    for _ in range(500):
        row = await room.app.database.read(jobs.get, job_id)
        if row is not None and row.state == "succeeded":
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    assert order == []
    go.set()
    await asyncio.gather(telling, working)
    assert order == ["place", "result"]


async def test_who_dies_while_telling_holds_a_result_for_a_moment_only(room: Studio) -> None:
    job_id = await ordered(room, "ann")
    now = room.app.clock.now()
    until = now + timedelta(seconds=0.5)
    keep = {"now": now, "until": until}
    assert await room.app.database.statement(stored.begin, job_id, 1, **keep)
    assert not await room.app.database.statement(stored.begin, job_id, 1, **keep)
    assert await room.work() == 1
    assert room.app.clock.now() >= until
    assert len(room.chat.delivered) == 1


async def test_a_platform_that_does_not_answer_is_given_up(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ordered(room, "ann")
    job_id = await ordered(room, "ben")
    assert await run_next(room.app)

    async def never(address: Address, delivery: Delivery) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(room.chat, "progress", never)
    monkeypatch.setattr(places, "TELL_S_MAX", 0.1)
    await places.tell(room.app)
    row = await room.app.database.read(jobs.get, job_id)
    assert row is not None
    # What was sent may still arrive: the result waits.
    assert places.is_told(row, room.app.clock.now())


async def test_where_the_database_took_the_time_nothing_is_told(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ordered(room, "ann")
    job_id = await ordered(room, "ben")
    assert await run_next(room.app)
    room.chat.passing.clear()
    monkeypatch.setattr(places, "KEPT_S", places.ARRIVES_S)
    await places.tell(room.app)
    assert job_id not in told(room)
