"""Fairness, leases and epochs: who is next, and whose word counts."""

from __future__ import annotations

import asyncio

from core.jobs import execute, finish, reconcile
from core.jobs.claim import claim
from core.jobs.make import Made
from core.messenger import Say
from storage import jobs
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio


async def submit(room: Studio, user: str, count: int = 1) -> list[str]:
    found = []
    for _ in range(count):
        reply = await room.run("imagine", user, prompt=f"{user}'s fox")
        assert reply.job_id is not None
        found.append(reply.job_id)
    return found


async def claimed(room: Studio) -> str | None:
    row = await claim(room.app)
    return row.id if row is not None else None


async def test_another_ones_first_job_comes_before_my_second(room: Studio) -> None:
    mine = await submit(room, "ann", 5)
    theirs = await submit(room, "ben", 1)
    assert [await claimed(room), await claimed(room)] == [mine[0], theirs[0]]


async def test_ten_people_two_workers_nobody_starves(room: Studio) -> None:
    people = [f"p{number}" for number in range(10)]
    first = {user: (await submit(room, user, 2)) for user in people}
    order: list[str] = []

    async def worker() -> None:
        while (row := await claim(room.app)) is not None:
            order.append(row.id)
            await asyncio.sleep(0)
            await finish.succeeded(room.app, row, Made(pictures=(), lines=(), count=0))

    await asyncio.gather(worker(), worker())
    assert len(order) == len(set(order)) == 20
    owner = {job: user for user, found in first.items() for job in found}
    assert sorted(order) == sorted(owner)


async def test_no_more_than_running_max_of_one_person(room: Studio) -> None:
    await submit(room, "ann", 4)
    assert await claimed(room)
    assert await claimed(room)
    assert await claimed(room) is None
    assert await claimed(room) is None


async def test_two_claimers_never_get_the_same_job(room: Studio) -> None:
    for number in range(6):
        await submit(room, f"p{number}")
    got = await asyncio.gather(*(claim(room.app) for _ in range(12)))
    ids = [row.id for row in got if row is not None]
    assert len(ids) == len(set(ids)) == 6


async def test_a_dead_workers_job_is_claimed_again_and_its_late_word_changes_nothing(
    room: Studio,
) -> None:
    [job_id] = await submit(room, "ann")
    stale = await claim(room.app)
    assert stale is not None
    assert await claimed(room) is None
    await asyncio.sleep(0.7)
    assert await reconcile.work_waiting(room.app, 10) == 1
    fresh = await claim(room.app)
    assert fresh is not None
    assert (fresh.id, fresh.epoch) == (job_id, stale.epoch + 1)
    assert await finish.succeeded(room.app, stale, Made(pictures=(), lines=(), count=0)) is None
    assert (
        await room.app.database.transaction(jobs.beat, stale.id, stale.epoch, room.app.clock.now())
        is None
    )
    done = Made(pictures=(), lines=(Say(key="made-by", values={"model": "x"}),), count=0)
    assert await finish.succeeded(room.app, fresh, done) is not None
    row = await room.app.database.read(jobs.get, job_id)
    assert row is not None
    assert (row.state, row.captured) == ("succeeded", 0)


async def test_a_beating_job_is_not_taken_over(room: Studio, vendor: Scripted) -> None:
    release = asyncio.Event()

    async def slow(request: object, partial: object) -> object:
        await release.wait()
        raise AssertionError

    vendor.steps.append(slow)  # type: ignore[arg-type]
    await submit(room, "ann")
    running = asyncio.create_task(execute.run_next(room.app))
    await asyncio.sleep(1.5)
    assert await claimed(room) is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_job_that_kills_its_workers_is_given_up(room: Studio) -> None:
    [job_id] = await submit(room, "ann")
    for _ in range(execute.EPOCHS_MAX):
        assert await claimed(room) == job_id
        await asyncio.sleep(0.65)
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    assert [line.key for line in delivery.lines] == ["job-crashes", "receipt-nothing"]
