"""Looks that pretend to be real: photo, cinematic, noir, fantasy, and oil paint laid over them."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from scripts.style_examples.scene import (
    CLOUD,
    COLUMNS,
    CROWN,
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
    Colour,
    N,
    blur,
    far,
    gradient,
    grey,
    lit,
    mid,
    mix,
    near,
    noise,
    parts,
)


def _leaves(seed: int = 5) -> Array:
    """The crown's light and dark clumps."""
    clumps = 0.45 * noise(14, seed, 4) + 0.55 * noise(38, seed + 1, 3)
    round_ = np.clip(1.15 - ((COLUMNS - 0.33) ** 2 + (ROWS - 0.38) ** 2) / 0.045, 0, 1)
    return np.clip(0.25 + 0.7 * round_ + 0.9 * (clumps - 0.5), 0, 1)


def _grass(line: Array, seed: int, cells: float) -> Array:
    blades = noise(cells, seed, 4, stretch=0.35)
    return np.clip(0.75 + 0.5 * (blades - 0.5) - 0.9 * np.clip(ROWS - line, 0, 1), 0, 1)


@cache
def _clouds() -> Array:
    """High soft clouds."""
    wisps = noise(4, 11, 6, stretch=2.2)
    return np.clip((wisps - 0.52) * 3.2, 0, 1) * np.clip(1.2 - ROWS * 1.9, 0, 1)


def _shadows() -> Array:
    """What the tree and the house keep the sun from, on the ground."""
    ground = near(COLUMNS) < ROWS
    tree = ((COLUMNS - 0.15) / 0.19) ** 2 + ((ROWS - 0.80) / 0.032) ** 2 < 1
    house = ((COLUMNS - 0.56) / 0.15) ** 2 + ((ROWS - 0.755) / 0.024) ** 2 < 1
    return blur((tree | house).astype(float), 7) * ground


def real(
    sky: tuple[Colour, Colour], light: Colour, dark: Colour, *, green: Colour, haze: Colour
) -> Array:
    """The scene with light and texture."""
    seen = parts()
    image = gradient(*sky, till=0.6)
    image = mix(image, mix(np.array(haze), (255, 255, 255), 0.5), 0.85 * _clouds())
    distance = np.sqrt((COLUMNS - SUN_AT[0]) ** 2 + (ROWS - SUN_AT[1]) ** 2)
    image = mix(image, light, np.clip(np.exp(-((distance / 0.2) ** 1.3)), 0, 1) * 0.75)
    image = mix(image, (255, 252, 240), np.clip(np.exp(-((distance / 0.065) ** 4)), 0, 1))
    hills = (
        (FAR, far(COLUMNS), 30, 0.62),
        (MID, mid(COLUMNS), 60, 0.3),
        (NEAR, near(COLUMNS), 70, 0.0),
    )
    for part, line, cells, mist in hills:
        shade = _grass(line, 20 + part, cells)
        ground = mix(np.array(dark), np.array(green), shade)
        where = (seen == part) | ((part == NEAR) & (near(COLUMNS) < ROWS))
        image = np.where(where[..., None], mix(ground, np.array(haze), mist), image)
    sand = mix(np.array((112, 92, 66)), (205, 182, 142), noise(90, 8, 3))
    image = np.where((seen == PATH)[..., None], sand, image)
    image = mix(image, np.array(dark) * 0.55, 0.62 * _shadows())
    image = _house(image, seen, light)
    crown = mix(np.array(dark) * 0.42, np.array(green) * 1.02, _leaves())
    crown = mix(crown, np.array(light), 0.22 * np.clip(_leaves() - 0.75, 0, 1) * 4)
    bark = mix(np.array((42, 30, 22)), (122, 92, 66), noise(60, 9, 3, stretch=0.25))
    image = np.where((seen == TRUNK)[..., None], bark, image)
    ragged = blur((seen == CROWN).astype(float), 6) + 0.42 * (noise(46, 31, 3) - 0.5) > 0.5
    return np.where(ragged[..., None], crown, image)


