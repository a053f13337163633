"""Landscapes: a sky, land in layers from far to near, and what stands in front."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from providers.sketch import figures
from providers.sketch.canvas import Canvas, Point, wave
from providers.sketch.colours import RGB, Palette, mix, rgb
from providers.sketch.stage import Stage
from providers.sketch.words import FIGURES

WHITE = (255, 255, 255)
HORIZON = 0.57


def landscape(stage: Stage) -> None:
    """A sky, the place that the wish names, and what stands in front of it."""
    canvas, palette, wish = stage.canvas, stage.palette, stage.wish
    canvas.gradient(palette.sky, 0.0, 0.7)
    canvas.gradient((palette.sky[2], palette.far), 0.7, 1.0)
    _heavens(stage)
    if wish.shows("sea", "beach"):
        _sea(stage)
    elif wish.shows("desert"):
        _dunes(stage)
    elif wish.shows("city"):
        _city(stage)
    elif wish.shows("forest", "snow", "mountain"):
        _highland(stage)
    else:
        _meadows(stage)
    _foreground(stage)


def _heavens(stage: Stage) -> None:
    canvas, rng, palette, wish = stage.canvas, stage.rng, stage.palette, stage.wish
    x, y = rng.uniform(0.22, 0.78) * canvas.aspect, rng.uniform(0.2, 0.36)
    if palette.dark or wish.shows("star"):
        if wish.allows("star"):
            figures.stars(canvas, rng, 260)
        if wish.allows("moon"):
            _moon(canvas, x, y * 0.8, palette)
    elif wish.allows("sun") and not wish.shows("storm", "rain"):
        low = 0.16 if wish.shows("sunset") else 0.0
        size = (0.085 if wish.shows("sunset") else 0.06) * canvas.thing
        canvas.glow(x, y + low, size * 7, palette.light, 0.8)
        canvas.disc(x, y + low, size, mix(palette.light, WHITE, 0.35))
    clouded = wish.shows("cloud", "storm", "rain")
    if wish.allows("cloud") and (clouded or not palette.dark):
        figures.clouds(canvas, rng, palette, 7 if clouded else rng.randint(2, 3))
    if wish.shows("bird") or (not palette.dark and wish.allows("bird") and rng.random() < 0.4):
        figures.birds(canvas, rng, mix(palette.near, figures.INK, 0.4))


def _moon(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    size = 0.062 * canvas.thing
    canvas.glow(x, y, size * 6, palette.light, 0.5)
    canvas.disc(x, y, size, palette.light)
    shade = mix(palette.light, palette.sky[1], 0.16)
    for dx, dy, part in (
        (-0.3, -0.2, 0.24),
        (0.25, 0.3, 0.3),
        (0.35, -0.35, 0.14),
        (-0.2, 0.45, 0.13),
    ):
        canvas.disc(x + dx * size, y + dy * size, part * size, shade)


def _land(canvas: Canvas, line: Sequence[Point], colours: Sequence[RGB]) -> None:
    """Everything below a line, down to the foot of the picture."""
    canvas.veil([*line, (line[-1][0], 1.0), (line[0][0], 1.0)], colours, 1)


def _height(line: Sequence[Point], x: float) -> float:
    """How high a line of evenly spaced points stands at x."""
    place = x / line[-1][0] * (len(line) - 1)
    return line[min(max(round(place), 0), len(line) - 1)][1]


def _hill(stage: Stage, base: float, swing: float, calm: float) -> list[Point]:
    line = wave(stage.rng, stage.canvas.aspect, calm=calm)
    return [(x, base - swing * y) for x, y in line]


def _peaks(stage: Stage, base: float, high: float) -> list[Point]:
    """A jagged line: each stretch is broken in its middle, up or down, seven times."""
    rng = stage.rng
    heights = [
        rng.uniform(0.2, 0.5),
        rng.uniform(0.5, 1.0),
        rng.uniform(0.1, 0.7),
        rng.uniform(0.5, 1.0),
        0.3,
    ]
    rough = 0.24
    for _ in range(6):
        broken = []
        for left, right in pairwise(heights):
            broken += [left, (left + right) / 2 + rng.uniform(-rough, rough)]
        heights = [*broken, heights[-1]]
        rough *= 0.52
    last = len(heights) - 1
    return [(stage.canvas.aspect * i / last, base - high * h) for i, h in enumerate(heights)]


def _highland(stage: Stage) -> None:
    """Mountains far off, hills with firs before them; white where there is snow."""
    canvas, palette, wish = stage.canvas, stage.palette, stage.wish
    snow = wish.shows("snow")
    haze = palette.sky[2]
    dark = mix(palette.accent, figures.INK, 0.25) if snow else palette.near
    tree = rgb("24473f") if snow and not palette.dark else mix(dark, figures.INK, 0.35)
    for layer, high in enumerate((0.3, 0.2) if not wish.shows("forest") else (0.2,)):
        rock = mix(mix(palette.far, palette.sky[1], 0.45 - 0.3 * layer), dark, 0.1 + 0.14 * layer)
        cap = mix(WHITE, palette.sky[1], 0.12 if not palette.dark else 0.5)
        line = _peaks(stage, HORIZON + 0.06 * layer, high)
        _land(canvas, line, (cap, mix(cap, rock, 0.55), rock, mix(rock, haze, 0.5), haze, haze))
    for layer in range(4):
        depth = (layer + 1) / 4
        line = _hill(stage, HORIZON + 0.035 + 0.1 * layer, 0.045, 0.9 + 0.3 * layer)
        ground = mix(palette.far, palette.near, depth)
        foot = mix(ground, haze, 0.5 * (1 - depth)) if not snow else mix(ground, palette.far, 0.5)
        if wish.allows("forest"):
            leaf = mix(palette.far, tree, 0.3 + 0.7 * depth)
            white = mix(palette.near, palette.far, 0.5 * (1 - depth)) if snow else None
            _firs(stage, line, leaf, white, layer)
        _land(canvas, line, (ground, foot))


def _firs(stage: Stage, line: Sequence[Point], colour: RGB, snowy: RGB | None, layer: int) -> None:
    """Firs along a line, in groups, nearer layers fewer and larger."""
    canvas, rng = stage.canvas, stage.rng
    thick = stage.wish.shows("forest")
    high = (0.05, 0.085, 0.14, 0.22)[layer] * canvas.thing
    number = round((46, 30, 15, 6)[layer] * canvas.aspect * (1.6 if thick else 0.7))
    grove = rng.uniform(0, canvas.aspect)
    for _ in range(number):
        x = rng.uniform(-0.02, canvas.aspect + 0.02)
        if not thick and layer < 3:
            x = grove + rng.gauss(0, 0.24 * canvas.aspect)
        if layer == 3:
            # The nearest ones frame the picture and leave its middle free.
            x = rng.choice((0.0, canvas.aspect)) + rng.uniform(-0.16, 0.16) * canvas.aspect
        tone = mix(colour, WHITE if rng.random() < 0.5 else figures.INK, rng.uniform(0, 0.08))
        size = high * rng.uniform(0.65, 1.15)
        figures.fir(
            canvas, x, _height(line, min(max(x, 0), canvas.aspect)) + 0.012, size, tone, snowy
        )


def _meadows(stage: Stage) -> None:
    """Rolling hills with round trees."""
    canvas, rng, palette, wish = stage.canvas, stage.rng, stage.palette, stage.wish
    fall = [rgb(code) for code in ("d9622b", "e8a33a", "b8402a", "c98a2e")]
    for layer in range(5):
        depth = layer / 4
        line = _hill(stage, HORIZON + 0.085 * layer, 0.06 - 0.006 * layer, 0.8 + 0.25 * layer)
        ground = mix(palette.far, palette.near, depth * 0.8)
        if wish.allows("forest") and 0 < layer < 4:
            for _ in range(round(rng.randint(5, 11) * canvas.aspect)):
                x = rng.uniform(0, canvas.aspect)
                leaf = rng.choice(fall) if wish.shows("autumn") else mix(ground, palette.near, 0.45)
                high = (0.05 + 0.035 * layer) * rng.uniform(0.7, 1.2) * canvas.thing
                tone = mix(leaf, palette.sky[2], 0.4 * (1 - depth))
                figures.crown_tree(canvas, x, _height(line, x) + 0.01, high, tone)
        _land(
            canvas, line, (mix(ground, palette.light, 0.22), ground, mix(ground, palette.near, 0.4))
        )


def _dunes(stage: Stage) -> None:
    canvas, palette = stage.canvas, stage.palette
    for layer in range(4):
        depth = layer / 3
        line = _hill(stage, HORIZON + 0.11 * layer, 0.07, 0.9 + 0.2 * layer)
        sand = mix(palette.far, palette.near, depth * 0.75)
        _land(canvas, line, (mix(sand, palette.light, 0.45), sand, mix(sand, palette.near, 0.5)))
        crest = max(line[40:-60], key=lambda point: -point[1])
        lee = [point for point in line if point[0] >= crest[0]]
        foot = [(x, y + 0.55 * (x - crest[0])) for x, y in lee]
        shade = mix(sand, palette.near, 0.4)
        canvas.veil([*lee, *reversed(foot)], (shade, mix(shade, sand, 0.6)), 0.85)


def _sea(stage: Stage) -> None:
    """Water to the horizon, a path of light, a boat; a beach where one is named."""
    canvas, rng, palette, wish = stage.canvas, stage.rng, stage.palette, stage.wish
    line = _peaks(stage, HORIZON + 0.02, 0.09)
    _land(canvas, line, (mix(palette.far, palette.sky[1], 0.45), palette.sky[2]))
    deep = palette.near if not wish.shows("beach") else mix(palette.far, rgb("0b4f6c"), 0.45)
    canvas.gradient((mix(palette.far, palette.sky[2], 0.5), palette.far, deep, deep), HORIZON, 1.0)
    middle = rng.uniform(0.35, 0.65) * canvas.aspect
    for _ in range(110):
        depth = rng.random() ** 1.5
        y = HORIZON + 0.008 + depth * 0.4
        x = middle + rng.gauss(0, 0.05 + 0.1 * depth)
        wide = rng.uniform(0.01, 0.03) * (0.6 + 2 * depth)
        canvas.oval(
            x,
            y,
            wide,
            0.0012 + 0.0022 * depth,
            mix(palette.far, palette.light, rng.uniform(0.4, 0.9)),
        )
    if wish.shows("boat") or (wish.allows("boat") and rng.random() < 0.6):
        x = (0.68 if wish.shows("beach") else rng.choice((0.3, 0.68))) * canvas.aspect
        figures.boat(canvas, x, HORIZON + 0.1, 0.24 * canvas.thing, palette)
    for layer in range(4):
        depth = layer / 3
        swell = _hill(
            stage, HORIZON + 0.15 + 0.085 * layer, 0.012 + 0.006 * layer, 0.32 + 0.1 * layer
        )
        water = mix(palette.far, deep, 0.35 + 0.6 * depth)
        _land(canvas, swell, (mix(water, palette.sky[2], 0.35), water, water))
    if wish.shows("beach"):
        shore = _hill(stage, 0.86, 0.025, 2.2)
        _land(canvas, [(x, y - 0.014) for x, y in shore], (WHITE, WHITE))
        _land(
            canvas, shore, (mix(palette.near, WHITE, 0.15), mix(palette.near, palette.accent, 0.2))
        )
        for x in (0.1, 0.2):
            figures.palm(
                canvas,
                x * canvas.aspect,
                0.92,
                rng.uniform(0.4, 0.52) * canvas.thing,
                rgb("1f6b4a"),
            )


def _city(stage: Stage) -> None:
    """A skyline in three depths with lit windows."""
    canvas, rng, palette = stage.canvas, stage.rng, stage.palette
    lit = (255, 214, 130)
    for layer in range(3):
        depth = (layer + 1) / 3
        wall = mix(palette.far, palette.near, depth * 0.95)
        x = -rng.uniform(0, 0.08)
        while x < canvas.aspect:
            wide = rng.uniform(0.05, 0.11) * canvas.thing
            top = HORIZON + 0.13 * layer - rng.random() ** 1.6 * (0.34 - 0.06 * layer)
            block = [(x, top), (x + wide, top), (x + wide, 1.0), (x, 1.0)]
            canvas.veil(block, (mix(wall, palette.sky[1], 0.12), wall), 1)
            if rng.random() < 0.3:
                canvas.line([(x + wide / 2, top), (x + wide / 2, top - 0.05)], 0.003, wall)
            _windows(canvas, rng, (x, top, wide), mix(wall, lit, 0.25 + 0.6 * depth), depth)
            x += wide + rng.choice((0.0, 0.004, 0.012))
    canvas.gradient((mix(palette.near, lit, 0.12), palette.near), 0.93, 1.0)


def _windows(
    canvas: Canvas, rng: random.Random, block: tuple[float, float, float], lit: RGB, depth: float
) -> None:
    x, top, wide = block
    pane = 0.006 + 0.004 * depth
    columns = int(wide / (pane * 2))
    for row in range(int((0.92 - top) / (pane * 2.4))):
        for column in range(columns):
            if rng.random() < 0.34:
                left, high = x + pane * (0.6 + 2 * column), top + pane * (1.2 + 2.4 * row)
                canvas.box(left, high, left + pane, high + pane * 1.3, lit)


def _foreground(stage: Stage) -> None:
    canvas, rng, palette, wish = stage.canvas, stage.rng, stage.palette, stage.wish
    middle = canvas.aspect / 2
    if wish.shows("house"):
        x = middle + rng.choice((-0.24, 0.24)) * canvas.aspect
        figures.house(canvas, x, 0.84, 0.24 * canvas.thing, palette, wish.shows("snow"))
    if wish.shows("flower", "meadow") and wish.allows("flower"):
        paints = [palette.accent, mix(palette.accent, WHITE, 0.5), rgb("f4d35e"), WHITE]
        figures.flowers(canvas, rng, paints)
    if wish.shows("balloon"):
        for index in range(3):
            place = ((0.3, 0.3, 0.3), (0.68, 0.2, 0.17), (0.84, 0.38, 0.12))[index]
            paint = palette.accent if index != 1 else rgb("2a9d8f")
            high = place[2] * canvas.thing
            figures.balloon(canvas, place[0] * canvas.aspect, place[1], high, paint)
    kinds = [kind for kind in FIGURES if wish.shows(kind)][:3]
    for index, kind in enumerate(kinds):
        x = canvas.aspect * (index + 1) / (len(kinds) + 1)
        aside = rng.uniform(-0.08, 0.08) * canvas.aspect
        high = (0.44 if len(kinds) == 1 else 0.34) * canvas.thing
        figures.animal(canvas, kind, (x + aside, 0.9), high, wish.coat)
    if wish.shows("snow"):
        figures.falling(canvas, rng, WHITE, 240)
    elif wish.shows("autumn"):
        figures.falling(canvas, rng, rgb("e2762f"), 60)
    if wish.shows("rain", "storm"):
        figures.rain(canvas, rng, mix(palette.sky[2], WHITE, 0.3))
