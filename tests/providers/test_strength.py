"""How much of a picture may change, in each vendor's own numbers; and faces beside an upscale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from providers.base import Credentials, ImageRequest, discover, load_models
from providers.replicate.inputs import SHAPES
from tests.fakes.a1111_server import FakeA1111
from tests.fakes.comfyui_server import FakeComfyUI
from tests.fakes.replicate_server import FakeReplicate
from tests.fakes.vendor import FakeVendor
from tests.providers.requests import asking, ignore

MODELS = load_models()
FAKES: dict[str, type[FakeVendor]] = {
    "a1111": FakeA1111,
    "comfyui": FakeComfyUI,
    "replicate": FakeReplicate,
}


def input_of(server: FakeVendor) -> dict[str, Any]:
    """What the one paid call was made with."""
    (body,) = [seen.body for seen in server.seen if seen.method == "POST" and seen.body]
    found: dict[str, Any] = body.get("input", body)
    return found["prompt"]["sample"]["inputs"] if isinstance(found.get("prompt"), dict) else found


async def sent(request: ImageRequest, vendor: str) -> dict[str, Any]:
    async with FAKES[vendor]() as server:
        provider = discover()[vendor].open(Credentials(key=server.key, base_url=server.url))
        assert provider is not None
        result = await provider.run(request, partial=ignore, accepted=ignore)
        await provider.close()
        assert len(result.images) == 1
        assert server.violations == []
        return input_of(server)


# By row and operation: the field, what it is where nobody says how much, and what of 0.2, -3 and 3.
TOLD = [
    ("a1111", "edit", "denoising_strength", (0.6, 0.2, 0, 1)),
    ("a1111", "region", "denoising_strength", (0.85, 0.2, 0, 1)),
    ("a1111-upscale", "restore", "codeformer_weight", (0.5, 0.8, 1, 0)),
    ("comfyui-edit", "edit", "denoise", (0.6, 0.2, 0, 1)),
    ("comfyui-inpaint", "region", "denoise", (0.9, 0.2, 0, 1)),
    ("flux-dev", "edit", "prompt_strength", (None, 0.2, 0, 1)),
    ("codeformer", "restore", "codeformer_fidelity", (0.7, 0.8, 1, 0)),
]


@pytest.mark.parametrize(("row", "operation", "field", "values"), TOLD)
async def test_the_vendor_is_told_how_much_may_change(
    row: str, operation: str, field: str, values: tuple[float | None, ...]
) -> None:
    model = MODELS[row]
    assert model.strength
    for strength, value in zip((None, 0.2, -3.0, 3.0), values, strict=True):
        asked = replace(asking(model, operation), strength=strength)
        assert (await sent(asked, model.vendor)).get(field) == value


def test_every_row_that_takes_a_strength_is_told_of_here() -> None:
    rows = {model.id for model in MODELS.values() if model.strength and model.vendor != "sketch"}
    assert rows == {row for row, *_ in TOLD}


@pytest.mark.parametrize(
    ("row", "field"), [("real-esrgan", "face_enhance"), ("a1111-upscale", "codeformer_visibility")]
)
@pytest.mark.parametrize("faces", [True, False])
async def test_an_upscale_puts_faces_right_where_that_is_asked_for(
    row: str, field: str, faces: bool
) -> None:
    model = MODELS[row]
    assert model.faces
    asked = replace(asking(model, "upscale"), faces=faces)
    assert (await sent(asked, model.vendor))[field] == faces


async def test_a_reference_is_drawn_over_in_the_ratio_that_is_asked_for() -> None:
    model = MODELS["a1111"]
    edit = asking(model, "edit")
    asked = replace(edit, operation="imagine", ratio="16:9", strength=None)
    body = await sent(asked, "a1111")
    assert (body["width"], body["height"]) == (1344, 768)
    assert (body["resize_mode"], body["denoising_strength"]) == (1, 0.75)
    assert len(body["init_images"]) == 1
    assert (await sent(replace(asked, strength=0.3), "a1111"))["denoising_strength"] == 0.3


@pytest.mark.parametrize(
    ("row", "steps", "guidance", "told"),
    [
        ("flux-schnell", 30, None, {"num_inference_steps": 4}),
        ("flux-dev", 300, 40.0, {"num_inference_steps": 50, "guidance": 10}),
        ("flux-dev", 0, -1.0, {"num_inference_steps": 1, "guidance": 0}),
    ],
)
async def test_numbers_stay_within_what_the_model_takes(
    row: str, steps: int, guidance: float | None, told: dict[str, float]
) -> None:
    asked = replace(asking(MODELS[row], "imagine"), steps=steps, guidance=guidance, count=1)
    body = await sent(asked, "replicate")
    assert {name: body.get(name) for name in told} == told


def test_a_row_tells_the_most_steps_that_its_model_takes() -> None:
    for model in MODELS.values():
        if model.vendor == "replicate":
            steps = SHAPES[model.vendor_model].steps
            assert (model.steps, model.steps_max) == (
                steps is not None,
                steps[1][1] if steps else 0,
            )
