"""Looks of the press: anime, comic, pop art, posters."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.style_examples.scene import (
    CLOUD,
    CLOUDS,
    COLUMNS,
    CROWN,
    DOOR,
    FAR,
    FLAT,
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
    Colour,
    N,
    blur,
    disc,
    discs,
    edges,
    far,
    flat,
    gradient,
    inner,
    mid,
    mix,
    near,
    noise,
    parts,
    polygon,
)


def anime() -> Array:
    """A deep sky with towering clouds, clear light, two tones each."""
    seen = parts()
    image = gradient((24, 96, 214), (176, 226, 255), 0.62)
    towers = [
        (
            0.42 + 0.075 * column + 0.02 * row,
            0.50 - 0.052 * row + 0.014 * (column % 2),
            0.062 - 0.003 * row,
        )
        for row, width in enumerate((7, 6, 5, 3, 2))
        for column in range(7 - width, 7)
    ]
    for found, light in ((towers, 1.0), (CLOUDS[:4], 1.0)):
        image = np.where(discs(found)[..., None], np.array((196, 218, 246)) * light, image)
        bright = discs([(x - 0.010, y - 0.014, radius * 0.88) for x, y, radius in found])
        image = np.where(bright[..., None], 255.0, image)
    rays = np.arctan2(ROWS + 0.1, COLUMNS - 0.95)
    image = mix(
        image, (255, 255, 255), 0.13 * (np.sin(rays * 34) > 0.35) * np.clip(1 - ROWS * 1.1, 0, 1)
    )
    tones = {
        FAR: ((86, 142, 206), (112, 166, 222)),
        MID: ((48, 150, 116), (86, 184, 124)),
        NEAR: ((58, 160, 58), (126, 208, 78)),
    }
    for (part, (dark, light)), line in zip(tones.items(), (far, mid, near), strict=True):
        band = ROWS - line(COLUMNS) < 0.045 + 0.028 * np.sin(COLUMNS * 31 + part)
        image = np.where((seen == part)[..., None], np.where(band[..., None], light, dark), image)
    rest = {part: FLAT[part] for part in (PATH, WALL, SIDE, ROOF, DOOR, WINDOW, TRUNK)}
    for part, colour in rest.items():
        image = np.where((seen == part)[..., None], np.array(colour, float), image)
    image = np.where(((seen == WALL) | (seen == DOOR))[..., None], image * (0.72, 0.74, 0.9), image)
    image = np.where(((seen == ROOF) & (ROWS < 0.545))[..., None], (248, 112, 84), image)
    glass = (seen == WINDOW) & ((COLUMNS + ROWS) % 0.05 < 0.014)
    image = np.where(glass[..., None], 255.0, image)
    image = np.where((seen == CROWN)[..., None], (22, 104, 82), image)
    for x, y, part, colour in (
        (0.014, -0.012, 0.86, (44, 150, 84)),
        (0.026, -0.03, 0.52, (140, 214, 96)),
    ):
        image = np.where((inner(x, y, part) & (seen == CROWN))[..., None], colour, image)
    shade = ((COLUMNS - 0.22) / 0.15) ** 2 + ((ROWS - 0.79) / 0.022) ** 2 < 1
    image = np.where((shade & (seen == NEAR))[..., None], (36, 118, 62), image)
    solid = np.where(np.isin(seen, (SKY, CLOUD, SUN, FAR, MID)), 0, seen)
    image = mix(image, (26, 40, 66), 0.85 * blur(edges(solid, 2).astype(float), 1))
    petals = np.random.default_rng(300)
    for _ in range(26):
        x, y, turn = petals.random(), petals.random(), petals.random() * 6.3
        dx, dy = COLUMNS - x, ROWS - y
        along, aside = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        petal = (along / 0.011) ** 2 + (aside / 0.006) ** 2 < 1
        image = np.where(petal[..., None], (255, 190, 212), image)
    return image + 22 * np.exp(-((COLUMNS - 1) ** 2 + ROWS**2) * 3)[..., None]


def _dots(amount: Array, pitch: float, angle: float) -> Array:
    """Printed dots that are larger where `amount` is more."""
    turn = np.deg2rad(angle)
    x = (COLUMNS * np.cos(turn) + ROWS * np.sin(turn)) * N / pitch
    y = (ROWS * np.cos(turn) - COLUMNS * np.sin(turn)) * N / pitch
    away = np.sqrt((x - np.round(x)) ** 2 + (y - np.round(y)) ** 2)
    return away < 0.72 * np.sqrt(np.clip(amount, 0, 1))


def comic() -> Array:
    """Thick black lines, flat inks, dots, and a frame."""
    seen = parts()
    colours = {
        **FLAT,
        SKY: (86, 190, 236),
        SUN: (255, 222, 40),
        FAR: (92, 130, 200),
        NEAR: (104, 190, 60),
    }
    image = flat(seen, colours)
    turn = np.arctan2(ROWS - SUN_AT[1], COLUMNS - SUN_AT[0])
    burst = (np.sin(turn * 18) > 0) & (seen == SKY)
    image = np.where(burst[..., None], (142, 216, 246), image)
    image = np.where(
        (_dots(np.clip(0.75 - ROWS * 1.3, 0, 1), 17, 30) & (seen == SKY))[..., None],
        (38, 140, 214),
        image,
    )
    shade = np.zeros((N, N))
    shade += (seen == CROWN) * np.clip((COLUMNS - 0.20) * -3 + (ROWS - 0.40) * 4 + 0.35, 0, 0.75)
    shade += (seen == WALL) * 0.42 + (seen == ROOF) * np.clip((ROWS - 0.54) * 8, 0, 0.6)
    for part, line in ((NEAR, near), (MID, mid), (FAR, far)):
        shade += (seen == part) * np.clip((ROWS - line(COLUMNS) - 0.02) * 3.2, 0, 0.6)
    image = np.where(_dots(shade, 13, 45)[..., None], image * 0.58, image)
    black = edges(seen, 7)
    hatch = (np.sin((COLUMNS - ROWS) * 330) > 0.35) & ~inner(0.03, -0.035, 0.84) & (seen == CROWN)
    trunk = (seen == TRUNK) & (COLUMNS < 0.268)
    ground = ((COLUMNS - 0.22) / 0.13) ** 2 + ((ROWS - 0.785) / 0.017) ** 2 < 1
    solid = black | hatch | trunk | (ground & (seen == NEAR))
    image = np.where(solid[..., None], 14.0, image)
    edge = np.minimum(np.minimum(ROWS, 1 - ROWS), np.minimum(COLUMNS, 1 - COLUMNS))
    image = np.where((edge < 0.036)[..., None], 14.0, image)
    return np.where((edge < 0.024)[..., None], 252.0, image)


INKED = (SKY, SUN, CLOUD, FAR, MID, NEAR, PATH, WALL, SIDE, ROOF, DOOR, WINDOW, TRUNK, CROWN)
INKS = (
    "ff3c8c ffe600 ffffff 00bedc 7846dc ff9600 fff078 00c8be fff05a 1e3cdc ff285a ff7800 78005a 00dc78",
    "00bef0 ff463c fff05a ff78be ffdc00 283cc8 00e6c8 ff5a96 ffbedc fae600 006edc 00dca0 3c145a ff6e00",
    "fae200 f028a0 ffffff ff8c28 00aaa0 e6283c ffbea0 825adc c8aaff 00a06e fafa50 ff3c3c 28288c 1e5ae6",
    "78dc3c ff8c00 ffd2f0 5a3cbe fa4678 00a0dc ffff78 ff961e ffdc82 aa0082 005aa0 50fae6 961428 ff3cc8",
)


def _inks(hexes: str) -> list[Colour]:
    """Colours by their hexadecimal names."""
    return [tuple(bytes.fromhex(name)) for name in hexes.split()]


def pop_art() -> Array:
    """The same print four times, in colours that it never had."""
    seen = parts()
    prints = []
    for hexes in INKS:
        image = flat(seen, dict(zip(INKED, _inks(hexes), strict=True)))
        dots = _dots(np.clip(0.62 - ROWS * 0.9, 0, 1) * (seen == SKY), 26, 15)
        dots |= _dots(np.clip((ROWS - near(COLUMNS)) * 1.6, 0, 0.5) * (seen == NEAR), 26, 15)
        image = np.where(dots[..., None], image * 0.62, image)
        shade = (seen == CROWN) & ~inner(0.03, -0.03, 0.86)
        image = np.where((edges(seen, 9) | shade)[..., None], (22, 14, 34), image)
        small = Image.fromarray(image.astype(np.uint8), "RGB").resize(
            (N // 2, N // 2), Image.Resampling.LANCZOS
        )
        prints.append(np.asarray(small, float))
    whole = np.vstack([np.hstack(prints[:2]), np.hstack(prints[2:])])
    gap = (abs(COLUMNS - 0.5) < 0.007) | (abs(ROWS - 0.5) < 0.007)
    return np.where(gap[..., None], 250.0, whole)


def vintage_poster() -> Array:
    """Few inks, broad rays, worn paper and a border."""
    seen = parts()
    cream, rust, teal, dark = (244, 226, 186), (214, 96, 52), (46, 110, 112), (30, 56, 66)
    turn = np.arctan2(ROWS - 0.46, COLUMNS - SUN_AT[0] + 0.2)
    image = np.where((np.sin(turn * 15) > 0)[..., None], (240, 178, 92), (246, 204, 128))
    image = np.where(disc(0.56, 0.36, 0.155)[..., None], rust, image)
    image = np.where((seen == CLOUD)[..., None], cream, image)
    for line, colour, edge in (
        (far, (128, 158, 144), 0.02),
        (mid, teal, 0.026),
        (near, (42, 84, 74), 0.03),
    ):
        image = np.where((line(COLUMNS) < ROWS)[..., None], colour, image)
        lightened = (line(COLUMNS) < ROWS) & (
            ROWS - line(COLUMNS) < edge * (0.5 + 0.5 * np.sin(COLUMNS * 9))
        )
        image = np.where(lightened[..., None], mix(np.array(colour, float), cream, 0.3), image)
    inks = {
        PATH: (238, 190, 116),
        WALL: (206, 160, 112),
        SIDE: cream,
        ROOF: rust,
        DOOR: dark,
        WINDOW: dark,
        TRUNK: dark,
        CROWN: dark,
    }
    for part, colour in inks.items():
        image = np.where((seen == part)[..., None], colour, image)
    image = np.where(((seen == CROWN) & inner(0.022, -0.016, 0.80))[..., None], teal, image)
    image = np.where(
        ((seen == CROWN) & inner(0.036, -0.036, 0.40))[..., None], (128, 158, 144), image
    )
    band = ROWS > 0.885
    image = np.where(band[..., None], dark, image)
    for y, start, end in ((0.918, 0.24, 0.76), (0.944, 0.34, 0.66)):
        words = (
            (abs(ROWS - y) < 0.0075)
            & (start < COLUMNS)
            & (end > COLUMNS)
            & (np.sin(COLUMNS * 96) > -0.72)
        )
        image = np.where(words[..., None], cream, image)
    edge = np.minimum(np.minimum(ROWS, 1 - ROWS), np.minimum(COLUMNS, 1 - COLUMNS))
    image = np.where((edge < 0.045)[..., None], cream, image)
    image = np.where(((edge > 0.026) & (edge < 0.032))[..., None], dark, image)
    speck = noise(150, 340, 2) > 0.735
    image = np.where((speck & (noise(9, 341, 3) > 0.45))[..., None], mix(image, cream, 0.45), image)
    return image * (0.93 + 0.10 * noise(5, 342, 3))[..., None] * np.array((1.0, 0.985, 0.94))


def minimal() -> Array:
    """Almost nothing: one line of land, a roof, a tree, a sun."""
    image = np.array((246, 240, 232)) * np.ones((N, N, 1))
    image = np.where(disc(0.70, 0.31, 0.12)[..., None], (238, 138, 106), image)
    land = 0.74 - 0.055 * np.sin(np.pi * (COLUMNS * 1.0))
    image = np.where((land < ROWS)[..., None], (58, 84, 92), image)
    image = np.where(
        polygon(((0.60, 0.700), (0.60, 0.615), (0.675, 0.545), (0.75, 0.615), (0.75, 0.700)))[
            ..., None
        ],
        (252, 250, 246),
        image,
    )
    image = np.where(
        polygon(
            (
                (0.585, 0.63),
                (0.675, 0.545),
                (0.765, 0.63),
                (0.745, 0.63),
                (0.675, 0.565),
                (0.605, 0.63),
            )
        )[..., None],
        (58, 84, 92),
        image,
    )
    image = np.where(
        polygon(((0.657, 0.70), (0.657, 0.645), (0.693, 0.645), (0.693, 0.70)))[..., None],
        (238, 138, 106),
        image,
    )
    image = np.where(
        polygon(((0.277, 0.72), (0.277, 0.52), (0.283, 0.52), (0.283, 0.72)))[..., None],
        (58, 84, 92),
        image,
    )
    return np.where(disc(0.28, 0.47, 0.075)[..., None], (128, 164, 148), image)
