"""ComfyUI: what fills its workflows, its socket and its queue, and answers that are not what they seem."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers import comfyui
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.comfyui import ComfyUI, workflow
from tests.fakes.comfyui_server import OOM, FakeComfyUI, Job
from tests.fakes.vendor import Trouble, mask, picture
from tests.providers.requests import CALL_ID, ignore

CHECKPOINT = "sd_xl_base_1.0.safetensors"
OTHER_ID = "0193c2a4-5b7e-7c1d-8a90-ffffffffffff"
ASKED = ImageRequest(
    id=CALL_ID,
    operation="imagine",
    model=f"text-to-image:{CHECKPOINT}",
    prompt="a fox",
    negative="rain",
    seed=5,
    steps=12,
    guidance=3.5,
)
WIDE = SourceImage(data=picture(1, (200, 100)), media_type="image/png")
MASK = SourceImage(data=mask((200, 100)), media_type="image/png")
EDIT = replace(ASKED, operation="edit", model=f"image-to-image:{CHECKPOINT}", images=(WIDE,))
REGION = replace(EDIT, operation="region", model=f"inpaint:{CHECKPOINT}", mask=MASK)
UPSCALE = ImageRequest(
    id=CALL_ID,
    operation="upscale",
    model="upscale:RealESRGAN_x4plus.pth",
    scale=2,
    images=(WIDE,),
)
NESTED = b"[" * 100_000


@pytest.fixture
async def server() -> AsyncIterator[FakeComfyUI]:
    async with FakeComfyUI() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ComfyUI]:
    monkeypatch.setattr(comfyui, "POLL_S", 0.02)
    opened = ComfyUI(server.url)
    yield opened
    await opened.close()


def the_job(server: FakeComfyUI) -> Job:
    (job,) = server.jobs.values()
    return job


def inputs(server: FakeComfyUI, node: str) -> dict[str, Any]:
    found: dict[str, Any] = the_job(server).graph[node]["inputs"]
    return found


async def until_queued(server: FakeComfyUI, count: int = 1) -> None:
    async with asyncio.timeout(5):
        while len(server.jobs) < count or not any(job.runs for job in server.jobs.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def fails(vendor: ComfyUI, request: ImageRequest) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await vendor.run(request, partial=ignore, accepted=ignore)
    return caught.value


@pytest.mark.parametrize("asked", [ASKED, EDIT, REGION], ids=lambda asked: asked.operation)
async def test_all_that_a_request_says_is_in_the_graph(
    server: FakeComfyUI, vendor: ComfyUI, asked: ImageRequest
) -> None:
    result = await vendor.run(replace(asked, count=3), partial=ignore, accepted=ignore)
    assert len(result.images) == 3
    assert result.cost_usd == 0
    assert inputs(server, "checkpoint") == {"ckpt_name": CHECKPOINT}
    assert inputs(server, "positive")["text"] == "a fox"
    assert inputs(server, "negative")["text"] == "rain"
    sampler = inputs(server, "sample")
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (5, 12, 3.5)


async def test_what_is_left_open_is_chosen_here(server: FakeComfyUI, vendor: ComfyUI) -> None:
    asked = ImageRequest(id=CALL_ID, operation="imagine", model=ASKED.model, prompt="a fox")
    await vendor.run(asked, partial=ignore, accepted=ignore)
    sampler = inputs(server, "sample")
    assert (sampler["steps"], sampler["cfg"]) == (comfyui.STEPS, comfyui.GUIDANCE)
    assert 0 <= sampler["seed"] < 2**31
    assert inputs(server, "negative")["text"] == ""


async def test_no_guidance_is_not_the_default(server: FakeComfyUI, vendor: ComfyUI) -> None:
    await vendor.run(replace(ASKED, guidance=0.0), partial=ignore, accepted=ignore)
    assert inputs(server, "sample")["cfg"] == 0.0


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1024, 1024)),
        ("16:9", (1344, 768)),
        ("9:16", (768, 1344)),
        ("4:3", (1152, 896)),
        ("3:4", (896, 1152)),
        ("1:9999", (64, 2048)),
    ],
)
async def test_a_ratio_is_about_a_megapixel(
    server: FakeComfyUI, vendor: ComfyUI, ratio: str, size: tuple[int, int]
) -> None:
    await vendor.run(replace(ASKED, ratio=ratio), partial=ignore, accepted=ignore)
    latent = inputs(server, "latent")
    assert (latent["width"], latent["height"]) == size


@pytest.mark.parametrize("ratio", ["", "0:1", "wide", "1:1:1", "99999:1"])
async def test_what_is_no_ratio_is_refused(vendor: ComfyUI, ratio: str) -> None:
    assert (await fails(vendor, replace(ASKED, ratio=ratio))).fault is Fault.BAD_INPUT


async def test_a_region_keeps_the_picture_s_size_and_takes_white_for_change(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    await vendor.run(REGION, partial=ignore, accepted=ignore)
    source, masked = inputs(server, "image"), inputs(server, "mask")
    assert server.uploads[source["image"]] == WIDE.data
    assert server.uploads[masked["image"]] == MASK.data
    assert masked["channel"] == "red"
    full = inputs(server, "full-size")
    assert (full["width"], full["height"]) == (200, 100)
    drawn = inputs(server, "scale")
    assert (drawn["width"], drawn["height"]) == (1448, 728)


async def test_uploads_have_names_of_their_own_and_do_not_stay(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    await vendor.run(REGION, partial=ignore, accepted=ignore)
    uploads = [seen for seen in server.seen if seen.path == "/upload/image"]
    assert {seen.form["type"][0] for seen in uploads} == {"temp"}
    assert all(name.endswith("[temp]") for name in server.uploads)


async def test_an_upscale_is_as_large_as_asked_for(server: FakeComfyUI, vendor: ComfyUI) -> None:
    await vendor.run(UPSCALE, partial=ignore, accepted=ignore)
    assert inputs(server, "upscaler") == {"model_name": "RealESRGAN_x4plus.pth"}
    scaled = inputs(server, "scale")
    assert (scaled["width"], scaled["height"]) == (400, 200)


async def test_words_are_never_taken_for_the_graph(server: FakeComfyUI, vendor: ComfyUI) -> None:
    words = '{{seed}} "],"x":{{ checkpoint }}\n\\'
    await vendor.run(replace(ASKED, prompt=words), partial=ignore, accepted=ignore)
    assert inputs(server, "positive")["text"] == words


def test_a_placeholder_alone_keeps_its_type_and_inside_a_text_is_text(tmp_path: Path) -> None:
    graph = {"1": {"class_type": "X", "inputs": {"a": "{{seed}}", "b": ["no {{ seed }}!", 1.5]}}}
    path = tmp_path / "own.json"
    path.write_text(json.dumps(graph), encoding="utf-8")
    filled = workflow.load(str(path)).filled({"seed": 7})
    assert filled["1"]["inputs"] == {"a": 7, "b": ["no 7!", 1.5]}


@pytest.mark.parametrize(
    ("named", "parts"),
    [
        ("inpaint:a.safetensors", ("inpaint", "a.safetensors")),
        ("inpaint", ("inpaint", "")),
        ("/flows/own.json:XL/a.safetensors", ("/flows/own.json", "XL/a.safetensors")),
        ("C:\\flows\\own.json", ("C:\\flows\\own.json", "")),
        ("C:\\flows\\own.json:a.ckpt", ("C:\\flows\\own.json", "a.ckpt")),
    ],
)
def test_a_model_names_a_workflow_and_a_checkpoint(named: str, parts: tuple[str, str]) -> None:
    assert workflow.split(named) == parts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "cannot be read"),
        ("{", "not JSON"),
        (NESTED.decode(), "not JSON"),
        ("[]", "not an object"),
        ("{}", "not an object"),
        ('{"nodes": [], "links": []}', "Export (API)"),
        ('{"1": {"inputs": {}}}', "class_type"),
        ('{"1": {"class_type": "X", "inputs": {"a": "{{colour}} {{seed}}"}}}', "colour"),
        ('{"1": {"class_type": "X", "inputs": {"a": "{{image}}"}}}', "image"),
        (json.dumps({"a": "x" * 2**20}), "larger"),
    ],
    ids=lambda item: str(item)[:60],
)
async def test_a_broken_template_is_named(
    server: FakeComfyUI, vendor: ComfyUI, tmp_path: Path, text: str | None, why: str
) -> None:
    path = tmp_path / "own.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    error = await fails(vendor, replace(ASKED, model=f"{path}:x"))
    assert error.fault is Fault.BAD_INPUT
    assert str(path) in error.detail
    assert why in error.detail
    assert server.jobs == {}


@pytest.mark.parametrize(
    "model", ["nothing:x", "../workflows/inpaint:x", "/etc/passwd:x", ":x", ""]
)
async def test_a_workflow_that_is_not_shipped_is_bad_input(vendor: ComfyUI, model: str) -> None:
    assert (await fails(vendor, replace(ASKED, model=model))).fault is Fault.BAD_INPUT


async def test_a_picture_that_no_node_takes_is_not_left_out_in_silence(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    for asked in (replace(ASKED, images=(WIDE,)), replace(EDIT, mask=MASK)):
        assert (await fails(vendor, asked)).fault is Fault.BAD_INPUT
    assert server.jobs == {}


async def test_an_operator_s_workflow_gives_what_it_saves_not_its_previews(
    server: FakeComfyUI, vendor: ComfyUI, tmp_path: Path
) -> None:
    graph = json.loads((workflow.SHIPPED / "text-to-image.json").read_text(encoding="utf-8"))
    saves = {"images": ["decode", 0], "filename_prefix": "mine-{{id}}"}
    graph["kept"] = {"class_type": "SaveImage", "inputs": saves}
    path = tmp_path / "own.json"
    path.write_text(json.dumps(graph), encoding="utf-8")
    asked = replace(ASKED, model=f"{path}:{CHECKPOINT}", count=2)
    assert len((await vendor.run(asked, partial=ignore, accepted=ignore)).images) == 2
    viewed = [seen.query for seen in server.seen if seen.path == "/view"]
    assert {query["type"] for query in viewed} == {"output"}
    assert inputs(server, "kept")["filename_prefix"] == f"mine-{CALL_ID}"


async def test_a_workflow_without_an_output_is_the_operator_s_mistake(
    vendor: ComfyUI, tmp_path: Path
) -> None:
    path = tmp_path / "own.json"
    path.write_text('{"1": {"class_type": "LoadImage", "inputs": {"image": "{{image}}"}}}')
    error = await fails(vendor, replace(EDIT, model=str(path)))
    assert error.fault is Fault.BAD_INPUT
    assert "prompt_no_outputs" in error.detail


async def test_the_job_goes_by_the_request_s_id_and_its_previews_come(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    previews: list[bytes] = []
    ids: list[str] = []

    async def partial(data: bytes) -> None:
        previews.append(data)

    async def accepted(vendor_id: str) -> None:
        ids.append(vendor_id)

    server.previews = [b"no picture", picture(7, kind="JPEG"), picture(8)]
    await vendor.run(ASKED, partial=partial, accepted=accepted)
    assert ids == [CALL_ID] == list(server.jobs)
    # The second comes too soon after the first.
    assert previews == [picture(7, kind="JPEG")]
    await vendor.run(replace(ASKED, id=OTHER_ID, count=2), partial=partial, accepted=accepted)
    assert len(previews) == 1


@pytest.mark.parametrize("how", [{"sockets": False}, {"drop": True}], ids=str)
async def test_without_the_socket_the_picture_still_comes(
    server: FakeComfyUI, vendor: ComfyUI, how: dict[str, bool]
) -> None:
    for name, value in how.items():
        setattr(server, name, value)
    server.script.append(Trouble(hang_s=0.1))
    result = await vendor.run(ASKED, partial=ignore, accepted=ignore)
    assert result.images == (picture(0),)


async def test_jobs_at_once_have_their_own_sockets(server: FakeComfyUI, vendor: ComfyUI) -> None:
    heard: dict[str, int] = {CALL_ID: 0, OTHER_ID: 0}

    async def one(name: str) -> None:
        async def partial(_: bytes) -> None:
            heard[name] += 1

        await vendor.run(replace(ASKED, id=name), partial=partial, accepted=ignore)

    await asyncio.gather(*(one(name) for name in heard))
    assert heard == {CALL_ID: 1, OTHER_ID: 1}


async def test_a_job_is_found_waited_for_and_never_queued_again(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.script += [Trouble(hang_s=0.2), Trouble()]
    running = asyncio.create_task(vendor.run(ASKED, partial=ignore, accepted=ignore))
    await until_queued(server)
    running.cancel()
    await asyncio.wait([running])
    began = datetime.now(UTC)
    assert await vendor.find(ASKED, began) == CALL_ID
    assert await vendor.find(replace(ASKED, id=OTHER_ID), began) is None
    assert await vendor.find(replace(ASKED, id=""), began) is None
    result = await vendor.resume(CALL_ID, ASKED, partial=ignore)
    assert result.images == (picture(0),)
    assert await vendor.find(ASKED, began) == CALL_ID
    assert server.made == 1


async def test_an_old_server_s_own_id_is_taken_and_found_by_our_client(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.old = True
    ids: list[str] = []

    async def accepted(vendor_id: str) -> None:
        ids.append(vendor_id)

    server.script.append(Trouble(hang_s=0.2))
    running = asyncio.create_task(vendor.run(ASKED, partial=ignore, accepted=accepted))
    await until_queued(server)
    assert await vendor.find(ASKED, datetime.now(UTC)) == the_job(server).id != CALL_ID
    assert (await running).images == (picture(0),)
    assert ids == list(server.jobs)


async def test_a_job_that_a_restart_lost_made_nothing(
    server: FakeComfyUI, vendor: ComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comfyui, "POLLS_PER_QUEUE", 2)
    server.script.append(Trouble(hang_s=5))
    running = asyncio.create_task(fails(vendor, ASKED))
    await until_queued(server)
    server.forget()
    for error in (await running, await _resumed(vendor)):
        assert error.fault is Fault.UNAVAILABLE
        assert "lost" in error.detail


async def _resumed(vendor: ComfyUI) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await vendor.resume(CALL_ID, ASKED, partial=ignore)
    return caught.value


async def test_a_server_that_is_gone_while_it_works_leaves_the_outcome_open(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.script.append(Trouble(hang_s=5))
    running = asyncio.create_task(fails(vendor, ASKED))
    await until_queued(server)
    server.answers["/history"] = b"busy"
    assert isinstance(await running, OutcomeUnknown)


async def test_cancelling_touches_no_job_but_its_own(server: FakeComfyUI, vendor: ComfyUI) -> None:
    server.script += [Trouble(hang_s=5), Trouble(hang_s=5)]
    first = asyncio.create_task(fails(vendor, ASKED))
    await until_queued(server)
    second = asyncio.create_task(fails(vendor, replace(ASKED, id=OTHER_ID)))
    await until_queued(server, 2)
    await vendor.cancel(OTHER_ID)
    assert list(server.jobs) == [CALL_ID]
    assert not any(seen.path == "/interrupt" for seen in server.seen)
    await vendor.cancel(CALL_ID)
    error = await first
    assert (error.fault, error.detail) == (Fault.UNAVAILABLE, "interrupted")
    assert (await second).fault is Fault.UNAVAILABLE
    await vendor.cancel("never-was")


async def test_a_job_that_outlives_the_call_is_stopped(
    server: FakeComfyUI, vendor: ComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comfyui, "CALL_TIMEOUT_S", 0.2)
    server.script.append(Trouble(hang_s=5))
    assert isinstance(await fails(vendor, ASKED), OutcomeUnknown)
    assert the_job(server).interrupted.is_set()


async def test_memory_that_ran_out_is_told_without_the_traceback(
    server: FakeComfyUI, vendor: ComfyUI
) -> None:
    server.script.append(Trouble(error="memory"))
    error = await fails(vendor, ASKED)
    assert error.detail == f"KSampler: {OOM}"


@pytest.mark.parametrize("model", ["text-to-image:gone.ckpt", "upscale:gone.pth"])
async def test_a_model_that_is_not_there_is_gone(vendor: ComfyUI, model: str) -> None:
    asked = replace(UPSCALE if model.startswith("upscale") else ASKED, model=model)
    error = await fails(vendor, asked)
    assert error.fault is Fault.MODEL_GONE
    assert "gone" in error.detail


FILE = {"filename": "a", "subfolder": "", "type": "output"}
HOSTILE: list[tuple[str, object, type[ProviderError]]] = [
    ("/prompt", b"<html>", OutcomeUnknown),
    ("/prompt", NESTED, OutcomeUnknown),
    ("/prompt", [], OutcomeUnknown),
    ("/prompt", {}, OutcomeUnknown),
    ("/prompt", {"prompt_id": 5}, OutcomeUnknown),
    ("/prompt", {"prompt_id": "../queue"}, OutcomeUnknown),
    ("/history", [], OutcomeUnknown),
    ("/history", NESTED, OutcomeUnknown),
    ("/history", {CALL_ID: {}}, ProviderError),
    ("/history", {CALL_ID: {"outputs": {"1": {"images": "no"}, "2": 3}}}, ProviderError),
    ("/history", {CALL_ID: {"outputs": {"1": {"images": [{"filename": 1}]}}}}, ProviderError),
    ("/history", {CALL_ID: {"outputs": {"1": {"images": [FILE]}}}}, OutcomeUnknown),
    ("/history", {CALL_ID: {"status": {"status_str": "error", "messages": 3}}}, ProviderError),
    ("/history", {CALL_ID: {"status": {"status_str": "error", "messages": [1]}}}, ProviderError),
    ("/view", b"<html>", OutcomeUnknown),
    ("/upload", NESTED, ProviderError),
    ("/upload", {}, ProviderError),
    ("/upload", {"name": "", "subfolder": "", "type": "input"}, ProviderError),
]


@pytest.mark.parametrize(("path", "body", "kind"), HOSTILE, ids=lambda item: str(item)[:60])
async def test_an_answer_that_is_none_is_an_error_of_ours(
    server: FakeComfyUI, vendor: ComfyUI, path: str, body: object, kind: type[ProviderError]
) -> None:
    server.answers[path] = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = await fails(vendor, EDIT)
    assert type(error) is kind


@pytest.mark.parametrize(
    "body",
    [b"x", NESTED, b"5", b'{"queue_running": [[1], 5, "x"]}'],
    ids=lambda item: str(item)[:60],
)
async def test_looking_survives_any_answer(
    server: FakeComfyUI, vendor: ComfyUI, body: bytes
) -> None:
    server.answers = dict.fromkeys(("/queue", "/system_stats", "/models"), body)
    for look in (vendor.check, vendor.catalogue):
        with pytest.raises(ProviderError) as caught:
            await look()
        assert caught.value.fault is Fault.UNAVAILABLE
    if body.startswith(b"{"):
        assert await vendor.find(ASKED, datetime.now(UTC)) is None
        return
    with pytest.raises(ProviderError) as caught:
        await vendor.find(ASKED, datetime.now(UTC))
    assert caught.value.fault is Fault.UNAVAILABLE


async def test_a_job_of_nobody_is_not_ours(server: FakeComfyUI, vendor: ComfyUI) -> None:
    server.answers["/queue"] = b'{"queue_running": [[1, "theirs", {}, {}, []]]}'
    assert await vendor.find(replace(ASKED, id=""), datetime.now(UTC)) is None


async def test_the_catalogue_names_models_as_rows_do(vendor: ComfyUI) -> None:
    found = await vendor.catalogue()
    assert f"inpaint:{CHECKPOINT}" in found
    assert "upscale:RealESRGAN_x4plus.pth" in found
    assert f"upscale:{CHECKPOINT}" not in found


async def test_a_proxy_s_password_is_sent_and_never_told(server: FakeComfyUI) -> None:
    url = server.url.replace("http://", "http://me:hunter%232000@")
    vendor = comfyui.PROVIDER.open(Credentials(base_url=url))
    assert isinstance(vendor, ComfyUI)
    await vendor.run(EDIT, partial=ignore, accepted=ignore)
    sent = {seen.headers.get("Authorization") for seen in server.seen}
    assert len(sent) == 1
    assert None not in sent
    server.answers["/prompt"] = b"{}"
    asked = replace(ASKED, model="text-to-image:hunter#2000")
    error = await fails(vendor, asked)
    assert "hunter" not in f"{error} {error.detail}"
    await vendor.close()
