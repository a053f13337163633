"""The offline vendor: procedural drawings and plain picture operations, no AI and no network."""

from __future__ import annotations

import asyncio
import random
import re

from providers.base import (
    Accepted,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    Partial,
    Provider,
    ProviderError,
    Vendor,
)

SEED_END = 2**31


class Sketch:
    """Draws in a thread; the same request with the same seed gives the same bytes."""

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Draw `count` pictures with seed, seed + 1, …, or work on some; raises ProviderError."""
        first = request.seed
        if first is None:
            first = random.randrange(SEED_END)  # noqa: S311 - a drawing, not a secret
        images = []
        for seed in range(first, first + request.count):
            image, preview = await asyncio.to_thread(_made, request, seed % SEED_END)
            if request.count == 1:
                await partial(preview)
            images.append(image)
        return ImageResult(images=tuple(images), cost_usd=0.0)

    async def close(self) -> None:
        """Nothing is open."""


def _made(request: ImageRequest, seed: int) -> tuple[bytes, bytes]:
    """The picture and a small preview of it, as JPEG."""
    # Pillow and the drawing code are not needed before somebody draws.
    from providers.sketch import canvas, drawing, edits, regions

    sources = [source.data for source in request.images]
    if request.operation in ("edit", "region") and not sources:
        raise ProviderError(Fault.BAD_INPUT, "there is no picture to edit")
    strength = request.strength if request.strength is None else min(max(request.strength, 0), 1)
    ratio = _sides(request.ratio)
    try:
        if request.operation == "edit":
            return edits.edited(request.prompt, sources, seed=seed, strength=strength)
        if request.operation == "region":
            if request.mask is None:
                raise ProviderError(Fault.BAD_INPUT, "there is no mask")
            return regions.redrawn(
                request.prompt,
                sources[0],
                request.mask.data,
                seed=seed,
                negative=request.negative,
                strength=1.0 if strength is None else strength,
            )
        return drawing.drawn(
            request.prompt,
            seed=seed,
            ratio=ratio,
            negative=request.negative,
            references=sources,
        )
    except canvas.Unreadable as error:
        raise ProviderError(Fault.BAD_INPUT, str(error)) from error


def _sides(ratio: str) -> tuple[int, int]:
    """Width and height of a ratio, at most 4:1 either way; raises ProviderError."""
    match = re.fullmatch(r"([1-9]\d{0,3}):([1-9]\d{0,3})", ratio, re.ASCII)
    if match is None or not 0.25 <= int(match[1]) / int(match[2]) <= 4:
        raise ProviderError(Fault.BAD_INPUT, f"ratio {ratio!r}")
    return int(match[1]), int(match[2])


def _open(_: Credentials) -> Provider:
    return Sketch()


PROVIDER = Vendor(
    name="sketch", title="Offline sketch", free_to_repeat=True, stands_in=True, open=_open
)
