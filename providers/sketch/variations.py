"""Pictures laid together, and a picture changed a little or much by the luck of a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageOps

# Of a picture's sides: how far it is cut, of its colours' circle: how far they turn, at most.
CUT_PART_MAX = 0.3
TURN_PART_MAX = 0.4
MIRRORED_FROM = 0.5
# Strips lean by so much of the height, and run into each other over so much of the width.
LEAN, SOFTNESS = 0.25, 0.03


def blended(pictures: Sequence[Image.Image]) -> Image.Image:
    """Leaning strips, one of each picture, in the shape of the first."""
    first = pictures[0]
    wide, high = first.size
    image = first.copy()
    lean = high * LEAN
    span = (wide + lean) / len(pictures)
    for number, picture in enumerate(pictures[1:], start=1):
        left = number * span
        mask = Image.new("L", first.size)
        strip = [(left, 0), (wide + lean, 0), (wide + lean, high), (left - lean, high)]
        ImageDraw.Draw(mask).polygon(strip, fill=255)
        soft = mask.filter(ImageFilter.BoxBlur(max(1.0, wide * SOFTNESS / 2)))
        image.paste(ImageOps.fit(picture, first.size), mask=soft)
    return image


def varied(image: Image.Image, seed: int, strength: float) -> Image.Image:
    """The picture in another cut and other colours, the further from its own the greater `strength`."""
    rng = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    cut = CUT_PART_MAX * strength * rng.uniform(0.6, 1)
    left, top = cut * rng.random() * image.width, cut * rng.random() * image.height
    box = (left, top, left + (1 - cut) * image.width, top + (1 - cut) * image.height)
    turn = rng.choice((-1, 1)) * TURN_PART_MAX * strength * rng.uniform(0.5, 1)
    mirrored = rng.random() < 0.5 and strength >= MIRRORED_FROM
    found = _turned(image.resize(image.size, Image.Resampling.BICUBIC, box), turn)
    return ImageOps.mirror(found) if mirrored else found


def _turned(image: Image.Image, part: float) -> Image.Image:
    """All colours moved along their circle."""
    hue, saturation, value = image.convert("HSV").split()
    moved = hue.point([(level + round(part * 256)) % 256 for level in range(256)])
    return Image.merge("HSV", (moved, saturation, value)).convert("RGB")
