from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from providers import google
from providers.base import (
    Checked,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.google import AGAIN_PREFIX, Google
from tests.fakes import google_server as fake
from tests.fakes.google_server import FakeGoogle, described, drawn, ended
from tests.fakes.vendor import JSON, Trouble, picture
from tests.providers.requests import ignore

MODEL = "gemini-nano-banana-2.1"
SEES = "gemini-3.1-flash-lite"
# 10 tokens in, 100 of thought, 1120 of a picture.
COST_USD = 10 * 1.5e-6 + 100 * 7.5e-6 + 1120 * 30e-6
ASKED = ImageRequest(operation="imagine", model=MODEL, prompt="a fox")


@pytest.fixture
async def server() -> AsyncIterator[FakeGoogle]:
    async with FakeGoogle() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeGoogle) -> AsyncIterator[Google]:
    opened = google.PROVIDER.open(Credentials(key=server.key, base_url=server.url))
    assert isinstance(opened, Google)
    yield opened
    await opened.close()


async def run(vendor: Google, request: ImageRequest = ASKED) -> ImageResult:
    return await vendor.run(request, partial=ignore, accepted=ignore)


def sources(count: int) -> tuple[SourceImage, ...]:
    return tuple(SourceImage(data=picture(n), media_type="image/png") for n in range(count))


def prompts_of(server: FakeGoogle) -> list[str]:
    return [seen.body["contents"][0]["parts"][0]["text"] for seen in server.seen]


def test_without_a_key_it_is_not_configured() -> None:
    assert google.PROVIDER.open(Credentials(base_url="http://localhost")) is None


