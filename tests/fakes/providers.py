"""A vendor in the test's own hands: it answers as it is told, and remembers what it was paid for."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import datetime

from PIL import Image

from providers.base import (
    Accepted,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    Partial,
    ProviderError,
    Step,
)

Act = Callable[[ImageRequest, Partial], Awaitable[ImageResult]]


def png(seed: int = 0, side: int = 64) -> bytes:
    """A small picture that differs by seed."""
    colour = (seed * 40 % 256, seed * 90 % 256, 120)
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


class Scripted:
    """Plays its steps in order, then succeeds; `calls` is what it was asked and would bill."""

    def __init__(self, *steps: Act | ProviderError) -> None:
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


def pictures(*images: bytes) -> Act:
    """Answers with these."""

    async def step(request: ImageRequest, partial: Partial) -> ImageResult:
        return ImageResult(images=images)

    return step


def telling(news: bytes | Step, for_s: float) -> Act:
    """Tells this for so long, then succeeds."""

    async def step(request: ImageRequest, partial: Partial) -> ImageResult:
        await partial(news)
        await asyncio.sleep(for_s)
        return ImageResult(images=tuple(png(place) for place in range(request.count)))

    return step


class Remembered(Scripted):
    """A vendor that keeps what it made by our id, whether or not its answer came through."""

    def __init__(self, *steps: Act | ProviderError) -> None:
        super().__init__(*steps)
        self.kept: dict[str, ImageResult] = {}
        self.cancelled: list[str] = []
        self.lost = 0
        self.deaf = 0
        self.unlisted = 0

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """As ever, but the first `deaf` calls never arrive, and the answers of the next `lost` do not."""
        if self.deaf:
            self.deaf -= 1
            raise OutcomeUnknown("cut before it arrived")
        result = await super().run(request, partial=partial, accepted=accepted)
        self.kept[f"v-{request.id}"] = result
        if self.lost:
            self.lost -= 1
            raise OutcomeUnknown("cut after the work")
        await accepted(f"v-{request.id}")
        return result

    async def find(self, request: ImageRequest, since: datetime) -> str | None:
        """By our id; the first `unlisted` looks come too early."""
        if self.unlisted:
            self.unlisted -= 1
            return None
        name = f"v-{request.id}"
        return name if name in self.kept else None

    async def resume(
        self, vendor_id: str, request: ImageRequest, *, partial: Partial
    ) -> ImageResult:
        """What was made."""
        return self.kept[vendor_id]

    async def cancel(self, vendor_id: str) -> bool:
        """Remember it; what is kept was done before."""
        self.cancelled.append(vendor_id)
        return vendor_id not in self.kept
