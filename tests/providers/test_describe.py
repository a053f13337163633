"""A picture comes back as prompts: up to four, no two alike, and a refusal is none of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from providers.base import Fault
from tests.providers.writing import Room, opened, writers

MODELS = writers("describe")
WRITERS = ("google", "openai", "xai")


@pytest.fixture(params=WRITERS)
async def room(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    async with opened(request.param) as room:
        yield room


def told(*prompts: str) -> str:
    return json.dumps({"prompts": prompts})


def test_these_describe() -> None:
    assert sorted(MODELS) == ["a1111", *WRITERS]


async def test_four_different_prompts_are_asked_for_and_come(room: Room) -> None:
    result = await room.describe()
    assert len(set(result.texts)) == 4
    assert result.images == ()
    assert result.cost_usd is not None
    sent = json.dumps(room.server.seen[-1].body)
    assert "four" in sent
    assert "base64" in sent or "inlineData" in sent


async def test_an_interrogator_tells_one() -> None:
    async with opened("a1111") as room:
        assert len((await room.describe()).texts) == 1


async def test_what_is_said_twice_counts_once(room: Room) -> None:
    room.says(told("a fox", "a  fox", "**a fox**", "a cat", "a dog", "a hen", "a cow"))
    assert (await room.describe()).texts == ("a fox", "a cat", "a dog", "a hen")


async def test_quotes_inside_a_prompt_stay_whole(room: Room) -> None:
    room.says(told('a sign that reads "OPEN"', '"a fox"'))
    assert (await room.describe()).texts == ('a sign that reads "OPEN"', "a fox")


@pytest.mark.parametrize(
    "words", ["I'm sorry, but I can't describe it.", "I cannot help with that."]
)
async def test_a_refusal_in_words_is_a_refusal(room: Room, words: str) -> None:
    room.says(words)
    assert (await room.fails("describe")).fault is Fault.REFUSED
