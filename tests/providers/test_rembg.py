"""Backgrounds taken away on this machine: with a real session of ONNX Runtime and a tiny model."""

from __future__ import annotations

import asyncio
import importlib.util
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bot.settings import SettingsError, load
from bot.vendor_settings import check
from bot.wiring import vendor_names
from providers import rembg
from providers.base import Credentials, Fault, ImageRequest, ProviderError, SourceImage, load_models
from providers.rembg import PROVIDER, Rembg
from tests.fakes.onnx_model import luminance
from tests.providers.requests import asking, ignore

pytest.importorskip("onnxruntime")

MODEL = load_models()["u2net"]
PAPER, INK = (250, 240, 230), (10, 12, 20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a model.onnx"
    path.write_bytes(luminance())
    return path


@pytest.fixture
async def vendor(file: Path) -> AsyncIterator[Rembg]:
    opened = PROVIDER.open(Credentials(file=str(file)))
    assert isinstance(opened, Rembg)
    yield opened
    await opened.close()


def source(image: Image.Image) -> SourceImage:
    out = io.BytesIO()
    image.save(out, "PNG")
    return SourceImage(data=out.getvalue(), media_type="image/png")


def disc(size: tuple[int, int] = (600, 400), mode: str = "RGB") -> Image.Image:
    """A bright disc in the middle of the dark."""
    image = Image.new(mode, size, INK)
    middle, radius = (size[0] / 2, size[1] / 2), min(size) / 4
    ImageDraw.Draw(image).circle(middle, radius, fill=PAPER)
    return image


def cutting(image: Image.Image) -> ImageRequest:
    return replace(asking(MODEL, "background"), images=(source(image),))


async def cut(vendor: Rembg, image: Image.Image) -> Image.Image:
    result = await vendor.run(cutting(image), partial=ignore, accepted=ignore)
    (data,) = result.images
    assert result.cost_usd == 0
    with Image.open(io.BytesIO(data)) as made:
        assert made.format == "PNG"
        assert made.mode == "RGBA"
        return made.copy()


async def fails(vendor: Rembg, request: ImageRequest) -> Fault:
    with pytest.raises(ProviderError) as caught:
        await vendor.run(request, partial=ignore, accepted=ignore)
    return caught.value.fault


def test_it_is_there_where_its_file_and_its_package_are(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(PROVIDER.open(Credentials(file=str(file))), Rembg)
    assert PROVIDER.open(Credentials(file=f"{file}.gone")) is None
    assert PROVIDER.open(Credentials(file=str(file.parent))) is None
    assert PROVIDER.open(Credentials()) is None
    monkeypatch.setattr(rembg, "PACKAGE", "no_such_package")
    assert PROVIDER.open(Credentials(file=str(file))) is None


async def test_the_subject_stays_and_all_around_it_is_clear(vendor: Rembg) -> None:
    before = disc()
    after = await cut(vendor, before)
    assert after.size == before.size
    assert after.getpixel((300, 200)) == (*PAPER, 255)
    for corner in ((0, 0), (599, 0), (0, 399), (599, 399), (300, 60)):
        pixel = after.getpixel(corner)
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0
    solid = sum(after.getchannel("A").histogram()[128:])
    assert solid == pytest.approx(3.1416 * 100**2, rel=0.03)


@pytest.mark.parametrize("size", [(2, 2), (7, 300), (1600, 200), (2500, 1900)])
async def test_every_size_is_kept(vendor: Rembg, size: tuple[int, int]) -> None:
    after = await cut(vendor, disc(size) if min(size) > 4 else Image.new("RGB", size, PAPER))
    assert after.size == size
    assert after.getchannel("A").getextrema()[1] == 255


async def test_what_was_clear_stays_clear(vendor: Rembg) -> None:
    before = disc(mode="RGBA")
    before.paste((*PAPER, 0), (300, 0, 600, 400))
    after = await cut(vendor, before)
    assert after.crop((310, 0, 600, 400)).getchannel("A").getextrema() == (0, 0)
    assert after.getpixel((250, 200)) == (*PAPER, 255)


async def test_a_picture_of_one_colour_is_all_subject_or_none(vendor: Rembg) -> None:
    white = await cut(vendor, Image.new("RGB", (90, 60), PAPER))
    assert white.getchannel("A").getextrema() == (255, 255)
    assert await fails(vendor, cutting(Image.new("RGB", (90, 60)))) is Fault.BAD_INPUT


async def test_what_it_cannot_do_is_bad_input(vendor: Rembg) -> None:
    asked = cutting(disc())
    broken = SourceImage(data=b"no picture", media_type="image/png")
    for wrong in (
        replace(asked, operation="edit"),
        replace(asked, images=()),
        replace(asked, images=(broken,)),
    ):
        assert await fails(vendor, wrong) is Fault.BAD_INPUT


NO_MODELS = {
    "empty": b"",
    "text": b"<html>not found</html>",
    "half": luminance()[:60],
    "four planes": luminance(planes=4),
    "another size": luminance(side=64),
    "three axes": luminance(kept=False),
}


@pytest.mark.parametrize("name", NO_MODELS)
async def test_a_file_that_is_no_such_model_is_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(NO_MODELS[name])
    vendor = Rembg(path)
    assert await fails(vendor, cutting(disc())) is Fault.MODEL_GONE
    await vendor.close()


async def test_nobody_waits_without_end(vendor: Rembg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rembg, "CALL_TIMEOUT_S", 0.0)
    assert await fails(vendor, cutting(disc())) is Fault.UNAVAILABLE


async def test_pictures_take_turns_and_the_loop_goes_on(vendor: Rembg) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.001)
            beats += 1

    beating = asyncio.create_task(beat())
    sizes = [(60 + 10 * number, 60) for number in range(5)]
    cuts = await asyncio.gather(*(cut(vendor, disc(size)) for size in sizes))
    beating.cancel()
    assert [image.size for image in cuts] == sizes
    assert beats >= 5


async def test_what_is_given_up_before_its_turn_is_not_done(vendor: Rembg) -> None:
    first = asyncio.create_task(cut(vendor, disc((2000, 2000))))
    second = asyncio.create_task(cut(vendor, disc()))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert (await first).size == (2000, 2000)


def said(folder: Path, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        check(load(vendor_names(), environment, folder))
    return str(caught.value)


def test_what_is_missing_is_said_at_the_start(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(vendor_names(), {"REMBG_MODEL": str(file)}, tmp_path)
    check(settings)
    assert settings.secrets() == ()
    gone = f"{file}.gone"
    assert said(tmp_path, REMBG_MODEL=gone) == f"REMBG_MODEL: there is no file {gone}"
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    needs = "REMBG_MODEL: needs the package onnxruntime, which is not installed"
    assert said(tmp_path, REMBG_MODEL=str(file)) == needs