def _house(image: Array, seen: Array, light: Colour) -> Array:
    plaster = 0.9 + 0.12 * (noise(50, 12, 3) - 0.5)
    tiles = 0.82 + 0.16 * np.sin(ROWS * N / 3.4) * (0.5 + noise(60, 13, 2))
    made = {
        WALL: np.array((188, 176, 160)) * plaster[..., None] * 0.82,
        SIDE: mix(np.array((238, 230, 214)), np.array(light), 0.25) * plaster[..., None],
        ROOF: np.array((152, 74, 56)) * tiles[..., None],
        DOOR: np.array((84, 58, 42)) * (0.85 + 0.3 * noise(40, 14, 2, stretch=0.2))[..., None],
        WINDOW: gradient((96, 130, 160), (200, 214, 220), 0.8),
    }
    for part, colour in made.items():
        image = np.where((seen == part)[..., None], colour, image)
    bars = (seen == WINDOW) & ((abs(COLUMNS - 0.7675) < 0.003) | (abs(ROWS - 0.651) < 0.003))
    return np.where(bars[..., None], (240, 236, 226), image)


def _vignette(strength: float) -> Array:
    away = ((COLUMNS - 0.5) ** 2 + (ROWS - 0.5) ** 2) * 2
    return 1 - strength * np.clip(away, 0, 1) ** 1.4


