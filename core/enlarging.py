"""Enlarging a picture: noise out before it, Lanczos, details up after it; in a bounded child only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.denoising import cleaned, noise_of
from core.picture_files import PNG, Answer, choices, decode, kind_of, write_within
from core.regions import grown, shrunk

Bytes = NDArray[np.uint8]

BAND_PX = 256
CONTEXT_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """How much of the measured noise is taken out; `noise_min` is taken for granted, in levels."""

    factor: float
    noise_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """How far details are brought out: radius in px, amount, and what counts as noise, in levels."""

    radius: float
    amount: float
    noise: int


CLEANINGS = {
    "light": Cleaning(factor=2.2, noise_min=0.0),
    "strong": Cleaning(factor=3.2, noise_min=2.0),
}
DETAILS = {
    "light": Details(radius=1.5, amount=0.8, noise=2),
    "strong": Details(radius=2.2, amount=1.1, noise=1),
}
FINE_PIXELS_MAX = 2_000_000
NEAR_PX = 2
OVERSHOOT = 2


def upscale(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The picture `scale` times as large in both directions, by Lanczos."""
    kind, lossless = kind_of(blobs[0])
    picture = decode(blobs.pop())
    size = (picture.width * values["scale"], picture.height * values["scale"])
    larger = picture.resize(size, Image.Resampling.LANCZOS)
    return _written(larger, kind, lossless=lossless)


def denoise(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The picture without its noise, edges kept; `strength` is light or strong."""
    kind, lossless = kind_of(blobs[0])
    picture = decode(blobs.pop())
    how = CLEANINGS[values["strength"]]
    limits = [how.factor * max(noise, how.noise_min) for noise in noise_of(picture)]
    quick = picture.width * picture.height > FINE_PIXELS_MAX
    clean = _in_bands(picture, lambda band: cleaned(band, limits, quick=quick))
    return _written(clean, kind, lossless=lossless)


def sharpen(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The picture with its details brought out and no halos; `strength` is light or strong."""
    kind, lossless = kind_of(blobs[0])
    picture = decode(blobs.pop())
    how = DETAILS[values["strength"]]
    return _written(_in_bands(picture, lambda band: _sharp(band, how)), kind, lossless=lossless)


def _written(picture: Image.Image, kind: str, *, lossless: bool) -> Answer:
    """Lossless where the source was, or where there is transparency, as far as that is possible."""
    ways = choices(picture, kind, lossless=lossless)
    return {}, [write_within(picture, [PNG, *ways] if picture.mode == "RGBA" else ways)]


def _in_bands(picture: Image.Image, work: Callable[[Bytes], Bytes]) -> Image.Image:
    """Work on the colours band by band, each with some rows around it; transparency stays."""
    result = Image.new("RGB", picture.size)
    for top in range(0, picture.height, BAND_PX):
        bottom = min(top + BAND_PX, picture.height)
        above, below = max(0, top - CONTEXT_PX), min(picture.height, bottom + CONTEXT_PX)
        band = picture.crop((0, above, picture.width, below)).convert("RGB")
        done = work(np.asarray(band))[top - above : bottom - above]
        result.paste(Image.fromarray(np.ascontiguousarray(done)), (0, top))
    if picture.mode == "RGBA":
        result.putalpha(picture.getchannel("A"))
    return result


def _sharp(rgb: Bytes, how: Details) -> Bytes:
    """Details by their distance from the mean around, no brighter or darker than what is near."""
    grey = Image.fromarray(rgb).convert("L")
    light = np.asarray(grey)
    around = np.asarray(grey.filter(ImageFilter.GaussianBlur(how.radius)))
    detail = light.astype(np.int16) - around
    detail = np.sign(detail) * np.maximum(np.abs(detail) - how.noise, 0)
    lowest = shrunk(light, NEAR_PX).astype(np.int16) - OVERSHOOT
    highest = grown(light, NEAR_PX).astype(np.int16) + OVERSHOOT
    aimed = light + np.rint(detail * np.float32(how.amount)).astype(np.int16)
    moved = np.clip(aimed, lowest, highest) - light
    return np.asarray(np.clip(rgb + moved[..., None], 0, 255), np.uint8)
