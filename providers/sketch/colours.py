"""Colours of a sketch: names, moods of the sky and the ground, and mixing."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

RGB = tuple[int, int, int]


def rgb(text: str) -> RGB:
    """A colour from six hexadecimal digits."""
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """The first colour with this share (0..1) of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def of_hue(hue: float, saturation: float, value: float) -> RGB:
    """A colour by hue (any turn), saturation and value (0..1)."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


_NAMES = {
    "c8322b": "red scarlet crimson ruby rouge rojo roja",
    "ee7b30": "orange naranja",
    "e5b13a": "gold golden amber doré dorée or dorado dorada",
    "f4d35e": "yellow jaune amarillo amarilla",
    "3f9b57": "green emerald vert verte verde",
    "2a9d8f": "teal turquoise turquesa",
    "6cc5e0": "cyan",
    "2f6fc0": "blue azure bleu bleue azul",
    "3b3a8f": "indigo navy",
    "7b4fa8": "purple violet lavender violette mauve morado morada violeta",
    "e884ab": "pink rosy rosa",
    "7c5235": "brown brun marron marrón",
    "1d1d26": "black noir noire negro negra",
    "f6f4ee": "white blanc blanche blanco blanca",
    "8c9099": "grey gray silver gris",
}
NAMED: dict[str, RGB] = {
    word: rgb(code) for code, words in _NAMES.items() for word in words.split()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one picture: the sky from top to horizon, the land from far to near."""

    sky: tuple[RGB, RGB, RGB]
    far: RGB
    near: RGB
    light: RGB
    accent: RGB

    @property
    def dark(self) -> bool:
        """Whether the sky is a night's."""
        return sum(self.sky[1]) < 300


def _palette(text: str) -> Palette:
    top, middle, low, far, near, light, accent = (rgb(code) for code in text.split())
    return Palette(sky=(top, middle, low), far=far, near=near, light=light, accent=accent)


# Sky top, middle, low; land far, near; light; accent.
_SKIES = {
    "space": _palette("05061a 161448 3f2a6e 2c2a66 07081c f8e9c8 e0709a"),
    "night": _palette("060a22 182355 4c5592 3a4478 080c20 f7f0d2 e5b13a"),
    "storm": _palette("2e3848 5d6b7c a9b3b8 5e6b78 18212b e6e9e4 c9a24b"),
    "sunset": _palette("33306b c4587c ffb870 b8607f 241a38 ffeab8 ffd27a"),
}
_LANDS = {
    "snow": _palette("6d93c6 b4cde8 f6e8e6 bccfe6 f2f7fd fff7e2 2c4a63"),
    "desert": _palette("6fa8c9 f0d3a6 fbe9c8 d9a066 9c4f2c fff3cf 5c2e1f"),
    "beach": _palette("4fa5d8 a5dcec fbf1d2 58a9bf e9cf98 fff6d6 e4572e"),
    "sea": _palette("4c98d0 a3d3e8 f8ecd0 4a90b4 0d4468 fff5d2 e4572e"),
    "forest": _palette("86bcae cbe3c8 f8f2d2 86b39c 0f3327 fff7d4 d98c3a"),
    "city": _palette("5c8fc2 c9d4e2 fde6c8 8f9fb8 232c45 fff3d0 ffcf6b"),
    "autumn": _palette("86a9bf e3cfae fbe6c0 cf8f55 53261b fff3cf c8442b"),
    "flower": _palette("8fbfe3 f4cfdc fff0e2 a9c69a 2f5b3c fff6dd e0607e"),
    "meadow": _palette("5fa9df b5ddef fdf4da 93c08a 1f5638 fff7d6 e45d4c"),
    "mountain": _palette("4f86bd a9c6de f9e6d2 8ea6c0 1e3346 fff4d8 d9694a"),
}


def palette_of(things: frozenset[str], colours: Sequence[RGB], rng: random.Random) -> Palette:
    """The palette for these things and colours; without any, harmonious ones by chance."""
    lands = [palette for name, palette in _LANDS.items() if name in things]
    skies = [palette for name, palette in _SKIES.items() if name in things]
    palette = next(iter([*lands, *skies]), None) or _by_chance(rng)
    if lands and skies:
        depth = 0.55 if skies[0].dark else 0.35
        palette = replace(
            skies[0],
            far=mix(palette.far, skies[0].far, depth + 0.1),
            near=mix(palette.near, skies[0].near, depth),
            accent=palette.accent,
        )
    return _tinted(palette, colours[0], colours[-1]) if colours else palette


def _tinted(palette: Palette, colour: RGB, other: RGB) -> Palette:
    """The palette drawn towards a colour above and another one below; they may be the same."""
    top, middle, low = palette.sky
    deep = mix(colour, (8, 8, 24), 0.55)
    return replace(
        palette,
        sky=(mix(top, deep, 0.5), mix(middle, colour, 0.6), mix(low, other, 0.35)),
        far=mix(palette.far, other, 0.4),
        near=mix(palette.near, deep, 0.35),
        accent=other,
    )


def _by_chance(rng: random.Random) -> Palette:
    hue = rng.random()
    aside = hue + rng.choice((0.08, -0.08, 0.5, 0.4))
    return Palette(
        sky=(of_hue(hue, 0.62, 0.62), of_hue(hue + 0.04, 0.35, 0.88), of_hue(aside, 0.22, 1.0)),
        far=of_hue(hue + 0.03, 0.38, 0.74),
        near=of_hue(hue + 0.06, 0.7, 0.22),
        light=of_hue(aside, 0.12, 1.0),
        accent=of_hue(aside, 0.7, 0.92),
    )
