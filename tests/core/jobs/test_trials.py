"""Vendors tried side by side, and what is measured of them."""

from __future__ import annotations

import dataclasses

from core import model_stats
from providers.base import Fault, OutcomeUnknown, ProviderError
from tests.core.jobs.test_calls import said, with_vendors
from tests.fakes.providers import Scripted
from tests.fakes.studio import HouseCircuits, Studio

TRIES = 40


def weighing(room: Studio, **weights: int) -> Studio:
    rules = dataclasses.replace(room.app.rules, vendor_weights=weights)
    app = dataclasses.replace(room.app, rules=rules)
    return dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))


async def test_vendors_are_drawn_by_weight(room: Studio) -> None:
    one, two, three = Scripted(), Scripted(), Scripted()
    room = with_vendors(room, one=one, two=two, three=three)
    room = weighing(room, two=1, three=1, one=0)
    for _ in range(TRIES):
        assert await said(room) == ["made-by", "receipt"]
    assert one.calls == []
    assert min(len(two.calls), len(three.calls)) > 3
    await said(room, model="one")
    assert len(one.calls) == 1


async def test_one_weight_alone_changes_nothing(room: Studio) -> None:
    one, two = Scripted(), Scripted()
    room = weighing(with_vendors(room, one=one, two=two), two=5)
    for _ in range(5):
        await said(room)
    assert (len(one.calls), len(two.calls)) == (5, 0)


async def test_how_they_did_is_measured(room: Studio) -> None:
    one = Scripted(ProviderError(Fault.NO_FUNDS), OutcomeUnknown("lost"))
    two = Scripted()
    room = with_vendors(room, one=one, two=two)
    assert await model_stats.since(room.app, 1) == []
    for _ in range(3):
        await said(room)
    records = {item.model: item for item in await model_stats.since(room.app, 1)}
    assert sum(item.calls for item in records.values()) == 4
    assert records["one"].done == 0
    assert (records["two"].done, records["two"].cost_usd) == (3, 1.5)
    assert records["two"].seconds is not None


async def test_more_than_the_limit_go_to_another(room: Studio) -> None:
    one, two = Scripted(), Scripted()
    room = with_vendors(room, one=one, two=two)
    rules = dataclasses.replace(room.app.rules, vendor_limits={"one": 2})
    app = dataclasses.replace(room.app, rules=rules)
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    for _ in range(3):
        await said(room)
    assert (len(one.calls), len(two.calls)) == (2, 1)


async def test_who_has_nobody_else_waits_for_the_next_minute(room: Studio) -> None:
    one = Scripted()
    room = with_vendors(room, one=one)
    rules = dataclasses.replace(room.app.rules, vendor_limits={"one": 1})
    app = dataclasses.replace(room.app, rules=rules)
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    assert isinstance(app.circuits, HouseCircuits)
    app.circuits.wait_s = 0.05
    assert await said(room) == ["made-by", "receipt"]
    assert await said(room) == ["provider-rate-limited", "receipt-nothing"]
    app.circuits.calls.clear()
    assert await said(room) == ["made-by", "receipt"]
    assert len(one.calls) == 2
