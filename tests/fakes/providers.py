"""A vendor in the test's own hands: it answers as it is told, and remembers what it was paid for."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable

from PIL import Image

from providers.base import Accepted, ImageRequest, ImageResult, Partial, ProviderError

Step = Callable[[ImageRequest, Partial], Awaitable[ImageResult]]


def png(seed: int = 0, side: int = 64) -> bytes:
    """A small picture that differs by seed."""
    colour = (seed * 40 % 256, seed * 90 % 256, 120)
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


class Scripted:
    """Plays its steps in order, then succeeds; `calls` is what it was asked and would bill."""

    def __init__(self, *steps: Step | ProviderError) -> None:
        self.steps = list(steps)
        self.calls: list[ImageRequest] = []
        self.called = asyncio.Event()

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """The next step."""
        self.calls.append(request)
        self.called.set()
        step = self.steps.pop(0) if self.steps else None
        if isinstance(step, ProviderError):
            raise step
        if step is not None:
            return await step(request, partial)
        start = len(self.calls) * 10
        return ImageResult(images=tuple(png(start + item) for item in range(request.count)))

    async def close(self) -> None:
        """Nothing is open."""


async def hang(request: ImageRequest, partial: Partial) -> ImageResult:
    """Never answers."""
    await asyncio.sleep(3600)
    raise AssertionError


def pictures(*images: bytes) -> Step:
    """Answers with these."""

    async def step(request: ImageRequest, partial: Partial) -> ImageResult:
        return ImageResult(images=images)

    return step
