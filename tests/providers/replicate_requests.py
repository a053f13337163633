"""Requests to Replicate's models, and pictures for them."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from providers.base import ImageRequest, SourceImage, load_models
from providers.replicate import Replicate
from providers.transport import data_uri
from tests.fakes.vendor import picture
from tests.providers.requests import asking, ignore

MODELS = {key: row for key, row in load_models().items() if row.vendor == "replicate"}
SMALL = data_uri(picture(0), "image/png")
OTHER = SourceImage(data=picture(7), media_type="image/png")
UPSCALE = asking(MODELS["real-esrgan"], "upscale")
KONTEXT = asking(MODELS["flux-kontext-pro"], "edit")
REGION = asking(MODELS["flux-fill-pro"], "region")
TURBO = asking(MODELS["gen4-image-turbo"], "imagine")


def large(width: int = 800, height: int = 700) -> SourceImage:
    """A picture that is too large for a data URI."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "PNG", compress_level=0)
    return SourceImage(data=out.getvalue(), media_type="image/png")


def shaped(width: int, height: int) -> SourceImage:
    return SourceImage(data=picture(1, (width, height)), media_type="image/png")


def flux(**changes: object) -> ImageRequest:
    return replace(asking(MODELS["flux-1.1-pro"], "imagine"), seed=None, **changes)  # type: ignore[arg-type]


async def run(vendor: Replicate, request: ImageRequest) -> tuple[bytes, ...]:
    return (await vendor.run(request, partial=ignore, accepted=ignore)).images


# By row and operation: the path, and the whole input of `asking`.
FLUX = "black-forest-labs"
SENT = [
    (
        "flux-1.1-pro",
        "imagine",
        f"/v1/models/{FLUX}/flux-1.1-pro/predictions",
        {"prompt": "a fox", "aspect_ratio": "5:4", "seed": 1, "output_format": "png"},
    ),
    (
        "flux-schnell",
        "imagine",
        f"/v1/models/{FLUX}/flux-schnell/predictions",
        {
            "prompt": "a fox",
            "aspect_ratio": "9:21",
            "seed": 1,
            "num_outputs": 2,
            "num_inference_steps": 4,
            "output_format": "png",
        },
    ),
    (
        "flux-dev",
        "imagine",
        f"/v1/models/{FLUX}/flux-dev/predictions",
        {
            "prompt": "a fox",
            "aspect_ratio": "9:21",
            "seed": 1,
            "num_outputs": 2,
            "num_inference_steps": 20,
            "guidance": 3.5,
            "output_format": "png",
        },
    ),
    (
        "flux-dev",
        "edit",
        f"/v1/models/{FLUX}/flux-dev/predictions",
        {
            "prompt": "a fox",
            "image": SMALL,
            "prompt_strength": 0.4,
            "aspect_ratio": "1:1",
            "seed": 1,
            "num_outputs": 1,
            "num_inference_steps": 20,
            "guidance": 3.5,
            "output_format": "png",
        },
    ),
    (
        "flux-kontext-pro",
        "edit",
        f"/v1/models/{FLUX}/flux-kontext-pro/predictions",
        {
            "prompt": "a fox\n\nAvoid: rain",
            "input_image": SMALL,
            "aspect_ratio": "match_input_image",
            "seed": 1,
            "output_format": "png",
        },
    ),
    (
        "flux-2-pro",
        "imagine",
        f"/v1/models/{FLUX}/flux-2-pro/predictions",
        {
            "prompt": "a fox\n\nAvoid: rain",
            "aspect_ratio": "5:4",
            "resolution": "1 MP",
            "seed": 1,
            "output_format": "png",
        },
    ),
    (
        "flux-2-pro",
        "edit",
        f"/v1/models/{FLUX}/flux-2-pro/predictions",
        {
            "prompt": "a fox\n\nAvoid: rain",
            "input_images": [SMALL],
            "aspect_ratio": "match_input_image",
            "resolution": "1 MP",
            "seed": 1,
            "output_format": "png",
        },
    ),
    (
        "gen4-image-turbo",
        "imagine",
        "/v1/models/runwayml/gen4-image-turbo/predictions",
        {
            "prompt": "a fox\n\nAvoid: rain",
            "reference_images": [SMALL],
            "reference_tags": ["image1"],
            "aspect_ratio": "21:9",
            "resolution": "720p",
            "seed": 1,
        },
    ),
    (
        "real-esrgan",
        "upscale",
        "/v1/predictions",
        {"image": SMALL, "scale": 2, "face_enhance": True},
    ),
    (
        "codeformer",
        "restore",
        "/v1/predictions",
        {
            "image": SMALL,
            "codeformer_fidelity": 0.6,
            "background_enhance": True,
            "face_upsample": True,
            "upscale": 2,
        },
    ),
    (
        "background-remover",
        "background",
        "/v1/predictions",
        {"image": SMALL, "format": "png", "background_type": "rgba"},
    ),
    (
        "bria-rmbg",
        "background",
        "/v1/models/bria/remove-background/predictions",
        {"image": SMALL},
    ),
]
