from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from providers import xai
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.transport import data_uri
from providers.xai import XAI
from tests.fakes.vendor import JSON, picture
from tests.fakes.xai_server import FakeXAI, chatted
from tests.providers.requests import ignore

MODEL = "grok-imagine-image-2.0"
OLD = "grok-imagine-image"
ASKED = ImageRequest(operation="imagine", model=MODEL, prompt="a fox")


@pytest.fixture
async def server() -> AsyncIterator[FakeXAI]:
    async with FakeXAI() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeXAI) -> AsyncIterator[XAI]:
    opened = xai.PROVIDER.open(Credentials(key=server.key, base_url=server.url))
    assert isinstance(opened, XAI)
    yield opened
    await opened.close()


async def run(vendor: XAI, request: ImageRequest = ASKED) -> ImageResult:
    return await vendor.run(request, partial=ignore, accepted=ignore)


def sources(count: int) -> tuple[SourceImage, ...]:
    return tuple(SourceImage(data=picture(n), media_type="image/png") for n in range(count))


def jpeg(number: int) -> bytes:
    return picture(number, kind="JPEG")


def row(number: int = 0, **more: object) -> JSON:
    return {"b64_json": base64.b64encode(jpeg(number)).decode()} | more


def test_without_a_key_it_is_not_configured() -> None:
    assert xai.PROVIDER.open(Credentials(base_url="http://localhost")) is None


async def test_several_pictures_are_one_call(server: FakeXAI, vendor: XAI) -> None:
    result = await run(vendor, replace(ASKED, count=4, ratio="16:9", seed=7, negative="rain"))
    assert result.images == tuple(jpeg(number) for number in range(4))
    assert result.cost_usd == pytest.approx(4 * 0.06)
    assert [seen.path for seen in server.seen] == ["/v1/images/generations"]
    assert server.seen[0].body == {
        "model": MODEL,
        "prompt": "a fox\n\nAvoid: rain",
        "n": 4,
        "response_format": "b64_json",
        "resolution": "1k",
        "quality": "medium",
        "aspect_ratio": "16:9",
    }


@pytest.mark.parametrize(
    ("model", "operation", "count", "names"),
    [
        (MODEL, "edit", 1, {"image", "quality"}),
        (MODEL, "edit", 5, {"images", "quality"}),
        (MODEL, "imagine", 1, {"image", "quality", "aspect_ratio"}),
        (OLD, "imagine", 3, {"images", "aspect_ratio"}),
        (OLD, "edit", 1, {"image"}),
    ],
)
async def test_pictures_go_to_edits_as_json(
    server: FakeXAI, vendor: XAI, model: str, operation: str, count: int, names: set[str]
) -> None:
    images = sources(count)
    await run(vendor, replace(ASKED, model=model, operation=operation, images=images))
    seen = server.seen[0]
    assert seen.path == "/v1/images/edits"
    assert seen.headers["Content-Type"] == "application/json"
    always = {"model", "prompt", "n", "response_format", "resolution"}
    assert set(seen.body) == always | names
    sent = [seen.body["image"]] if "image" in seen.body else seen.body["images"]
    assert [item["url"] for item in sent] == [data_uri(i.data, i.media_type) for i in images]


@pytest.mark.parametrize(
    ("model", "quality", "sent"),
    [
        (MODEL, "low", "low"),
        (MODEL, "medium", "medium"),
        (MODEL, "high", "medium"),
        (OLD, "low", None),
    ],
)
async def test_a_quality_is_told_where_it_is_taken(
    server: FakeXAI, vendor: XAI, model: str, quality: str, sent: str | None
) -> None:
    await run(vendor, replace(ASKED, model=model, quality=quality))
    assert server.seen[0].body.get("quality") == sent


@pytest.mark.parametrize("request_", [replace(ASKED, prompt=" "), replace(ASKED, ratio="7:5")])
async def test_what_xai_cannot_take_is_not_sent(
    server: FakeXAI, vendor: XAI, request_: ImageRequest
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, request_)
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.seen == []


async def test_addresses_are_fetched_without_the_key(server: FakeXAI, vendor: XAI) -> None:
    server.urls = True
    result = await run(vendor, replace(ASKED, count=2))
    assert result.images == (jpeg(0), jpeg(1))
    assert server.fetched == [None, None]


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/a.jpg", "http://imgen.x.ai/a.jpg", "https://x.ai.evil.example/a.jpg"],
)
async def test_pictures_elsewhere_are_not_fetched(server: FakeXAI, vendor: XAI, url: str) -> None:
    server.answers = [{"data": [{"url": url}]}]
    with pytest.raises(OutcomeUnknown):
        await run(vendor)


