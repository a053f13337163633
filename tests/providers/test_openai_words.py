"""What OpenAI says of pictures, of words, of a key and of its models."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from providers.base import (
    Catalogued,
    Checkable,
    Checked,
    Credentials,
    Fault,
    ImageRequest,
    Moderating,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
    load_models,
)
from providers.openai import BASE_URL, PROVIDER, OpenAI
from providers.transport import data_uri
from tests.fakes.openai_server import PROMPTS, Behaviour, FakeOpenAI, picture, pink
from tests.providers.asking import asking, run

LUNA = "gpt-6-luna"
PINK = SourceImage(data=pink(), media_type="image/png")
PLAIN = SourceImage(data=picture(3), media_type="image/png")


def describing(model: str = LUNA) -> ImageRequest:
    return asking("", operation="describe", model=model, images=1)


def test_the_optional_protocols() -> None:
    vendor = OpenAI(Credentials(key="k"))
    assert isinstance(vendor, Checkable)
    assert isinstance(vendor, Catalogued)
    assert isinstance(vendor, Moderating)


KEYS = {
    "sk-" + "a1" * 24: True,
    "sk-proj-" + "a_-B" * 20: True,
    "sk-svcacct-" + "aB" * 20: True,
    "sk-admin-" + "2a" * 20: True,
    "sk-learn-tutorial-introduction-to-clustering": False,
    "sk-short": False,
    "r8_" + "a" * 37: False,
}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_recognised(key: str) -> None:
    assert PROVIDER.own_keys
    assert PROVIDER.keys_url == "https://platform.openai.com/api-keys"
    assert PROVIDER.key_pattern is not None
    assert (re.fullmatch(PROVIDER.key_pattern, key) is not None) == KEYS[key]


def test_old_names_lead_to_one_model_of_a_vendor_and_hide_none() -> None:
    rows = load_models()
    for vendor in {model.vendor for model in rows.values()}:
        theirs = [model for model in rows.values() if model.vendor == vendor]
        named = [name for model in theirs for name in (model.id, *model.aliases)]
        assert len(named) == len(set(named))
    named = [name for model in rows.values() for name in (model.id, *model.aliases)]
    assert {"dall-e-3", "dalle-3", "dall-e", "dall-e-2"} <= set(named)
    assert {"gpt-image-1", "gpt-image-1.5", "chatgpt-image-latest"} <= set(named)


async def test_a_picture_is_described_by_four_prompts(server: FakeOpenAI, vendor: OpenAI) -> None:
    result = await run(vendor, describing())
    assert result.texts == tuple(PROMPTS)
    assert result.images == ()
    assert result.cost_usd == pytest.approx(900 * 0.1e-6 + 300 * 0.5e-6)
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.body["model"] == LUNA
    assert request.body["max_completion_tokens"] == 4000
    (message,) = request.body["messages"]
    asked, shown = message["content"]
    assert "JSON list of four strings" in asked["text"]
    assert shown["image_url"]["url"] == data_uri(picture(500), "image/png")


async def test_the_cost_of_another_model_s_words_is_not_known(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    assert (await run(vendor, describing("llava-local"))).cost_usd is None


WORDS = {
    '["a", "b"]': ("a", "b"),
    'Here:\n```json\n["a",\n "b"]\n```\n': ("a", "b"),
    '{"prompts": ["a", "b"]}': ("a", "b"),
    "1. a fox\n2) a cat [red]\n\n- an owl\n* a hen\n• a cow": (
        "a fox",
        "a cat [red]",
        "an owl",
        "a hen",
    ),
    '["a", 5, null, " ", "b", "c", "d", "e"]': ("a", "b", "c", "d"),
    '"a",\n"b"': ("a", "b"),
    '["a\\nb"]': ("a b",),
    "a single one": ("a single one",),
    "1:1 portrait, 3.5 mm": ("1:1 portrait, 3.5 mm",),
    json.dumps(["x" * 9000]): ("x" * 2000,),
    "[" * 50_000 + "]": ("[" * 2000,),
}


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[:20])
async def test_prompts_are_found_in_what_it_says(
    server: FakeOpenAI, vendor: OpenAI, words: str
) -> None:
    server.script.append(Behaviour(words=words))
    assert (await run(vendor, describing())).texts == WORDS[words]


async def test_a_model_that_will_not_look_refuses(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(message={"content": None, "refusal": "I can't help."}))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, describing())
    assert caught.value.fault is Fault.REFUSED


NOTHING = [
    Behaviour(words=""),
    Behaviour(message={"content": ["x"]}),
    Behaviour(message=5),
    Behaviour(garbage=b"{}"),
    Behaviour(garbage=b'{"choices": 5}'),
    Behaviour(garbage=b'{"choices": [null]}'),
    Behaviour(garbage=b"<html>"),
]


@pytest.mark.parametrize("how", NOTHING)
async def test_a_description_that_says_nothing_is_unknown(
    server: FakeOpenAI, vendor: OpenAI, how: Behaviour
) -> None:
    server.script.append(how)
    with pytest.raises(OutcomeUnknown):
        await run(vendor, describing())


JUDGED: list[tuple[str, tuple[SourceImage, ...], set[str]]] = [
    ("a fox", (), set()),
    ("blood and hate", (), {"violence", "hate"}),
    ("", (PINK,), {"sexual"}),
    ("blood", (PLAIN, PINK, PLAIN), {"violence", "sexual"}),
    ("a fox", (PLAIN,), set()),
]


@pytest.mark.parametrize(("text", "images", "flags"), JUDGED)
async def test_words_and_pictures_are_judged(
    server: FakeOpenAI,
    vendor: OpenAI,
    text: str,
    images: tuple[SourceImage, ...],
    flags: set[str],
) -> None:
    assert await vendor.moderate(text, images) == flags
    assert len(server.requests) == max(1, len(images))
    assert {request.body["model"] for request in server.requests} == {"omni-moderation-latest"}
    assert server.made == 0


async def test_nothing_is_not_sent_to_be_judged(server: FakeOpenAI, vendor: OpenAI) -> None:
    assert await vendor.moderate(" ") == frozenset()
    assert server.requests == []


UNJUDGED: list[tuple[int, object, Fault]] = [
    (200, {}, Fault.UNAVAILABLE),
    (200, [], Fault.UNAVAILABLE),
    (200, {"results": [{"flagged": True}]}, Fault.UNAVAILABLE),
    (200, {"results": [{"flagged": True, "categories": {"hate": 1}}]}, Fault.UNAVAILABLE),
    (429, {"error": {"code": "rate_limit_exceeded"}}, Fault.RATE_LIMITED),
    (404, {"detail": "no such path"}, Fault.MODEL_GONE),
    (504, "late", Fault.UNAVAILABLE),
]


@pytest.mark.parametrize(("status", "body", "fault"), UNJUDGED)
async def test_no_judgement_is_an_error(
    server: FakeOpenAI, vendor: OpenAI, status: int, body: object, fault: Fault
) -> None:
    server.judged = status, body
    with pytest.raises(ProviderError) as caught:
        await vendor.moderate("a fox")
    assert caught.value.fault is fault
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_a_good_key_tells_its_models(server: FakeOpenAI, vendor: OpenAI) -> None:
    assert await vendor.check() == Checked(models=frozenset(server.models))


SCOPES = "You have insufficient permissions for this operation. Missing scopes: api.model.read."
TRIED: list[tuple[int, object, Fault | None]] = [
    (404, {"detail": "Not Found"}, None),
    (403, {"error": {"message": SCOPES}}, None),
    (403, {"error": {"message": "Country not supported"}}, Fault.BAD_KEY),
    (401, {"error": {"code": "invalid_api_key"}}, Fault.BAD_KEY),
    (401, ["no"], Fault.BAD_KEY),
    (403, {"error": {"code": ["x"], "type": {}, "message": 5}}, Fault.BAD_KEY),
    (500, {}, Fault.UNAVAILABLE),
    (504, {}, Fault.UNAVAILABLE),
    (200, {"data": 5}, Fault.UNAVAILABLE),
    (200, [], Fault.UNAVAILABLE),
]


@pytest.mark.parametrize(("status", "body", "fault"), TRIED)
async def test_a_key_is_tried(
    server: FakeOpenAI, vendor: OpenAI, status: int, body: object, fault: Fault | None
) -> None:
    server.listed = status, body
    if fault is None:
        assert await vendor.check() == Checked()
        return
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is fault
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_at_openai_itself_a_list_is_always_there(
    server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.openai.BASE_URL", server.url)
    assert server.url != BASE_URL
    vendor = OpenAI(Credentials(key=server.key))
    server.listed = 404, {}
    with pytest.raises(ProviderError):
        await vendor.check()
    await vendor.close()


async def test_a_server_that_is_away_says_nothing_of_a_key() -> None:
    vendor = OpenAI(Credentials(key="k" * 20, base_url="http://127.0.0.1:9"))
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is Fault.UNAVAILABLE
    await vendor.close()


DAYS: list[tuple[object, date | None]] = [
    (None, None),
    ("2026-12-01", date(2026, 12, 1)),
    ("2026-12-01T00:00:00Z", date(2026, 12, 1)),
    (1796083200, date(2026, 12, 1)),
    ("soon", None),
    (10**30, None),
    (True, None),
    ([], None),
]


@pytest.mark.parametrize(("told", "day"), DAYS)
async def test_the_catalogue_tells_when_a_model_ends(
    server: FakeOpenAI, vendor: OpenAI, told: object, day: date | None
) -> None:
    server.models = {"gpt-image-2": told}
    assert await vendor.catalogue() == {"gpt-image-2": day}


async def test_a_free_call_that_hangs_is_no_lost_work(
    server: FakeOpenAI, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vendor.check()
    monkeypatch.setattr("providers.openai.LOOK_TIMEOUT_S", 0.0)
    with pytest.raises(ProviderError) as caught:
        await vendor.catalogue()
    assert caught.value.fault is Fault.UNAVAILABLE
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_a_describing_call_is_paid_and_bounded(
    server: FakeOpenAI, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.openai.CALL_TIMEOUT_S", 0.3)
    server.script.append(Behaviour(hang_s=5))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, replace(describing()))
