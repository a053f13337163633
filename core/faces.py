"""Faces in a picture, and how sharp they are; inside a bounded child."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.blazeface import STEP_PX, Network
from core.picture_files import Answer, decode
from core.ranks import ranked

NETWORK = Network(Path(__file__).with_name("blazeface.f16"))
# Sides of the squares with the same area as what the network looks at: in the first it finds faces
# from 5 % of the picture's side on, in the second those that fill it; one quick look finds most.
LOOKS_PX = (192, 96)
QUICK_LOOK_PX = 160
LOOK_SIDE_PX_MAX = 640
SMALL_SIDE_PX = 448
# What may be a face is looked at once more, closely: balls and lamps are faces at first sight only.
MAYBE_MIN = 0.35
SURE_MIN = 0.55
SURE_AT_ONCE_MIN = 0.75
CLOSE_PX = 96
CLOSE_AROUND = 3  # the close look is so many times as wide as the face
CLOSE_LOOKS_MAX = 16
SAME_SHARE_MIN = 0.35  # boxes that share so much of the smaller one are of one face
SHARP_SIDE_PX = 64
NOISE_SPREADS = 1.4826  # a normal spread for a median deviation of 1
NOISE_ROOM = 1.1

Grey = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFace:
    """A face from brows to chin, in pixels of the picture (it may reach past its edges), 0..1."""

    left: float
    top: float
    right: float
    bottom: float
    eyes: float
    score: float

    def seen_from(self, x: float, y: float, scale: float = 1.0) -> FoundFace:
        """The same face where it was found in a part that begins at x, y, or a smaller picture."""
        return FoundFace(
            left=self.left * scale + x,
            top=self.top * scale + y,
            right=self.right * scale + x,
            bottom=self.bottom * scale + y,
            eyes=self.eyes * scale + y,
            score=self.score,
        )

    def inside(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Its box in whole pixels, as far as it lies in a picture of that size."""
        return (
            max(0, round(self.left)),
            max(0, round(self.top)),
            min(width, round(self.right)),
            min(height, round(self.bottom)),
        )

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top


