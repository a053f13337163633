"""What is left of a call: by a dead worker, or by a person who wants it no longer."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from core import model_stats
from core.app import App
from core.choice import Choice
from core.jobs import attempt, execute, make
from core.jobs.claim import claim
from core.jobs.make import Made
from core.jobs.progress import Progress
from core.jobs.turns import Turn
from providers.base import ImageRequest
from storage import attempts
from storage.jobs import JobRow
from tests.core.jobs.test_calls import losses, with_vendors
from tests.fakes.providers import Remembered, Scripted, hang
from tests.fakes.studio import Studio
from tests.providers.requests import ignore


async def test_a_call_that_its_person_stops_is_booked_and_not_held_against_the_vendor(
    room: Studio,
) -> None:
    room = with_vendors(room, one=Scripted(hang))
    await room.run("imagine", prompt="a fox")
    running = asyncio.create_task(execute.run_next(room.app))
    await asyncio.sleep(0.1)
    await room.run("cancel")
    await running
    assert await room.app.database.read(losses) == [1]
    (record,) = await model_stats.since(room.app, 1)
    assert (record.calls, record.stopped, record.cost_usd) == (0, 1, 0.5)


async def left_open(room: Studio, vendor: Remembered, *, named: bool = True) -> None:
    """A worker dies after the vendor has made what it was asked for."""
    await room.run("imagine", prompt="a fox")
    row = await claim(room.app)
    assert row is not None
    attempt_id = await attempt.begin(room.app, row, Choice(model=room.app.models["one"]))
    theirs = f"v-{attempt.call_id(attempt_id)}"
    asked = ImageRequest(operation="imagine", model="one", prompt="a fox")
    vendor.kept[theirs] = await Scripted().run(asked, partial=ignore, accepted=ignore)
    if named:
        await room.app.database.statement(attempts.name, attempt_id, theirs)


async def taken_up(room: Studio, vendor: Remembered, *, named: bool = True) -> None:
    """Another worker goes on with what a dead one has left."""
    await left_open(room, vendor, named=named)
    await asyncio.sleep(0.65)
    assert await room.work() == 1


async def test_what_a_dead_worker_left_is_stopped_and_booked_where_nobody_wants_it(
    room: Studio,
) -> None:
    vendor = Remembered()
    room = with_vendors(room, one=vendor)
    await left_open(room, vendor)
    await room.run("cancel")
    await asyncio.sleep(0.65)
    assert await room.work() == 1
    # It was done before it was stopped: the vendor is paid.
    assert (len(vendor.cancelled), await room.app.database.read(losses)) == (1, [1])


async def test_a_call_is_not_left_open_where_its_model_is_taken_away(room: Studio) -> None:
    vendor = Remembered()
    room = with_vendors(room, one=vendor, two=Scripted())
    await left_open(room, vendor)
    app = dataclasses.replace(room.app, models={})
    await asyncio.sleep(0.65)
    assert await execute.run_next(app)
    [(_, delivery)] = room.chat.delivered
    assert delivery.lines[0].key == "model-gone"
    assert (len(vendor.cancelled), await room.app.database.read(losses)) == (1, [1])


async def test_what_is_made_and_cancelled_is_booked(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = with_vendors(room, one=Scripted())

    async def cancelled_first(app: App, job: JobRow, progress: Progress, turn: Turn) -> Made:
        made = await made_by(app, job, progress, turn)
        await room.run("cancel")
        return made

    # Before the next beat could hear of it.
    app = dataclasses.replace(room.app, rules=dataclasses.replace(room.app.rules, beat_s=60.0))
    made_by = make.make
    monkeypatch.setattr("core.jobs.execute.make.make", cancelled_first)
    await room.run("imagine", prompt="a fox")
    assert await execute.run_next(app)
    [(_, delivery)] = room.chat.delivered
    assert delivery.lines[0].key == "cancelled"
    assert await room.app.database.read(losses) == [1]


@pytest.mark.parametrize("named", [True, False])
async def test_a_dead_worker_s_call_is_taken_up(room: Studio, named: bool) -> None:
    vendor = Remembered()
    room = with_vendors(room, one=vendor)
    await taken_up(room, vendor, named=named)
    [(_, delivery)] = room.chat.delivered
    assert [line.key for line in delivery.lines] == ["made-by", "receipt"]
    assert vendor.calls == []
