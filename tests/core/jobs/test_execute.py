"""Every way a job can end: what it says, what it costs, what the vendor was paid for."""

from __future__ import annotations

import asyncio

import pytest

from core import wallets
from core.choice import Choice
from core.jobs import execute
from core.jobs.attempt import begin
from core.jobs.claim import claim
from core.messenger import NEW_ROW, Delivery, Say, Stage
from core.people import recognise
from providers.base import Fault, OutcomeUnknown, ProviderError, Step
from storage import attempts
from tests.fakes.providers import Scripted, hang, pictures, png, telling
from tests.fakes.studio import Studio


async def free(room: Studio) -> tuple[int, int]:
    wallet = (await wallets.balance(room.app, await recognise(room.app, "test", "ann", ""))).wallet
    return wallet.free, wallet.pending


async def ended(room: Studio, **arguments: str) -> Delivery:
    await room.run("imagine", prompt="a fox", **arguments)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    return delivery


async def test_success_captures_and_shows(room: Studio, vendor: Scripted) -> None:
    delivery = await ended(room, count="2")
    assert delivery.stage is Stage.SUCCEEDED
    assert [line.key for line in delivery.lines] == ["made-by", "receipt"]
    assert len(delivery.attached) == 2
    taken, varied = ("take-one:1", "take-one:2"), ("vary-strong:1", "vary-strong:2")
    ends = ("again", "favourite", "original", "info", "delete")
    assert delivery.actions == (*taken, NEW_ROW, *varied, NEW_ROW, *ends)
    assert await free(room) == (8, 0)
    assert len(vendor.calls) == 1


async def test_fewer_pictures_cost_less(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(pictures(png(1), png(2), png(3)))
    delivery = await ended(room, count="4")
    assert delivery.lines[-1].key == "receipt-part"
    assert delivery.lines[-1].values == {"used": 3, "held": 4, "back": 1, "left": 7}
    assert await free(room) == (7, 0)


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Fault.BAD_KEY, "provider-bad-key"),
        (Fault.NO_FUNDS, "provider-no-funds"),
        (Fault.RATE_LIMITED, "provider-rate-limited"),
        (Fault.REFUSED, "provider-refused"),
        (Fault.BAD_INPUT, "provider-bad-input"),
        (Fault.MODEL_GONE, "provider-model-gone"),
        (Fault.UNAVAILABLE, "provider-unavailable"),
    ],
)
async def test_a_refused_call_is_made_once_and_costs_nothing(
    room: Studio, vendor: Scripted, fault: Fault, key: str
) -> None:
    vendor.steps.append(ProviderError(fault, "as told"))
    delivery = await ended(room, model="gpt-image-2.5-flare")
    assert [line.key for line in delivery.lines] == [key, "receipt-nothing"]
    assert delivery.actions == ("again", "delete")
    assert await free(room) == (10, 0)
    assert len(vendor.calls) == 1


async def test_an_unknown_outcome_is_tried_once_more(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(OutcomeUnknown("lost"))
    delivery = await ended(room)
    assert delivery.stage is Stage.SUCCEEDED
    assert await free(room) == (9, 0)
    assert len(vendor.calls) == 2


async def test_two_unknown_outcomes_are_the_end(room: Studio, vendor: Scripted) -> None:
    vendor.steps += [OutcomeUnknown("lost"), OutcomeUnknown("lost")]
    delivery = await ended(room)
    assert [line.key for line in delivery.lines] == ["provider-unknown", "receipt-nothing"]
    assert await free(room) == (10, 0)
    assert len(vendor.calls) == 2


async def test_garbage_from_the_vendor_is_not_charged(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(pictures(b"<html>sorry</html>"))
    delivery = await ended(room)
    assert [line.key for line in delivery.lines] == ["provider-no-picture", "receipt-nothing"]
    assert await free(room) == (10, 0)


async def test_an_open_attempt_of_a_dead_worker_counts_as_paid(
    room: Studio, vendor: Scripted
) -> None:
    reply = await room.run("imagine", prompt="a fox")
    assert reply.job_id is not None
    for _ in range(2):
        row = await claim(room.app)
        assert row is not None
        open_one = await room.app.database.read(attempts.open_one, row.id)
        if open_one is not None:
            await room.app.database.transaction(
                attempts.end, open_one.id, "lost", room.app.clock.now()
            )
        await begin(room.app, row, Choice(model=room.app.models["gpt-image-2.5-flare"]))
        await asyncio.sleep(0.65)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    assert delivery.lines[0].key == "provider-unknown"
    assert vendor.calls == []
    assert await free(room) == (10, 0)


async def test_cancel_while_waiting(room: Studio, vendor: Scripted) -> None:
    await room.run("imagine", prompt="a fox")
    reply = await room.run("cancel")
    assert reply.lines[0].key == "cancelling"
    assert await room.work() == 0
    [(_, delivery)] = room.chat.delivered
    assert delivery.stage is Stage.CANCELLED
    assert await free(room) == (10, 0)
    assert vendor.calls == []
    again = await room.run("cancel")
    assert again.lines[0].key == "queue-empty"


async def test_cancel_while_running(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(hang)
    await room.run("imagine", prompt="a fox")
    running = asyncio.create_task(execute.run_next(room.app))
    await asyncio.wait_for(vendor.called.wait(), 5)
    await room.run("cancel")
    await asyncio.wait_for(running, 3)
    [(_, delivery)] = room.chat.delivered
    assert [line.key for line in delivery.lines] == ["cancelled", "receipt-nothing"]
    assert await free(room) == (10, 0)


async def test_a_worker_that_goes_away_gives_its_job_back(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(hang)
    await room.run("imagine", prompt="a fox")
    running = asyncio.create_task(execute.run_next(room.app))
    await asyncio.wait_for(vendor.called.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert room.bell.rings == 2
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    assert delivery.stage is Stage.SUCCEEDED
    assert await free(room) == (9, 0)


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (Step(loading_s=19.2), Say(key="working-loading", values={"seconds": 20})),
        (Step(part=0.409), Say(key="working-part", values={"percent": 40})),
    ],
)
async def test_how_far_a_vendor_is_is_said(
    room: Studio, vendor: Scripted, step: Step, line: Say
) -> None:
    vendor.steps.append(telling(step, 1.2))
    assert (await ended(room)).stage is Stage.SUCCEEDED
    assert [passing.lines for passing in room.chat.passing] == [(line,)]


async def test_previews_are_shown_in_passing(room: Studio, vendor: Scripted) -> None:
    vendor.steps.append(telling(png(7), 1.2))
    delivery = await ended(room)
    assert delivery.stage is Stage.SUCCEEDED
    [passing] = room.chat.passing
    assert passing.stage is Stage.RUNNING
    assert len(passing.attached) == 1
