"""A studio whose one vendor can do everything, and answers as the test wants."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.app import Rules
from core.messenger import Delivery
from providers.base import OPERATIONS, ImageRequest, ImageResult, Model, Partial, Provider, Vendor
from tests.fakes.providers import Act, Scripted
from tests.fakes.studio import Studio, studio

RULES = Rules(signup_credits=100, vendor_order=("able", "other"))


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    """A picture's file."""
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def plain(colour: str | tuple[int, ...], size: tuple[int, int] = (96, 64)) -> bytes:
    """One colour all over."""
    mode = "RGBA" if isinstance(colour, tuple) and len(colour) == 4 else "RGB"
    return encoded(Image.new(mode, size, colour))


def opened(data: bytes) -> Image.Image:
    """A file's picture."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def answering(make: Callable[[ImageRequest], bytes]) -> Act:
    """Answers each call by what is made of its request."""

    async def step(request: ImageRequest, partial: Partial) -> ImageResult:
        return ImageResult(images=tuple(make(request) for _ in range(request.count)))

    return step


def writing(*texts: str) -> Act:
    """Answers with texts."""

    async def step(request: ImageRequest, partial: Partial) -> ImageResult:
        return ImageResult(texts=texts)

    return step


def _never(_: object) -> Provider | None:
    return None


def _model(name: str, vendor: str) -> Model:
    return Model(
        id=name,
        vendor=vendor,
        vendor_model=name,
        title=name.title(),
        operations=OPERATIONS,
        credits=1,
        images_max=8,
        ratios=("1:1", "16:9", "4:5"),
        seed=True,
        negative=True,
        steps=True,
        guidance=True,
        mask=True,
        strength=name == "able",
        qualities={"low": 1, "medium": 1, "high": 3},
    )


@pytest.fixture
def vendor() -> Scripted:
    """It can do everything."""
    return Scripted()


@pytest.fixture
async def room(database_url: str, tmp_path: Path, vendor: Scripted) -> AsyncIterator[Studio]:
    """An Atelier with two models that can do everything, the second of another vendor."""
    providers: dict[str, Provider] = {"able": vendor, "other": vendor}
    async with studio(database_url, tmp_path, rules=RULES, providers=providers) as made:
        told = {name: Vendor(name=name, title=name.title(), open=_never) for name in providers}
        app = dataclasses.replace(
            made.app,
            providers=providers,
            vendors=told,
            models={name: _model(name, name) for name in providers},
        )
        dispatch = dataclasses.replace(made.dispatch, app=app)
        yield dataclasses.replace(made, app=app, dispatch=dispatch)


async def made(room: Studio, name: str, *uploads: bytes, **arguments: Any) -> Delivery:  # noqa: ANN401
    """Give a command and see it through; its message."""
    reply = await room.dispatch.run(name, room.call(uploads=uploads, **arguments))
    assert not reply.error, reply.lines
    return await shown(room)


async def pressed(room: Studio, job_id: str, action: str, **said: Any) -> Delivery:  # noqa: ANN401
    """Press a button of a job's message and see it through; the new message."""
    name, _, position = action.partition(":")
    packed = f"{name}:{job_id}" + (f":{position}" if position else "")
    reply = await room.dispatch.press(packed, room.call(**said))
    assert not reply.error, reply.lines
    return await shown(room)


async def shown(room: Studio) -> Delivery:
    """The message of the job that waits."""
    room.chat.delivered.clear()
    assert await room.work() == 1
    [(_, delivery)] = room.chat.delivered
    return delivery


def keys(delivery: Delivery) -> list[str]:
    """What it says."""
    return [line.key for line in delivery.lines]
