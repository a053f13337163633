"""The one little scene that every style shows: a hill, a tree, a house, the sun; and what paints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

Array = np.ndarray
Colour = tuple[float, float, float]

# Drawn three times as large as it is shown, which smooths every edge.
N = 768
ROWS, COLUMNS = (grid / N for grid in np.mgrid[0:N, 0:N])

SKY, SUN, CLOUD, FAR, MID, NEAR, PATH, WALL, SIDE, ROOF, DOOR, WINDOW, TRUNK, CROWN = range(14)
PARTS = 14


def far(x: Array | float) -> Array:
    """The farthest hills: how low they begin, as a part of the height."""
    return 0.52 + 0.045 * np.cos(2 * np.pi * (1.25 * x + 0.12)) - 0.018 * np.cos(19 * x)


def mid(x: Array | float) -> Array:
    """The hills before them."""
    return 0.63 + 0.055 * np.cos(2 * np.pi * (0.85 * x + 0.42))


def near(x: Array | float) -> Array:
    """The hill that everything stands on."""
    return 0.80 - 0.09 * np.sin(np.pi * (x * 0.95 + 0.05))


def polygon(points: Sequence[tuple[float, float]]) -> Array:
    """Where a polygon is."""
    image = Image.new("L", (N, N))
    ImageDraw.Draw(image).polygon([(x * N, y * N) for x, y in points], fill=255)
    return np.asarray(image) > 127


def disc(x: float, y: float, radius: float) -> Array:
    """Where a disc is."""
    return (COLUMNS - x) ** 2 + (ROWS - y) ** 2 < radius**2


def discs(found: Sequence[tuple[float, float, float]]) -> Array:
    """Where any of these discs is."""
    return np.any([disc(*item) for item in found], axis=0)


SUN_AT = (0.76, 0.22, 0.085)
CLOUDS = (
    (0.16, 0.19, 0.045),
    (0.23, 0.165, 0.06),
    (0.30, 0.19, 0.05),
    (0.37, 0.20, 0.03),
    (0.52, 0.33, 0.028),
    (0.57, 0.315, 0.04),
    (0.63, 0.33, 0.03),
)
CROWNS = (
    (0.27, 0.42, 0.105),
    (0.19, 0.48, 0.085),
    (0.35, 0.48, 0.085),
    (0.27, 0.52, 0.09),
    (0.22, 0.38, 0.06),
    (0.33, 0.40, 0.06),
)
FOOT = 0.73
WALLS = {
    WALL: ((0.55, FOOT), (0.55, 0.60), (0.615, 0.52), (0.68, 0.60), (0.68, FOOT + 0.012)),
    SIDE: ((0.68, FOOT + 0.012), (0.68, 0.60), (0.85, 0.59), (0.85, FOOT - 0.005)),
    ROOF: ((0.615, 0.505), (0.70, 0.61), (0.875, 0.60), (0.79, 0.50)),
    DOOR: ((0.595, FOOT + 0.005), (0.595, 0.645), (0.637, 0.645), (0.637, FOOT + 0.008)),
    WINDOW: ((0.735, 0.675), (0.735, 0.63), (0.80, 0.627), (0.80, 0.672)),
}
EAVE = ((0.535, 0.615), (0.615, 0.505), (0.632, 0.525), (0.555, 0.628))
STEM = ((0.248, 0.77), (0.258, 0.60), (0.252, 0.50), (0.285, 0.50), (0.284, 0.60), (0.302, 0.77))
WAY = (
    (0.605, 0.733),
    (0.645, 0.737),
    (0.60, 0.80),
    (0.50, 0.86),
    (0.49, 0.92),
    (0.56, 1.0),
    (0.34, 1.0),
    (0.37, 0.91),
    (0.44, 0.84),
    (0.57, 0.785),
)


@cache
def parts() -> Array:
    """Which part of the scene is seen at each point."""
    seen = np.full((N, N), SKY)
    seen[disc(*SUN_AT)] = SUN
    seen[discs(CLOUDS)] = CLOUD
    for part, line in ((FAR, far), (MID, mid), (NEAR, near)):
        seen[line(COLUMNS) < ROWS] = part
    way = blur(polygon(WAY).astype(float), 12) > 0.5
    seen[way & (near(COLUMNS) < ROWS)] = PATH
    for part, points in WALLS.items():
        seen[polygon(points)] = part
    seen[polygon(EAVE)] = ROOF
    seen[polygon(STEM)] = TRUNK
    seen[discs(CROWNS)] = CROWN
    return seen


FLAT = {
    SKY: (104, 190, 246),
    SUN: (255, 214, 74),
    CLOUD: (255, 255, 255),
    FAR: (140, 176, 216),
    MID: (112, 190, 128),
    NEAR: (92, 178, 74),
    PATH: (240, 208, 150),
    WALL: (232, 206, 176),
    SIDE: (252, 236, 208),
    ROOF: (222, 72, 60),
    DOOR: (130, 82, 62),
    WINDOW: (120, 200, 240),
    TRUNK: (134, 92, 62),
    CROWN: (46, 146, 76),
}


def inner(x: float, y: float, part: float) -> Array:
    """The crown again, smaller, towards a side."""
    return discs([(cx + x, cy + y, radius * part) for cx, cy, radius in CROWNS])


def blur(values: Array, radius: float) -> Array:
    """A soft blur, by three boxes; over two or three axes."""
    width = max(1, round(radius))
    for _ in range(3):
        for axis in (0, 1):
            pad = [(0, 0)] * values.ndim
            pad[axis] = (width + 1, width)
            total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis)
            size = values.shape[axis]
            high = np.take(total, range(2 * width + 1, 2 * width + 1 + size), axis=axis)
            values = (high - np.take(total, range(size), axis=axis)) / (2 * width + 1)
    return values


def noise(cells: float, seed: int, octaves: int = 4, stretch: float = 1.0) -> Array:
    """Clouds of grey from 0 to 1 with about `cells` of them across; `stretch` makes them wide."""
    random = np.random.default_rng(seed)
    total, weight = np.zeros((N, N)), 0.0
    for octave in range(octaves):
        across = max(2, round(cells * 2**octave / stretch))
        down = max(2, round(cells * 2**octave))
        grid = Image.fromarray(random.random((down, across)).astype(np.float32))
        part = 0.5**octave
        total += part * np.asarray(grid.resize((N, N), Image.Resampling.BICUBIC))
        weight += part
    total /= weight
    return np.clip((total - total.min()) / (np.ptp(total) or 1), 0, 1)


def shifted(values: Array, down: int, across: int) -> Array:
    """The same further down and to the right, with its edges drawn out."""
    padded = np.pad(values, ((down, 0), (across, 0)), mode="edge")
    return padded[: values.shape[0], : values.shape[1]]


def warped(values: Array, amount: float, seed: int, cells: float = 10) -> Array:
    """The same with edges that wander, by up to `amount` of its width."""
    shifts = [(noise(cells, seed + one) - 0.5) * 2 * amount * N for one in range(2)]
    rows = np.clip(ROWS * N + shifts[0], 0, N - 1).astype(int)
    columns = np.clip(COLUMNS * N + shifts[1], 0, N - 1).astype(int)
    return values[rows, columns]


def edges(seen: Array, width: int) -> Array:
    """Where two parts meet, so many points wide."""
    found = np.zeros((N, N), bool)
    found[:, 1:] |= seen[:, 1:] != seen[:, :-1]
    found[1:] |= seen[1:] != seen[:-1]
    return blur(found.astype(float), width / 2) > 0.08 if width > 1 else found


def flat(seen: Array, colours: Mapping[int, Colour]) -> Array:
    """Each part in its colour, 0 to 255."""
    table = np.array([colours.get(part, (255, 0, 255)) for part in range(PARTS)], float)
    return table[seen]


def gradient(top: Colour, bottom: Colour, till: float = 1.0) -> Array:
    """From one colour to another, downwards."""
    part = np.clip(ROWS / till, 0, 1)[..., None]
    return np.array(top) * (1 - part) + np.array(bottom) * part


def mix(below: Array, above: Array | Colour, part: Array | float) -> Array:
    """One over the other, as far as `part` says."""
    part = part[..., None] if isinstance(part, np.ndarray) and part.ndim == 2 else part
    return below * (1 - part) + np.asarray(above) * part


def grey(image: Array) -> Array:
    """How light each point is, 0 to 1."""
    return image @ np.array([0.299, 0.587, 0.114]) / 255


def lit(height: Array, towards: Colour, depth: float) -> Array:
    """How much light falls on a relief from one side, 0 to 1."""
    down, across = np.gradient(height * depth)
    normal = np.dstack([-across, -down, np.ones_like(height)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    light = np.array(towards) / np.linalg.norm(towards)
    return np.clip(normal @ light, 0, 1)


def finished(image: Array, side: int = 256) -> Image.Image:
    """The picture as it is shown."""
    whole = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8), "RGB")
    return whole.resize((side, side), Image.Resampling.LANCZOS)


Painter = Callable[[], Array]
