"""The picture of a palette: a bar of shares, and a card for each colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from core.colours import Found

WIDTH_PX = 960
MARGIN_PX = 40
GAP_PX = 20
BAR_PX = 96
CARD_PX = 176
RADIUS_PX = 20
SMOOTH = 4
PAPER = (250, 250, 248)
EDGE = (0, 0, 0)
EDGE_ALPHA = 30
DARK = (23, 23, 26)
LIGHT = (255, 255, 255)
NAME_SIZES_PX = (30, 27, 24, 21)
HEX_PX = 22
PAD_PX = 22

FONTS = {size: ImageFont.load_default(size) for size in {*NAME_SIZES_PX, HEX_PX}}


def draw_swatch(colours: Sequence[Found]) -> Image.Image:
    """An RGB picture 960 px wide; a row has up to four cards, and the last row is filled too."""
    columns = _columns(len(colours))
    rows = -(-len(colours) // columns)
    top = MARGIN_PX + BAR_PX + GAP_PX + GAP_PX // 2
    height = top + rows * (CARD_PX + GAP_PX) - GAP_PX + MARGIN_PX
    picture = Image.new("RGB", (WIDTH_PX, height), PAPER)
    inner = WIDTH_PX - 2 * MARGIN_PX
    _paste_rounded(picture, _bar(colours, inner), (MARGIN_PX, MARGIN_PX))
    for row in range(rows):
        cards = colours[row * columns : (row + 1) * columns]
        for index, colour in enumerate(cards):
            left, right = _span(index, len(cards), inner)
            card = _card(colour, right - left)
            _paste_rounded(picture, card, (MARGIN_PX + left, top + row * (CARD_PX + GAP_PX)))
    return picture


def _columns(count: int) -> int:
    return {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 9: 3}.get(count, 4)


def _span(index: int, columns: int, inner: int) -> tuple[int, int]:
    width = (inner - (columns - 1) * GAP_PX) / columns
    left = index * (width + GAP_PX)
    return round(left), round(left + width)


def _bar(colours: Sequence[Found], width: int) -> Image.Image:
    bar = Image.new("RGB", (width, BAR_PX))
    draw = ImageDraw.Draw(bar)
    whole = sum(colour.share for colour in colours)
    passed = 0.0
    for colour in colours:
        left = round(passed / whole * width)
        passed += colour.share
        draw.rectangle((left, 0, round(passed / whole * width), BAR_PX), fill=colour.rgb)
    return bar


def _card(colour: Found, width: int) -> Image.Image:
    card = Image.new("RGB", (width, CARD_PX), colour.rgb)
    draw = ImageDraw.Draw(card)
    ink = _ink(colour.rgb)
    room = width - 2 * PAD_PX
    name = colour.name[:1].upper() + colour.name[1:]
    fits = (size for size in NAME_SIZES_PX if draw.textlength(name, font=FONTS[size]) <= room)
    font = FONTS[next(fits, NAME_SIZES_PX[-1])]
    code = "#" + bytes(colour.rgb).hex().upper()
    base = CARD_PX - PAD_PX
    draw.text((PAD_PX, base - HEX_PX - 14), name, font=font, fill=ink, anchor="ls")
    draw.text((PAD_PX, base), code, font=FONTS[HEX_PX], fill=ink, anchor="ls")
    draw.text(
        (width - PAD_PX, base), _share(colour.share), font=FONTS[HEX_PX], fill=ink, anchor="rs"
    )
    return card


def _share(share: float) -> str:
    return f"{share * 100:.0f}%" if share >= 0.01 else "<1%"


def _ink(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """Dark or light text, whichever has the higher contrast (WCAG 2.2) on this colour."""
    ground = _luminance(rgb)
    dark = (ground + 0.05) / (_luminance(DARK) + 0.05)
    light = 1.05 / (ground + 0.05)
    return DARK if dark >= light else LIGHT


def _luminance(rgb: tuple[int, int, int]) -> float:
    linear = [
        value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4
        for value in rgb
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _paste_rounded(picture: Image.Image, part: Image.Image, at: tuple[int, int]) -> None:
    """Lay `part` down with smooth round corners and a hair-line that keeps white off the paper."""
    inside, line, edge = _masks(*part.size)
    picture.paste(part, at, inside)
    picture.paste(edge, at, line)


@lru_cache(maxsize=16)
def _masks(width: int, height: int) -> tuple[Image.Image, Image.Image, Image.Image]:
    """What lies inside the round corners, the faint line around, and the colour of that line.

    The masks are drawn large, then shrunk. A picture is quicker to lay down than a colour.
    """
    large = (width * SMOOTH, height * SMOOTH)
    box = (0, 0, large[0] - 1, large[1] - 1)
    inside, line = Image.new("L", large), Image.new("L", large)
    ImageDraw.Draw(inside).rounded_rectangle(box, RADIUS_PX * SMOOTH, fill=255)
    ImageDraw.Draw(line).rounded_rectangle(
        box, RADIUS_PX * SMOOTH, outline=EDGE_ALPHA, width=SMOOTH
    )
    return inside.reduce(SMOOTH), line.reduce(SMOOTH), Image.new("RGB", (width, height), EDGE)
