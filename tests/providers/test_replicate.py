"""Replicate: what is sent for each model, waiting, finding and refusing, and hostile answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest
from aiohttp import web

import providers.replicate as module
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.replicate import Replicate
from providers.replicate.inputs import tags
from providers.transport import data_uri
from tests.fakes.replicate_models import LATEST, PINNED
from tests.fakes.replicate_server import FakeReplicate
from tests.fakes.vendor import Trouble, picture
from tests.providers.replicate_requests import (
    KONTEXT,
    MODELS,
    OTHER,
    REGION,
    SENT,
    SMALL,
    TURBO,
    UPSCALE,
    flux,
    large,
    run,
    shaped,
)
from tests.providers.requests import asking, ignore


@pytest.fixture
async def server() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(
    server: FakeReplicate, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Replicate]:
    monkeypatch.setattr(module, "POLL_S", 0.01)
    opened = Replicate(Credentials(key=server.key, base_url=f"{server.url}/v1/"))
    yield opened
    await opened.close()


@pytest.mark.parametrize(("model", "operation", "path", "made"), SENT)
async def test_each_model_gets_its_own_fields(
    server: FakeReplicate,
    vendor: Replicate,
    model: str,
    operation: str,
    path: str,
    made: dict[str, object],
) -> None:
    await run(vendor, asking(MODELS[model], operation))
    seen = next(item for item in server.seen if item.method == "POST")
    assert (seen.path, seen.body["input"]) == (path, made)
    assert seen.headers["Prefer"] == "wait=5"
    assert seen.headers["Cancel-After"] == "300s"


@pytest.mark.parametrize(("steps", "sent"), [(None, None), (4, 15), (20, 20), (99, 50)])
async def test_a_region_goes_with_its_mask_and_white_is_painted(
    server: FakeReplicate, vendor: Replicate, steps: int | None, sent: int | None
) -> None:
    request = replace(asking(MODELS["flux-fill-pro"], "region"), steps=steps)
    await run(vendor, request)
    made = server.seen[0].body["input"]
    assert request.mask is not None
    assert made["mask"] == data_uri(request.mask.data, "image/png")
    assert (made["image"], made.get("steps")) == (SMALL, sent)


@pytest.mark.parametrize(
    ("prompt", "count", "expected"),
    [
        ("a fox", 3, ["image1", "image2", "image3"]),
        ("@woman and @man in @park", 3, ["woman", "man", "park"]),
        ("@woman, @woman again", 2, ["woman", "image2"]),
        ("@woman before @image1", 2, ["image1", "woman"]),
        ("write to me@example.org, @x, @averyveryverylongtag", 1, ["image1"]),
        ("@one @two @three @four", 2, ["one", "two"]),
    ],
)
def test_references_are_tagged_as_the_prompt_names_them(
    prompt: str, count: int, expected: list[str]
) -> None:
    assert tags(prompt, count) == expected


@pytest.mark.parametrize(
    ("size", "ratio"), [((64, 64), "1:1"), ((128, 72), "16:9"), ((60, 81), "3:4")]
)
async def test_an_edit_by_references_keeps_about_the_picture_s_ratio(
    server: FakeReplicate, vendor: Replicate, size: tuple[int, int], ratio: str
) -> None:
    request = replace(asking(MODELS["gen4-image"], "edit"), images=(shaped(*size), OTHER))
    await run(vendor, request)
    assert server.seen[0].body["input"]["aspect_ratio"] == ratio


UNFIT = [
    flux(prompt=" "),
    flux(ratio="7:5"),
    flux(images=(OTHER,)),
    replace(KONTEXT, images=()),
    replace(KONTEXT, images=(OTHER, OTHER)),
    replace(asking(MODELS["flux-2-pro"], "edit"), images=()),
    replace(REGION, mask=None),
    replace(TURBO, images=()),
    replace(TURBO, images=(OTHER,) * 4),
    replace(TURBO, images=(shaped(200, 64),)),
    replace(TURBO, images=(SourceImage(data=b"no picture", media_type="image/png"),)),
]


@pytest.mark.parametrize("request_", UNFIT)
async def test_what_no_model_takes_is_not_sent(
    server: FakeReplicate, vendor: Replicate, request_: ImageRequest
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, request_)
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.seen == []


async def test_only_models_that_follow_words_are_told_what_to_avoid(
    server: FakeReplicate, vendor: Replicate
) -> None:
    await run(vendor, flux(negative="rain"))
    await run(vendor, replace(KONTEXT, negative="rain"))
    prompts = [item.body["input"]["prompt"] for item in server.seen if item.method == "POST"]
    assert prompts == ["a fox", "a fox\n\nAvoid: rain"]


async def test_pictures_that_do_not_fit_together_are_uploaded(
    server: FakeReplicate, vendor: Replicate
) -> None:
    images = (large(500, 400), OTHER, large(500, 400), OTHER)
    await run(vendor, replace(asking(MODELS["flux-2-pro"], "edit"), images=images))
    assert [item.path for item in server.seen[:1]] == ["/v1/files"]
    sent = server.seen[1].body["input"]["input_images"]
    assert [text[:5] for text in sent] == ["data:", "data:", "http:", "data:"]


async def test_a_large_picture_is_uploaded(server: FakeReplicate, vendor: Replicate) -> None:
    image = large()
    await run(vendor, replace(KONTEXT, images=(image,)))
    upload, created = server.seen[0], server.seen[1]
    assert upload.path == "/v1/files"
    assert upload.files == (("content", "image/png", image.data),)
    assert created.body["input"]["input_image"] == f"{server.root}/v1/files/file1"


@pytest.mark.parametrize("answer", ["[]", "{}", '{"urls": {"get": 5}}', "no json"])
async def test_an_upload_without_address_makes_nothing(answer: str) -> None:
    async def upload(request: web.Request) -> web.Response:
        return web.Response(text=answer, content_type="application/json")

    class Broken(FakeReplicate):
        def routes(self, app: web.Application) -> None:
            app.router.add_post("/v1/files", upload)

    async with Broken() as server:
        vendor = Replicate(Credentials(key=server.key, base_url=server.url))
        with pytest.raises(ProviderError) as caught:
            await run(vendor, replace(KONTEXT, images=(large(),)))
        await vendor.close()
    assert caught.value.fault is Fault.UNAVAILABLE
    assert server.made == 0


@pytest.mark.parametrize(
    ("webhook", "sent"),
    [(None, None), ("https://example.org/w", ["completed"]), ("http://example.org/w", None)],
)
async def test_a_webhook_is_asked_for_over_https_only(
    server: FakeReplicate, vendor: Replicate, webhook: str | None, sent: list[str] | None
) -> None:
    await run(vendor, flux(webhook=webhook))
    body = server.seen[0].body
    assert body.get("webhook_events_filter") == sent
    assert body.get("webhook") == (webhook if sent else None)


async def test_the_latest_version_is_asked_for_once(
    server: FakeReplicate, vendor: Replicate
) -> None:
    for _ in range(2):
        await run(vendor, UPSCALE)
    asked = [item.path for item in server.seen]
    assert asked.count("/v1/models/nightmareai/real-esrgan") == 1
    posts = [item for item in server.seen if item.method == "POST"]
    assert {item.body["version"] for item in posts} == {LATEST["nightmareai/real-esrgan"]}


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "{}"), (429, "{}"), (200, "no json"), (200, "[]"), (200, '{"latest_version": 5}')],
)
async def test_the_pinned_version_stands_in(
    server: FakeReplicate, vendor: Replicate, status: int, body: str
) -> None:
    server.model_answer = web.Response(status=status, body=body.encode())
    await run(vendor, UPSCALE)
    posted = next(item for item in server.seen if item.method == "POST")
    assert posted.body["version"] == PINNED["nightmareai/real-esrgan"]


async def test_the_id_is_told_before_the_wait_and_progress_is_polled(
    server: FakeReplicate, vendor: Replicate
) -> None:
    server.progress.extend(["starting", "queued-somewhere", "processing"])
    told: list[tuple[str, int]] = []

    async def accepted(theirs: str) -> None:
        told.append((theirs, len(server.seen)))

    result = await vendor.run(flux(), partial=ignore, accepted=accepted)
    assert told == [(server.predictions[0]["id"], 1)]
    assert [item.method for item in server.seen[1:4]] == ["GET"] * 3
    assert len(result.images) == 1
    assert result.cost_usd is None


@pytest.mark.parametrize("output", ["data", "list"])
async def test_outputs_are_taken_as_text_or_list(
    server: FakeReplicate, vendor: Replicate, output: str
) -> None:
    address = f"{server.root}/delivery/3-0.png"
    told = {"data": data_uri(picture(3), "image/png"), "list": [address, address]}
    server.changes = {"output": told[output]}
    assert await run(vendor, flux()) == (picture(3),)


async def test_pictures_are_fetched_without_the_key(
    server: FakeReplicate, vendor: Replicate
) -> None:
    await run(vendor, flux())
    assert "Authorization" not in server.downloads[0].headers


HOSTILE: list[dict[str, object]] = [
    {"id": 5},
    {"id": "../account"},
    {"status": None},
    {"output": None},
    {"output": {"image": 1}},
    {"output": [5, None]},
    {"output": []},
    {"output": "http://127.0.0.1:9/x.png"},
    {"output": "https://replicate.delivery.example.org/x.png"},
    {"output": "data:image/png;base64,AAAA"},
    {"data_removed": True},
]


@pytest.mark.parametrize("changes", HOSTILE)
async def test_an_answer_that_tells_no_picture_leaves_it_open(
    server: FakeReplicate, vendor: Replicate, changes: dict[str, object]
) -> None:
    server.changes = changes
    with pytest.raises(OutcomeUnknown):
        await run(vendor, flux())


@pytest.mark.parametrize(
    ("status", "ends"), [(500, False), (429, False), (504, False), (401, True), (404, True)]
)
async def test_a_look_that_fails_says_nothing_of_the_pictures(
    server: FakeReplicate, vendor: Replicate, status: int, ends: bool
) -> None:
    server.progress.append("processing")
    server.looks.append(web.json_response({}, status=status))
    if ends:
        with pytest.raises(OutcomeUnknown):
            await run(vendor, flux())
    else:
        assert len(await run(vendor, flux())) == 1


ANOTHER = json.dumps({"id": "another", "status": "succeeded", "output": SMALL})


@pytest.mark.parametrize("body", ["no json", "[]", ANOTHER])
async def test_a_look_at_something_else_leaves_it_open(
    server: FakeReplicate, vendor: Replicate, body: str
) -> None:
    server.progress.append("processing")
    server.looks.append(web.Response(text=body, content_type="application/json"))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, flux())


async def test_what_outlives_its_time_is_canceled(
    server: FakeReplicate, vendor: Replicate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CALL_TIMEOUT_S", 0.2)
    server.progress.extend(["processing"] * 1000)
    with pytest.raises(OutcomeUnknown):
        await run(vendor, flux())
    assert server.seen[-1].path.endswith("/cancel")
    assert server.predictions[0]["status"] == "canceled"
    assert server.seen[0].headers["Cancel-After"] == "5s"


async def test_a_wait_in_the_text_is_handed_on(server: FakeReplicate, vendor: Replicate) -> None:
    server.script.append(Trouble(error="throttled"))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, flux())
    assert caught.value.retry_after_s == 30


FAILED = [
    ("The input or output was flagged as sensitive.", Fault.REFUSED),
    ("Content moderation (E005)", Fault.REFUSED),
    ("NSFW content detected in all outputs.", Fault.REFUSED),
    ("CUDA out of memory. Tried to allocate 2 GiB", Fault.BAD_INPUT),
    ("Killed (code: E1001)", Fault.BAD_INPUT),
    ("the model is sensitive to memory; NSFW filter could not be loaded", Fault.UNAVAILABLE),
    ("E10012", Fault.UNAVAILABLE),
    ({"code": 5}, Fault.UNAVAILABLE),
    (None, Fault.UNAVAILABLE),
]


@pytest.mark.parametrize(("error", "fault"), FAILED)
async def test_a_failure_is_told_by_its_very_words(
    server: FakeReplicate, vendor: Replicate, error: object, fault: Fault
) -> None:
    server.changes = {"status": "failed", "error": error, "output": None}
    with pytest.raises(ProviderError) as caught:
        await run(vendor, flux())
    assert caught.value.fault is fault


async def test_a_look_waits_as_long_as_it_is_told(server: FakeReplicate, vendor: Replicate) -> None:
    server.progress.append("processing")
    server.looks.append(web.json_response({}, status=429, headers={"Retry-After": "0.4"}))
    began = asyncio.get_running_loop().time()
    await run(vendor, flux())
    assert asyncio.get_running_loop().time() - began >= 0.4


async def test_a_version_that_is_gone_is_asked_for_anew(
    server: FakeReplicate, vendor: Replicate
) -> None:
    for error in (None, "invalid_version", None):
        server.script.append(Trouble(error=error))
        with suppress(ProviderError):
            await run(vendor, UPSCALE)
    asked = [item.path for item in server.seen]
    assert asked.count("/v1/models/nightmareai/real-esrgan") == 2


async def test_a_model_that_has_no_shape_is_not_sent(
    server: FakeReplicate, vendor: Replicate
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, flux(model="someone/else"))
    assert caught.value.fault is Fault.MODEL_GONE
    assert server.seen == []
