"""One vendor after the other: what is tried next, what is never paid twice, and what it costs."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import datetime

import pytest
from sqlalchemy import select

from core import accounts, books, wallets
from core.jobs import attempt, execute, make
from core.jobs.claim import JobGone, claim
from core.jobs.progress import Progress
from core.jobs.turns import AnyTime
from core.messenger import Say
from core.people import recognise
from providers.base import (
    Fault,
    ImageRequest,
    Model,
    OutcomeUnknown,
    Provider,
    ProviderError,
    Vendor,
)
from storage import attempts, ledger
from storage.database import Connection
from tests.fakes.providers import Remembered, Scripted, hang
from tests.fakes.studio import Studio

LOST = 100


def _never(_: object) -> Provider | None:
    return None


def with_vendors(room: Studio, **vendors: Provider) -> Studio:
    """The same studio with these vendors instead, in this order, each with a model of its name."""
    models = {
        name: Model(
            id=name,
            vendor=name,
            vendor_model=name,
            title=name.title(),
            operations=("imagine",),
            credits=2 if name == "dear" else 1,
            cost_usd=0.5,
            seed=name != "seedless",
            aliases=("old-one",) if name == "one" else (),
        )
        for name in vendors
    }
    told = {name: Vendor(name=name, title=name.title(), open=_never) for name in vendors}
    rules = dataclasses.replace(room.app.rules, vendor_order=tuple(vendors), signup_credits=1000)
    app = dataclasses.replace(
        room.app,
        models=models,
        providers=dict(vendors),
        vendors={**room.app.vendors, **told},
        rules=rules,
    )
    return dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))


async def said(room: Studio, **arguments: str) -> list[str]:
    room.chat.delivered.clear()
    await room.run("imagine", prompt="a fox", **arguments)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    return [line.key for line in delivery.lines]


async def free(room: Studio) -> int:
    person = await recognise(room.app, "test", "ann", "")
    return (await wallets.balance(room.app, person)).wallet.free


def losses(connection: Connection) -> list[int]:
    """The credits that the house has lost, call by call."""
    booked = ledger.transfer.c
    asked = select(booked.amount).where(
        booked.debit == accounts.PROVIDER_LOSS, booked.credit == accounts.REVENUE
    )
    return list(connection.execute(asked).scalars())


GOES_ON = (
    Fault.BAD_KEY,
    Fault.NO_FUNDS,
    Fault.RATE_LIMITED,
    Fault.MODEL_GONE,
    Fault.UNAVAILABLE,
)


@pytest.mark.parametrize("fault", GOES_ON)
async def test_who_cannot_is_stood_in_for(room: Studio, fault: Fault) -> None:
    one, two = Scripted(ProviderError(fault)), Scripted()
    room = with_vendors(room, one=one, two=two)
    assert await said(room) == ["made-by-other", "receipt"]
    assert (len(one.calls), len(two.calls)) == (1, 1)


@pytest.mark.parametrize(("fault", "asked"), [(Fault.NO_FUNDS, (1, 1)), (Fault.MODEL_GONE, (2, 0))])
async def test_many_models_of_one_vendor_leave_room_for_others(
    room: Studio, fault: Fault, asked: tuple[int, int]
) -> None:
    one, two = Scripted(ProviderError(fault)), Scripted()
    room = with_vendors(room, one=one, two=two)
    more = {name: dataclasses.replace(room.app.models["one"], id=name) for name in "abcd"}
    app = dataclasses.replace(room.app, models={**more, **room.app.models})
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    assert await said(room) == ["made-by-other", "receipt"]
    assert (len(one.calls), len(two.calls)) == asked


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.BAD_INPUT])
async def test_what_is_refused_is_not_asked_of_another(room: Studio, fault: Fault) -> None:
    one, two = Scripted(ProviderError(fault)), Scripted()
    room = with_vendors(room, one=one, two=two)
    assert await said(room) == [f"provider-{fault}", "receipt-nothing"]
    assert two.calls == []


async def test_a_model_that_was_asked_for_stays(room: Studio) -> None:
    one, two = Scripted(ProviderError(Fault.UNAVAILABLE)), Scripted()
    room = with_vendors(room, one=one, two=two)
    assert await said(room, model="one") == ["provider-unavailable", "receipt-nothing"]
    assert two.calls == []


async def test_the_operator_can_want_nobody_to_stand_in(room: Studio) -> None:
    one, two = Scripted(ProviderError(Fault.UNAVAILABLE)), Scripted()
    room = with_vendors(room, one=one, two=two)
    rules = dataclasses.replace(room.app.rules, fall_back=False)
    app = dataclasses.replace(room.app, rules=rules)
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    assert await said(room) == ["provider-unavailable", "receipt-nothing"]
    assert two.calls == []


async def test_a_chosen_seed_is_kept(room: Studio) -> None:
    one, blind, three = Scripted(ProviderError(Fault.NO_FUNDS)), Scripted(), Scripted()
    room = with_vendors(room, one=one, seedless=blind, three=three)
    assert await said(room, seed="5") == ["made-by-other", "receipt"]
    assert blind.calls == []
    assert [call.seed for call in three.calls] == [5]
    one.steps.append(ProviderError(Fault.NO_FUNDS))
    assert await said(room) == ["made-by-other", "receipt"]
    assert [call.seed for call in blind.calls] == [None]


async def test_a_seed_that_is_not_taken_is_said(room: Studio) -> None:
    room = with_vendors(room, seedless=Scripted())
    assert await said(room, seed="5") == ["made-by", "seed-left-out", "receipt"]
    assert await said(room) == ["made-by", "receipt"]


async def test_a_short_wait_is_waited_a_long_one_is_not(room: Studio) -> None:
    short = ProviderError(Fault.RATE_LIMITED, retry_after_s=0.01)
    long = ProviderError(Fault.RATE_LIMITED, retry_after_s=60)
    one, two = Scripted(short), Scripted()
    room = with_vendors(room, one=one, two=two)
    assert await said(room) == ["made-by", "receipt"]
    assert (len(one.calls), len(two.calls)) == (2, 0)
    one.steps.append(long)
    assert await said(room) == ["made-by-other", "receipt"]


async def test_a_dearer_one_costs_no_more_than_was_told_and_a_cheaper_one_less(
    room: Studio,
) -> None:
    one, dear = Scripted(ProviderError(Fault.NO_FUNDS)), Scripted()
    room = with_vendors(room, one=one, dear=dear)
    before = await free(room)
    await said(room)
    assert await free(room) == before - 1
    dear.steps.append(ProviderError(Fault.NO_FUNDS))
    room = with_vendors(room, dear=dear, one=Scripted())
    assert await said(room) == ["made-by-other", "receipt-part"]
    assert await free(room) == before - 2


async def test_an_open_circuit_is_asked_last(room: Studio) -> None:
    one, two = Scripted(ProviderError(Fault.NO_FUNDS)), Scripted()
    room = with_vendors(room, one=one, two=two)
    await said(room)
    assert await said(room) == ["made-by-other", "receipt"]
    assert len(one.calls) == 1
    two.steps.append(ProviderError(Fault.UNAVAILABLE))
    assert await said(room) == ["made-by", "receipt"]
    assert len(one.calls) == 2


async def test_an_old_name_is_served_and_said(room: Studio) -> None:
    room = with_vendors(room, one=Scripted())
    assert await said(room, model="Old One") == ["made-by", "model-old-name", "receipt"]
    assert await said(room, model="one") == ["made-by", "receipt"]


async def test_after_an_unknown_outcome_another_is_asked_once(room: Studio) -> None:
    one, two, three = (
        Scripted(OutcomeUnknown("lost")),
        Scripted(OutcomeUnknown("lost")),
        Scripted(),
    )
    room = with_vendors(room, one=one, two=two, three=three)
    assert await said(room) == ["provider-unknown", "receipt-nothing"]
    assert (len(one.calls), len(two.calls), len(three.calls)) == (1, 1, 0)


async def test_lost_answers_are_looked_up_and_never_paid_twice(room: Studio) -> None:
    vendor = Remembered()
    room = with_vendors(room, one=vendor)
    vendor.lost = LOST
    for _ in range(LOST):
        assert await said(room) == ["made-by", "receipt"]
    assert len(vendor.calls) == len(vendor.kept) == LOST


async def test_lost_answers_that_cannot_be_looked_up_are_paid_twice_at_most(room: Studio) -> None:
    vendor = Scripted(*[OutcomeUnknown("lost") for _ in range(LOST)])
    room = with_vendors(room, one=vendor)
    for _ in range(LOST // 2):
        assert await said(room) == ["provider-unknown", "receipt-nothing"]
    assert len(vendor.calls) == LOST
    assert sorted(await room.app.database.read(losses)) == [1] * LOST
    assert await books.audit(room.app) is None


async def test_one_look_that_fails_does_not_end_the_looking(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "FIND_WAITS_S", (0.0, 0.01))
    vendor = Remembered()
    looked = vendor.find
    answers = [ProviderError(Fault.UNAVAILABLE, "500")]

    async def find(request: ImageRequest, since: datetime) -> str | None:
        if answers:
            raise answers.pop()
        return await looked(request, since)

    monkeypatch.setattr(vendor, "find", find)
    vendor.lost = 1
    room = with_vendors(room, one=vendor)
    assert await said(room) == ["made-by", "receipt"]
    assert len(vendor.calls) == 1


async def test_a_wait_for_a_busy_vendor_is_told(room: Studio) -> None:
    busy = ProviderError(Fault.RATE_LIMITED, retry_after_s=1.5)
    room = with_vendors(room, one=Scripted(busy))
    assert await said(room) == ["made-by", "receipt"]
    assert Say(key="working-busy", values={"seconds": 2}) in room.chat.passing[0].lines


async def test_every_vendor_is_asked_before_a_job_fails(room: Studio) -> None:
    out = [Scripted(ProviderError(Fault.NO_FUNDS)) for _ in range(4)]
    names = ("one", "two", "three", "four")
    room = with_vendors(room, **dict(zip(names, out, strict=True)), five=Scripted())
    assert await said(room) == ["made-by-other", "receipt"]


async def test_who_chooses_a_seed_gets_a_model_that_takes_it(room: Studio) -> None:
    seedless, two = Scripted(), Scripted()
    room = with_vendors(room, seedless=seedless, two=two)
    assert await said(room, seed="7") == ["made-by", "receipt"]
    assert ([call.seed for call in two.calls], seedless.calls) == ([7], [])


async def test_a_model_whose_end_has_come_is_not_offered(room: Studio) -> None:
    one, two = Scripted(), Scripted()
    room = with_vendors(room, one=one, two=two)
    ended = dataclasses.replace(room.app.models["one"], ends=room.app.clock.now().date())
    app = dataclasses.replace(room.app, models={**room.app.models, "one": ended})
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    assert await said(room) == ["made-by", "receipt"]
    assert (len(one.calls), len(two.calls)) == (0, 1)


async def test_a_vendor_s_list_that_is_late_pays_nobody_twice(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "FIND_WAITS_S", (0.0, 0.01, 0.01))
    vendor, other = Remembered(), Scripted()
    vendor.lost, vendor.unlisted = 1, 2
    room = with_vendors(room, one=vendor, two=other)
    assert await said(room) == ["made-by", "receipt"]
    assert (len(vendor.calls), len(other.calls)) == (1, 0)


async def test_what_never_arrived_is_asked_for_again(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "FIND_WAITS_S", (0.0,))
    vendor, other = Remembered(), Scripted()
    vendor.deaf = 1
    room = with_vendors(room, one=vendor, two=other)
    assert await said(room) == ["made-by-other", "receipt"]
    assert (len(vendor.calls), len(other.calls)) == (0, 1)


async def test_waits_do_not_cost_a_vendor_its_turn(room: Studio) -> None:
    def busy() -> ProviderError:
        return ProviderError(Fault.RATE_LIMITED, retry_after_s=0.01)

    out = [Scripted(ProviderError(Fault.NO_FUNDS)) for _ in range(4)]
    names = ("two", "three", "four", "five")
    vendors = dict(zip(names, out, strict=True))
    waited = Scripted(*[busy() for _ in range(4)])
    room = with_vendors(room, one=waited, **vendors, six=Scripted())
    assert await said(room) == ["made-by-other", "receipt"]
    assert len(waited.calls) == 4


async def test_what_only_stands_in_is_not_taken_for_a_seed(room: Studio) -> None:
    seedless = Scripted()
    room = with_vendors(room, seedless=seedless, two=Scripted())
    vendors = dict(room.app.vendors)
    vendors["two"] = dataclasses.replace(vendors["two"], stands_in=True)
    app = dataclasses.replace(room.app, vendors=vendors)
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    assert await said(room, seed="7") == ["made-by", "seed-left-out", "receipt"]
    assert len(seedless.calls) == 1


async def test_a_worker_that_wakes_too_late_pays_for_nothing(room: Studio) -> None:
    vendor = Scripted()
    room = with_vendors(room, one=vendor)

    class Stopped(AnyTime):
        """Its worker is stopped after the call is written down, until another has claimed the job."""

        async def take(self) -> None:
            await asyncio.sleep(0.65)
            assert await claim(room.app) is not None

    await room.run("imagine", prompt="a fox")
    row = await claim(room.app)
    assert row is not None
    with pytest.raises(JobGone):
        await make.make(room.app, row, Progress(room.app, row), Stopped())
    assert vendor.calls == []


async def test_a_cancelled_job_is_cancelled_at_the_vendor(room: Studio) -> None:
    vendor = Remembered(hang)
    room = with_vendors(room, one=vendor)
    await room.run("imagine", prompt="a fox")
    running = asyncio.create_task(execute.run_next(room.app))
    await asyncio.wait_for(vendor.called.wait(), 5)
    [asked] = vendor.calls
    attempt_id = asked.id.replace("-", "")
    await room.app.database.statement(attempts.name, attempt_id, "theirs")
    await room.run("cancel")
    await asyncio.wait_for(running, 3)
    assert vendor.cancelled == ["theirs"]
    [(_, delivery)] = room.chat.delivered
    assert [line.key for line in delivery.lines] == ["cancelled", "receipt-nothing"]


async def _ignore(_: object) -> None:
    """Nobody looks."""
