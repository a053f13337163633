"""What a workflow's placeholders stand for, pictures left out: words, numbers and sizes."""

from __future__ import annotations

import random

from providers.base import Fault, ImageRequest, ProviderError
from providers.comfyui.workflow import Value
from providers.pictures import SIDE_STEP, SOURCE_STEP, fitted, ratio_of, size_of

# What a request leaves open, for the models that the shipped workflows are made for.
STEPS, GUIDANCE = 25, 7.0
STRENGTH, REGION_STRENGTH = 0.6, 0.9
SEED_END = 2**31


def values_of(request: ImageRequest, job: str) -> dict[str, Value]:
    """The values by placeholder; raises ProviderError where there is no size for the request."""
    seed = request.seed
    if seed is None:
        seed = random.randrange(SEED_END)  # noqa: S311 - a drawing, not a secret
    return {
        "id": job,
        "prompt": request.prompt,
        "negative": request.negative or "",
        "seed": seed,
        "steps": request.steps or STEPS,
        "guidance": GUIDANCE if request.guidance is None else request.guidance,
        "strength": _strength(request),
        "count": request.count,
        "scale": request.scale,
        **_sizes(request),
    }


def _strength(request: ImageRequest) -> float:
    """How much of a picture may change, 0..1."""
    if request.strength is None:
        return REGION_STRENGTH if request.operation == "region" else STRENGTH
    return min(max(request.strength, 0.0), 1.0)


def _sizes(request: ImageRequest) -> dict[str, int]:
    """The sides of the result and of its source.

    Without a source they have the ratio; with one, its own; of an upscale, as many times its own size.
    """
    if not request.images:
        asked = ratio_of(request.ratio)
        if asked is None:
            raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
        width, height = fitted(*asked, SIDE_STEP)
        return {"width": width, "height": height}
    own = size_of(request.images[0].data)
    if own is None:
        raise ProviderError(Fault.BAD_INPUT, "the picture cannot be read")
    width, height = fitted(*own, SOURCE_STEP)
    if request.operation == "upscale":
        width, height = own[0] * request.scale, own[1] * request.scale
    return {"width": width, "height": height, "source_width": own[0], "source_height": own[1]}
