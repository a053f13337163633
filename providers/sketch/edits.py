"""Plain operations on a picture, chosen by words; what no word names becomes a duotone with a note."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from providers.sketch import variations
from providers.sketch.canvas import captioned, encoded, lettered, opened
from providers.sketch.colours import NAMED, RGB, mix, of_hue
from providers.sketch.words import words_of

SIDE_MAX = 2048
SIDE_MIN = 160
CAPTION_LENGTH_MAX = 120

# These are done or not; half a turn is no turn.
_WHOLE = frozenset({"mirrored", "upside down", "caption"})

Step = Callable[[Image.Image], Image.Image]

_CAPTION = re.compile(
    r"\b(?:(?:add|put|write)\s+(?:the\s+|a\s+)?(?:text|words?|caption|title)|caption|write)\b"
    r"(?:\s+it)?(?:\s+saying)?\s*:?\s*(?:[\"“”«']\s*(?P<quoted>[^\"“”»]+?)\s*[\"“”»']|(?P<plain>.+))",
    re.IGNORECASE | re.DOTALL,
)
_DEGREES = re.compile(r"(-?\d{1,3})\s*(?:°|degrees?\b|deg\b|grad)", re.IGNORECASE)


def edited(
    prompt: str, sources: Sequence[bytes], *, seed: int, strength: float | None
) -> tuple[bytes, bytes]:
    """The changed picture, or several laid together, and its preview; raises Unreadable.

    With a strength the seed changes it too, and all of that more or less.
    """
    pictures = [_usable(source) for source in sources]
    image, steps, done = pictures[0], _steps(prompt), []
    if len(pictures) > 1:
        image = variations.blended(pictures)
        done.append(f"blend of {len(pictures)}")
    if strength is not None:
        image = variations.varied(image, seed, strength)
        done.append(f"changed by {strength:.0%}")
    if not steps and not done:
        steps = _unknown(prompt)
    for name, step in steps:
        changed = step(image)
        image = changed if strength is None or name in _WHOLE else _mixed(image, changed, strength)
        done.append(name)
    return encoded(lettered(image, prompt, " · " + ", ".join(done), below=True))


def _usable(source: bytes) -> Image.Image:
    image = opened(source, SIDE_MAX)
    if max(image.size) < SIDE_MIN:
        return ImageOps.contain(image, (SIDE_MIN, SIDE_MIN), Image.Resampling.NEAREST)
    return image


def _mixed(image: Image.Image, changed: Image.Image, strength: float) -> Image.Image:
    return Image.blend(image, changed, strength) if image.size == changed.size else changed


def _steps(prompt: str) -> list[tuple[str, Step]]:
    """The named operations in the order of the table."""
    caption = _CAPTION.search(prompt)
    instructions = (
        prompt if caption is None else prompt[: caption.start()] + prompt[caption.end() :]
    )
    words = set(words_of(instructions))
    steps = [(name, step) for name, triggers, step in _TABLE if triggers & words]
    turn = _turn(words, instructions)
    if turn:
        steps.append((f"turned by {turn}°", lambda image: _rotated(image, turn)))
    colour = next((NAMED[word] for word in words_of(instructions) if word in NAMED), None)
    if {"black", "white"} <= words:
        steps.append(("greyscale", _grey))
    elif colour is not None and (not steps or words & {"tint", "tinted"}):
        steps.append(("tint", lambda image: _tinted(image, colour)))
    if caption is not None:
        text = (caption["quoted"] or caption["plain"]).strip()[:CAPTION_LENGTH_MAX]
        steps.append(("caption", lambda image: captioned(image, text)))
    return steps


def _unknown(prompt: str) -> list[tuple[str, Step]]:
    """What is done where no word is known."""
    return [
        ("duotone", lambda image: _duotone(image, prompt)),
        ("note", lambda image: captioned(image, prompt[:CAPTION_LENGTH_MAX])),
    ]


def _turn(words: set[str], text: str) -> int:
    """Clockwise degrees that the words ask for; 0 is none."""
    degrees = _DEGREES.search(text)
    if not {"rotate", "turn", "rotated", "tilt", "tourner", "girar"} & words:
        return 0
    size = int(degrees[1]) if degrees else 90
    return -size % 360 if "left" in words or "counterclockwise" in words else size % 360


def _rotated(image: Image.Image, clockwise: int) -> Image.Image:
    turned = image.rotate(
        -clockwise, Image.Resampling.BICUBIC, expand=True, fillcolor=(250, 248, 242)
    )
    return ImageOps.contain(turned, (SIDE_MAX, SIDE_MAX)) if max(turned.size) > SIDE_MAX else turned


def _grey(image: Image.Image) -> Image.Image:
    return ImageOps.grayscale(image).convert("RGB")


def _between(dark: RGB, middle: RGB, light: RGB) -> Step:
    return lambda image: ImageOps.colorize(ImageOps.grayscale(image), dark, light, middle)


def _gained(red: float, green: float, blue: float) -> Step:
    """Each channel times its gain."""
    table = [min(255, round(level * gain)) for gain in (red, green, blue) for level in range(256)]
    return lambda image: image.point(table)


def _tinted(image: Image.Image, colour: RGB) -> Image.Image:
    dark, light = mix(colour, (0, 0, 0), 0.75), mix(colour, (255, 255, 255), 0.85)
    return Image.blend(image, _between(dark, colour, light)(image), 0.65)


def _duotone(image: Image.Image, prompt: str) -> Image.Image:
    hue = random.Random(prompt).random()  # noqa: S311 - a colour, not a secret
    return _between(
        of_hue(hue, 0.75, 0.22), of_hue(hue + 0.06, 0.5, 0.68), of_hue(hue + 0.55, 0.12, 1.0)
    )(image)


def _blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(2, max(image.size) / 120)))


def _pixelated(image: Image.Image) -> Image.Image:
    small = ImageOps.contain(image, (64, 64), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.NEAREST)


def _outlined(image: Image.Image) -> Image.Image:
    edges = ImageOps.grayscale(image).filter(ImageFilter.SMOOTH).filter(ImageFilter.FIND_EDGES)
    inner = ImageOps.expand(ImageOps.crop(edges, 1), 1, 0) if min(edges.size) > 4 else edges
    return ImageOps.invert(ImageOps.autocontrast(inner, cutoff=(0, 1))).convert("RGB")


def _shaded(image: Image.Image) -> Image.Image:
    """Darker towards the corners."""
    mask = Image.radial_gradient("L").point(lambda value: value * 7 // 10).resize(image.size)
    return Image.composite(Image.new("RGB", image.size), image, mask)


def _framed(image: Image.Image) -> Image.Image:
    thin = max(2, max(image.size) // 100)
    return ImageOps.expand(ImageOps.expand(image, thin * 5, (250, 248, 242)), thin, (32, 34, 44))


def _square(image: Image.Image) -> Image.Image:
    return ImageOps.fit(image, (min(image.size), min(image.size)))


def _row(name: str, triggers: str, step: Step) -> tuple[str, frozenset[str], Step]:
    return name, frozenset(triggers.split()), step


# In the order in which they are laid on one another, whatever the order of the words.
_TABLE = (
    _row("square", "square crop carré cuadrado", _square),
    _row("mirrored", "mirror mirrored flip flipped reverse miroir espejo", ImageOps.mirror),
    _row("upside down", "upside vertically", ImageOps.flip),
    _row(
        "sharper",
        "sharp sharper sharpen crisp net nítido",
        lambda i: ImageEnhance.Sharpness(i).enhance(3),
    ),
    _row("blurred", "blur blurred blurry blurrier soft softer flou borroso", _blurred),
    _row("pixels", "pixel pixels pixelate pixelated mosaic", _pixelated),
    _row("outlines", "outline outlines edges pencil lines contour crayon lápiz", _outlined),
    _row(
        "posterized",
        "poster posterize posterized cartoon comic",
        lambda i: ImageOps.posterize(i, 2),
    ),
    _row(
        "brighter",
        "bright brighter brighten light lighter lighten clair brillante",
        _gained(1.35, 1.35, 1.35),
    ),
    _row("darker", "dark darker darken dim sombre oscuro", _gained(0.62, 0.62, 0.62)),
    _row(
        "contrast",
        "contrast contrasty punchy dramatic contraste",
        lambda i: ImageEnhance.Contrast(i).enhance(1.5),
    ),
    _row(
        "vivid",
        "vivid saturate saturated colorful colourful vibrant",
        lambda i: ImageEnhance.Color(i).enhance(1.8),
    ),
    _row(
        "faded", "faded fade muted pale desaturate", lambda i: ImageEnhance.Color(i).enhance(0.45)
    ),
    _row("warmer", "warm warmer cosy cozy sunny chaud cálido", _gained(1.16, 1.02, 0.8)),
    _row("cooler", "cool cooler cold colder icy froid frío", _gained(0.82, 0.99, 1.18)),
    _row("greyscale", "grey gray greyscale grayscale monochrome gris", _grey),
    _row(
        "sepia",
        "sepia vintage antique old retro sépia",
        _between((36, 22, 12), (150, 112, 72), (255, 240, 212)),
    ),
    _row("inverted", "invert inverted negative inverser invertir", ImageOps.invert),
    _row("vignette", "vignette moody", _shaded),
    _row("border", "border frame framed bordered bordure cadre marco", _framed),
)
