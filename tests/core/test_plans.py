"""Plans: a month of one's own, what a plan allows, and credits that are over with their month."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import accounts, credits, plans, wallets
from core.app import Rules
from core.errors import BadOption, UserError
from core.jobs.claim import claim
from core.offers import Plan
from core.people import recognise
from storage import ledger, standings
from storage.database import Connection
from storage.standings import StandingRow
from tests.fakes.studio import Studio, studio

RULES = Rules(
    vendor_order=("sketch",),
    plans=(
        Plan(id="free", title="Free", hourly={"imagine": 3}),
        Plan(id="creator", title="Creator", amount=2900, credits=50, priority=2, running_max=1),
    ),
)
# Hypothesis wants them without a zone.
BEGIN, END = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2020, 2040))
moments = st.datetimes(min_value=BEGIN, max_value=END)


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """An Atelier with two plans."""
    async with studio(database_url, tmp_path, rules=RULES) as opened:
        yield opened


async def person(room: Studio, user: str = "ann") -> str:
    return await recognise(room.app, "test", user, user)


async def draw(room: Studio, user: str = "ann") -> str:
    reply = await room.run("imagine", user, prompt="a fox", model="sketch")
    return reply.lines[0].key


@given(began=moments, later=st.integers(min_value=0, max_value=3000))
def test_a_month_of_ones_own_holds_every_moment(began: datetime, later: int) -> None:
    began = began.replace(tzinfo=UTC)
    now = began + timedelta(days=later)
    start, end = plans.period_around(began, now)
    assert start <= now < end
    assert timedelta(days=27) < end - start <= timedelta(days=31)


def test_the_last_day_of_a_short_month() -> None:
    began = datetime(2026, 1, 31, tzinfo=UTC)
    months = [plans.add_months(began, count).day for count in range(4)]
    assert months == [31, 28, 31, 30]


async def test_so_many_jobs_an_hour(room: Studio) -> None:
    said = [await draw(room) for _ in range(4)]
    assert said == ["queued"] * 3 + ["too-many-an-hour"]
    assert await draw(room, "ben") == "queued"
    wallet = (await wallets.balance(room.app, await person(room))).wallet
    assert (wallet.free, wallet.pending) == (97, 3)


async def test_a_dearer_plan_comes_first_but_one_at_a_time(room: Studio) -> None:
    await draw(room)
    await plans.assign(room.app, await person(room, "ben"), "creator")
    for _ in range(2):
        assert await draw(room, "ben") == "queued"
    order = [await claim(room.app) for _ in range(3)]
    owners = [row.person_id for row in order if row is not None]
    assert owners == [await person(room, "ben"), await person(room)]


async def test_the_months_credits_come_and_go(room: Studio) -> None:
    ann = await person(room)
    await plans.assign(room.app, ann, "creator")
    found = await wallets.month(room.app, ann)
    assert (found.standing.plan.id, found.plan_left) == ("creator", 50)
    assert (await wallets.balance(room.app, ann)).wallet.free == 150
    await room.app.database.transaction(_begin_earlier, ann, timedelta(days=32))
    assert await plans.renew_due(room.app, 10) == 1
    assert await plans.renew_due(room.app, 10) == 0
    fresh = await plans.standing(room.app, ann)
    assert fresh.period_start < room.app.clock.now() < fresh.period_end


async def test_each_month_is_begun_on_its_own(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = await person(room), await person(room, "ben")
    for who, days in ((ann, 32), (ben, 33)):
        await plans.assign(room.app, who, "creator")
        await room.app.database.transaction(_begin_earlier, who, timedelta(days=days))
    give = plans._give_month

    def fail(connection: Connection, row: StandingRow, rules: Rules, now: datetime) -> None:
        if row.person_id == ben:
            raise ValueError("no")
        give(connection, row, rules, now)

    monkeypatch.setattr(plans, "_give_month", fail)
    assert await plans.renew_due(room.app, 10) == 2
    assert (await plans.standing(room.app, ann)).period_end > room.app.clock.now()
    monkeypatch.setattr(plans, "_give_month", give)
    done = await asyncio.gather(*(plans.renew_due(room.app, 10) for _ in range(3)))
    assert max(done) == 1
    found = await wallets.month(room.app, ben)
    # Only the standing was set back: the first month's credits are still good.
    assert (found.standing.plan.id, found.plan_left) == ("creator", 2 * 50)
    assert found.standing.period_end < room.app.clock.now() + timedelta(days=31)


async def test_what_has_expired_is_not_spent_and_is_taken_out(room: Studio) -> None:
    ann = await person(room)
    await wallets.grant(room.app, ann, 10, days=0)
    assert (await wallets.balance(room.app, ann)).wallet.free == 100
    assert await draw(room) == "queued"
    [row] = await room.app.database.read(ledger.of_owner, ann)
    assert (row.posted, row.pending, row.expires_at) == (100, 1, None)


async def test_a_hold_keeps_what_expires_meanwhile(room: Studio) -> None:
    ann = await person(room)
    now = room.app.clock.now()
    later = now + timedelta(days=2)
    await wallets.grant(room.app, ann, 10, days=1)
    held = await room.app.database.transaction(credits.hold, "1" * 32, ann, 105, None, now)
    assert held == 5
    gone = await room.app.database.transaction(credits.expire, f"person:{ann}", later)
    assert gone == 5
    wallet = await room.app.database.transaction(credits.capture, "1" * 32, 105, later)
    assert wallet is not None
    assert (wallet.posted, wallet.pending) == (0, 0)


async def test_the_same_plan_again_only_says_whether_it_is_renewed(room: Studio) -> None:
    ann = await person(room)
    first = await plans.assign(room.app, ann, "creator")
    again = await plans.assign(room.app, ann, "creator", renews=False)
    assert (again.ends, again.period_end) == (True, first.period_end)
    assert not (await plans.assign(room.app, ann, "creator")).ends
    assert (await wallets.balance(room.app, ann)).wallet.free == 150


async def test_what_is_paid_for_elsewhere_is_not_overwritten(room: Studio) -> None:
    ann = await person(room)
    now = room.app.clock.now()
    paid = StandingRow(
        person_id=ann,
        plan="creator",
        status="active",
        till="stripe",
        external_id="sub_1",
        period_start=now,
        period_end=now + timedelta(days=30),
        ends=False,
        told_at=now,
    )
    await room.app.database.transaction(standings.put, paid)
    with pytest.raises(UserError, match="plan-subscribed"):
        await plans.assign(room.app, ann, "creator")
    assert await room.app.database.read(standings.find, ann) == paid
    over = dataclasses.replace(paid, status="ended")
    await room.app.database.transaction(standings.put, over)
    assert (await plans.assign(room.app, ann, "creator")).till == accounts.OPERATOR


@pytest.mark.parametrize(
    ("status", "days", "plan"),
    [("past_due", 6, "creator"), ("past_due", 8, "free"), ("active", 35, "creator")],
)
async def test_past_due_is_forgiven_from_the_first_day_of_the_month(
    room: Studio, status: str, days: int, plan: str
) -> None:
    ann = await person(room)
    now = room.app.clock.now()
    row = StandingRow(
        person_id=ann,
        plan="creator",
        status=status,
        till="stripe",
        external_id="sub_1",
        period_start=now,
        period_end=now + timedelta(days=30),
        ends=False,
        told_at=now,
    )
    await room.app.database.transaction(standings.put, row)
    later = now + timedelta(days=days)
    found = await room.app.database.read(plans.of_person, ann, RULES, later)
    assert found.plan.id == plan


async def test_no_such_plan(room: Studio) -> None:
    with pytest.raises(BadOption):
        await plans.assign(room.app, await person(room), "gold")


def _begin_earlier(connection: Connection, person_id: str, by: timedelta) -> None:
    row = standings.find(connection, person_id)
    assert row is not None
    standings.put(
        connection,
        standings.StandingRow(
            person_id=person_id,
            plan=row.plan,
            status=row.status,
            till=row.till,
            external_id=row.external_id,
            period_start=row.period_start - by,
            period_end=row.period_end - by,
            ends=False,
            told_at=row.told_at,
        ),
    )
