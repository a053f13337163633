"""A better prompt for a prompt: from each vendor that writes one, bounded, and never a refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from providers.base import (
    Credentials,
    Fault,
    ImageResult,
    OutcomeUnknown,
    Provider,
    ProviderError,
    discover,
    load_models,
)
from providers.reading import ENHANCE_PROMPT
from tests.fakes import google_server, openai_server, xai_server
from tests.fakes.vendor import FakeVendor, Trouble, fake_of
from tests.providers.requests import asking, ignore

MODELS = {model.vendor: model for model in load_models().values() if "enhance" in model.operations}
BETTER = openai_server.BETTER["prompt"]
# Errors that only an answer with pictures can tell.
OF_PICTURES = set(xai_server.FILTERED)


def faults(vendor: str) -> dict[str, Fault]:
    fake = fake_of(vendor)
    assert fake is not None
    return {name: fault for name, fault in fake.errors.items() if name not in OF_PICTURES}


@dataclass(kw_only=True)
class Room:
    """A vendor with its local server."""

    vendor: str
    server: FakeVendor
    provider: Provider

    async def enhance(self, prompt: str = "a fox") -> ImageResult:
        asked = replace(asking(MODELS[self.vendor], "enhance"), prompt=prompt)
        return await self.provider.run(asked, partial=ignore, accepted=ignore)

    async def fails(self) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            await self.enhance()
        return caught.value

    def says(self, text: str) -> None:
        """What the model writes next."""
        match self.server:
            case openai_server.FakeOpenAI():
                self.server.script.append(openai_server.Behaviour(words=text))
            case google_server.FakeGoogle():
                self.server.answers.append(google_server.described(text))
            case xai_server.FakeXAI():
                self.server.answers.append(xai_server.chatted(text))

    def heard(self) -> tuple[str, str]:
        """What the model was told to do, and with which words."""
        body: Any = self.server.seen[-1].body
        if "messages" in body:
            system, person = body["messages"]
            assert (system["role"], person["role"]) == ("system", "user")
            return system["content"], person["content"]
        (part,) = body["contents"][0]["parts"]
        return body["systemInstruction"]["parts"][0]["text"], part["text"]


@pytest.fixture(params=MODELS)
async def room(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    fake = fake_of(request.param)
    assert fake is not None
    async with fake() as server:
        credentials = Credentials(key=server.key, base_url=server.url)
        provider = discover()[request.param].open(credentials)
        assert provider is not None
        yield Room(vendor=request.param, server=server, provider=provider)
        await provider.close()
        assert server.violations == []


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
