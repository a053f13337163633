"""A better prompt for a prompt: from each vendor that writes one, bounded, and never a refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from providers.base import Fault, OutcomeUnknown, ProviderError
from providers.reading import ENHANCE_PROMPT
from tests.fakes import openai_server, xai_server
from tests.fakes.vendor import Trouble, fake_of
from tests.providers.writing import Room, opened, writers

MODELS = writers("enhance")
BETTER = openai_server.BETTER["prompt"]
# Errors that only an answer with pictures can tell.
OF_PICTURES = set(xai_server.FILTERED)


def faults(vendor: str) -> dict[str, Fault]:
    fake = fake_of(vendor)
    assert fake is not None
    return {name: fault for name, fault in fake.errors.items() if name not in OF_PICTURES}


@pytest.fixture(params=MODELS)
async def room(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    async with opened(request.param) as room:
        yield room


def test_three_vendors_write_prompts_for_nothing() -> None:
    assert set(MODELS) == {"openai", "google", "xai"}
    assert {model.credits for model in MODELS.values()} == {0}


async def test_a_prompt_comes_back_better_and_alone(room: Room) -> None:
    result = await room.enhance("un renard, s'il te plaît")
    assert [text.lower() for text in result.texts] == [BETTER.lower()]
    assert result.images == ()
    assert result.cost_usd is not None
    assert room.heard() == (ENHANCE_PROMPT, "un renard, s'il te plaît")
    assert room.server.made == 1


async def test_the_answer_has_an_end(room: Room) -> None:
    await room.enhance()
    body = room.server.seen[-1].body
    config = body.get("generationConfig", body)
    assert config.get("maxOutputTokens", config.get("max_completion_tokens")) == 4000


WORDS = {
    '```json\n{"prompt": "a fox"}\n```': "a fox",
    'Sure!\n{"prompt": "a fox", "why": 5}\nEnjoy.': "a fox",
    json.dumps({"prompt": '"A **red** fox,\n in `snow`"'}): "A red fox, in snow",
    json.dumps({"prompt": '# "OPEN" over a door, and a sign "SHUT"'}): (
        '"OPEN" over a door, and a sign "SHUT"'
    ),
    json.dumps({"prompt": 'a sign that reads "OPEN"'}): 'a sign that reads "OPEN"',
    json.dumps({"prompt": "«un renard»"}): "un renard",
    json.dumps({"prompt": "fox " * 900}): " ".join(["fox"] * 500),
    json.dumps({"prompt": "狐" * 3000}): "狐" * 2000,
    json.dumps({"prompt": "I can't stop dancing, a poster"}): "I can't stop dancing, a poster",
}


@pytest.mark.parametrize("told", WORDS, ids=lambda told: told[:24])
async def test_what_it_writes_is_plain_and_bounded(room: Room, told: str) -> None:
    room.says(told)
    assert (await room.enhance()).texts == (WORDS[told],)


NO_PROMPTS = {
    '{"prompt": ""}': Fault.REFUSED,
    '{"prompt": " \\"\\" "}': Fault.REFUSED,
    '{"prompt": "I\'m sorry, but I can\'t help with that."}': Fault.REFUSED,
    "Sorry, I cannot create that.": Fault.REFUSED,
    "I can’t assist with that request.": Fault.REFUSED,
    "Here is a prompt: a fox": Fault.UNAVAILABLE,
    '{"prompt": 7}': Fault.UNAVAILABLE,
    '{"words": "a fox"}': Fault.UNAVAILABLE,
    '["a fox"]': Fault.UNAVAILABLE,
    "{" * 9000 + "}": Fault.UNAVAILABLE,
}


@pytest.mark.parametrize("told", NO_PROMPTS, ids=lambda told: told[:24])
async def test_a_refusal_is_no_prompt(room: Room, told: str) -> None:
    room.says(told)
    error = await room.fails()
    assert error.fault is NO_PROMPTS[told]
    assert not isinstance(error, OutcomeUnknown)


async def test_nothing_is_not_made_better(room: Room) -> None:
    with pytest.raises(ProviderError) as caught:
        await room.enhance(" ")
    assert caught.value.fault is Fault.BAD_INPUT
    assert room.server.seen == []


REFUSALS = [(vendor, error) for vendor in MODELS for error in faults(vendor)]


@pytest.mark.parametrize(("room", "error"), REFUSALS, indirect=["room"])
async def test_each_error_means_what_it_means_for_pictures(room: Room, error: str) -> None:
    room.server.script.append(Trouble(error=error))
    assert (await room.fails()).fault is faults(room.vendor)[error]


async def test_an_answer_that_is_lost_leaves_all_open(room: Room) -> None:
    room.server.script.append(Trouble(lose=True))
    assert isinstance(await room.fails(), OutcomeUnknown)
