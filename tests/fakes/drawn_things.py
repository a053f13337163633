"""Things drawn with light and shade on a transparent square, for pictures with a known subject."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Thing = Callable[[Generator, int], Image.Image]
Rgb = tuple[int, int, int]

SMOOTH = 2
BRIGHT: tuple[Rgb, ...] = (
    (204, 48, 42), (236, 152, 32), (44, 110, 190), (242, 208, 64), (150, 62, 150), (238, 238, 232),
    (28, 132, 122),
)  # fmt: skip


def _ink(dice: Generator) -> Rgb:
    return BRIGHT[int(dice.integers(len(BRIGHT)))]


class _Sheet:
    """A square to draw on, coordinates 0..1, drawn large and made smaller."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.large = side * SMOOTH
        self.picture = Image.new("RGBA", (self.large, self.large), (0, 0, 0, 0))

    def _at(self, points: Sequence[float]) -> list[float]:
        return [value * self.large for value in points]

    def solid(
        self,
        ink: Rgb,
        *,
        light: float = 0.35,
        oval: Sequence[float] | None = None,
        shape: Sequence[float] | None = None,
        round_box: Sequence[float] | None = None,
    ) -> None:
        """One part, lighter at its upper left and darker at its lower right."""
        mask = Image.new("L", self.picture.size)
        draw = ImageDraw.Draw(mask)
        if oval is not None:
            draw.ellipse(self._at(oval), fill=255)
        if shape is not None:
            draw.polygon(self._at(shape), fill=255)
        if round_box is not None:
            draw.rounded_rectangle(self._at(round_box), radius=self.large * 0.05, fill=255)
        left, top, right, bottom = mask.getbbox() or (0, 0, 1, 1)
        down, across = np.mgrid[0 : self.large, 0 : self.large].astype(np.float32)
        u = (across - left) / max(1, right - left) - 0.36
        v = (down - top) / max(1, bottom - top) - 0.32
        shade = np.clip(1 + light * (0.55 - 1.5 * np.hypot(u, v)), 0.3, 1.5)
        pixels = np.clip(np.array(ink) * shade[..., None], 0, 255).astype(np.uint8)
        part = Image.fromarray(pixels).convert("RGBA")
        part.putalpha(mask)
        self.picture.alpha_composite(part)

    def line(self, ink: Rgb, points: Sequence[float], width: float) -> None:
        draw = ImageDraw.Draw(self.picture)
        draw.line(
            self._at(points), fill=(*ink, 255), width=round(width * self.large), joint="curve"
        )

    def ring(self, ink: Rgb, box: Sequence[float], width: float) -> None:
        draw = ImageDraw.Draw(self.picture)
        draw.ellipse(self._at(box), outline=(*ink, 255), width=round(width * self.large))

    def done(self) -> Image.Image:
        return self.picture.resize((self.side, self.side), Image.Resampling.LANCZOS)


def ball(dice: Generator, side: int) -> Image.Image:
    sheet = _Sheet(side)
    sheet.solid(_ink(dice), oval=(0.04, 0.04, 0.96, 0.96), light=0.7)
    stripe = Image.new("RGBA", sheet.picture.size, (0, 0, 0, 0))
    ImageDraw.Draw(stripe).rectangle(
        (0, 0.4 * sheet.large, sheet.large, 0.56 * sheet.large), fill=(248, 248, 244, 210)
    )
    inside = sheet.picture.getchannel("A")
    stripe.putalpha(ImageChops.multiply(stripe.getchannel("A"), inside))
    sheet.picture.alpha_composite(stripe)
    return sheet.done()


