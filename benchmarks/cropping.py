"""Crops against the smartcrop package, and palettes against colorthief: whole files in and out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from statistics import fmean

import numpy as np
from PIL import Image
from smartcrop import SmartCrop

from benchmarks.measure import Figure, in_turns
from core.images import Images
from core.pixels import colours_in
from tests.fakes.painted import Painted, error, painted, thief
from tests.fakes.pictures import encode
from tests.fakes.scenes import portrait, scenes

SIDES_PX = (1024, 4096)
RATIO = (4, 5)
COLOURS = 6
REPEATS = 3
CROP_RATIO_MAX = 2.0
PALETTE_RATIO_MAX = 0.1
# What smartcrop's own command line scales pictures to before it looks at them, and what colorthief
# skips of the pixels when nothing is said.
SMARTCROP_SIDE_PX = 100
COLORTHIEF_QUALITY = 10


async def figures() -> AsyncIterator[Figure]:
    """Each as a ratio, on photos with sides of 1024 and 4096 pixels."""
    images = Images()
    subjects = {"a face": portrait(0).picture, "a thing": next(scenes("thing")).picture}
    try:
        for side in SIDES_PX:
            for name, picture in subjects.items():
                data = _photo(picture, side)
                await images.crop(data, ratio=RATIO, focus="auto")
                sides = await in_turns(_several(_crop(images, data)), _several(_smartcrop(data)))
                yield _ratio(f"crop of {name}, {side} px, against smartcrop", sides, CROP_RATIO_MAX)
            async for figure in _palettes(images, side):
                yield figure
    finally:
        await images.close()


def _photo(picture: Image.Image, side: int) -> bytes:
    """The picture with a long side of `side` px, grainy, as a camera's JPEG."""
    size = side, side * picture.height // picture.width
    large = np.asarray(picture.resize(size, Image.Resampling.BICUBIC), np.float32)
    grain = 4 * np.random.default_rng(1).standard_normal(large.shape[:2], np.float32)
    pixels = (large + grain[..., None]).clip(0, 255).astype(np.uint8)
    return encode(Image.fromarray(pixels), "JPEG", quality=92)


def _several(once: Callable[[], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
    """The mean of a few, since one is over in a moment."""

    async def turn() -> float:
        return fmean([await once() for _ in range(REPEATS)])

    return turn


def _crop(images: Images, data: bytes) -> Callable[[], Awaitable[float]]:
    async def once() -> float:
        began = time.perf_counter()
        await images.crop(data, ratio=RATIO, focus="auto")
        return time.perf_counter() - began

    return once


def _smartcrop(data: bytes) -> Callable[[], Awaitable[float]]:
    """Opens, looks, cuts and writes with the same encoder settings as ours."""

    async def once() -> float:
        began = time.perf_counter()
        picture = Image.open(BytesIO(data)).convert("RGB")
        height = SMARTCROP_SIDE_PX * RATIO[1] // RATIO[0]
        top = SmartCrop().crop(picture, SMARTCROP_SIDE_PX, height)["top_crop"]
        box = top["x"], top["y"], top["x"] + top["width"], top["y"] + top["height"]
        picture.crop(box).save(BytesIO(), "JPEG", quality=95, subsampling=0)
        return time.perf_counter() - began

    return once


async def _palettes(images: Images, side: int) -> AsyncIterator[Figure]:
    """Six colours of a file: the time, and how far from the true ones they are (CIEDE2000)."""
    picture = painted(3, (side, side * 3 // 4), COLOURS)

    async def ours() -> float:
        began = time.perf_counter()
        colours_in(picture.data, COLOURS, neutral=True)
        return time.perf_counter() - began

    async def theirs() -> float:
        began = time.perf_counter()
        thief(picture.data, COLOURS, COLORTHIEF_QUALITY)
        return time.perf_counter() - began

    async def whole() -> float:
        began = time.perf_counter()
        await images.palette(picture.data, count=COLOURS, neutral=True)
        return time.perf_counter() - began

    name = f"{COLOURS} colours of {side} px against colorthief"
    yield _ratio(name, await in_turns(_several(ours), _several(theirs)), PALETTE_RATIO_MAX)
    more = "the same in a child, with a picture of them"
    yield _ratio(more, await in_turns(_several(whole), _several(theirs)), None)
    yield _errors(picture, "their mean error")


def _errors(picture: Painted, name: str) -> Figure:
    true = list(picture.colours)
    found = colours_in(picture.data, COLOURS, neutral=True)
    ours = error([each.rgb for each in found], true)
    theirs = error(thief(picture.data, COLOURS, COLORTHIEF_QUALITY), true)
    return Figure(
        name=name,
        value=f"{ours:.1f}",
        target="< colorthief's",
        good=ours < theirs,
        note=f"against {theirs:.1f}, CIEDE2000",
    )


def _ratio(name: str, sides: tuple[float, float], most: float | None) -> Figure:
    ours, theirs = sides
    return Figure(
        name=name,
        value=f"{ours / theirs:.3f}",
        target="" if most is None else f"<= {most}",
        good=None if most is None else ours / theirs <= most,
        note=f"{ours * 1000:.0f} ms against {theirs * 1000:.0f}",
    )