async def test_a_picture_is_asked_for_in_google_s_words(server: FakeGoogle, vendor: Google) -> None:
    result = await run(vendor, replace(ASKED, ratio="16:9", seed=7, negative="rain"))
    assert result.images == (picture(0),)
    assert result.cost_usd == pytest.approx(COST_USD)
    assert server.seen[0].path == f"/v1beta/models/{MODEL}:generateContent"
    assert server.seen[0].body == {
        "contents": [{"role": "user", "parts": [{"text": "a fox\n\nAvoid: rain"}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "1K"},
            "seed": 7,
        },
    }


@pytest.mark.parametrize(
    ("model", "operation", "config"),
    [
        (MODEL, "edit", {"imageSize": "1K"}),
        ("gemini-3-pro-image", "imagine", {"aspectRatio": "1:1", "imageSize": "1K"}),
        ("gemini-3.1-flash-lite-image", "imagine", {"aspectRatio": "1:1"}),
        ("gemini-3.1-flash-lite-image", "edit", {}),
    ],
)
async def test_an_edit_keeps_its_shape_and_small_models_their_size(
    server: FakeGoogle, vendor: Google, model: str, operation: str, config: JSON
) -> None:
    await run(vendor, replace(ASKED, model=model, operation=operation, images=sources(3)))
    body = server.seen[0].body
    assert body["generationConfig"]["imageConfig"] == config
    inlined = [part["inlineData"] for part in body["contents"][0]["parts"][1:]]
    assert [base64.b64decode(item["data"]) for item in inlined] == [i.data for i in sources(3)]


@pytest.mark.parametrize("request_", [replace(ASKED, prompt=" "), replace(ASKED, ratio="7:5")])
async def test_what_google_cannot_take_is_not_sent(
    server: FakeGoogle, vendor: Google, request_: ImageRequest
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, request_)
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.seen == []


async def test_several_pictures_are_several_calls_with_other_seeds(
    server: FakeGoogle, vendor: Google
) -> None:
    result = await run(vendor, replace(ASKED, count=4, seed=2**31 - 2))
    assert len(set(result.images)) == 4
    assert result.cost_usd == pytest.approx(4 * COST_USD)
    seeds = {seen.body["generationConfig"]["seed"] for seen in server.seen}
    assert seeds == {2**31 - 2, 2**31 - 1, 0, 1}


@pytest.mark.parametrize(
    ("troubles", "count", "cost_usd"),
    [
        ([Trouble(error="overloaded")], 2, 2 * COST_USD),
        ([Trouble(error="ended IMAGE_SAFETY"), Trouble(error="rate")], 1, COST_USD),
        ([Trouble(lose=True)], 2, None),
    ],
)
async def test_what_was_made_is_handed_over(
    server: FakeGoogle, vendor: Google, troubles: list[Trouble], count: int, cost_usd: float | None
) -> None:
    server.script.extend(
        replace(t, error="per_minute") if t.error == "rate" else t for t in troubles
    )
    result = await run(vendor, replace(ASKED, count=3))
    assert len(result.images) == count
    assert result.cost_usd == (None if cost_usd is None else pytest.approx(cost_usd))


@pytest.mark.parametrize(
    ("errors", "fault"),
    [
        (("overloaded", "key_invalid"), Fault.BAD_KEY),
        (("blocked SAFETY", "per_minute"), Fault.RATE_LIMITED),
        (("key_invalid", "deadline"), Fault.UNKNOWN),
    ],
)
async def test_of_failures_only_the_gravest_is_told(
    server: FakeGoogle, vendor: Google, errors: tuple[str, str], fault: Fault
) -> None:
    server.script.extend(Trouble(error=name) for name in errors)
    with pytest.raises(ProviderError) as caught:
        await run(vendor, replace(ASKED, count=2))
    assert caught.value.fault is fault


NOTHING = [ended("NO_IMAGE"), ended("IMAGE_OTHER"), described("I would draw a fox.")]


@pytest.mark.parametrize("first", NOTHING)
async def test_an_answer_without_a_picture_is_asked_for_once_more(
    server: FakeGoogle, vendor: Google, first: JSON
) -> None:
    usage = fake.NOTHING_USAGE
    server.answers = [first | {"usageMetadata": usage}]
    result = await run(vendor)
    assert prompts_of(server) == ["a fox", AGAIN_PREFIX + "a fox"]
    assert result.cost_usd == pytest.approx(COST_USD + 10 * 1.5e-6)


async def test_it_is_asked_twice_and_no_more(server: FakeGoogle, vendor: Google) -> None:
    server.answers = [NOTHING[0], NOTHING[2]]
    with pytest.raises(ProviderError) as caught:
        await run(vendor)
    assert caught.value.fault is Fault.UNAVAILABLE
    assert len(server.seen) == 2


async def test_a_second_answer_that_is_lost_is_unknown(server: FakeGoogle, vendor: Google) -> None:
    server.answers = [NOTHING[0]]
    server.script.extend([Trouble(), Trouble(lose=True)])
    with pytest.raises(OutcomeUnknown):
        await run(vendor)
    assert len(server.seen) == 2


async def test_without_time_it_is_not_asked_again(
    server: FakeGoogle, vendor: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google, "CALL_TIMEOUT_S", google.AGAIN_S / 2)
    server.answers = [NOTHING[0]]
    with pytest.raises(ProviderError) as caught:
        await run(vendor)
    assert caught.value.fault is Fault.UNAVAILABLE
    assert len(server.seen) == 1


async def test_what_the_model_draws_while_it_thinks_is_no_answer(
    server: FakeGoogle, vendor: Google
) -> None:
    said = drawn(5)
    sketched = drawn(6)["candidates"][0]["content"]["parts"][0] | {"thought": True}
    said["candidates"][0]["content"]["parts"].insert(0, sketched)
    server.answers = [said]
    assert (await run(vendor)).images == (picture(5),)


@pytest.mark.parametrize(
    ("model", "usage", "cost_usd"),
    [
        ("gemini-3-pro-image", fake.IMAGE_USAGE, 10 * 2e-6 + 100 * 12e-6 + 1120 * 120e-6),
        (MODEL, {"promptTokenCount": 10, "candidatesTokenCount": 1120}, None),
        (MODEL, {}, None),
        (MODEL, [1], None),
        (MODEL, {"promptTokenCount": "x", "thoughtsTokenCount": -5}, 0.0),
        (MODEL, {"promptTokenCount": 10**30, "thoughtsTokenCount": True}, 0.0),
    ],
)
async def test_the_cost_is_told_by_tokens(
    server: FakeGoogle, vendor: Google, model: str, usage: JSON, cost_usd: float | None
) -> None:
    server.answers = [drawn(usage=usage)]
    result = await run(vendor, replace(ASKED, model=model))
    assert result.cost_usd == (None if cost_usd is None else pytest.approx(cost_usd))


BLOB = {"mimeType": "image/png", "data": base64.b64encode(b"no picture").decode()}
HOSTILE: list[object] = [
    b"<html>",
    b"[" * 100_000,
    b"\xff\xfe",
    [],
    {},
    {"candidates": "x"},
    {"candidates": [1]},
    {"candidates": [{"content": 1, "finishReason": "STOP"}]},
    {"candidates": [{"content": {"parts": {"a": 1}}, "finishReason": "STOP"}]},
    {"candidates": [{"content": {"parts": [{"inlineData": 7}]}, "finishReason": "STOP"}]},
    {"candidates": [{"content": {"parts": [{"inlineData": BLOB}]}, "finishReason": "STOP"}]},
    {"candidates": [{"content": {"parts": [{"inlineData": {"data": 1}}]}, "finishReason": []}]},
]


@pytest.mark.parametrize("said", HOSTILE)
async def test_an_answer_that_cannot_be_read_leaves_all_open(
    server: FakeGoogle, vendor: Google, said: object
) -> None:
    server.answers = [said]
    with pytest.raises(OutcomeUnknown):
        await run(vendor)
    assert len(server.seen) == 1


@pytest.mark.parametrize("reason", [7, None, "key/0123456789abcdef+canary", "A" * 1000])
async def test_an_ending_that_nobody_knows_is_no_refusal(
    server: FakeGoogle, vendor: Google, reason: object
) -> None:
    server.answers = [{"candidates": [{"finishReason": reason}]}]
    with pytest.raises(ProviderError) as caught:
        await run(vendor)
    assert caught.value.fault is Fault.UNAVAILABLE
    assert server.key not in str(caught.value)
    assert "AAA" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "retry_after", "wait_s"),
    [("per_minute", None, 38.5), ("per_minute", "17", 17), ("exhausted", None, None)],
)
async def test_google_tells_the_wait_in_the_body(
    server: FakeGoogle, vendor: Google, error: str, retry_after: str | None, wait_s: float | None
) -> None:
    server.script.append(Trouble(error=error, retry_after=retry_after))
    with pytest.raises(ProviderError) as caught:
        await run(vendor)
    assert caught.value.retry_after_s == wait_s


