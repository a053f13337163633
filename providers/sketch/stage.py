"""What every scene gets to draw with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from providers.sketch.canvas import Canvas
from providers.sketch.colours import Palette
from providers.sketch.words import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A canvas, the luck of this seed, what is wished for, and the colours."""

    canvas: Canvas
    rng: random.Random
    wish: Wish
    palette: Palette


Scene = Callable[[Stage], None]
