"""Scenes without a horizon: space, flowing ribbons, circles."""

from __future__ import annotations

import math

from providers.sketch import figures
from providers.sketch.canvas import soft, wave
from providers.sketch.colours import mix, of_hue
from providers.sketch.stage import Stage

WHITE = (255, 255, 255)


def space(stage: Stage) -> None:
    """Stars, a nebula, and a planet with its ring."""
    canvas, rng, palette = stage.canvas, stage.rng, stage.palette
    canvas.gradient(palette.sky)
    for _ in range(9):
        x, y = rng.gauss(0.5, 0.22) * canvas.aspect, rng.gauss(0.45, 0.2)
        paint = mix(palette.accent, of_hue(rng.random(), 0.6, 0.8), rng.random() * 0.7)
        canvas.glow(x, y, rng.uniform(0.16, 0.42), paint, rng.uniform(0.2, 0.5))
    figures.stars(canvas, rng, 320)
    for _ in range(240):
        canvas.disc(rng.uniform(0, canvas.aspect), rng.random(), 0.0012, (210, 220, 255))
    x, y = rng.uniform(0.35, 0.65) * canvas.aspect, rng.uniform(0.4, 0.56)
    size, tilt = rng.uniform(0.15, 0.22) * canvas.thing, rng.uniform(-0.5, 0.5)
    body = [(x + size * math.cos(t / 30), y + size * math.sin(t / 30)) for t in range(189)]
    ring = [
        (
            x
            + size
            * (math.cos(t / 40) * 1.9 * math.cos(tilt) - math.sin(t / 40) * 0.45 * math.sin(tilt)),
            y
            + size
            * (math.cos(t / 40) * 1.9 * math.sin(tilt) + math.sin(t / 40) * 0.45 * math.cos(tilt)),
        )
        for t in range(252)
    ]
    canvas.glow(x, y, size * 2.2, palette.light, 0.4)
    canvas.line(ring[126:], size * 0.09, mix(palette.light, palette.accent, 0.5))
    canvas.veil(body, (palette.light, palette.accent, mix(palette.accent, palette.sky[0], 0.8)), 1)
    for band in (-0.4, 0.05, 0.45):
        half = math.sqrt(1 - band**2) * size
        stripe = [
            (x - half, y + band * size),
            (x + half, y + band * size),
            (x + half * 0.93, y + (band + 0.12) * size),
        ]
        canvas.veil(
            [*stripe, (x - half * 0.93, y + (band + 0.12) * size)],
            (palette.light, palette.accent),
            0.35,
        )
    canvas.line(ring[:127], size * 0.09, mix(palette.light, WHITE, 0.3))
    canvas.disc(
        x - size * 2.1, y - size * 1.2, size * 0.16, mix(palette.light, palette.sky[2], 0.3)
    )


def ribbons(stage: Stage) -> None:
    """Translucent ribbons that flow across."""
    canvas, rng, palette = stage.canvas, stage.rng, stage.palette
    canvas.gradient((mix(palette.sky[0], palette.near, 0.35), palette.sky[1], palette.sky[2]))
    canvas.glow(rng.random() * canvas.aspect, rng.uniform(0.2, 0.6), 0.7, palette.light, 0.6)
    named = stage.wish.colours
    chance = [palette.accent, palette.far, palette.sky[0], palette.light]
    paints = [*named, *(mix(paint, WHITE, 0.3) for paint in named)] if len(named) > 1 else chance
    for index in range(9):
        base = 0.12 + index * 0.095 + rng.uniform(-0.03, 0.03)
        upper, lower = wave(rng, canvas.aspect, calm=1.5), wave(rng, canvas.aspect, calm=1.9)
        body = rng.uniform(0.05, 0.13)
        edge = [(x, base + 0.17 * y) for x, y in upper]
        far = [(x, base + 0.17 * upper[i][1] + body * (1.1 + y)) for i, (x, y) in enumerate(lower)]
        paint = paints[index % len(paints)]
        canvas.veil(
            [*edge, *reversed(far)],
            (mix(paint, WHITE, 0.3), paint, mix(paint, palette.near, 0.35)),
            0.8,
        )
        canvas.line(edge, 0.002, mix(paint, WHITE, 0.6))


def circles(stage: Stage) -> None:
    """Overlapping circles that catch the light."""
    canvas, rng, palette = stage.canvas, stage.rng, stage.palette
    canvas.gradient((palette.sky[2], palette.sky[1], mix(palette.sky[0], palette.near, 0.3)))
    paints = [palette.accent, palette.sky[0], palette.light, palette.far, *stage.wish.colours]
    for index in range(26):
        size = rng.uniform(0.03, 0.2) * (1 - index / 40) * canvas.thing
        x, y = rng.gauss(0.5, 0.26) * canvas.aspect, rng.gauss(0.48, 0.24)
        paint = rng.choice(paints)
        outline = [(x + size * math.cos(t / 12), y + size * math.sin(t / 12)) for t in range(76)]
        if rng.random() < 0.25:
            canvas.line([*outline, outline[0]], 0.004, paint)
            continue
        canvas.veil(outline, (mix(paint, WHITE, 0.45), paint, mix(paint, palette.near, 0.25)), 0.82)
        canvas.veil(
            soft(
                [
                    (x - size * 0.6, y - size * 0.5),
                    (x - size * 0.1, y - size * 0.8),
                    (x - size * 0.35, y - size * 0.35),
                ]
            ),
            (WHITE, WHITE),
            0.35,
        )