WORDS = [
    (json.dumps(["one fox", "two", "three", "four", "five"]), ("one fox", "two", "three", "four")),
    ('```json\n["one fox", "two"]\n```', ("one fox", "two")),
    ('{"prompts": ["one fox", 7, ""]}', ("one fox",)),
    ("Here:\n1. one fox\n   in snow\n2) **two**\n\nEnjoy!", ("one fox in snow", "two")),
    ('- "one fox"\n* two', ("one fox", "two")),
]


@pytest.mark.parametrize(("text", "prompts"), WORDS)
async def test_prompts_are_read_from_json_and_from_lists(
    server: FakeGoogle, vendor: Google, text: str, prompts: tuple[str, ...]
) -> None:
    server.answers = [described(text)]
    asked = ImageRequest(operation="describe", model=SEES, images=sources(1))
    result = await run(vendor, asked)
    assert result.texts == prompts
    assert result.images == ()
    assert result.cost_usd == pytest.approx(300 * 0.25e-6 + 200 * 1.5e-6)
    config = server.seen[0].body["generationConfig"]
    assert config["responseMimeType"] == "application/json"


@pytest.mark.parametrize("text", ["A fox.", "", "[" * 9000, "[1, 2]", "{}"])
async def test_words_that_are_no_prompts_are_not_handed_over(
    server: FakeGoogle, vendor: Google, text: str
) -> None:
    server.answers = [described(text)]
    with pytest.raises(ProviderError) as caught:
        await run(vendor, ImageRequest(operation="describe", model=SEES, images=sources(1)))
    assert caught.value.fault is Fault.UNAVAILABLE


async def test_the_key_is_tried_with_one_row(server: FakeGoogle, vendor: Google) -> None:
    assert await vendor.check() == Checked()
    assert server.seen[0].query == {"pageSize": "1"}


async def test_the_catalogue_is_read_to_its_end(server: FakeGoogle, vendor: Google) -> None:
    server.pages_more = 2
    assert set(await vendor.catalogue()) == set(fake.MODELS)
    assert len(server.seen) == 3


@pytest.mark.parametrize("page", [[], "x", {"models": [], "nextPageToken": "again"}])
async def test_a_catalogue_that_cannot_be_read_is_none(
    server: FakeGoogle, vendor: Google, page: object
) -> None:
    server.answers = [page] * 20
    with pytest.raises(ProviderError) as caught:
        await vendor.catalogue()
    assert caught.value.fault is Fault.UNAVAILABLE
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(server.seen) <= google.PAGES_MAX
