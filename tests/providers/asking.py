"""Requests to the OpenAI provider, and what the tests say of them."""

from __future__ import annotations

import traceback

from providers.base import (
    ImageRequest,
    ImageResult,
    SourceImage,
    Step,
)
from providers.openai import OpenAI
from tests.fakes.openai_server import FakeOpenAI, picture

KEY = FakeOpenAI.key
OWN = "gpt-image-2.5-sunburst"
COMPATIBLE = "flux-local"


def asking(
    prompt: str = "a fox",
    *,
    model: str = OWN,
    operation: str = "imagine",
    count: int = 1,
    ratio: str = "1:1",
    negative: str | None = None,
    images: int = 0,
) -> ImageRequest:
    return ImageRequest(
        operation=operation,
        model=model,
        prompt=prompt,
        count=count,
        ratio=ratio,
        seed=7,
        negative=negative,
        images=tuple(
            SourceImage(data=picture(500 + index), media_type="image/png")
            for index in range(images)
        ),
    )


class Previews(list[bytes]):
    async def __call__(self, news: bytes | Step) -> None:
        assert isinstance(news, bytes)
        self.append(news)


async def never(_: str) -> None:
    raise AssertionError("there is no vendor id")


async def run(vendor: OpenAI, request: ImageRequest) -> ImageResult:
    return await vendor.run(request, partial=Previews(), accepted=never)


def text_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)
