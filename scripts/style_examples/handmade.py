"""Looks of the hand: watercolour, ink, pencil, cut paper, clay, stained glass."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from scripts.style_examples.lifelike import real
from scripts.style_examples.scene import (
    CLOUD,
    CLOUDS,
    COLUMNS,
    CROWN,
    CROWNS,
    DOOR,
    FAR,
    MID,
    NEAR,
    PATH,
    ROOF,
    ROWS,
    SIDE,
    SKY,
    SUN,
    SUN_AT,
    TRUNK,
    WALL,
    WINDOW,
    Array,
    N,
    blur,
    disc,
    discs,
    edges,
    far,
    flat,
    grey,
    lit,
    mid,
    mix,
    near,
    noise,
    parts,
    shifted,
    warped,
)


def _paper(colour: tuple[float, float, float], strength: float, seed: int) -> Array:
    """Rough paper."""
    relief = 0.6 * noise(110, seed, 3) + 0.4 * noise(240, seed + 1, 1)
    light = lit(blur(relief, 1), (-1, -1, 2), 9)
    return np.array(colour) * (1 + strength * (light - light.mean()))[..., None]


def watercolour() -> Array:
    """Wet washes with dark rims on rough paper, and white gaps between them."""
    paper = _paper((252, 249, 240), 0.16, 80)
    image = paper.copy()
    seen = warped(parts(), 0.011, 81, 9)
    washes = (
        (np.isin(seen, (SKY,)), (92, 158, 214), 0.62, 82),
        (seen == SUN, (250, 190, 60), 0.95, 83),
        (seen == FAR, (120, 150, 196), 0.65, 84),
        (seen == MID, (122, 176, 140), 0.75, 85),
        (seen == NEAR, (132, 176, 70), 0.9, 86),
        (seen == PATH, (222, 186, 130), 0.6, 87),
        (seen == WALL, (214, 176, 140), 0.75, 88),
        (seen == SIDE, (246, 222, 190), 0.7, 89),
        (seen == ROOF, (202, 78, 58), 0.95, 90),
        (seen == DOOR, (108, 72, 60), 0.95, 91),
        (seen == WINDOW, (100, 140, 176), 0.9, 92),
        (seen == TRUNK, (116, 84, 66), 0.95, 93),
        (seen == CROWN, (84, 140, 66), 0.9, 94),
    )
    for where, colour, strength, seed in washes:
        inside = blur(where.astype(float), 3)
        body = np.clip((inside - 0.62) * 5, 0, 1)
        rim = np.clip(inside - 0.55, 0, 1) * np.clip(0.985 - inside, 0, 1) * 5.2
        pools = 0.45 + 0.75 * noise(5, seed, 4) + 0.24 * (noise(70, seed + 40, 2) - 0.5)
        amount = np.clip(strength * body * pools + 0.55 * rim * body, 0, 1)
        image = image * (1 - amount[..., None] * (1 - np.array(colour) / 255))
    sky = np.isin(seen, (SKY, CLOUD))
    fade = np.clip((ROWS - 0.1) * 2.0, 0, 1) * noise(4, 96, 4)
    image = mix(image, paper, 0.6 * fade * blur(sky.astype(float), 3))
    drops = warped(disc(0.34, 0.60, 0.05) | disc(0.93, 0.45, 0.06), 0.03, 97).astype(float)
    image = (
        image * (1 - 0.16 * np.clip(blur(drops, 6) * (1.2 - blur(drops, 6)) * 3, 0, 1))[..., None]
    )
    # The sheet is not painted up to its edge.
    border = np.minimum(np.minimum(ROWS, 1 - ROWS), np.minimum(COLUMNS, 1 - COLUMNS))
    loose = np.clip((border - 0.035 - 0.03 * noise(9, 98, 3)) * 60, 0, 1)
    return mix(paper, image, loose)


def _stroke(
    pen: ImageDraw.ImageDraw, points: Array, widths: Array, ink: int, ragged: float, seed: int
) -> None:
    """A brush along some points, as wide as told at each."""
    random = np.random.default_rng(seed)
    for (x, y), width in zip(points, widths, strict=True):
        radius = max(0.6, width * (1 + random.normal(0, ragged)) / 2)
        at = (x * N - radius, y * N - radius, x * N + radius, y * N + radius)
        pen.ellipse(at, fill=ink)


def _along(*points: tuple[float, float], steps: int = 500) -> Array:
    """A smooth line through points."""
    found = np.array(points)
    at = np.linspace(0, 1, len(found))
    to = np.linspace(0, 1, steps)
    line = np.column_stack([np.interp(to, at, found[:, axis]) for axis in (0, 1)])
    window = np.ones(41) / 41
    padded = np.pad(line, ((20, 20), (0, 0)), mode="edge")
    return np.column_stack([np.convolve(padded[:, axis], window, "valid") for axis in (0, 1)])


def ink() -> Array:
    """A few strokes of a wet brush, washes, and a red seal."""
    paper = _paper((243, 236, 220), 0.07, 110) * (0.96 + 0.06 * noise(3, 111, 3))[..., None]
    wash = np.zeros((N, N))
    for line, amount, seed in ((far, 0.30, 112), (mid, 0.42, 113), (near, 0.5, 114)):
        deep = np.clip(1 - (ROWS - line(COLUMNS)) / 0.13, 0, 1) * (line(COLUMNS) < ROWS)
        wash = np.maximum(
            wash * 0.9, amount * warped(deep, 0.012, seed) * (0.4 + noise(6, seed, 4))
        )
    wash += (
        0.85 * blur(warped(discs(CROWNS[:4]), 0.03, 115).astype(float), 7) * noise(9, 116, 4) ** 1.2
    )
    sheet = Image.new("L", (N, N), 0)
    pen = ImageDraw.Draw(sheet)
    wave = np.linspace(0, 1, 900)
    for number, (line, start, end, width) in enumerate(
        ((far, 0.05, 0.95, 5), (mid, 0.0, 0.9, 8), (near, 0.03, 1.0, 13))
    ):
        x = start + (end - start) * wave
        swell = width * (0.35 + np.sin(np.pi * wave) * (0.6 + 0.5 * np.sin(9 * wave + number)))
        _stroke(pen, np.column_stack([x, line(x)]), swell, 215, 0.22, number)
    trunk = _along((0.285, 0.785), (0.27, 0.68), (0.29, 0.58), (0.26, 0.47), (0.29, 0.36))
    _stroke(pen, trunk, np.linspace(27, 4, 500), 255, 0.12, 10)
    for number, points in enumerate(
        (
            ((0.275, 0.60), (0.23, 0.53), (0.17, 0.49)),
            ((0.28, 0.56), (0.33, 0.50), (0.38, 0.47)),
            ((0.265, 0.50), (0.21, 0.43), (0.20, 0.37)),
            ((0.27, 0.46), (0.33, 0.40), (0.36, 0.37)),
        )
    ):
        _stroke(pen, _along(*points), np.linspace(11, 2, 500), 240, 0.2, 20 + number)
    for number, points in enumerate(
        (
            ((0.535, 0.615), (0.615, 0.505), (0.79, 0.50), (0.88, 0.60)),
            ((0.615, 0.505), (0.70, 0.612)),
            ((0.70, 0.61), (0.88, 0.60)),
            ((0.555, 0.60), (0.55, 0.735)),
            ((0.68, 0.62), (0.68, 0.745)),
            ((0.85, 0.60), (0.85, 0.73)),
            ((0.55, 0.735), (0.68, 0.745), (0.86, 0.728)),
            ((0.595, 0.735), (0.595, 0.65), (0.637, 0.65), (0.637, 0.737)),
        )
    ):
        _stroke(
            pen,
            _along(*points, steps=900),
            7 + 4 * np.sin(np.linspace(0, 6, 900)),
            235,
            0.2,
            30 + number,
        )
    roof = warped(parts() == ROOF, 0.008, 117).astype(float)
    wash = np.maximum(wash, 0.5 * blur(roof, 3) * (0.35 + noise(8, 118, 3)))
    random = np.random.default_rng(119)
    for _ in range(150):
        x, y, radius = CROWNS[random.integers(len(CROWNS))]
        x, y = x + random.normal(0, radius * 0.5), y + random.normal(0, radius * 0.5)
        _stroke(
            pen,
            np.array([[x, y]]),
            np.array([random.uniform(3, 17)]),
            int(random.integers(90, 235)),
            0.3,
            120,
        )
    strokes = blur(np.asarray(sheet, float) / 255, 1) * (0.62 + 0.5 * noise(120, 120, 2, stretch=2))
    dark = np.clip(np.maximum(strokes, wash * 0.8), 0, 1)
    image = mix(paper, (22, 22, 28), dark)
    sun = warped(disc(*SUN_AT), 0.006, 121).astype(float)
    image = mix(image, (198, 44, 36), 0.86 * blur(sun, 2) * (0.75 + 0.35 * noise(14, 122, 3)))
    seal = (abs(COLUMNS - 0.93) < 0.032) & (abs(ROWS - 0.925) < 0.032)
    cut = (abs(COLUMNS - 0.93) % 0.018 < 0.005) & (abs(ROWS - 0.925) < 0.024)
    return mix(image, (186, 36, 32), 0.9 * (seal & ~cut))


def pencil() -> Array:
    """Hatching in four directions, darker where there is less light, and searching outlines."""
    tone = grey(
        real(
            ((150, 170, 200), (240, 242, 245)),
            (255, 250, 240),
            (46, 50, 44),
            green=(150, 160, 130),
            haze=(220, 226, 230),
        )
    )
    tone = blur(np.clip((tone - 0.17) * 1.22, 0, 1), 4)
    paper = _paper((250, 248, 243), 0.10, 130)
    dark = np.zeros((N, N))
    for number, (angle, below) in enumerate(((38, 0.86), (-40, 0.62), (5, 0.42), (82, 0.26))):
        turn = np.deg2rad(angle)
        across = COLUMNS * np.sin(turn) + ROWS * np.cos(turn)
        along = COLUMNS * np.cos(turn) - ROWS * np.sin(turn)
        wander = 0.012 * (noise(7, 131 + number, 3) - 0.5)
        lines = 0.5 + 0.5 * np.sin((across + wander) * 2 * np.pi * (92 - 6 * number))
        lifted = np.clip(1.25 * noise(16, 141 + number, 3) + 0.25 * np.sin(along * 60), 0, 1)
        wanted = np.clip((below - tone) * 3.2, 0, 1)
        dark = np.maximum(dark, np.clip(lines * 1.6 - 0.75, 0, 1) * wanted * (0.45 + 0.55 * lifted))
    for number in range(3):
        line = edges(warped(parts(), 0.0065, 150 + 7 * number, 5), 2)
        dark = np.maximum(
            dark, blur(line.astype(float), 1) * 1.5 * (0.35 + 0.6 * noise(12, 160 + number, 3))
        )
    tooth = 0.62 + 0.75 * (noise(190, 165, 2) - 0.25)
    return mix(paper, (48, 48, 54), np.clip(dark * tooth, 0, 0.93))


def paper_cut() -> Array:
    """Sheets of coloured paper, one above the other, each with its shadow."""
    image = np.array((246, 214, 178)) * np.ones((N, N, 1))
    rings = np.sqrt((COLUMNS - SUN_AT[0]) ** 2 + (ROWS - SUN_AT[1]) ** 2)
    everywhere = np.ones((N, N), bool)
    seen = parts()
    sheets = (
        (everywhere, (250, 196, 150)),
        (rings < 0.46, (251, 210, 168)),
        (rings < 0.33, (253, 222, 186)),
        (rings < 0.21, (254, 234, 206)),
        (disc(*SUN_AT), (240, 120, 84)),
        (discs(CLOUDS), (255, 250, 244)),
        (far(COLUMNS) < ROWS, (122, 168, 178)),
        (mid(COLUMNS) < ROWS, (74, 132, 142)),
        (near(COLUMNS) < ROWS, (38, 92, 100)),
        (seen == PATH, (238, 206, 164)),
        (np.isin(seen, (WALL, DOOR)), (226, 206, 186)),
        (np.isin(seen, (SIDE, WINDOW)), (250, 240, 226)),
        (seen == DOOR, (74, 60, 72)),
        (seen == WINDOW, (250, 190, 92)),
        (seen == ROOF, (212, 84, 70)),
        (seen == TRUNK, (92, 62, 60)),
        (discs(CROWNS), (30, 110, 92)),
        (discs([(x + 0.008, y + 0.012, r * 0.66) for x, y, r in CROWNS[:4]]), (62, 148, 116)),
    )
    for number, (where, colour) in enumerate(sheets):
        shadow = blur(shifted(where.astype(float), 11, 8), 8)
        image = image * (1 - 0.42 * shadow * ~where)[..., None]
        fibre = (
            1
            + 0.05 * (noise(130, 170 + number, 2) - 0.5)
            + 0.04 * (noise(6, 190 + number, 2) - 0.5)
        )
        bevel = blur(where.astype(float), 2) - blur(shifted(where.astype(float), 3, 2), 2)
        sheet = np.array(colour) * fibre[..., None] + 26 * bevel[..., None]
        image = np.where(where[..., None], sheet, image)
    return image


def clay() -> Array:
    """Soft rounded lumps under a studio lamp, with the marks of fingers."""
    seen = parts()
    colours = {
        SKY: (150, 206, 232),
        SUN: (255, 206, 92),
        CLOUD: (252, 250, 246),
        FAR: (158, 190, 206),
        MID: (140, 196, 152),
        NEAR: (112, 182, 98),
        PATH: (236, 202, 154),
        WALL: (246, 224, 206),
        SIDE: (252, 236, 220),
        ROOF: (232, 108, 92),
        DOOR: (150, 100, 84),
        WINDOW: (140, 190, 226),
        TRUNK: (160, 114, 86),
        CROWN: (86, 166, 92),
    }
    height = np.zeros((N, N))
    lifts = {
        SKY: 0,
        FAR: 14,
        MID: 28,
        NEAR: 44,
        CLOUD: 22,
        SUN: 22,
        PATH: 48,
        WALL: 74,
        SIDE: 70,
        ROOF: 88,
        DOOR: 82,
        WINDOW: 78,
        TRUNK: 80,
        CROWN: 104,
    }
    image = np.zeros((N, N, 3))
    for part in sorted(lifts, key=lambda part: lifts[part]):
        where = (seen == part).astype(float)
        body = np.clip(blur(where, 12) * 2 - 0.62, 0, 1)
        round_ = np.sqrt(np.clip(1 - (1 - np.clip(body * 1.25, 0, 1)) ** 2, 0, 1))
        inside = blur(where, 3) > 0.42
        height = np.where(inside, lifts[part] + 26 * round_, height)
        image = np.where(inside[..., None], np.array(colours[part], float), image)
    lumps = np.zeros((N, N))
    for x, y, radius in CROWNS:
        away = ((COLUMNS - x) ** 2 + (ROWS - y) ** 2) / radius**2
        lumps = np.maximum(lumps, np.sqrt(np.clip(1 - away, 0, 1)) * radius * 420)
    height = np.where(seen == CROWN, height + lumps, height)
    prints = 2.2 * noise(16, 200, 3) + 1.0 * np.sin((ROWS + 0.05 * noise(5, 201, 2)) * 330) * (
        noise(7, 202, 2) > 0.62
    )
    light = lit(blur(height, 4) + prints, (-0.75, -1, 1.25), 0.30)
    shade = np.clip(blur(shifted(height, 22, 16), 16) - height, 0, 60) / 60
    shine = np.clip(lit(blur(height, 5), (-0.5, -0.9, 1.6), 0.3) - 0.95, 0, 1) * 20
    image = image * (0.42 + 0.72 * light)[..., None] * (1 - 0.5 * shade)[..., None]
    return image + 26 * np.clip(shine, 0, 1)[..., None]


def stained_glass() -> Array:
    """Panes between leads, lit from behind."""
    random = np.random.default_rng(210)
    seen = parts()
    colours = {
        SKY: (52, 120, 210),
        SUN: (255, 204, 40),
        CLOUD: (206, 226, 246),
        FAR: (96, 92, 190),
        MID: (30, 150, 150),
        NEAR: (52, 160, 62),
        PATH: (238, 176, 84),
        WALL: (226, 170, 120),
        SIDE: (250, 222, 160),
        ROOF: (210, 40, 48),
        DOOR: (110, 54, 40),
        WINDOW: (120, 220, 250),
        TRUNK: (128, 70, 40),
        CROWN: (24, 124, 56),
    }
    side, step = 9, N / 9
    at = np.array(
        [
            (
                (column + 0.5 + random.uniform(-0.36, 0.36)) * step,
                (row + 0.5 + random.uniform(-0.36, 0.36)) * step,
            )
            for row in range(side)
            for column in range(side)
        ]
    )
    away = np.stack([(COLUMNS * N - x) ** 2 + (ROWS * N - y) ** 2 for x, y in at])
    pane = away.argmin(axis=0)
    rays = (np.arctan2(ROWS - SUN_AT[1], COLUMNS - SUN_AT[0]) / (2 * np.pi) * 18).astype(int)
    sky = np.isin(seen, (SKY,))
    ring = (np.sqrt((COLUMNS - SUN_AT[0]) ** 2 + (ROWS - SUN_AT[1]) ** 2) / 0.2).astype(int)
    cell = np.where(sky, 1000 + rays * 10 + ring, pane)
    whole = np.isin(seen, (SUN, DOOR, WINDOW, TRUNK, WALL, SIDE, ROOF, PATH, CLOUD))
    cell = np.where(whole, 5000, cell) + seen * 10_000
    shades = random.uniform(0.72, 1.28, 400_000)
    tint = random.uniform(-22, 22, (400_000, 3))
    image = flat(seen, colours) * shades[cell][..., None] + tint[cell]
    streaks = 0.78 + 0.5 * noise(10, 211, 4, stretch=0.5)
    image = image * streaks[..., None]
    glow = np.exp(-(((COLUMNS - SUN_AT[0]) ** 2 + (ROWS - SUN_AT[1]) ** 2) / 0.14))
    image = mix(image, (255, 246, 200), 0.42 * glow)
    lead = blur(edges(cell, 1).astype(float), 3)
    frame = np.minimum(np.minimum(ROWS, 1 - ROWS), np.minimum(COLUMNS, 1 - COLUMNS)) < 0.014
    solid = (lead > 0.055) | frame
    image = image * (1 - np.clip(blur(solid.astype(float), 7) * 0.55, 0, 0.5))[..., None]
    metal = 26 + 90 * np.clip(lit(blur(solid.astype(float), 3), (-1, -1, 1), 20) - 0.6, 0, 1)
    return np.where(solid[..., None], metal[..., None], image)
