"""A canvas drawn at twice its size, so that edges come out smooth, and the lettering at its foot."""

from __future__ import annotations

import functools
import io
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from providers.sketch.colours import RGB, mix

MARK = "offline sketch - not AI"
LONG_SIDE = 1024
OVERSAMPLING = 2
PREVIEW_SIDE = 320
QUALITY = 90

Point = tuple[float, float]


class Unreadable(Exception):
    """A source picture that Pillow cannot decode, or a mask that marks nothing."""


class Canvas:
    """Drawing in fractions of the height: x runs from 0 to `aspect`, y from 0 (top) to 1."""

    def __init__(self, ratio: tuple[int, int]) -> None:
        wide, high = ratio
        longest = max(wide, high)
        self.size = (round(LONG_SIDE * wide / longest), round(LONG_SIDE * high / longest))
        self.image = Image.new("RGB", (self.size[0] * OVERSAMPLING, self.size[1] * OVERSAMPLING))
        self.unit = self.image.height
        self.aspect = self.image.width / self.unit
        # The size of things: a tall picture must not draw them too wide for it.
        self.thing = min(1.0, self.aspect * 1.25)
        self._draw = ImageDraw.Draw(self.image)

    def gradient(self, colours: Sequence[RGB], top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill the full width between two heights with colours that run into each other."""
        first, last = round(top * self.unit), round(bottom * self.unit)
        self.image.paste(
            strip(colours).resize((self.image.width, last - first), Image.Resampling.BILINEAR),
            (0, first),
        )

    def glow(self, x: float, y: float, radius: float, colour: RGB, strength: float) -> None:
        """Light around a point."""
        side = max(2, round(radius * 2 * self.unit))
        mask = _halo().point(lambda value: round(value * strength)).resize((side, side))
        corner = (round(x * self.unit - side / 2), round(y * self.unit - side / 2))
        self.image.paste(colour, (*corner, corner[0] + side, corner[1] + side), mask)

    def disc(self, x: float, y: float, radius: float, colour: RGB) -> None:
        """A filled circle."""
        self.oval(x, y, radius, radius, colour)

    def oval(self, x: float, y: float, wide: float, high: float, colour: RGB) -> None:
        """A filled ellipse by its half axes."""
        box = (x - wide, y - high, x + wide, y + high)
        self._draw.ellipse([value * self.unit for value in box], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: RGB) -> None:
        """A filled rectangle."""
        self._draw.rectangle([v * self.unit for v in (left, top, right, bottom)], fill=colour)

    def shape(self, points: Sequence[Point], colour: RGB) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=colour)

    def line(self, points: Sequence[Point], width: float, colour: RGB) -> None:
        """A line through points."""
        self._draw.line(
            [(x * self.unit, y * self.unit) for x, y in points],
            fill=colour,
            width=max(1, round(width * self.unit)),
            joint="curve",
        )

    def veil(self, points: Sequence[Point], colours: Sequence[RGB], strength: float) -> None:
        """A polygon filled with a gradient from its top to its foot; strength 1 hides what is below."""
        top = max(0, math.floor(min(y for _, y in points) * self.unit))
        bottom = min(self.unit, math.ceil(max(y for _, y in points) * self.unit))
        left = max(0, math.floor(min(x for x, _ in points) * self.unit))
        right = min(self.image.width, math.ceil(max(x for x, _ in points) * self.unit))
        if bottom - top < 2 or right - left < 2:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon(
            [(x * self.unit - left, y * self.unit - top) for x, y in points],
            fill=round(255 * strength),
        )
        fill = strip(colours).resize(mask.size, Image.Resampling.BILINEAR)
        self.image.paste(fill, (left, top), mask)

    def inset(self, picture: Image.Image, x: float, y: float, high: float, tilt: float) -> None:
        """A framed print of a picture, its middle at x, y; tilt in degrees."""
        side = round(high * self.unit)
        print_ = Image.new("RGBA", (side, round(side * 1.16)), (252, 250, 244, 255))
        edge = side // 14
        shown = _square(picture, side - 2 * edge)
        print_.paste(shown, (edge, edge))
        turned = print_.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
        corner = (round(x * self.unit - turned.width / 2), round(y * self.unit - turned.height / 2))
        shadow = turned.getchannel("A").point(lambda value: value * 2 // 5)
        shift = side // 40
        self.image.paste((10, 12, 24), (corner[0] + shift, corner[1] + 2 * shift), shadow)
        self.image.paste(turned, corner, turned)

    def finished(self) -> Image.Image:
        """The canvas at its real size."""
        return self.image.reduce(OVERSAMPLING)


def strip(colours: Sequence[RGB]) -> Image.Image:
    """A column one pixel wide with the colours running into each other."""
    steps = 64
    column = Image.new("RGB", (1, steps))
    spans = len(colours) - 1
    for row in range(steps):
        place = row / (steps - 1) * spans
        index = min(int(place), spans - 1)
        column.putpixel((0, row), mix(colours[index], colours[index + 1], place - index))
    return column


@functools.cache
def _halo() -> Image.Image:
    """Full in the middle, nothing at the rim, falling off fast."""
    return Image.radial_gradient("L").point(
        lambda value: round(255 * max(0.0, 1 - value / 181) ** 2.2)
    )


def _square(picture: Image.Image, side: int) -> Image.Image:
    """The middle of a picture as a square."""
    least = min(picture.size)
    left, top = (picture.width - least) // 2, (picture.height - least) // 2
    return picture.resize((side, side), box=(left, top, left + least, top + least))


def soft(points: Sequence[Point], rounds: int = 3) -> list[Point]:
    """A closed outline with its corners cut round, each time by a quarter."""
    outline = list(points)
    for _ in range(rounds):
        cut: list[Point] = []
        for (x, y), (u, v) in zip(outline, [*outline[1:], outline[0]], strict=True):
            cut += [
                (x * 0.75 + u * 0.25, y * 0.75 + v * 0.25),
                (x * 0.25 + u * 0.75, y * 0.25 + v * 0.75),
            ]
        outline = cut
    return outline


def wave(rng: random.Random, width: float, *, calm: float, steps: int = 160) -> list[Point]:
    """A gentle line over a width, -1..1 high: sines that do not repeat; calm lengthens them."""
    parts = [
        (1 / (index + 1), (index + 1) * rng.uniform(1.6, 3.2) / calm, rng.uniform(0, math.tau))
        for index in range(4)
    ]
    scale = sum(weight for weight, _, _ in parts)
    xs = [width * step / steps for step in range(steps + 1)]
    return [(x, sum(w * math.sin(f * x + p) for w, f, p in parts) / scale) for x in xs]


def captioned(image: Image.Image, text: str) -> Image.Image:
    """The picture with large outlined letters near its foot."""
    size = max(12, round(min(image.width / max(8, len(text) * 0.62), image.height / 8)))
    draw = ImageDraw.Draw(image)
    draw.text(
        (image.width / 2, image.height - size * 0.7),
        fitted(text, size, image.width * 0.94),
        (255, 255, 255),
        _font(size),
        anchor="ms",
        stroke_width=max(1, size // 14),
        stroke_fill=(0, 0, 0),
    )
    return image


@functools.lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def fitted(text: str, size: int, width: float) -> str:
    """The text on one line, cut with an ellipsis where it is wider than so many pixels."""
    # The built-in font has Latin letters alone; a row of boxes would say nothing.
    text = " ".join("".join(c if ord(c) < 0x250 else " " for c in text[:300]).split())
    font = _font(size)
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[: -max(1, len(text) // 20)]
    return text.rstrip() + "..."


def lettered(image: Image.Image, text: str, aside: str, *, below: bool = False) -> Image.Image:
    """The picture with a dark band at (or `below`) its foot: the text, and the mark: no AI."""
    size = max(13, round(min(image.width, image.height * 1.6) / 46))
    pad = round(size * 0.8)
    band = size + 2 * round(pad * 0.7)
    if below:
        wide = max(image.width, math.ceil(_font(size).getlength(MARK)) + 2 * pad)
        sheet = Image.new("RGB", (wide, image.height + band))
        sheet.paste(image, ((wide - image.width) // 2, 0))
        image = sheet
    font = _font(size)
    top = image.height - band
    foot = image.crop((0, top, image.width, image.height))
    image.paste(Image.blend(foot, Image.new("RGB", foot.size, (12, 14, 24)), 0.62), (0, top))
    draw = ImageDraw.Draw(image)
    middle = top + band / 2
    mark = f"{MARK}{aside}"
    taken = font.getlength(mark)
    if taken > image.width * 0.62:
        mark, taken = MARK, font.getlength(MARK)
    draw.text((image.width - pad, middle), mark, (255, 255, 255), font, anchor="rm")
    room = image.width - taken - 3 * pad
    if room > size * 4:
        draw.text((pad, middle), fitted(text, size, room), (226, 228, 236), font, anchor="lm")
    return image


def encoded(image: Image.Image) -> tuple[bytes, bytes]:
    """The picture and a small preview, both JPEG."""
    whole = io.BytesIO()
    image.save(whole, "JPEG", quality=QUALITY, subsampling=0)
    return whole.getvalue(), previewed(image)


def previewed(image: Image.Image) -> bytes:
    """A small preview, as JPEG."""
    preview = io.BytesIO()
    small = image.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.BILINEAR)
    small.save(preview, "JPEG", quality=70)
    return preview.getvalue()


def loaded(data: bytes, side_max: int | None = None) -> Image.Image:
    """The picture, with alpha where it is clear somewhere, at about `side_max` or whole."""
    try:
        with Image.open(io.BytesIO(data)) as file:
            if side_max is not None:
                file.draft("RGB", (side_max, side_max))
            return file.convert("RGBA" if file.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable("the picture cannot be read") from error


def opened(data: bytes, side_max: int) -> Image.Image:
    """The picture on white, no larger than that; raises Unreadable."""
    picture = loaded(data, side_max)
    picture.thumbnail((side_max, side_max))
    if picture.mode == "RGB":
        return picture
    white = Image.new("RGB", picture.size, (255, 255, 255))
    white.paste(picture, mask=picture.getchannel("A"))
    return white
