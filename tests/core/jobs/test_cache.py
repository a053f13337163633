"""The very same request again: given from before, free, and said so; anything else is made."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from core import wallets
from core.people import recognise
from core.sweep import sweep
from providers.base import Fault, ProviderError
from tests.core.jobs.test_calls import said, with_vendors
from tests.fakes.providers import Scripted, pictures, png
from tests.fakes.studio import Studio

FROM_BEFORE = ["made-by", "made-before", "receipt-nothing"]
MADE = ["made-by", "receipt"]


@pytest.fixture
def vendor() -> Scripted:
    return Scripted()


def caching(room: Studio, vendor: Scripted, cache_s: float = 3600.0) -> Studio:
    room = with_vendors(room, one=vendor, seedless=Scripted())
    return changed(room, rules=dataclasses.replace(room.app.rules, cache_s=cache_s))


def changed(room: Studio, **changes: object) -> Studio:
    app = dataclasses.replace(room.app, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))


async def free(room: Studio, user: str = "ann") -> int:
    person = await recognise(room.app, "test", user, "")
    return (await wallets.balance(room.app, person)).wallet.free


async def test_the_same_is_given_again_free_of_charge(room: Studio, vendor: Scripted) -> None:
    room = caching(room, vendor)
    before = await free(room)
    assert await said(room, seed="5") == MADE
    [(_, first)] = room.chat.delivered
    for model in (None, "one"):
        named = {} if model is None else {"model": model}
        assert await said(room, seed="5", **named) == FROM_BEFORE
    [(_, again)] = room.chat.delivered
    assert [item.picture for item in again.attached] == [item.picture for item in first.attached]
    assert await free(room) == before - 1
    assert len(vendor.calls) == 1


async def test_what_differs_is_made(room: Studio, vendor: Scripted) -> None:
    room = caching(room, vendor)
    assert await said(room, seed="5") == MADE
    for other in ({"seed": "6"}, {"seed": "5", "ratio": "16:9"}, {"seed": "5", "count": "2"}, {}):
        assert await said(room, **other) == MADE
    assert await said(room) == MADE
    for _ in range(2):
        told = await said(room, seed="5", model="seedless")
        assert told == ["made-by", "seed-left-out", "receipt"]


async def test_nothing_is_kept_where_the_operator_wants_none(
    room: Studio, vendor: Scripted
) -> None:
    room = caching(room, vendor, 0)
    assert await said(room, seed="5") == await said(room, seed="5") == MADE


async def test_it_is_made_again_once_it_is_old_or_thrown_away(
    room: Studio, vendor: Scripted
) -> None:
    room = caching(room, vendor, 3600)
    assert await said(room, seed="5") == MADE
    rules = dataclasses.replace(room.app.rules, cache_s=1e-6)
    assert await said(changed(room, rules=rules), seed="5") == MADE
    [(_, made)] = room.chat.delivered
    await room.run("delete", job=made.job_id)
    assert await said(room, seed="5") == MADE
    assert await said(room, seed="5") == FROM_BEFORE


async def test_what_failed_is_not_kept(room: Studio, vendor: Scripted) -> None:
    room = caching(room, vendor)
    vendor.steps.append(ProviderError(Fault.REFUSED))
    assert await said(room, seed="5") == ["provider-refused", "receipt-nothing"]
    assert await said(room, seed="5") == MADE


async def test_a_part_of_what_was_asked_is_not_kept(room: Studio, vendor: Scripted) -> None:
    room = caching(room, vendor)
    vendor.steps.append(pictures(png(1)))
    assert await said(room, seed="5", count="2") == ["made-by", "receipt-part"]
    assert await said(room, seed="5", count="2") == MADE


async def test_old_results_are_swept(room: Studio, vendor: Scripted) -> None:
    room = caching(room, vendor, 10 * 24 * 3600)
    assert await said(room, seed="5") == MADE

    class Later:
        def now(self) -> object:
            return room.app.clock.now() + timedelta(days=31)

        def steady_s(self) -> float:
            return room.app.clock.steady_s()

    await sweep(dataclasses.replace(room.app, clock=Later()))  # type: ignore[arg-type]
    assert await said(room, seed="5") == MADE
