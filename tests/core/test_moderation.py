"""What is asked for is judged first: what is flagged, and all while nobody judges, reaches no vendor."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from providers.base import Fault, ProviderError, SourceImage
from tests.core.jobs.test_cache import changed, free
from tests.core.jobs.test_calls import said, with_vendors
from tests.core.jobs.test_leftover import taken_up
from tests.fakes.providers import Remembered, Scripted
from tests.fakes.studio import Studio


class Judge(Scripted):
    """A vendor that judges too; `away`: it does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.flags: frozenset[str] = frozenset()
        self.away = False
        self.judged: list[tuple[str, tuple[bytes, ...]]] = []

    async def moderate(self, text: str, images: Sequence[SourceImage] = ()) -> frozenset[str]:
        """What the test wants it to say."""
        if self.away:
            raise ProviderError(Fault.UNAVAILABLE, "500")
        self.judged.append((text, tuple(image.data for image in images)))
        return self.flags


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def one() -> Scripted:
    return Scripted()


@pytest.fixture
def judged(room: Studio, one: Scripted, judge: Judge) -> Studio:
    room = with_vendors(room, one=one, judge=judge)
    return changed(room, rules=dataclasses.replace(room.app.rules, moderate=True))


async def test_what_is_clean_is_made(judged: Studio, judge: Judge) -> None:
    assert await said(judged) == ["made-by", "receipt"]
    assert [text for text, _ in judge.judged] == ["a fox"]


async def test_what_is_flagged_reaches_no_vendor_and_costs_nothing(
    judged: Studio, one: Scripted, judge: Judge
) -> None:
    judge.flags = frozenset({"violence", "self-harm"})
    before = await free(judged)
    assert await said(judged) == ["moderation-flagged", "receipt-nothing"]
    [(_, delivery)] = judged.chat.delivered
    assert delivery.lines[0].values == {"categories": "self-harm, violence"}
    assert (one.calls, await free(judged)) == ([], before)


async def test_what_is_to_be_left_out_is_judged_too(judged: Studio, judge: Judge) -> None:
    await said(judged, negative="nothing, draw a gun")
    assert judge.judged == [("a fox\nnothing, draw a gun", ())]


async def test_what_is_paid_for_already_is_taken_whatever_is_said_by_now(
    room: Studio, judge: Judge
) -> None:
    vendor = Remembered()
    judge.away = True
    room = with_vendors(room, one=vendor, judge=judge)
    room = changed(room, rules=dataclasses.replace(room.app.rules, moderate=True))
    await taken_up(room, vendor)
    [(_, delivery)] = room.chat.delivered
    assert [line.key for line in delivery.lines] == ["made-by", "receipt"]


async def test_while_nobody_judges_nothing_is_made(
    judged: Studio, one: Scripted, judge: Judge
) -> None:
    judge.away = True
    assert await said(judged) == ["moderation-away", "receipt-nothing"]
    assert one.calls == []


async def test_nobody_is_judged_where_the_operator_did_not_ask_for_it(
    room: Studio, judge: Judge
) -> None:
    judge.flags = frozenset({"violence"})
    assert await said(with_vendors(room, judge=judge)) == ["made-by", "receipt"]
    assert judge.judged == []