def faces(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The faces of one picture, each as [left, top, right, bottom, sharpness], largest first."""
    picture = decode(blobs.pop())
    small = shrunk(picture)
    scale = picture.width / small.width
    found = (face.seen_from(0, 0, scale) for face in find_faces(small))
    return {
        "faces": [[*face.inside(*picture.size), sharpness(picture, face)] for face in found]
    }, []


def shrunk(picture: Image.Image) -> Image.Image:
    """As small as faces and subjects are looked for; the picture itself where it is small."""
    factor = max(picture.size) // SMALL_SIDE_PX
    return picture.reduce(factor) if factor > 1 else picture


def find_faces(picture: Image.Image, *, quick: bool = False) -> list[FoundFace]:
    """Every face of a picture as `shrunk` gives it, the largest first."""
    looks = (QUICK_LOOK_PX,) if quick else LOOKS_PX
    maybe = _distinct([face for side in looks for face in _look(picture, side)])
    sure = (_closer(picture, face) for face in maybe[:CLOSE_LOOKS_MAX])
    found = _distinct([face for face in sure if face is not None])
    return sorted(found, key=lambda face: -face.width)


def sharpness(picture: Image.Image, face: FoundFace) -> float:
    """How much fine detail a face has in the direction where it has least, noise left out.

    It is measured on the face as 64 x 64 pixels, as a share of all contrast there: 0.05 and more
    where it is sharp, below 0.02 where it is out of focus or moved, whatever its size.
    """
    left, top, right, bottom = face.inside(*picture.size)
    part = picture.crop((left, top, max(right, left + 1), max(bottom, top + 1))).convert("L")
    size = (SHARP_SIDE_PX, SHARP_SIDE_PX)
    grey = np.asarray(part.resize(size, Image.Resampling.LANCZOS), np.float64)
    middle = 2 * grey[1:-1, 1:-1]
    bends = (
        middle - grey[1:-1, :-2] - grey[1:-1, 2:],
        middle - grey[:-2, 1:-1] - grey[2:, 1:-1],
        middle - grey[:-2, :-2] - grey[2:, 2:],
        middle - grey[:-2, 2:] - grey[2:, :-2],
    )
    return float(min(_detail(bend) for bend in bends) / max(grey.var(), 1.0))


def _detail(bend: Grey) -> float:
    """The variance of second differences, without what even noise brings.

    Noise is everywhere, and so in the median; the lines of a face are in few places.
    """
    noise = NOISE_SPREADS * float(ranked(np.abs(bend).ravel(), 0.5))
    return max(0.0, float(bend.var()) - NOISE_ROOM * noise**2)


def _distinct(faces: list[FoundFace]) -> list[FoundFace]:
    """Each face once, the surest first."""
    kept: list[FoundFace] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(_shared(face, other) < SAME_SHARE_MIN for other in kept):
            kept.append(face)
    return kept


def _closer(picture: Image.Image, face: FoundFace) -> FoundFace | None:
    """The face as it is seen from near, if it still is one; itself where there is no doubt."""
    if face.score >= SURE_AT_ONCE_MIN:
        return face
    reach = CLOSE_AROUND * face.width / 2
    x, y = (face.left + face.right) / 2, (face.top + face.bottom) / 2
    box = _outward((x - reach, y - reach, x + reach, y + reach))
    for seen in _distinct(_look(picture.crop(box), CLOSE_PX)):
        there = seen.seen_from(box[0], box[1])
        if there.score >= SURE_MIN and _shared(there, face) >= SAME_SHARE_MIN:
            return there
    return None


def _look(picture: Image.Image, side: int) -> list[FoundFace]:
    """What may be a face in the picture, scaled to about `side` x `side` pixels."""
    scale = side / math.sqrt(picture.width * picture.height)
    columns, rows = (_stepped(length * scale) for length in picture.size)
    scale = min(columns / picture.width, rows / picture.height)
    size = [max(1, round(length * scale)) for length in picture.size]
    seen = Image.new("RGB", (columns, rows))
    left, top = (columns - size[0]) // 2, (rows - size[1]) // 2
    small = picture.resize((size[0], size[1]), Image.Resampling.BILINEAR, reducing_gap=2)
    seen.paste(small.convert("RGB"), (left, top))
    scores, values = NETWORK(np.asarray(seen))
    likely = scores > math.log(MAYBE_MIN / (1 - MAYBE_MIN))
    place = np.array([left, top], np.float32)
    return [
        _face((row.reshape(-1, 2) - place) / scale, row[2:4] / scale, float(score))
        for row, score in zip(values[likely], scores[likely], strict=True)
    ]


def _face(points: NDArray[np.float32], size: NDArray[np.float32], score: float) -> FoundFace:
    """From the centre, then (in place of a point) the size, then both eyes and what follows."""
    (x, y), (wide, high) = points[0].tolist(), size.tolist()
    return FoundFace(
        left=x - wide / 2,
        top=y - high / 2,
        right=x + wide / 2,
        bottom=y + high / 2,
        eyes=float(points[2:4, 1].mean()),
        score=1 / (1 + math.exp(-score)),
    )


def _stepped(length: float) -> int:
    """The nearest length that the network takes."""
    return min(LOOK_SIDE_PX_MAX, max(STEP_PX, round(length / STEP_PX) * STEP_PX))


def _shared(one: FoundFace, other: FoundFace) -> float:
    """How much of the smaller box lies in the other one, 0..1."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min(one.width * one.height, other.width * other.height)


def _outward(box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    first = math.floor(left), math.floor(top)
    return (*first, max(math.ceil(right), first[0] + 1), max(math.ceil(bottom), first[1] + 1))
