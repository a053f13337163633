"""From a request to a drawing: read the words, choose a scene, draw, letter, encode."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from providers.sketch import patterns, scenes
from providers.sketch.canvas import Canvas, encoded, lettered, opened
from providers.sketch.colours import RGB, palette_of
from providers.sketch.stage import Scene, Stage
from providers.sketch.words import FIGURES, Wish, wish_of

REFERENCE_SIDE = 512
_PLACES = ("mountain", "meadow", "sea", "forest", "desert", "flower", "autumn", "snow")
_KNOWN_PLACES = ("snow", "desert", "beach", "sea", "forest", "city", "autumn", "flower", "mountain")


def drawn(
    prompt: str,
    *,
    seed: int,
    ratio: tuple[int, int],
    negative: str | None = None,
    references: Sequence[bytes] = (),
) -> tuple[bytes, bytes]:
    """The drawing for a prompt and a seed, and its preview; raises Unreadable."""
    pictures = [opened(data, REFERENCE_SIDE) for data in references]
    image = scene_of(prompt, seed=seed, ratio=ratio, negative=negative, pictures=pictures)
    return encoded(lettered(image, prompt, f" · seed {seed}"))


def scene_of(
    prompt: str,
    *,
    seed: int,
    ratio: tuple[int, int],
    negative: str | None = None,
    pictures: Sequence[Image.Image] = (),
) -> Image.Image:
    """The drawing without its lettering; pictures lend it their colours, and lie in it as prints."""
    rng = random.Random(f"{seed} {prompt}")  # noqa: S311 - a drawing, not a secret
    wish = wish_of(prompt, negative)
    tints = [*wish.colours, *(_leading(picture) for picture in pictures)]
    canvas = Canvas(ratio)
    scene, things = _scene(wish, rng)
    scene(
        Stage(
            canvas=canvas,
            rng=rng,
            wish=replace(wish, things=things),
            palette=palette_of(things, tints, rng),
        )
    )
    first, apart, high = (0.17, 0.33, 0.26) if len(pictures) <= 3 else (0.11, 0.195, 0.17)
    for index, picture in enumerate(pictures):
        x = canvas.aspect * (first + apart * index)
        canvas.inset(picture, x, 0.2, high * canvas.thing, rng.uniform(-7, 7))
    return canvas.finished()


def _leading(picture: Image.Image) -> RGB:
    """The most frequent of a picture's eight colours that is not grey, or the most frequent."""
    small = picture.resize((48, 48)).quantize(8)
    palette = small.getpalette() or []
    counts = sorted(small.getcolors() or [], reverse=True)
    found: list[RGB] = []
    for _, index in counts:
        assert isinstance(index, int)
        red, green, blue = palette[index * 3 : index * 3 + 3]
        found.append((red, green, blue))
    return next((colour for colour in found if max(colour) - min(colour) > 40), found[0])


def _scene(wish: Wish, rng: random.Random) -> tuple[Scene, frozenset[str]]:
    """What to draw; a prompt that names no place gets one by chance, or an abstract picture."""
    for thing, scene in (
        ("abstract", patterns.ribbons),
        ("circles", patterns.circles),
        ("space", patterns.space),
    ):
        if wish.shows(thing):
            return scene, wish.things
    if wish.shows("boat") and not wish.shows("sea", "beach"):
        return scenes.landscape, wish.things | {"sea"}
    if wish.shows(*_KNOWN_PLACES):
        return scenes.landscape, wish.things
    if wish.things:
        place = "meadow" if wish.shows(*FIGURES, "house", "balloon", "meadow") else "mountain"
        return scenes.landscape, wish.things | {place}
    places = [place for place in _PLACES if wish.allows(place)]
    abstract = rng.choice((patterns.ribbons, patterns.circles))
    if not places or rng.random() < 0.35:
        return abstract, frozenset()
    things = {rng.choice(places)}
    if rng.random() < 0.35:
        things |= {sky for sky in ("sunset",) if wish.allows(sky)}
    return scenes.landscape, frozenset(things)