async def test_a_filtered_picture_is_left_out(server: FakeXAI, vendor: XAI) -> None:
    server.answers = [{"data": [row(1, respect_moderation=False), row(2, respect_moderation=True)]}]
    result = await run(vendor, replace(ASKED, count=2))
    assert result == ImageResult(images=(jpeg(2),))


async def test_more_pictures_than_asked_are_cut(server: FakeXAI, vendor: XAI) -> None:
    server.answers = [{"data": [row(1), row(2), row(3)]}]
    assert (await run(vendor, replace(ASKED, count=2))).images == (jpeg(1), jpeg(2))


@pytest.mark.parametrize(
    ("usage", "cost_usd"),
    [
        ({"cost_in_usd_ticks": 600_000_000}, 0.06),
        ({"cost_in_usd_ticks": -1}, None),
        ({"cost_in_usd_ticks": True}, None),
        ({"cost_in_usd_ticks": 10**40}, None),
        ({"cost_in_usd_ticks": 1.5}, None),
        ([], None),
        (None, None),
    ],
)
async def test_the_cost_is_what_xai_tells(
    server: FakeXAI, vendor: XAI, usage: object, cost_usd: float | None
) -> None:
    server.answers = [{"data": [row()], "usage": usage}]
    assert (await run(vendor)).cost_usd == cost_usd


HOSTILE: list[object] = [
    b"<html>",
    b"[" * 100_000,
    [],
    {},
    {"data": None},
    {"data": "x"},
    {"data": [1]},
    {"data": [{}]},
    {"data": [{"b64_json": 7, "url": 7}]},
    {"data": [{"b64_json": base64.b64encode(b"no picture").decode()}]},
]


@pytest.mark.parametrize("said", HOSTILE)
async def test_an_answer_that_cannot_be_read_leaves_all_open(
    server: FakeXAI, vendor: XAI, said: object
) -> None:
    server.answers = [said]
    with pytest.raises(OutcomeUnknown):
        await run(vendor)


SEEN = ImageRequest(operation="describe", model="grok-4.3", images=sources(1))
WORDS = [
    (json.dumps({"prompts": ["a", "b", "c", "d", "e"]}), ("a", "b", "c", "d")),
    ("1. one fox\n2. two", ("one fox", "two")),
]


@pytest.mark.parametrize(("text", "prompts"), WORDS)
async def test_prompts_are_read_from_json_and_from_lists(
    server: FakeXAI, vendor: XAI, text: str, prompts: tuple[str, ...]
) -> None:
    server.answers = [chatted(text)]
    result = await run(vendor, SEEN)
    assert result.texts == prompts
    assert result.cost_usd == pytest.approx(0.0006)


NO_WORDS: list[tuple[object, Fault]] = [
    (chatted("", refusal="I cannot help with that."), Fault.REFUSED),
    (chatted("I cannot help with that."), Fault.REFUSED),
    (chatted("A fox."), Fault.UNAVAILABLE),
    (chatted("", content=None), Fault.UNAVAILABLE),
    ({"choices": []}, Fault.UNKNOWN),
    ({"choices": [{"message": "x"}]}, Fault.UNKNOWN),
    (b"no", Fault.UNKNOWN),
]


@pytest.mark.parametrize(("said", "fault"), NO_WORDS)
async def test_a_chat_without_prompts(
    server: FakeXAI, vendor: XAI, said: object, fault: Fault
) -> None:
    server.answers = [said]
    with pytest.raises(ProviderError) as caught:
        await run(vendor, SEEN)
    assert caught.value.fault is fault


@pytest.mark.parametrize("flag", ["team_blocked", "api_key_blocked", "api_key_disabled"])
async def test_a_blocked_key_is_a_bad_one(server: FakeXAI, vendor: XAI, flag: str) -> None:
    server.key_row[flag] = True
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is Fault.BAD_KEY


@pytest.mark.parametrize(
    ("acls", "models"),
    [
        (["api-key:model:*", "api-key:endpoint:*"], None),
        ([f"api-key:model:{MODEL}", "api-key:endpoint:*"], {MODEL}),
        (["api-key:endpoint:*", 7], None),
        ("x", None),
    ],
)
async def test_a_key_s_models_are_told(
    server: FakeXAI, vendor: XAI, acls: object, models: set[str] | None
) -> None:
    server.key_row["acls"] = acls
    assert (await vendor.check()).models == models


@pytest.mark.parametrize("said", [b"x", [], {"data": 7}])
async def test_a_catalogue_that_cannot_be_read_is_none(
    server: FakeXAI, vendor: XAI, said: object
) -> None:
    server.answers = [said]
    with pytest.raises(ProviderError) as caught:
        await vendor.catalogue()
    assert caught.value.fault is Fault.UNAVAILABLE
    assert not isinstance(caught.value, OutcomeUnknown)
