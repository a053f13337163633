"""Things that stand in a sketch: animals, trees, houses, boats, birds, and what falls from the sky."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from providers.sketch.canvas import Canvas, Point, soft
from providers.sketch.colours import RGB, Palette, mix, rgb

At = Callable[..., list[Point]]

INK = (24, 24, 34)
CREAM = (252, 244, 232)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breed:
    """What tells one sitting animal from another, in parts of its height."""

    coat: RGB
    ear: tuple[Point, ...]
    ear_rounds: int = 3
    floppy: bool = False
    inner: RGB = (232, 170, 160)
    muzzle: float = 0.52
    cheek: float = 0.3
    pale: bool = True
    socks: bool = False
    tail: float = 1.0


BREEDS = {
    "fox": Breed(
        coat=rgb("dd6b2c"),
        ear=((-0.29, 0.26), (-0.25, -0.04), (-0.05, 0.15)),
        ear_rounds=0,
        inner=INK,
        socks=True,
    ),
    "wolf": Breed(
        coat=rgb("7d8796"),
        ear=((-0.27, 0.25), (-0.23, -0.02), (-0.06, 0.15)),
        ear_rounds=0,
        inner=rgb("4a5260"),
    ),
    "cat": Breed(
        coat=rgb("e0a458"),
        ear=((-0.27, 0.25), (-0.25, 0.0), (-0.08, 0.14)),
        muzzle=0.46,
        cheek=0.28,
        pale=False,
        tail=0.45,
    ),
    "dog": Breed(
        coat=rgb("c08a52"),
        ear=((-0.14, 0.1), (-0.3, 0.08), (-0.44, 0.3), (-0.36, 0.52), (-0.24, 0.34)),
        ear_rounds=2,
        floppy=True,
        muzzle=0.48,
        cheek=0.25,
        pale=False,
        tail=0.45,
    ),
    "rabbit": Breed(
        coat=rgb("cbb9a5"),
        ear=((-0.16, 0.2), (-0.2, -0.36), (-0.02, 0.15)),
        muzzle=0.45,
        cheek=0.24,
        pale=False,
        tail=0.0,
    ),
}


def animal(canvas: Canvas, kind: str, place: Point, high: float, coat: RGB | None) -> None:
    """A sitting animal that looks at us; `place` is the middle of its foot."""
    breed = BREEDS[kind]
    fur = mix(breed.coat, coat, 0.7) if coat is not None else breed.coat
    shade, pale = mix(fur, INK, 0.28), mix(fur, CREAM, 0.9)

    def at(points: Sequence[Point], mirrored: bool = False) -> list[Point]:
        side = -1 if mirrored else 1
        return [(place[0] + side * x * high, place[1] + (y - 1) * high) for x, y in points]

    canvas.veil(
        at(soft([(-0.5, 0.97), (0.7, 0.97), (0.75, 1.04), (-0.45, 1.04)])), (INK, INK), 0.22
    )
    if breed.tail:
        _tail(canvas, at, breed, shade, pale)
    body = [(-0.3, 1.02), (-0.29, 0.72), (-0.13, 0.38), (0.13, 0.38), (0.29, 0.72), (0.3, 1.02)]
    canvas.shape(at(soft(body)), fur)
    canvas.shape(
        at(soft([(-0.15, 0.42), (0.15, 0.42), (0.12, 0.7), (0, 0.86), (-0.12, 0.7)])), pale
    )
    paw = INK if breed.socks else pale
    for mirrored in (False, True):
        leg = [(-0.15, 0.76), (-0.035, 0.76), (-0.02, 1.0), (-0.17, 1.0)]
        canvas.shape(at(soft(leg, 2), mirrored), shade)
        paw_shape = [(-0.16, 0.91), (-0.03, 0.91), (-0.01, 1.0), (-0.19, 1.0)]
        canvas.shape(at(soft(paw_shape, 2), mirrored), paw)
    if breed.floppy:
        _head(canvas, at, breed, fur, pale)
    for mirrored in (False, True):
        canvas.shape(
            at(soft(breed.ear, breed.ear_rounds), mirrored), shade if breed.floppy else fur
        )
        if not breed.floppy:
            canvas.shape(at(soft(_shrunk(breed.ear), 1), mirrored), breed.inner)
    if not breed.floppy:
        _head(canvas, at, breed, fur, pale)


def _tail(canvas: Canvas, at: At, breed: Breed, shade: RGB, pale: RGB) -> None:
    wide = breed.tail
    outer = [(0.1, 1.0), (0.5, 1.02), (0.44 + 0.26 * wide, 0.78), (0.5 + 0.1 * wide, 0.46)]
    inner = [(0.5 - 0.12 * wide, 0.6), (0.5 - 0.12 * wide, 0.74), (0.2, 0.86)]
    canvas.shape(at(soft([*outer, *inner])), shade)
    if breed.pale:
        canvas.shape(at(soft([(0.645, 0.68), (0.6, 0.46), (0.49, 0.58), (0.5, 0.66)])), pale)


def _head(canvas: Canvas, at: At, breed: Breed, fur: RGB, pale: RGB) -> None:
    cheek, chin = breed.cheek, breed.muzzle
    skull = [(-cheek - 0.07, 0.32), (-0.17, 0.1), (0.17, 0.1), (cheek + 0.07, 0.32), (0.13, 0.47)]
    canvas.shape(at(soft([*skull, (0.0, chin + 0.05), (-0.13, 0.47)])), fur)
    for mirrored in (False, True):
        if breed.pale:
            mask = [
                (-cheek - 0.02, 0.32),
                (-0.1, 0.345),
                (-0.02, 0.36),
                (0, chin + 0.02),
                (-0.12, 0.46),
            ]
            canvas.shape(at(soft(mask, 2), mirrored), pale)
        (eye,) = at([(-0.115, 0.28)], mirrored)
        scale = abs(at([(1, 0)])[0][0] - at([(0, 0)])[0][0])
        canvas.oval(*eye, 0.027 * scale, 0.034 * scale, INK)
        canvas.disc(eye[0] + 0.009 * scale, eye[1] - 0.012 * scale, 0.009 * scale, CREAM)
    if not breed.pale:
        canvas.shape(
            at(soft([(-0.1, 0.38), (0.1, 0.38), (0.08, chin + 0.02), (-0.08, chin + 0.02)])), pale
        )
    tip = chin - 0.03
    canvas.shape(at(soft([(-0.05, tip - 0.03), (0.05, tip - 0.03), (0, tip + 0.035)], 2)), INK)


def _shrunk(points: Sequence[Point]) -> list[Point]:
    """The same outline at half its size, around its own middle."""
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    return [(x + (u - x) * 0.55, y + (v - y) * 0.55) for u, v in points]


def fir(canvas: Canvas, x: float, foot: float, high: float, colour: RGB, snowy: RGB | None) -> None:
    """A fir tree; `snowy` lays that colour on its branches."""
    canvas.box(x - high * 0.02, foot - high * 0.12, x + high * 0.02, foot, mix(colour, INK, 0.4))
    for step in range(4):
        top = foot - high * (1 - step * 0.2)
        low = foot - high * (0.62 - step * 0.18)
        wide = high * (0.12 + step * 0.052)
        canvas.shape([(x, top), (x + wide, low), (x, low - high * 0.03), (x - wide, low)], colour)
        if snowy is not None:
            tip = (low - top) * 0.52
            span = wide * 0.52
            canvas.shape(
                [(x, top), (x + span, top + tip), (x, top + tip * 0.8), (x - span, top + tip)],
                snowy,
            )


def crown_tree(canvas: Canvas, x: float, foot: float, high: float, colour: RGB) -> None:
    """A tree with a round crown, lit from the left."""
    canvas.box(x - high * 0.03, foot - high * 0.45, x + high * 0.03, foot, mix(colour, INK, 0.6))
    for dx, dy, size in ((0.0, 0.66, 0.3), (-0.16, 0.55, 0.22), (0.17, 0.54, 0.22)):
        canvas.disc(x + dx * high, foot - dy * high, size * high, mix(colour, INK, 0.18))
    for dx, dy, size in ((-0.05, 0.7, 0.22), (-0.19, 0.58, 0.14)):
        canvas.disc(x + dx * high, foot - dy * high, size * high, colour)


def palm(canvas: Canvas, x: float, foot: float, high: float, colour: RGB) -> None:
    """A leaning palm."""
    trunk = [(x + 0.16 * high * (t / 8) ** 2, foot - high * 0.8 * t / 8) for t in range(9)]
    canvas.line(trunk, high * 0.035, mix(colour, (110, 74, 44), 0.7))
    top_x, top_y = trunk[-1]
    for turn in range(7):
        angle = math.pi * (1.08 + turn * 0.14)
        reach = high * 0.42
        tip = (top_x + math.cos(angle) * reach, top_y + math.sin(angle) * reach * 0.5 + high * 0.12)
        bend = (top_x + math.cos(angle) * reach * 0.6, top_y + math.sin(angle) * reach * 0.75)
        canvas.shape(soft([(top_x, top_y), bend, tip, (bend[0], bend[1] + high * 0.06)], 2), colour)


def house(
    canvas: Canvas, x: float, foot: float, high: float, palette: Palette, snowy: bool
) -> None:
    """A cabin with lit windows and smoke."""
    wall, roof = mix(palette.accent, (96, 60, 44), 0.6), mix(palette.near, INK, 0.4)
    wide = high * 0.62
    canvas.box(
        x + wide * 0.4, foot - high * 1.02, x + wide * 0.62, foot - high * 0.6, mix(wall, INK, 0.4)
    )
    canvas.box(x - wide, foot - high * 0.55, x + wide, foot, wall)
    top = (250, 252, 255) if snowy else roof
    roof_points = [
        (x - wide * 1.2, foot - high * 0.5),
        (x - wide * 0.8, foot - high),
        (x + wide * 0.8, foot - high),
    ]
    canvas.shape([*roof_points, (x + wide * 1.2, foot - high * 0.5)], top)
    for dx in (-0.55, 0.55):
        canvas.glow(x + dx * wide, foot - high * 0.28, high * 0.35, (255, 208, 120), 0.55)
        left = x + (dx - 0.2) * wide
        canvas.box(left, foot - high * 0.4, left + wide * 0.4, foot - high * 0.16, (255, 220, 140))
    canvas.box(x - wide * 0.14, foot - high * 0.38, x + wide * 0.14, foot, mix(wall, INK, 0.55))


def boat(canvas: Canvas, x: float, foot: float, high: float, palette: Palette) -> None:
    """A sailing boat."""
    hull = [
        (x - high * 0.45, foot - high * 0.17),
        (x + high * 0.5, foot - high * 0.17),
        (x + high * 0.32, foot),
    ]
    canvas.shape([*hull, (x - high * 0.3, foot)], mix(palette.accent, INK, 0.25))
    canvas.box(x - high * 0.012, foot - high, x + high * 0.012, foot - high * 0.15, INK)
    main = [
        (x + high * 0.04, foot - high * 0.97),
        (x + high * 0.04, foot - high * 0.22),
        (x + high * 0.44, foot - high * 0.22),
    ]
    fore = [
        (x - high * 0.03, foot - high * 0.9),
        (x - high * 0.03, foot - high * 0.22),
        (x - high * 0.36, foot - high * 0.22),
    ]
    canvas.shape(main, CREAM)
    canvas.shape(fore, palette.accent)


def balloon(canvas: Canvas, x: float, y: float, high: float, colour: RGB) -> None:
    """A striped hot-air balloon; x, y is the middle of its envelope."""
    radius = high * 0.36
    for share, paint in ((1.0, colour), (0.66, CREAM), (0.3, colour)):
        canvas.oval(x, y, radius * share, radius * 1.08, paint)
        low = y + radius * 0.72
        throat = radius * 0.24 * share
        side = radius * 0.72 * share
        canvas.shape(
            [
                (x - side, low),
                (x + side, low),
                (x + throat, y + radius * 1.5),
                (x - throat, y + radius * 1.5),
            ],
            paint,
        )
    for side in (-1, 1):
        canvas.line(
            [
                (x + side * radius * 0.22, y + radius * 1.5),
                (x + side * radius * 0.16, y + radius * 1.8),
            ],
            high * 0.008,
            INK,
        )
    canvas.box(
        x - radius * 0.18, y + radius * 1.78, x + radius * 0.18, y + radius * 2.02, rgb("6b4529")
    )


def birds(canvas: Canvas, rng: random.Random, colour: RGB) -> None:
    """A small flock far off."""
    x, y = rng.uniform(0.25, 0.7) * canvas.aspect, rng.uniform(0.16, 0.3)
    for _ in range(rng.randint(4, 7)):
        u, v = x + rng.uniform(-0.16, 0.16) * canvas.thing, y + rng.uniform(-0.07, 0.07)
        span = rng.uniform(0.014, 0.024)
        wing = [(u - span, v - span * 0.4), (u - span * 0.4, v - span * 0.55), (u, v)]
        canvas.line(
            [*wing, (u + span * 0.4, v - span * 0.55), (u + span, v - span * 0.4)], 0.004, colour
        )


def clouds(canvas: Canvas, rng: random.Random, palette: Palette, number: int) -> None:
    """Flat-bottomed clouds, lit from above."""
    top, low = mix(palette.sky[2], (255, 255, 255), 0.25 if palette.dark else 0.75), palette.sky[1]
    for _ in range(number):
        x, y = rng.uniform(0, canvas.aspect), rng.uniform(0.08, 0.32)
        wide = rng.uniform(0.1, 0.2) * canvas.thing
        for _ in range(7):
            dx = rng.uniform(-1, 1)
            size = wide * (0.42 - 0.24 * abs(dx))
            puff = [
                (
                    x + dx * wide + size * math.cos(t * math.pi / 12),
                    y - size * math.sin(t * math.pi / 12),
                )
                for t in range(13)
            ]
            canvas.veil(puff, (top, mix(top, low, 0.5)), 0.62)


def stars(canvas: Canvas, rng: random.Random, number: int) -> None:
    """A starry sky, denser and finer towards the top."""
    for _ in range(number):
        x, y = rng.uniform(0, canvas.aspect), rng.random() ** 1.4 * 0.62
        size = rng.choice((0.0011, 0.0011, 0.0017, 0.0026))
        canvas.disc(x, y, size, mix((255, 255, 255), (170, 190, 255), rng.random()))


def falling(canvas: Canvas, rng: random.Random, colour: RGB, number: int) -> None:
    """Snowflakes, petals or leaves in the air, a few of them near."""
    for _ in range(number):
        size = 0.0016 + 0.006 * rng.random() ** 5
        canvas.disc(rng.uniform(0, canvas.aspect), rng.uniform(0, 0.97), size, colour)


def rain(canvas: Canvas, rng: random.Random, colour: RGB) -> None:
    """Slanting rain."""
    for _ in range(190):
        x, y, high = rng.uniform(0, canvas.aspect + 0.2), rng.random(), rng.uniform(0.02, 0.06)
        canvas.line([(x, y), (x - high * 0.28, y + high)], 0.0016, colour)


def flowers(canvas: Canvas, rng: random.Random, colours: Sequence[RGB]) -> None:
    """Flowers in the foreground, nearer ones larger."""
    for index in range(80):
        near = index / 80
        x, y = rng.uniform(0, canvas.aspect), 0.84 + near * 0.12 + rng.uniform(-0.01, 0.01)
        size = 0.006 + near * 0.012
        paint = rng.choice(colours)
        canvas.line([(x, y), (x, y + size * 4)], size * 0.3, rgb("3d7a45"))
        for turn in range(5):
            angle = math.tau * turn / 5
            canvas.disc(
                x + math.cos(angle) * size * 0.7,
                y + math.sin(angle) * size * 0.7,
                size * 0.6,
                paint,
            )
        canvas.disc(x, y, size * 0.45, (255, 226, 120))
