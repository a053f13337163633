"""AUTOMATIC1111: what is asked of it, its one queue and one progress, and answers that are hostile."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from providers import a1111
from providers.a1111 import A1111
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
    Step,
)
from providers.pictures import PIXELS
from tests.fakes.a1111_server import FakeA1111
from tests.fakes.vendor import Trouble, mask, picture
from tests.providers.requests import CALL_ID, ignore

OTHER_ID = "0193c2a4-5b7e-7c1d-8a90-ffffffffffff"
NESTED = b"[" * 100_000
WIDE = SourceImage(data=picture(1, (200, 100)), media_type="image/png")
MASK = SourceImage(data=mask((200, 100)), media_type="image/png")
ASKED = ImageRequest(
    id=CALL_ID,
    operation="imagine",
    model="default",
    prompt="a fox",
    negative="rain",
    seed=5,
    steps=12,
    guidance=3.5,
    ratio="16:9",
)
EDIT = replace(ASKED, operation="edit", images=(WIDE,))
REGION = replace(EDIT, operation="region", mask=MASK)
UPSCALE = ImageRequest(
    id=CALL_ID, operation="upscale", model="R-ESRGAN 4x+", scale=4, images=(WIDE,)
)
RESTORE = replace(UPSCALE, operation="restore")
DESCRIBE = replace(UPSCALE, operation="describe", model="clip")


@pytest.fixture
async def server() -> AsyncIterator[FakeA1111]:
    async with FakeA1111() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeA1111) -> AsyncIterator[A1111]:
    opened = with_password(server)
    yield opened
    await opened.close()


def with_password(server: FakeA1111, password: str = "pass/0123456789abcdef+canary") -> A1111:
    quoted = password.replace("/", "%2F").replace("+", "%2B")
    url = server.url.replace("http://", f"http://atelier:{quoted}@") + "/"
    opened = a1111.PROVIDER.open(Credentials(base_url=url))
    assert isinstance(opened, A1111)
    return opened


async def run(vendor: A1111, request: ImageRequest) -> ImageResult:
    return await vendor.run(request, partial=ignore, accepted=ignore)


async def fails(vendor: A1111, request: ImageRequest) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, request)
    return caught.value


def sent(server: FakeA1111) -> tuple[str, dict[str, Any]]:
    (seen,) = (item for item in server.seen if item.method == "POST")
    return seen.path.rpartition("/")[2], dict(seen.body)


def encoded(image: SourceImage) -> str:
    return base64.b64encode(image.data).decode()


DRAWN = {
    "prompt": "a fox",
    "negative_prompt": "rain",
    "seed": 5,
    "steps": 12,
    "cfg_scale": 3.5,
    "batch_size": 1,
    "n_iter": 1,
    "send_images": True,
    "save_images": False,
    "force_task_id": CALL_ID,
}
MASKED = {
    "mask": encoded(MASK),
    "mask_blur": 4,
    "inpainting_fill": 1,
    "inpainting_mask_invert": 0,
    "inpaint_full_res": True,
    "inpaint_full_res_padding": 128,
}
EXTRA = {"image": encoded(WIDE), "resize_mode": 0, "codeformer_weight": 0.5}
OF_EDIT = DRAWN | {"width": 1448, "height": 728, "init_images": [encoded(WIDE)]}


@pytest.mark.parametrize(
    ("asked", "name", "body"),
    [
        (ASKED, "txt2img", DRAWN | {"width": 1344, "height": 768}),
        (EDIT, "img2img", OF_EDIT | {"denoising_strength": 0.6}),
        (REGION, "img2img", OF_EDIT | {"denoising_strength": 0.85} | MASKED),
        (
            UPSCALE,
            "extra-single-image",
            EXTRA
            | {"upscaling_resize": 4, "upscaler_1": "R-ESRGAN 4x+"}
            | {"gfpgan_visibility": 0.0, "codeformer_visibility": 0.0},
        ),
        (
            RESTORE,
            "extra-single-image",
            EXTRA
            | {"upscaling_resize": 1, "upscaler_1": "None"}
            | {"gfpgan_visibility": 0.0, "codeformer_visibility": 1.0},
        ),
        (
            replace(RESTORE, model="GFPGAN"),
            "extra-single-image",
            EXTRA
            | {"upscaling_resize": 1, "upscaler_1": "None"}
            | {"gfpgan_visibility": 1.0, "codeformer_visibility": 0.0},
        ),
        (DESCRIBE, "interrogate", {"image": encoded(WIDE), "model": "clip"}),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
async def test_each_operation_asks_for_what_it_means(
    server: FakeA1111, vendor: A1111, asked: ImageRequest, name: str, body: dict[str, Any]
) -> None:
    result = await run(vendor, asked)
    assert sent(server) == (name, body)
    assert result.cost_usd == 0
    assert result.texts or result.images == (picture(0),)


async def test_what_is_left_open_is_chosen_here(server: FakeA1111, vendor: A1111) -> None:
    asked = ImageRequest(operation="imagine", model="default", prompt="a fox", count=3)
    assert len((await run(vendor, asked)).images) == 3
    _, body = sent(server)
    assert (body["seed"], body["steps"], body["cfg_scale"]) == (-1, a1111.STEPS, a1111.GUIDANCE)
    assert (body["negative_prompt"], body["n_iter"]) == ("", 3)
    assert not {"override_settings", "force_task_id"} & body.keys()


@pytest.mark.parametrize(
    "name", ["v1-5-pruned-emaonly", "sd_xl_base_1.0.safetensors [31e35c80fc]", "31e35c80fc"]
)
async def test_a_checkpoint_is_chosen_for_the_call(
    server: FakeA1111, vendor: A1111, name: str
) -> None:
    await run(vendor, replace(ASKED, model=name))
    assert sent(server)[1]["override_settings"] == {"sd_model_checkpoint": name}
    assert name in await vendor.catalogue()


@pytest.mark.parametrize(
    "asked",
    [replace(ASKED, model="gone"), replace(UPSCALE, model="gone"), replace(DESCRIBE, model="gone")],
    ids=lambda asked: asked.operation,
)
async def test_a_model_that_is_not_there_is_gone_and_no_other_is_taken(
    server: FakeA1111, vendor: A1111, asked: ImageRequest
) -> None:
    assert (await fails(vendor, asked)).fault is Fault.MODEL_GONE
    assert server.made == 0


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, operation="background"),
        replace(ASKED, ratio="wide"),
        replace(EDIT, images=()),
        replace(REGION, mask=None),
        replace(UPSCALE, images=()),
        replace(EDIT, images=(SourceImage(data=b"no picture", media_type="image/png"),)),
    ],
    ids=lambda asked: asked.operation,
)
async def test_what_cannot_be_asked_is_not(
    server: FakeA1111, vendor: A1111, asked: ImageRequest
) -> None:
    assert (await fails(vendor, asked)).fault is Fault.BAD_INPUT
    assert server.seen == []


async def test_calls_take_turns(server: FakeA1111, vendor: A1111) -> None:
    server.script += [Trouble(hang_s=0.05)] * 3
    asked = [replace(ASKED, id=f"{number}") for number in range(3)]
    await asyncio.gather(*(run(vendor, one) for one in asked))
    assert (server.made, server.most) == (3, 1)


async def test_a_turn_that_does_not_come_made_nothing(
    server: FakeA1111, vendor: A1111, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script.append(Trouble(hang_s=0.5))
    first = asyncio.create_task(run(vendor, ASKED))
    await asyncio.sleep(0.1)
    monkeypatch.setattr(a1111, "CALL_TIMEOUT_S", 0.1)
    error = await fails(vendor, replace(ASKED, id=OTHER_ID))
    assert (error.fault, server.made) == (Fault.UNAVAILABLE, 1)
    assert (await first).images
    monkeypatch.undo()
    assert (await run(vendor, ASKED)).images


async def test_a_failed_call_gives_its_turn_back(server: FakeA1111, vendor: A1111) -> None:
    server.script += [Trouble(error="memory"), Trouble(lose=True)]
    assert (await fails(vendor, ASKED)).fault is Fault.UNAVAILABLE
    assert isinstance(await fails(vendor, ASKED), OutcomeUnknown)
    assert (await run(vendor, ASKED)).images


@pytest.mark.parametrize(
    ("asked", "task", "old", "shown"),
    [
        (ASKED, CALL_ID, False, 1),
        (ASKED, OTHER_ID, False, 0),
        (ASKED, None, False, 0),
        (ASKED, None, True, 1),
        (replace(ASKED, count=2), CALL_ID, False, 0),
        (UPSCALE, CALL_ID, False, 0),
    ],
)
async def test_previews_are_of_our_own_job(
    server: FakeA1111,
    vendor: A1111,
    monkeypatch: pytest.MonkeyPatch,
    asked: ImageRequest,
    task: str | None,
    old: bool,
    shown: int,
) -> None:
    monkeypatch.setattr(a1111, "PROGRESS_POLL_S", 0.05)
    previews: list[bytes] = []

    parts: list[Step] = []

    async def partial(news: bytes | Step) -> None:
        if isinstance(news, Step):
            parts.append(news)
        else:
            previews.append(news)

    server.old = old
    server.script.append(Trouble(hang_s=0.3))
    running = asyncio.create_task(vendor.run(asked, partial=partial, accepted=ignore))
    await asyncio.sleep(0.03)
    server.task = task
    await running
    assert previews == [picture(200)] * shown
    assert set(parts) <= {Step(part=0.5)}
    assert bool(parts) == (asked is not UPSCALE and (old or task == CALL_ID))


@pytest.mark.parametrize(
    ("task", "old", "stopped"), [(CALL_ID, False, 1), (OTHER_ID, False, 0), (None, True, 0)]
)
async def test_a_job_that_nobody_waits_for_is_interrupted_where_the_server_says_it_is_ours(
    server: FakeA1111, vendor: A1111, task: str | None, old: bool, stopped: int
) -> None:
    server.old = old
    server.script.append(Trouble(hang_s=5))
    running = asyncio.create_task(vendor.run(ASKED, partial=ignore, accepted=ignore))
    await asyncio.sleep(0.1)
    server.task = task
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert server.interrupts == stopped


@pytest.mark.parametrize(("task", "stopped"), [(CALL_ID, 1), (OTHER_ID, 0)])
async def test_only_our_own_job_is_interrupted_when_it_takes_too_long(
    server: FakeA1111,
    vendor: A1111,
    monkeypatch: pytest.MonkeyPatch,
    task: str,
    stopped: int,
) -> None:
    monkeypatch.setattr(a1111, "CALL_TIMEOUT_S", 0.2)
    server.script.append(Trouble(hang_s=5))
    running = asyncio.create_task(fails(vendor, ASKED))
    await asyncio.sleep(0.1)
    server.task = task
    assert isinstance(await running, OutcomeUnknown)
    assert server.interrupts == stopped


PNG = encoded(WIDE)
GREAT = "A" * (PIXELS * 50)
HOSTILE: list[tuple[ImageRequest, object, type[ProviderError]]] = [
    (ASKED, b"<html>", OutcomeUnknown),
    (ASKED, NESTED, OutcomeUnknown),
    (ASKED, [], OutcomeUnknown),
    (ASKED, {}, OutcomeUnknown),
    (ASKED, {"images": "no"}, OutcomeUnknown),
    (ASKED, {"images": [5, None, {}]}, OutcomeUnknown),
    (ASKED, {"images": ["bm8="]}, OutcomeUnknown),
    (ASKED, {"images": [GREAT]}, OutcomeUnknown),
    (ASKED, {"images": []}, ProviderError),
    (UPSCALE, {"image": None}, OutcomeUnknown),
    (UPSCALE, {"images": [PNG]}, OutcomeUnknown),
    (DESCRIBE, {"caption": 5}, OutcomeUnknown),
    (DESCRIBE, {"caption": " "}, OutcomeUnknown),
    (DESCRIBE, [], OutcomeUnknown),
    (DESCRIBE, {"caption": "a fox<error>"}, ProviderError),
]


@pytest.mark.parametrize(("asked", "body", "kind"), HOSTILE, ids=lambda item: str(item)[-60:])
async def test_an_answer_that_is_none_is_an_error_of_ours(
    server: FakeA1111,
    vendor: A1111,
    asked: ImageRequest,
    body: object,
    kind: type[ProviderError],
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.answers = dict.fromkeys(
        [f"/sdapi/v1/{name}" for name in ("txt2img", "extra-single-image", "interrogate")], data
    )
    assert type(await fails(vendor, asked)) is kind


async def test_pictures_beside_those_asked_for_are_left_out(
    server: FakeA1111, vendor: A1111
) -> None:
    server.answers["/sdapi/v1/txt2img"] = json.dumps({"images": [PNG, PNG, PNG]}).encode()
    assert (await run(vendor, ASKED)).images == (WIDE.data,)


async def test_a_caption_is_bounded(server: FakeA1111, vendor: A1111) -> None:
    server.answers["/sdapi/v1/interrogate"] = json.dumps({"caption": "fox " * 9999}).encode()
    (text,) = (await run(vendor, DESCRIBE)).texts
    assert len(text) == a1111.TEXT_LENGTH_MAX


@pytest.mark.parametrize("body", [b"x", NESTED, b"5", b'"x"'], ids=lambda item: str(item)[:20])
async def test_looking_survives_any_answer(server: FakeA1111, vendor: A1111, body: bytes) -> None:
    server.answers = dict.fromkeys(("/sdapi/v1/options", "/sdapi/v1/sd-models"), body)
    for look in (vendor.check, vendor.catalogue):
        with pytest.raises(ProviderError) as caught:
            await look()
        assert caught.value.fault is Fault.UNAVAILABLE
    server.answers["/sdapi/v1/sd-models"] = b'[5, {"title": 5}, {}]'
    assert set(await vendor.catalogue()) >= {"default", "clip"}


async def test_the_password_is_taken_out_of_the_address_and_never_told(server: FakeA1111) -> None:
    wrong = with_password(server, "wrong/0123456789")
    error = await fails(wrong, ASKED)
    assert error.fault is Fault.BAD_KEY
    right = with_password(server)
    await right.check()
    server.script.append(Trouble(error="crash", echo=True))
    told = await fails(right, ASKED)
    for text in (f"{error}", f"{told}", repr(told), repr(right)):
        assert "0123456789" not in text
    await wrong.close()
    await right.close()


async def test_without_a_password_none_is_sent(server: FakeA1111) -> None:
    server.auth = False
    vendor = a1111.PROVIDER.open(Credentials(base_url=server.url))
    assert isinstance(vendor, A1111)
    await run(vendor, ASKED)
    assert all("Authorization" not in seen.headers for seen in server.seen)
    await vendor.close()
