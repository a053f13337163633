"""Portraits drawn with light and shade: nobody's face, yet one that a detector takes for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Field = NDArray[np.floating]
Ink = tuple[float, float, float]
Box = tuple[int, int, int, int]

SKINS: tuple[Ink, ...] = (
    (236, 196, 170), (219, 170, 138), (188, 132, 98), (146, 96, 68), (104, 68, 50),
)  # fmt: skip
HAIRS: tuple[Ink, ...] = (
    (42, 32, 28),
    (92, 60, 36),
    (176, 136, 82),
    (122, 118, 116),
    (120, 52, 30),
)
CLOTHES: tuple[Ink, ...] = (
    (46, 70, 110),
    (140, 50, 52),
    (60, 96, 72),
    (210, 206, 196),
    (52, 50, 56),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How somebody looks; lengths are in heads (chin to crown = 2)."""

    skin: Ink
    hair: Ink
    cloth: Ink
    long_hair: bool
    smile: float
    turn: float
    light: float
    glasses: bool


def anybody(dice: Generator) -> Person:
    return Person(
        skin=SKINS[dice.integers(len(SKINS))],
        hair=HAIRS[dice.integers(len(HAIRS))],
        cloth=CLOTHES[dice.integers(len(CLOTHES))],
        long_hair=bool(dice.random() < 0.5),
        smile=float(dice.uniform(0.0, 1.0)),
        turn=float(dice.uniform(-0.12, 0.12)),
        light=float(dice.uniform(-0.5, 0.5)),
        glasses=bool(dice.random() < 0.2),
    )


def draw_person(canvas: Field, person: Person, at: tuple[float, float], half: float) -> Box:
    """Draw head and shoulders; `at` is the middle of the face, `half` half of the head's height.

    Gives back the box of the whole head, hair included.
    """
    x, y = at
    rows, columns, _ = canvas.shape
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float32)
    _Painter(canvas, (across - x) / half, (down - y) / half, 1.5 / half).draw(person)
    wide = 0.98 if person.long_hair else 0.84
    left, right = round(x - wide * half), round(x + wide * half)
    top, bottom = round(y - 1.12 * half), round(y + 1.02 * half)
    return max(0, left), max(0, top), min(columns, right), min(rows, bottom)


