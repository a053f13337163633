"""Requests to ComfyUI, and what came of them there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from providers.base import ImageRequest, ProviderError, SourceImage
from providers.comfyui import ComfyUI
from tests.fakes.comfyui_server import FakeComfyUI, Job
from tests.fakes.vendor import mask, picture
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