def _grain(amount: float, seed: int) -> Array:
    """Film grain, as coarse as it is still seen when the picture is small."""
    fine = np.random.default_rng(seed).normal(0, amount, (N // 3, N // 3)).astype(np.float32)
    return np.asarray(Image.fromarray(fine).resize((N, N), Image.Resampling.BILINEAR))


def _day() -> Array:
    return real(
        ((72, 128, 204), (198, 222, 240)),
        (255, 240, 205),
        (38, 62, 26),
        green=(128, 158, 66),
        haze=(186, 208, 222),
    )


def photo() -> Array:
    """A sharp tree and house before a soft distance."""
    image = _day()
    seen = parts()
    away = blur(np.isin(seen, (SKY, SUN, CLOUD, FAR, MID)).astype(float), 3)
    image = mix(image, blur(image, 5), away)
    image = (image - 128) * 1.1 + 132
    return image * _vignette(0.28)[..., None] + _grain(2.2, 1)[..., None]


def cinematic() -> Array:
    """A low golden sun, teal shadows, a wide frame."""
    image = real(
        ((40, 84, 128), (255, 186, 108)),
        (255, 196, 104),
        (20, 40, 44),
        green=(158, 138, 60),
        haze=(246, 164, 100),
    )
    tone = np.clip(grey(image), 0, 1)
    image = mix(image * 1.04, np.array((8, 58, 78)), (1 - tone) ** 2 * 0.5)
    image = mix(image, np.array((255, 170, 90)), np.clip(tone - 0.55, 0, 1) * 0.5)
    bright = np.clip(grey(image) - 0.72, 0, 1)[..., None] * 2.2
    image = image + blur(bright * np.array((255, 190, 120)), 40) * 0.55
    streak = np.exp(-(((ROWS - SUN_AT[1]) / 0.006) ** 2)) * np.exp(
        -(((COLUMNS - SUN_AT[0]) / 0.34) ** 2)
    )
    image = mix(image, (190, 225, 255), 0.6 * streak)
    image = (image - 128) * 1.15 + 130
    image = image * _vignette(0.5)[..., None] + _grain(2, 2)[..., None]
    bars = (ROWS < 0.13) | (ROWS > 0.87)
    return np.where(bars[..., None], 6.0, image)


def noir() -> Array:
    """Hard light at night, in black and white."""
    image = real(
        ((14, 14, 16), (96, 98, 104)),
        (230, 232, 240),
        (2, 2, 2),
        green=(96, 96, 98),
        haze=(92, 94, 100),
    )
    tone = grey(image)
    tone = np.clip((tone - 0.30) * 1.75 + 0.2, 0, 1) ** 1.15
    seen = parts()
    tone = np.where(seen == WALL, tone * 0.22, np.where(seen == SIDE, tone * 0.6, tone))
    tone = np.where(seen == WINDOW, 0.97, tone)
    glow = blur((seen == WINDOW).astype(float), 22)
    pool = ((COLUMNS - 0.80) / 0.2) ** 2 + ((ROWS - 0.83) / 0.07) ** 2
    tone = tone + 0.55 * glow + 0.35 * np.clip(1 - pool, 0, 1) * (near(COLUMNS) < ROWS)
    slant = np.sin((COLUMNS * 0.35 + ROWS) * 0 + (COLUMNS + ROWS * 0.28) * 240)
    rain = np.clip(slant - 0.93, 0, 1) * 5 * noise(30, 44, 3, stretch=0.12)
    tone = tone * _vignette(0.6) + 0.16 * rain * (noise(60, 45, 2, stretch=0.1) > 0.45)
    return np.clip(tone * 255 + _grain(6, 3), 0, 255)[..., None].repeat(3, axis=2)


def fantasy() -> Array:
    """Two moons, drifting lights, a window that glows."""
    image = real(
        ((26, 14, 66), (214, 106, 170)),
        (255, 206, 240),
        (16, 26, 58),
        green=(64, 142, 132),
        haze=(150, 96, 172),
    )
    seen = parts()
    veil = noise(5, 61, 4, stretch=0.5) * np.exp(-(((ROWS - 0.16) / 0.2) ** 2))
    sky = (seen == SKY) | (seen == CLOUD)
    image = mix(image, (88, 250, 206), 0.75 * np.clip(veil - 0.3, 0, 1) * 1.6 * sky)
    for x, y, radius, colour in (
        (0.76, 0.22, 0.13, (255, 238, 250)),
        (0.5, 0.12, 0.035, (190, 240, 255)),
    ):
        away = np.sqrt((COLUMNS - x) ** 2 + (ROWS - y) ** 2) / radius
        image = mix(
            image, colour, 0.7 * np.clip(np.exp(-((away / 1.5) ** 2)), 0, 1) * (far(COLUMNS) > ROWS)
        )
        craters = 1 - 0.25 * np.clip(noise(12 / radius * 0.1, 62, 3) - 0.45, 0, 1) * 2
        image = np.where(
            ((away < 1) & sky | (away < 1) & (seen == SUN))[..., None],
            np.array(colour) * craters[..., None],
            image,
        )
    image = np.where((seen == WINDOW)[..., None], (255, 226, 130), image)
    image = (
        image + blur((seen == WINDOW).astype(float), 26)[..., None] * np.array((255, 180, 70)) * 1.5
    )
    image = mix(image, (255, 120, 200), 0.30 * (seen == CROWN) * np.clip(_leaves() - 0.25, 0, 1))
    random = np.random.default_rng(7)
    lights = np.zeros((N, N))
    for _ in range(46):
        x, y, size = random.random(), 0.25 + 0.7 * random.random(), random.choice((2.2, 3.2, 5.0))
        lights += np.exp(-((((COLUMNS - x) ** 2 + (ROWS - y) ** 2) * (N / size) ** 2) ** 0.6))
    stars = (np.random.default_rng(8).random((N // 4, N // 4)) > 0.993).repeat(4, 0).repeat(4, 1)
    image = np.where((stars & (seen == SKY) & (ROWS < 0.42))[..., None], 255.0, image)
    image = image + np.clip(lights, 0, 1.4)[..., None] * np.array((255, 236, 170)) * 0.9
    return image * _vignette(0.4)[..., None]


def oil() -> Array:
    """Thick strokes that follow the land, the broad ones below the fine."""
    ground = real(
        ((44, 96, 186), (250, 214, 150)),
        (255, 224, 140),
        (30, 56, 30),
        green=(148, 168, 40),
        haze=(168, 186, 204),
    )
    seen = parts()
    soft = blur(ground, 5)
    down, across = np.gradient(blur(grey(ground), 8))
    along = np.arctan2(across, -down) + 0.9 * (noise(5, 71, 2) - 0.5)
    around = np.arctan2(ROWS - SUN_AT[1], COLUMNS - SUN_AT[0]) + np.pi / 2
    along = np.where(np.isin(seen, (SKY, SUN, CLOUD)), around, along)
    canvas = Image.fromarray(soft.astype(np.uint8), "RGB")
    relief = Image.new("L", (N, N), 90)
    pen, bump = ImageDraw.Draw(canvas), ImageDraw.Draw(relief)
    random = np.random.default_rng(9)
    for width, length, count in ((26, 74, 1500), (15, 46, 3600), (8, 28, 6500)):
        for _ in range(count):
            x, y = (int(value) for value in random.integers(0, N, 2))
            colour = soft[y, x] + random.normal(0, 15, 3) + random.normal(0, 7)
            angle = along[y, x] + random.normal(0, 0.18)
            dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
            if width < 10 and seen[y, x] in (SKY, MID, FAR):
                continue
            line = [(x - dx, y - dy), (x + dx, y + dy)]
            pen.line(line, fill=tuple(int(value) for value in np.clip(colour, 0, 255)), width=width)
            bump.line(line, fill=int(random.integers(60, 200)), width=max(2, width - 4))
    painted = np.asarray(canvas, float)
    light = lit(blur(np.asarray(relief, float), 2), (-1, -1, 1.4), 0.035)
    image = painted * (0.55 + 0.62 * light)[..., None]
    return (image - 128) * 1.18 + 134
