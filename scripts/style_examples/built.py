"""Looks of the screen: pixels, polygons, neon, a block of land."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from scripts.style_examples.lifelike import real
from scripts.style_examples.scene import (
    CLOUD,
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
    TRUNK,
    WALL,
    WINDOW,
    Array,
    Colour,
    N,
    blur,
    disc,
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
)

PIXELS = 48
PALETTE = (
    (24, 20, 37),
    (38, 43, 68),
    (58, 68, 102),
    (99, 155, 255),
    (95, 205, 228),
    (203, 219, 252),
    (255, 255, 255),
    (251, 242, 54),
    (255, 176, 60),
    (217, 87, 99),
    (172, 50, 50),
    (102, 57, 49),
    (143, 86, 59),
    (217, 160, 102),
    (238, 195, 154),
    (50, 96, 57),
    (55, 148, 110),
    (106, 190, 48),
    (153, 229, 80),
    (75, 105, 47),
    (91, 110, 225),
    (132, 126, 135),
    (118, 66, 138),
    (63, 63, 116),
)


def pixel_art() -> Array:
    """Few points, few colours, and a checkered blend between them."""
    seen = parts()
    colours = {
        **FLAT,
        SKY: (99, 155, 255),
        FAR: (91, 110, 225),
        MID: (55, 148, 110),
        NEAR: (106, 190, 48),
        CROWN: (55, 148, 110),
        ROOF: (217, 87, 99),
        TRUNK: (102, 57, 49),
        DOOR: (102, 57, 49),
    }
    image = flat(seen, colours)
    image = np.where(
        (seen == SKY)[..., None], gradient((91, 110, 225), (203, 219, 252), 0.6), image
    )
    image = np.where(
        ((seen == CROWN) & inner(0.012, -0.016, 0.82))[..., None], (106, 190, 48), image
    )
    image = np.where(((seen == CROWN) & inner(0.03, -0.04, 0.40))[..., None], (153, 229, 80), image)
    image = np.where(((seen == CROWN) & ~inner(0.004, -0.02, 1.0))[..., None], (50, 96, 57), image)
    for part, line, light in ((NEAR, near, (153, 229, 80)), (MID, mid, (106, 190, 48))):
        image = np.where(((seen == part) & (ROWS - line(COLUMNS) < 0.024))[..., None], light, image)
    image = np.where(
        ((seen == NEAR) & (ROWS - near(COLUMNS) > 0.13))[..., None], (75, 105, 47), image
    )
    step = N // PIXELS
    middle = slice(step // 2, None, step)
    small = (
        image[middle, middle]
        + 12
        * (np.indices((PIXELS, PIXELS)).sum(0) % 2 * 2 - 1)[..., None]
        * (seen[middle, middle] == SKY)[..., None]
    )
    table = np.array(PALETTE, float)
    nearest = ((small[:, :, None] - table) ** 2).sum(-1).argmin(-1)
    dark = edges(
        np.where(np.isin(seen, (CROWN, TRUNK, ROOF, WALL, SIDE, DOOR)), seen, 0)[middle, middle]
        .repeat(step, 0)
        .repeat(step, 1),
        1,
    )
    small = table[nearest]
    rim = dark[::step, ::step] & np.isin(seen[middle, middle], (CROWN, TRUNK, ROOF, DOOR))
    small = np.where(rim[..., None], small * 0.62, small)
    return small.repeat(step, 0).repeat(step, 1)


def low_poly() -> Array:
    """Triangles, each in one colour."""
    base = real(
        ((70, 140, 226), (246, 222, 196)),
        (255, 236, 180),
        (40, 84, 50),
        green=(140, 194, 76),
        haze=(166, 190, 222),
    )
    seen = parts()
    random = np.random.default_rng(320)
    count = 20
    step = N / count
    points = np.zeros((count + 1, count + 1, 2))
    for row in range(count + 1):
        for column in range(count + 1):
            inside = 0 < row < count and 0 < column < count
            jitter = random.uniform(-0.34, 0.34, 2) if inside else np.zeros(2)
            points[row, column] = (column + jitter[0]) * step, (row + jitter[1]) * step
    border = np.argwhere(edges(np.where(seen == CLOUD, SKY, seen), 1))
    for row in range(1, count):
        for column in range(1, count):
            away = ((border[:, ::-1] - points[row, column]) ** 2).sum(1)
            if away.min() < (0.62 * step) ** 2:
                points[row, column] = border[away.argmin()][::-1]
    canvas = Image.new("RGB", (N, N))
    pen = ImageDraw.Draw(canvas)
    flatter = mix(base, flat(seen, {**FLAT, SKY: (120, 180, 236)}), 0.45)
    for row in range(count):
        for column in range(count):
            a, b = points[row, column], points[row, column + 1]
            c, d = points[row + 1, column], points[row + 1, column + 1]
            for corners in ((a, b, c), (b, d, c)) if (row + column) % 2 else ((a, b, d), (a, d, c)):
                middle = np.mean(corners, axis=0)
                x, y = np.clip(middle.astype(int), 0, N - 1)
                around = flatter[max(0, y - 8) : y + 9, max(0, x - 8) : x + 9].reshape(-1, 3)
                slope = (corners[1][1] - corners[0][1] + corners[2][0] - middle[0]) / step
                colour = np.median(around, axis=0) * (1 + 0.13 * slope + random.normal(0, 0.035))
                fill = tuple(int(value) for value in np.clip(colour, 0, 255))
                pen.polygon([tuple(corner) for corner in corners], fill=fill)
    return np.asarray(canvas, float)


def neon() -> Array:
    """Lines of light in the dark, and the sun of an old game."""
    seen = parts()
    image = gradient((10, 4, 38), (58, 8, 82), 0.7)
    image = np.where((near(COLUMNS) < ROWS)[..., None], (8, 4, 26), image)
    stripes = (ROWS > 0.2) & (np.sin(ROWS * 210) > 0.15 + (0.33 - ROWS) * 6)
    sun = disc(0.70, 0.24, 0.135) & ~stripes & (far(COLUMNS) > ROWS)
    image = np.where(sun[..., None], gradient((255, 226, 80), (255, 40, 150), 0.38), image)
    glow = blur(disc(0.70, 0.24, 0.135).astype(float), 40)
    image = image + glow[..., None] * np.array((255, 60, 160)) * 0.5
    seen = np.where(np.isin(seen, (CLOUD, SUN)), SKY, seen)
    light = np.zeros((N, N, 3))
    lines = (
        ((FAR,), (150, 70, 255)),
        ((MID,), (70, 110, 255)),
        ((NEAR,), (255, 40, 180)),
        ((PATH,), (255, 190, 60)),
        ((WALL, SIDE, ROOF), (255, 70, 120)),
        ((DOOR, WINDOW), (255, 220, 90)),
        ((TRUNK, CROWN), (40, 255, 200)),
    )
    for group, colour in lines:
        for part in group:
            where = (
                seen == part
                if part not in (FAR, MID, NEAR)
                else {FAR: far, MID: mid, NEAR: near}[part](COLUMNS) < ROWS
            )
            line = edges(where.astype(int), 4).astype(float)
            hidden = (
                np.isin(seen, (CROWN, TRUNK, WALL, SIDE, ROOF, DOOR, WINDOW))
                if part in (FAR, MID, NEAR)
                else (seen == CROWN) & (part != CROWN)
            )
            line = line * ~hidden
            light += line[..., None] * np.array(colour) * 1.5
            light += (
                blur(line, 9)[..., None] * np.array(colour) * 1.5
                + blur(line, 30)[..., None] * np.array(colour) * 1.1
            )
            light += (blur(line, 1) * 110)[..., None] * (part != SKY)
    depth = np.clip(ROWS - near(COLUMNS), 0, 1)
    across = np.abs(((COLUMNS - 0.5) / (0.10 + depth * 1.4) * 3.2) % 1 - 0.5) > 0.472
    down = np.abs((4.2 / (depth + 0.16)) % 1 - 0.5) > 0.45
    grid = (across | down) & (seen == NEAR)
    light += (
        (grid * 0.5 + blur(grid.astype(float), 5) * 0.7)[..., None]
        * np.array((200, 30, 200))
        * np.clip(depth * 7, 0.1, 1)[..., None]
    )
    leaves = (noise(26, 330, 2) > 0.66) & (seen == CROWN)
    light += blur(leaves.astype(float), 3)[..., None] * np.array((20, 170, 140)) * 0.6
    stars = (np.random.default_rng(331).random((N // 4, N // 4)) > 0.994).repeat(4, 0).repeat(4, 1)
    image = np.where((stars & (seen == SKY) & ~sun)[..., None], 220.0, image)
    return image + light


def isometric() -> Array:
    """The scene as a small block of land, seen from above its corner."""
    canvas = Image.fromarray(gradient((214, 226, 250), (244, 226, 240)).astype(np.uint8), "RGB")
    pen = ImageDraw.Draw(canvas)
    unit = N * 0.046

    def at(x: float, y: float, z: float) -> tuple[float, float]:
        return N / 2 + (x - y) * unit * 0.866, N * 0.535 + (x + y - 10) * unit * 0.5 - z * unit

    def box(x: float, y: float, z: float, w: float, d: float, h: float, colour: Colour) -> None:
        top, left, right = (tuple(int(c * part) for c in colour) for part in (1.0, 0.80, 0.64))
        pen.polygon(
            [at(x, y + d, z), at(x + w, y + d, z), at(x + w, y + d, z + h), at(x, y + d, z + h)],
            fill=left,
        )
        pen.polygon(
            [at(x + w, y, z), at(x + w, y + d, z), at(x + w, y + d, z + h), at(x + w, y, z + h)],
            fill=right,
        )
        pen.polygon(
            [at(x, y, z + h), at(x + w, y, z + h), at(x + w, y + d, z + h), at(x, y + d, z + h)],
            fill=top,
        )

    shadow = Image.new("L", (N, N))
    ImageDraw.Draw(shadow).polygon(
        [at(0, 0, -3.6), at(10, 0, -3.6), at(11.4, 11.4, -4.2), at(0, 10, -3.6)], fill=150
    )
    soft = blur(np.asarray(shadow, float), 16) / 255
    canvas = Image.fromarray(
        mix(np.asarray(canvas, float), (120, 110, 160), 0.55 * soft).astype(np.uint8), "RGB"
    )
    pen = ImageDraw.Draw(canvas)
    box(0, 0, -2.4, 10, 10, 1.6, (166, 122, 92))
    box(0, 0, -0.8, 10, 10, 0.8, (128, 204, 98))
    for x in range(10):
        for y in range(10):
            path = (x, y) in {(5, 9), (5, 8), (5, 7), (4, 7), (4, 6)}
            tint = 1.0 if (x + y) % 2 else 0.955
            colour = tuple(int(c * tint) for c in ((240, 214, 160) if path else (128, 204, 98)))
            pen.polygon(
                [at(x, y, 0), at(x + 1, y, 0), at(x + 1, y + 1, 0), at(x, y + 1, 0)], fill=colour
            )
    box(0, 0, 0, 4.2, 3.0, 1.0, (116, 190, 92))
    box(0, 0, 1.0, 2.6, 1.8, 1.0, (108, 178, 90))
    pen.polygon(
        [at(6.0, 4.0, 0), at(9.6, 4.0, 0), at(10, 6.6, 0), at(6.4, 6.9, 0)], fill=(104, 176, 80)
    )
    box(3.4, 2.6, 0, 4.2, 3.4, 2.6, (252, 238, 216))
    for corners, colour in (
        ([at(7.6, 2.6, 2.6), at(7.6, 6.0, 2.6), at(7.6, 4.3, 4.9)], (166, 154, 140)),
        (
            [at(3.1, 6.3, 2.4), at(7.9, 6.3, 2.4), at(7.9, 4.3, 5.1), at(3.1, 4.3, 5.1)],
            (232, 98, 84),
        ),
        (
            [at(3.1, 2.3, 2.4), at(7.9, 2.3, 2.4), at(7.9, 4.3, 5.1), at(3.1, 4.3, 5.1)],
            (196, 76, 68),
        ),
        ([at(4.3, 6, 0), at(5.2, 6, 0), at(5.2, 6, 1.7), at(4.3, 6, 1.7)], (136, 92, 72)),
        ([at(6, 6, 0.9), at(7, 6, 0.9), at(7, 6, 1.8), at(6, 6, 1.8)], (126, 196, 232)),
        (
            [at(7.6, 4.9, 0.9), at(7.6, 3.8, 0.9), at(7.6, 3.8, 1.9), at(7.6, 4.9, 1.9)],
            (92, 160, 204),
        ),
    ):
        pen.polygon(corners, fill=colour)
    box(6.3, 4.0, 4.3, 0.6, 0.6, 1.4, (206, 196, 190))
    box(1.2, 6.6, 0, 0.55, 0.55, 1.6, (150, 108, 80))
    for z, side, colour in (
        (1.4, 2.5, (70, 160, 92)),
        (2.5, 2.1, (82, 176, 98)),
        (3.5, 1.4, (98, 192, 106)),
    ):
        box(1.47 - side / 2, 6.87 - side / 2, z, side, side, 1.1, colour)
    image = np.asarray(canvas, float)
    x, y = at(7.0, 0.2, 6.6)
    image = mix(image, (255, 226, 140), 0.5 * blur(disc(x / N, y / N, 0.095).astype(float), 26))
    return np.where(disc(x / N, y / N, 0.062)[..., None], (255, 206, 84), image)
