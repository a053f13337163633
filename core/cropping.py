"""Which part of a picture to keep for a ratio: the largest that has the subject in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import BadImage
from core.faces import FoundFace, find_faces, shrunk
from core.foreground import PLAIN_SPREAD_MAX, SOFT_SPREAD_MAX, object_box
from core.picture_files import Answer, choices, decode, kind_of, write_within
from core.saliency import colour_grid, saliency

OFFSETS = 121
FALL_OFF = 0.3  # how much less what lies at the very edge of a crop counts
ALPHA_MIN = 32
MARGIN = 0.06  # of the subject's length, kept free around it where there is room
FACE_PART_MIN = 0.35  # faces so much narrower than the widest are passers-by
HAIR, CHIN, EARS = 0.55, 0.25, 0.35  # of a face's height and width: what a head has around it
EYES_AT = 1 / 3

Box = tuple[int, int, int, int]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What has to stay in frame: left, top, right, bottom in pixels, and where the eyes are."""

    box: tuple[float, float, float, float]
    eyes: float | None = None


def crop(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The part of one picture that has the `ratio` [width, height], written as `admit` writes."""
    source = blobs.pop()
    kind, lossless = kind_of(source)
    picture = decode(source)
    del source
    wide, high = values["ratio"]
    picture = picture.crop(crop_box(picture, (wide, high), values["focus"]))
    return {}, [write_within(picture, choices(picture, kind, lossless=lossless))]


def crop_box(picture: Image.Image, ratio: tuple[int, int], focus: str) -> Box:
    """The crop's left, top, right and bottom; raises BadImage where `face` finds none."""
    size = crop_size(picture.size, ratio)
    small = shrunk(picture)
    faces = find_faces(small, quick=True) if focus in {"auto", "face"} else []
    if focus == "face" and not faces:
        raise BadImage("crop-no-face")
    if focus == "centre" or size == picture.size:
        left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
    else:
        scale = picture.width / small.width
        small_size = size[0] / scale, size[1] / scale
        across, down = _corner(small, small_size, faces, focus)
        left = min(round(across * scale), picture.width - size[0])
        top = min(round(down * scale), picture.height - size[1])
    return left, top, left + size[0], top + size[1]


def crop_size(size: tuple[int, int], ratio: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the largest crop of that ratio, exact within a pixel."""
    width, height = size
    wide, high = ratio
    if width * high <= height * wide:
        return width, min(height, max(1, round(width * high / wide)))
    return min(width, max(1, round(height * wide / high))), height


def _corner(
    picture: Image.Image, size: tuple[float, float], faces: list[FoundFace], focus: str
) -> Span:
    """Left and top of the crop. One of them is 0, since a crop is as wide or as high as all."""
    subject = _cut_out(picture) if focus != "face" else None
    if faces and (subject is None or not _fits(subject, size)):
        subject = _people(faces, size, picture.size)
    if subject is None:
        grid = colour_grid(picture)
        subject = _thing(grid, picture.size, focus)
        if subject is None:
            return _drawn_to(saliency(grid), size, picture.size)
    left, top, right, bottom = subject.box
    eyes = None if subject.eyes is None else subject.eyes - EYES_AT * size[1]
    return (
        _placed((left, right), size[0], picture.width, None),
        _placed((top, bottom), size[1], picture.height, eyes),
    )


def _fits(subject: Subject, size: tuple[float, float]) -> bool:
    left, top, right, bottom = subject.box
    return right - left <= size[0] and bottom - top <= size[1]


def _placed(subject: Span, length: float, whole: float, wish: float | None) -> float:
    """Where a crop of `length` begins: as wished where the subject stays inside, else around it."""
    first, last = subject
    middle = (first + last - length) / 2
    room = min((length - (last - first)) / 2, MARGIN * (last - first))
    if room >= 0:
        wanted = middle if wish is None else wish
        middle = min(max(wanted, last + room - length), first - room)
    return min(max(middle, 0), whole - length)


def _cut_out(picture: Image.Image) -> Subject | None:
    """What is not transparent, where something is."""
    if picture.mode != "RGBA":
        return None
    box = picture.getchannel("A").point(lambda value: 255 * (value >= ALPHA_MIN)).getbbox()
    return None if box is None else Subject(box=box)


def _people(faces: list[FoundFace], size: tuple[float, float], whole: tuple[int, int]) -> Subject:
    """The heads of all who matter, or of those among them who fit together and count most."""
    near = [face for face in faces if face.width >= FACE_PART_MIN * faces[0].width]
    heads = [_head(face, whole) for face in near]
    axis = 0 if size[0] < whole[0] else 1
    group = _together(heads, axis, size[axis])
    boxes = [heads[index] for index in group]
    return Subject(
        box=(
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        ),
        eyes=sum(near[index].eyes for index in group) / len(group),
    )


def _head(face: FoundFace, whole: tuple[int, int]) -> tuple[float, float, float, float]:
    return (
        max(0.0, face.left - EARS * face.width),
        max(0.0, face.top - HAIR * face.height),
        min(float(whole[0]), face.right + EARS * face.width),
        min(float(whole[1]), face.bottom + CHIN * face.height),
    )


def _together(
    heads: list[tuple[float, float, float, float]], axis: int, length: float
) -> list[int]:
    """Which heads fit into one crop; of all such groups the one with most of the faces' area."""
    best: list[int] = [0]
    most = 0.0
    for start in (head[axis] for head in heads):
        group = [
            index
            for index, head in enumerate(heads)
            if start <= head[axis] and head[axis + 2] <= start + length
        ]
        area = sum(
            (heads[index][2] - heads[index][0]) * (heads[index][3] - heads[index][1])
            for index in group
        )
        if area > most:
            best, most = group, area
    return best


def _thing(grid: NDArray[np.float64], whole: tuple[int, int], focus: str) -> Subject | None:
    """The thing on a plain ground, or none; who asks for a product has one on any ground."""
    spread_max = SOFT_SPREAD_MAX if focus == "product" else PLAIN_SPREAD_MAX
    found = object_box(grid, spread_max=spread_max)
    if found is None:
        return None
    left, top, right, bottom = found
    return Subject(box=(left * whole[0], top * whole[1], right * whole[0], bottom * whole[1]))


def _drawn_to(
    interest: NDArray[np.float64], size: tuple[float, float], whole: tuple[int, int]
) -> Span:
    """The crop that has most of what draws the eye, and has it towards its middle."""
    return (
        _richest(interest.sum(axis=0), size[0] / whole[0]) * whole[0],
        _richest(interest.sum(axis=1), size[1] / whole[1]) * whole[1],
    )


def _richest(interest: NDArray[np.float64], part: float) -> float:
    """Where (0..1) a crop of `part` of the whole begins."""
    at = (np.arange(len(interest)) + 0.5) / len(interest)
    starts = np.linspace(0, 1 - part, OFFSETS)
    off = np.abs(at[None, :] - starts[:, None] - part / 2) / (part / 2)
    weights = np.where(off <= 1, 1 - FALL_OFF * off**2, 0)
    return float(starts[int(np.argmax(weights @ interest))])
