"""Jobs that a person's own key pays for: who pays first, what falls back, what is never tried again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import books, keys, records, wallets
from core.app import Rules
from core.choice import Choice
from core.jobs import attempt, finish
from core.jobs.claim import claim
from core.messenger import Delivery
from core.offers import Plan
from core.people import recognise
from providers.base import Fault, Model, ProviderError
from storage import attempts
from storage import keys as stored
from tests.fakes.locksmith import GOOD, OTHER, Locksmith
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio, studio

RULES = Rules(
    signup_credits=10,
    vendor_order=("openai", "lock"),
    plans=(Plan(id="free", title="Free", own_key_jobs=3),),
    lease_s=0.6,
    beat_s=0.1,
    call_s_max=5.0,
)
PAID = ["made-by", "paid-by-own-key", "receipt-own-key"]


@pytest.fixture
def lock() -> Locksmith:
    return Locksmith()


@pytest.fixture
def ours() -> Scripted:
    """What the operator pays for."""
    return Scripted()


@pytest.fixture
async def room(
    database_url: str, tmp_path: Path, lock: Locksmith, ours: Scripted
) -> AsyncIterator[Studio]:
    """Two vendors: one of the operator, and one that people bring keys for."""
    async with studio(database_url, tmp_path, rules=RULES, providers={"openai": ours}) as opened:
        app = lock.beside(opened.app)
        model = Model(
            id="lock-1",
            vendor="lock",
            vendor_model="lock-1",
            title="Lock 1",
            operations=("imagine",),
            credits=2,
        )
        yield _with(opened, models={**app.models, "lock-1": model}, vendors=app.vendors)


def _with(room: Studio, **changes: object) -> Studio:
    app = dataclasses.replace(room.app, **changes)  # type: ignore[arg-type]
    dispatch = dataclasses.replace(room.dispatch, app=app)
    return dataclasses.replace(room, app=app, dispatch=dispatch)


async def ann(room: Studio) -> str:
    return await recognise(room.app, "test", "ann", "ann")


async def with_key(room: Studio, prefer: str = "own", *, fall_back: bool = False) -> str:
    person = await ann(room)
    await keys.add(room.app, person, "lock", GOOD)
    await keys.prefer(room.app, person, prefer, fall_back)
    return person


async def said(room: Studio, **arguments: str) -> list[str]:
    delivery = await ended(room, **arguments)
    return [line.key for line in delivery.lines]


async def ended(room: Studio, **arguments: str) -> Delivery:
    room.chat.delivered.clear()
    await room.run("imagine", prompt="a fox", **arguments)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    return delivery


async def free(room: Studio) -> tuple[int, int]:
    wallet = (await wallets.balance(room.app, await ann(room))).wallet
    return wallet.free, wallet.pending


async def test_an_own_key_pays_first_and_costs_no_credits(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    person = await with_key(room)
    assert await said(room) == PAID
    assert await free(room) == (10, 0)
    assert ours.calls == []
    assert lock.open == 0
    (mine,) = await keys.listed(room.app, person)
    assert mine.used == 1


async def test_credits_first_leaves_the_key_alone(room: Studio, ours: Scripted) -> None:
    await with_key(room, "credits")
    assert await said(room) == ["made-by", "receipt"]
    assert len(ours.calls) == 1
    assert await said(room, model="lock-1") == PAID


async def test_where_credits_do_not_reach_the_key_pays(room: Studio, ours: Scripted) -> None:
    await with_key(room, "credits")
    for _ in range(10):
        assert await said(room) == ["made-by", "receipt"]
    assert await said(room) == PAID
    assert len(ours.calls) == 10
    reply = await room.run("imagine", prompt="a fox", model="gpt-image-2.5-flare")
    assert reply.lines[0].key == "not-enough-credits"


async def test_only_own_keys_never_touch_credits(room: Studio, lock: Locksmith) -> None:
    await with_key(room, "only", fall_back=True)
    reply = await room.run("imagine", prompt="a fox", model="gpt-image-2.5-flare")
    assert reply.lines[0].key == "no-own-key-model"
    lock.fault = Fault.UNAVAILABLE
    assert (await said(room))[0] == "provider-unavailable"
    assert await free(room) == (10, 0)
    await keys.remove(room.app, await ann(room), "lock")
    reply = await room.run("imagine", prompt="a fox")
    assert reply.lines[0].key == "no-own-key"


async def test_nobody_else_can_use_it(room: Studio) -> None:
    await with_key(room)
    reply = await room.run("imagine", "ben", prompt="a fox", model="lock-1")
    assert reply.lines[0].key == "model-unknown"


GIVES_UP = {
    Fault.BAD_KEY: "own-key-bad",
    Fault.NO_FUNDS: "own-key-no-funds",
    Fault.RATE_LIMITED: "own-key-rate-limited",
    Fault.UNAVAILABLE: "provider-unavailable",
    Fault.REFUSED: "provider-refused",
    Fault.UNKNOWN: "own-key-unknown",
}


@pytest.mark.parametrize("fault", GIVES_UP)
async def test_without_leave_nothing_falls_back_to_credits(
    room: Studio, lock: Locksmith, ours: Scripted, fault: Fault
) -> None:
    await with_key(room)
    lock.fault = fault
    tried = len(lock.tried)
    assert (await said(room))[0] == GIVES_UP[fault]
    assert len(lock.tried) == tried + 1
    assert ours.calls == []
    assert await free(room) == (10, 0)


async def test_with_leave_credits_pay_and_it_is_said(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    await with_key(room, fall_back=True)
    lock.fault = Fault.NO_FUNDS
    assert await said(room) == ["made-by-other", "own-key-fell-back", "receipt-part"]
    assert await free(room) == (9, 0)
    lock.fault = None
    assert await said(room) == PAID
    assert await free(room) == (9, 0)


async def test_an_unknown_outcome_on_an_own_key_is_never_followed_by_another_call(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    await with_key(room, fall_back=True)
    lock.fault = Fault.UNKNOWN
    tried = len(lock.tried)
    for _ in range(3):
        assert await said(room) == ["own-key-unknown", "receipt-nothing"]
    assert len(lock.tried) == tried + 3
    assert ours.calls == []


async def test_nobody_is_told_that_an_own_account_is_free_of_charge(
    room: Studio, lock: Locksmith
) -> None:
    await with_key(room)
    lock.fault = Fault.UNKNOWN
    assert await said(room) == ["own-key-unknown", "receipt-own-key"]
    lock.fault, lock.made = None, b"no picture"
    assert await said(room) == ["own-key-no-picture", "receipt-own-key"]


async def test_a_cancelled_job_says_what_the_own_account_may_be_charged(room: Studio) -> None:
    await with_key(room)
    await room.run("imagine", prompt="a fox")
    row = await claim(room.app)
    assert row is not None
    ended = await finish.cancelled(room.app, row)
    assert ended is not None
    lines = records.read_lines(ended.job.lines)
    assert [line.key for line in lines] == ["cancelled-own-key", "receipt-own-key"]


async def test_pictures_outlive_a_database_that_cannot_note_the_key_s_use(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_key(room)

    def away(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(stored, "worked_for", away)
    assert await said(room) == PAID


async def test_a_dead_worker_s_call_is_not_looked_for_with_another_key(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    person = await with_key(room, fall_back=True)
    await room.run("imagine", prompt="a fox")
    row = await claim(room.app)
    assert row is not None
    choice = Choice(model=room.app.models["lock-1"], own_key=True)
    attempt_id = await attempt.begin(room.app, row, choice)
    await room.app.database.statement(attempts.name, attempt_id, "theirs")
    # This account has never heard of it.
    lock.resumes = ProviderError(Fault.MODEL_GONE)
    await keys.add(room.app, person, "lock", OTHER)
    tried = len(lock.tried)
    await asyncio.sleep(0.65)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    assert delivery.lines[0].key == "own-key-unknown"
    assert (len(lock.tried), ours.calls) == (tried, [])


async def test_a_dead_worker_s_call_on_an_own_key_is_the_end(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    await with_key(room, fall_back=True)
    await room.run("imagine", prompt="a fox")
    row = await claim(room.app)
    assert row is not None
    choice = Choice(model=room.app.models["lock-1"], own_key=True)
    await attempt.begin(room.app, row, choice)
    tried = len(lock.tried)
    await asyncio.sleep(0.65)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    assert delivery.lines[0].key == "own-key-unknown"
    assert (len(lock.tried), ours.calls) == (tried, [])


async def test_a_key_that_is_off_is_no_leave_for_credits(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    person = await with_key(room)
    lock.good.clear()
    assert (await said(room))[0] == "own-key-bad"
    (mine,) = await keys.listed(room.app, person)
    assert mine.state == "off"
    reply = await room.run("imagine", prompt="a fox")
    assert (reply.lines[0].key, ours.calls) == ("own-key-off", [])
    assert await free(room) == (10, 0)
    assert await said(room, model="gpt-image-2.5-flare") == ["made-by", "receipt"]
    await keys.prefer(room.app, person, "own", True)
    assert await said(room) == ["made-by", "receipt"]


async def test_the_plan_says_how_many_a_month(room: Studio) -> None:
    await with_key(room)
    for _ in range(3):
        assert await said(room) == PAID
    reply = await room.run("imagine", prompt="a fox")
    assert reply.lines[0].key == "own-key-jobs-over"
    assert await free(room) == (10, 0)


async def test_with_leave_credits_pay_for_what_the_plan_does_not_hold(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    await with_key(room, fall_back=True)
    for _ in range(3):
        assert await said(room) == PAID
    assert await said(room) == ["made-by", "receipt"]
    assert (len(ours.calls), await free(room)) == (1, (9, 0))


async def test_a_key_that_its_vendor_wants_to_rest_is_left_alone(
    room: Studio, lock: Locksmith
) -> None:
    await with_key(room)
    lock.fault, lock.wait_s = Fault.RATE_LIMITED, 60.0
    for _ in range(3):
        assert (await said(room))[0] == "own-key-rate-limited"
    assert len(lock.tried) == 2  # when it was added, and once since
    lock.fault = None
    await with_key(room)
    assert await said(room) == PAID


async def test_a_seed_changes_nothing_about_who_pays(room: Studio, ours: Scripted) -> None:
    model = room.app.models["gpt-image-2.5-flare"]
    seeded = {**room.app.models, model.id: dataclasses.replace(model, seed=True)}
    room = _with(room, models=seeded)
    await with_key(room)
    assert (await said(room, seed="7"))[-1] == PAID[-1]
    assert ours.calls == []


async def test_the_operator_can_take_a_fee(room: Studio) -> None:
    room = _with(room, rules=dataclasses.replace(room.app.rules, own_key_fee=1))
    await with_key(room, fall_back=True)
    assert (await said(room, count="2"))[:2] == ["made-by", "paid-by-own-key"]
    assert await free(room) == (8, 0)


async def test_credits_may_pay_where_the_key_has_been_removed_meanwhile(
    room: Studio, ours: Scripted
) -> None:
    person = await with_key(room, fall_back=True)
    await room.run("imagine", prompt="a fox")
    await keys.remove(room.app, person, "lock")
    assert await room.work() == 1
    assert (len(ours.calls), await free(room)) == (1, (9, 0))


async def test_a_fee_that_is_less_by_now_is_no_leave_to_fall_back(
    room: Studio, lock: Locksmith, ours: Scripted
) -> None:
    await with_key(room)
    dear = _with(room, rules=dataclasses.replace(room.app.rules, own_key_fee=2))
    await dear.run("imagine", prompt="a fox")
    lock.fault = Fault.NO_FUNDS
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    assert delivery.lines[0].key == "own-key-no-funds"
    assert ours.calls == []
    assert await free(room) == (10, 0)


async def test_own_key_jobs_go_on_while_the_books_are_wrong(room: Studio) -> None:
    await with_key(room)
    await room.app.database.transaction(_break_books)
    assert await books.check(room.app) is not None
    assert await said(room) == PAID


def _break_books(connection: object) -> None:
    connection.exec_driver_sql(  # type: ignore[attr-defined]
        "UPDATE account SET posted = posted + 1 WHERE kind = 'person'"
    )


async def test_without_credits_the_key_still_pays(room: Studio) -> None:
    await with_key(room, fall_back=True)
    for _ in range(10):
        await room.run("imagine", prompt="a fox", model="gpt-image-2.5-flare")
        await room.work()
    assert await free(room) == (0, 0)
    assert await said(room) == PAID
