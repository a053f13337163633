"""ComfyUI: what fills its workflows, and the operator's own workflows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from providers import comfyui
from providers.base import (
    Fault,
    ImageRequest,
)
from providers.comfyui import ComfyUI, filling, workflow
from tests.fakes.comfyui_server import FakeComfyUI
from tests.providers.comfyui_requests import (
    ASKED,
    CHECKPOINT,
    EDIT,
    MASK,
    NESTED,
    REGION,
    UPSCALE,
    WIDE,
    fails,
    inputs,
)
from tests.providers.requests import CALL_ID, ignore


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
    assert (sampler["steps"], sampler["cfg"]) == (filling.STEPS, filling.GUIDANCE)
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


@pytest.mark.parametrize("model", ["text-to-image:gone.ckpt", "upscale:gone.pth"])
async def test_a_model_that_is_not_there_is_gone(vendor: ComfyUI, model: str) -> None:
    asked = replace(UPSCALE if model.startswith("upscale") else ASKED, model=model)
    error = await fails(vendor, asked)
    assert error.fault is Fault.MODEL_GONE
    assert "gone" in error.detail


async def test_the_catalogue_names_models_as_rows_do(vendor: ComfyUI) -> None:
    found = await vendor.catalogue()
    assert f"inpaint:{CHECKPOINT}" in found
    assert "upscale:RealESRGAN_x4plus.pth" in found
    assert f"upscale:{CHECKPOINT}" not in found
    assert all(vendor.lists(name) for name in found)
    assert not vendor.lists("/home/me/flux:dev.json")
