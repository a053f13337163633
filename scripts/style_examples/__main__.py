"""Draw the example picture of every shipped style: `python -m scripts.style_examples`.

They are drawn by rules, not by AI, and lie beside the rules that show them. One small picture each,
and a sheet with all of them and their names, for where one message has one picture.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

from core.shipped_styles import FOLDER, SHEET, shipped
from scripts.style_examples import built, graphic, handmade, lifelike
from scripts.style_examples.scene import Array, finished

SIDE = 256
QUALITY = 72
COLUMNS = 5
TILE, MARGIN, LABEL = 232, 14, 34
MODULES = (lifelike, handmade, graphic, built)


def painter(name: str) -> Callable[[], Array]:
    """What draws a style: the function of its name."""
    word = name.replace("-", "_")
    return next(getattr(module, word) for module in MODULES if hasattr(module, word))


def sheet(names: list[str]) -> Image.Image:
    """All examples side by side, each above its name."""
    rows = -(-len(names) // COLUMNS)
    size = (MARGIN + COLUMNS * (TILE + MARGIN), MARGIN + rows * (TILE + LABEL + MARGIN))
    made = Image.new("RGB", size, (250, 249, 246))
    pen = ImageDraw.Draw(made)
    font = ImageFont.load_default(21)
    for place, name in enumerate(names):
        x = MARGIN + (place % COLUMNS) * (TILE + MARGIN)
        y = MARGIN + (place // COLUMNS) * (TILE + LABEL + MARGIN)
        with Image.open(FOLDER / f"{name}.webp") as one:
            made.paste(one.convert("RGB").resize((TILE, TILE), Image.Resampling.LANCZOS), (x, y))
        pen.text((x + TILE / 2, y + TILE + LABEL / 2), name, (40, 42, 50), font, "mm")
    return made


def main() -> None:
    """Draw those that are named, or all, and then the sheet."""
    names = [style.name for style in shipped()]
    for name in sys.argv[1:] or names:
        image = finished(painter(name)(), SIDE)
        image.save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)
    sheet(names).save(FOLDER / SHEET, quality=80, optimize=True, progressive=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    main()
