"""Each ratio of each row: its vendor takes it, and is asked for a picture of that shape."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from providers.base import Credentials, Model, discover, load_models
from tests.fakes.vendor import FakeVendor, fake_of
from tests.providers.requests import asking, ignore

DRAWING = [model for model in load_models().values() if "imagine" in model.operations]
# Sides are in steps, so that a ratio is met nearly.
OFF_MAX = 0.06
PIXELS_MIN, PIXELS_MAX = 0.7e6, 2e6
# Those that take any size are asked in pixels.
IN_PIXELS = {"openai", "huggingface", "pollinations", "comfyui", "a1111"}
FREE = {"1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9"}


def pixels(server: FakeVendor) -> tuple[int, int]:
    """The sides that the newest paid call asks for."""
    paid = [seen for seen in server.seen if seen.method == "POST" or "/image/" in seen.path]
    body: Any = paid[-1].body or paid[-1].query
    if "size" in body:
        wide, _, high = body["size"].partition("x")
        return int(wide), int(high)
    if isinstance(body.get("prompt"), dict):
        body = body["prompt"]["latent"]["inputs"]
    body = body.get("parameters", body)
    return int(body["width"]), int(body["height"])


def number(ratio: str) -> float:
    wide, _, high = ratio.partition(":")
    return int(wide) / int(high)


@pytest.mark.parametrize("model", DRAWING, ids=lambda model: model.id)
async def test_each_ratio_is_taken_and_is_that_shape(model: Model) -> None:
    fake = fake_of(model.vendor)
    if fake is None:
        return
    async with fake() as server:
        credentials = Credentials(key=server.key, base_url=server.url)
        provider = discover()[model.vendor].open(credentials)
        assert provider is not None
        for ratio in model.ratios:
            asked = replace(asking(model, "imagine"), ratio=ratio, count=1)
            await provider.run(asked, partial=ignore, accepted=ignore)
            if model.vendor in IN_PIXELS:
                wide, high = pixels(server)
                assert abs(wide / high / number(ratio) - 1) < OFF_MAX, (ratio, wide, high)
                assert PIXELS_MIN < wide * high < PIXELS_MAX
        await provider.close()
        assert server.violations == []


@pytest.mark.parametrize("model", DRAWING, ids=lambda model: model.id)
def test_who_takes_any_size_says_so(model: Model) -> None:
    if model.vendor in IN_PIXELS | {"sketch"}:
        assert set(model.ratios) == FREE


async def test_the_sketch_is_drawn_in_each_ratio() -> None:
    (model,) = [model for model in DRAWING if model.vendor == "sketch"]
    provider = discover()["sketch"].open(Credentials())
    assert provider is not None
    for ratio in model.ratios:
        asked = replace(asking(model, "imagine"), ratio=ratio, count=1)
        result = await provider.run(asked, partial=ignore, accepted=ignore)
        with Image.open(io.BytesIO(result.images[0])) as image:
            assert abs(image.width / image.height / number(ratio) - 1) < 0.01