class _Painter:
    """Lays soft shapes on a canvas, in coordinates in which the head is an oval of height 2."""

    def __init__(self, canvas: Field, u: Field, v: Field, edge: float) -> None:
        self.canvas, self.u, self.v, self.edge = canvas, u, v, edge

    def draw(self, person: Person) -> None:
        whole = self.near(0, 1, 2.2, 2.8)
        whole._hair_behind(person)
        whole._body(person)
        head = self.near(0, 0, 1.1, 1.4)
        head._head(person)
        for side in (-1, 1):
            head.near(side * 0.32 + person.turn, -0.15, 0.5, 0.4)._eye(person, side)
        head.near(person.turn, 0.2, 0.35, 0.5)._nose(person)
        head.near(person.turn, 0.6, 0.5, 0.4)._mouth(person)
        head._hair_before(person)
        if person.glasses:
            head.near(0, 0, 0.8, 0.4)._glasses(person)

    def near(self, u: float, v: float, wide: float, high: float) -> _Painter:
        """A painter of that part alone, which is quicker."""
        row, column = self.v[:, 0], self.u[0]
        rows = slice(*np.searchsorted(row, (v - high, v + high)))
        columns = slice(*np.searchsorted(column, (u - wide, u + wide)))
        part = self.canvas[rows, columns], self.u[rows, columns], self.v[rows, columns]
        return _Painter(*part, self.edge)

    def oval(self, u: float, v: float, wide: float, high: float) -> Field:
        """1 inside an oval, 0 outside, soft at its edge."""
        far = np.hypot((self.u - u) / wide, (self.v - v) / high)
        return np.asarray(np.clip((1 - far) * (min(wide, high) / self.edge) + 0.5, 0, 1))

    def glow(self, u: float, v: float, wide: float, high: float) -> Field:
        """1 in the middle and less and less around."""
        return np.asarray(np.exp(-(((self.u - u) / wide) ** 2 + ((self.v - v) / high) ** 2)))

    def lay(self, mask: Field, ink: Ink, light: Field | float = 1.0) -> None:
        shade = light[..., None] if isinstance(light, np.ndarray) else light
        self.canvas += mask[..., None] * (np.array(ink, np.float32) * shade - self.canvas)

    def _hair_behind(self, person: Person) -> None:
        strands = 0.75 + 0.18 * np.sin(self.u * 46 + np.sin(self.v * 5) * 2)
        if person.long_hair:
            self.lay(self.oval(0, 0.12, 0.96, 1.22), person.hair, strands)
        self.lay(self.oval(0, -0.2, 0.84, 0.92), person.hair, strands)

    def _body(self, person: Person) -> None:
        folds = 0.8 + 0.12 * np.sin(self.u * 5 + self.v * 2) + 0.2 * person.light * self.u
        self.lay(self.oval(0, 2.55, 2.0, 1.25), person.cloth, folds)
        under = 0.8 - 0.3 * self.glow(0, 0.85, 0.6, 0.35)
        self.lay(self.oval(0, 1.1, 0.4, 0.62), person.skin, under)

    def _head(self, person: Person) -> None:
        for side in (-1, 1):
            self.lay(self.oval(side * 0.76, 0.08, 0.12, 0.2), person.skin, 0.72)
        jaw = 1 - 0.16 * np.clip(self.v, 0, 1) ** 2
        u = self.u / jaw
        rim = np.clip(1 - (u / 0.8) ** 2 - (self.v / 1.05) ** 2, 0, 1)
        light = 0.56 + 0.48 * np.sqrt(rim) + 0.26 * person.light * u - 0.1 * self.v
        light -= 0.16 * self.glow(0, 0.95, 0.6, 0.16)
        far = np.hypot(u / 0.76, self.v / 1.0)
        self.lay(np.clip((1 - far) / self.edge * 0.76 + 0.5, 0, 1), person.skin, light)
        for side in (-1, 1):
            blush = 0.22 * self.glow(side * 0.42 + person.turn, 0.26, 0.22, 0.18)
            self.lay(blush, (206, 96, 84))

    def _eye(self, person: Person, side: int) -> None:
        u, v = side * 0.32 + person.turn, -0.1
        dark = (person.skin[0] * 0.45, person.skin[1] * 0.38, person.skin[2] * 0.36)
        self.lay(0.5 * self.glow(u, v, 0.24, 0.15), dark)
        self.lay(self.oval(u, v, 0.155, 0.078), (238, 234, 230))
        iris = u + person.turn * 0.2
        inside = self.oval(u, v, 0.155, 0.078)
        self.lay(inside * self.oval(iris, v, 0.075, 0.08), (74, 58, 44))
        self.lay(inside * self.oval(iris, v, 0.036, 0.04), (12, 10, 10))
        self.lay(self.oval(iris - 0.025, v - 0.028, 0.017, 0.017), (250, 250, 250))
        lid = np.clip(
            self.oval(u, v - 0.012, 0.18, 0.1) - self.oval(u, v + 0.016, 0.17, 0.088), 0, 1
        )
        self.lay(0.85 * lid * (self.v < v + 0.02), (34, 24, 22))
        arch = v - 0.235 - 0.05 * np.cos((self.u - u) * 5)
        brow = np.exp(-(((self.v - arch) / 0.042) ** 2)) * self.oval(u, v - 0.26, 0.23, 0.14)
        self.lay(0.8 * brow, (person.hair[0] * 0.6, person.hair[1] * 0.6, person.hair[2] * 0.6))

    def _nose(self, person: Person) -> None:
        dark = (person.skin[0] * 0.5, person.skin[1] * 0.42, person.skin[2] * 0.4)
        shady = 1 if person.light < 0 else -1
        self.lay(0.34 * self.glow(person.turn * 1.3 + shady * 0.1, 0.1, 0.07, 0.2), dark)
        self.lay(0.35 * self.glow(person.turn * 1.4, 0.08, 0.05, 0.22), (255, 240, 226))
        self.lay(0.45 * self.glow(person.turn * 1.5, 0.34, 0.15, 0.045), dark)
        for side in (-1, 1):
            nostril = self.glow(person.turn * 1.5 + side * 0.085, 0.315, 0.042, 0.026)
            self.lay(0.8 * nostril, (50, 28, 24))

    def _mouth(self, person: Person) -> None:
        u, v, wide = person.turn * 1.2, 0.56, 0.26 + 0.06 * person.smile
        bend = v - 0.09 * person.smile * ((self.u - u) / wide) ** 2 + 0.03 * person.smile
        lips = np.exp(-(((self.v - bend) / 0.068) ** 2)) * self.oval(u, v, wide, 0.2)
        red = (person.skin[0] * 0.74, person.skin[1] * 0.42, person.skin[2] * 0.42)
        self.lay(0.85 * lips, red)
        line = np.exp(-(((self.v - bend) / 0.017) ** 2)) * self.oval(u, v, wide * 0.96, 0.2)
        if person.smile > 0.55:
            teeth = np.exp(-(((self.v - bend - 0.012) / 0.034) ** 2))
            self.lay(0.9 * teeth * self.oval(u, v, wide * 0.74, 0.2), (240, 236, 228))
        else:
            self.lay(0.85 * line, (64, 26, 26))
        self.lay(0.3 * self.glow(u, v + 0.15, 0.17, 0.035), (70, 40, 36))

    def _hair_before(self, person: Person) -> None:
        strands = 0.85 + 0.2 * np.sin(self.u * 40 + self.v * 9) - 0.25 * np.clip(self.v + 0.8, 0, 1)
        fringe = self.oval(0.06, -0.62, 0.8, 0.5) * np.clip(
            (-0.5 - 0.18 * np.cos(self.u * 3 + 0.6) - self.v) / self.edge * 0.5 + 0.5, 0, 1
        )
        self.lay(fringe, person.hair, strands)
        if person.long_hair:
            for side in (-1, 1):
                self.lay(self.oval(side * 0.8, 0.15, 0.17, 0.85), person.hair, strands)

    def _glasses(self, person: Person) -> None:
        for side in (-1, 1):
            u = side * 0.33 + person.turn
            rim = self.oval(u, -0.08, 0.25, 0.19) - self.oval(u, -0.08, 0.225, 0.165)
            self.lay(np.clip(rim, 0, 1), (28, 26, 26))
        bridge = np.exp(-(((self.v + 0.1) / 0.022) ** 2)) * (np.abs(self.u - person.turn) < 0.1)
        self.lay(0.9 * bridge, (28, 26, 26))