def mug(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    sheet.ring(ink, (0.56, 0.3, 0.98, 0.76), 0.08)
    sheet.solid(ink, round_box=(0.06, 0.14, 0.74, 0.95), light=0.5)
    sheet.solid((92, 56, 34), oval=(0.1, 0.06, 0.7, 0.24), light=0.2)
    sheet.ring(ink, (0.06, 0.04, 0.74, 0.26), 0.035)
    return sheet.done()


def bottle(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    sheet.solid((40, 40, 44), round_box=(0.42, 0.02, 0.58, 0.14))
    sheet.solid(ink, shape=(0.44, 0.12, 0.56, 0.12, 0.7, 0.36, 0.7, 0.5, 0.3, 0.5, 0.3, 0.36))
    sheet.solid(ink, round_box=(0.3, 0.34, 0.7, 0.97), light=0.5)
    sheet.solid((244, 240, 228), round_box=(0.3, 0.52, 0.7, 0.8), light=0.2)
    for row in range(3):
        sheet.line((70, 66, 60), (0.38, 0.6 + row * 0.06, 0.62, 0.6 + row * 0.06), 0.014)
    return sheet.done()


def shoe(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    upper = (
        0.06,
        0.42,
        0.22,
        0.36,
        0.32,
        0.3,
        0.46,
        0.46,
        0.7,
        0.58,
        0.92,
        0.62,
        0.97,
        0.74,
        0.06,
        0.74,
    )
    sheet.solid(ink, shape=upper, light=0.6)
    sheet.solid((240, 238, 232), round_box=(0.04, 0.7, 0.98, 0.82), light=0.2)
    for step in range(4):
        x, y = 0.4 + step * 0.07, 0.42 + step * 0.045
        sheet.line((250, 250, 246), (x, y, x - 0.05, y + 0.09), 0.02)
    return sheet.done()


def flower(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    sheet.line((52, 104, 44), (0.5, 0.5, 0.52, 0.98), 0.045)
    sheet.solid((66, 124, 50), shape=(0.51, 0.86, 0.72, 0.68, 0.84, 0.74, 0.7, 0.84))
    for step in range(9):
        angle = step * 2 * np.pi / 9
        x, y = 0.5 + 0.23 * np.cos(angle), 0.34 + 0.23 * np.sin(angle)
        sheet.solid(ink, oval=(x - 0.13, y - 0.1, x + 0.13, y + 0.1), light=0.5)
    sheet.solid((120, 78, 28), oval=(0.38, 0.22, 0.62, 0.46), light=0.6)
    return sheet.done()


def bird(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    sheet.solid((60, 54, 52), shape=(0.02, 0.44, 0.3, 0.48, 0.26, 0.62, 0.06, 0.54), light=0.3)
    sheet.solid(ink, oval=(0.16, 0.34, 0.78, 0.82), light=0.6)
    sheet.solid((74, 66, 62), shape=(0.24, 0.46, 0.6, 0.5, 0.5, 0.72, 0.3, 0.7), light=0.5)
    sheet.solid(ink, oval=(0.6, 0.16, 0.9, 0.48), light=0.5)
    sheet.solid((228, 160, 48), shape=(0.88, 0.28, 0.99, 0.34, 0.88, 0.38), light=0.2)
    sheet.solid((16, 14, 14), oval=(0.75, 0.26, 0.81, 0.32), light=0.1)
    for x in (0.44, 0.54):
        sheet.line((94, 70, 40), (x, 0.8, x + 0.02, 0.97), 0.022)
    return sheet.done()


def car(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    cabin = (0.22, 0.46, 0.34, 0.28, 0.66, 0.28, 0.8, 0.46)
    sheet.solid(ink, shape=cabin, light=0.3)
    sheet.solid((152, 186, 204), shape=(0.28, 0.45, 0.37, 0.32, 0.49, 0.32, 0.49, 0.45), light=0.4)
    sheet.solid((152, 186, 204), shape=(0.52, 0.45, 0.52, 0.32, 0.64, 0.32, 0.73, 0.45), light=0.4)
    sheet.solid(ink, round_box=(0.03, 0.44, 0.97, 0.68), light=0.5)
    for x in (0.24, 0.76):
        sheet.solid((26, 26, 28), oval=(x - 0.11, 0.57, x + 0.11, 0.79), light=0.3)
        sheet.solid((176, 176, 180), oval=(x - 0.05, 0.63, x + 0.05, 0.73), light=0.4)
    sheet.solid((250, 236, 170), oval=(0.9, 0.5, 0.96, 0.57), light=0.1)
    return sheet.done()


def parcel(dice: Generator, side: int) -> Image.Image:
    sheet, ink = _Sheet(side), _ink(dice)
    dark: Rgb = (ink[0] * 2 // 3, ink[1] * 2 // 3, ink[2] * 2 // 3)
    sheet.solid(ink, shape=(0.06, 0.34, 0.54, 0.5, 0.54, 0.97, 0.06, 0.8), light=0.3)
    sheet.solid(dark, shape=(0.54, 0.5, 0.96, 0.3, 0.96, 0.76, 0.54, 0.97), light=0.3)
    pale: Rgb = (min(255, ink[0] + 24), min(255, ink[1] + 24), min(255, ink[2] + 24))
    sheet.solid(pale, shape=(0.06, 0.34, 0.46, 0.14, 0.96, 0.3, 0.54, 0.5), light=0.3)
    sheet.line((250, 246, 232), (0.26, 0.24, 0.74, 0.4, 0.74, 0.87), 0.05)
    return sheet.done()


def fruit(dice: Generator, side: int) -> Image.Image:
    sheet = _Sheet(side)
    ink = ((196, 40, 36), (222, 146, 28), (150, 176, 52))[int(dice.integers(3))]
    sheet.line((92, 66, 40), (0.5, 0.22, 0.56, 0.04), 0.04)
    sheet.solid((72, 128, 48), shape=(0.54, 0.16, 0.72, 0.04, 0.86, 0.1, 0.7, 0.2))
    sheet.solid(ink, oval=(0.06, 0.16, 0.62, 0.96), light=0.6)
    sheet.solid(ink, oval=(0.38, 0.16, 0.94, 0.96), light=0.6)
    shine = Image.new("L", sheet.picture.size)
    ImageDraw.Draw(shine).ellipse(
        [value * sheet.large for value in (0.2, 0.28, 0.36, 0.5)], fill=150
    )
    sheet.picture.paste(
        (255, 250, 244, 255), mask=shine.filter(ImageFilter.GaussianBlur(side / 16))
    )
    return sheet.done()


THINGS: tuple[Thing, ...] = (ball, mug, flower, bird, car, bottle, shoe, parcel, fruit)
