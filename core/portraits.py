"""Which photos are good enough to draw a person from, by what was found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIDE_PX_MIN = 512
FACE_PX_MIN = 160  # from brows to chin: with the hair, the head is half as high again
OTHER_FACE_MIN = 0.4  # a face at least so wide, next to the largest, is a second person
SHARPNESS_MIN = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face from brows to chin, in pixels, and how sharp it is: from 0 to about 0.3."""

    left: int
    top: int
    right: int
    bottom: int
    sharpness: float

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitCheck:
    """Why a photo is no good: "too-small", "no-face", "several-faces", "too-blurred", or None."""

    reason: str | None
    face: Face | None = None


def check_portrait(faces: Sequence[Face], width: int, height: int) -> PortraitCheck:
    """Judge a photo of that size by its faces, of which the largest comes first."""
    if min(width, height) < SIDE_PX_MIN:
        return PortraitCheck(reason="too-small")
    if not faces:
        return PortraitCheck(reason="no-face")
    face, *others = faces
    if any(other.width >= OTHER_FACE_MIN * face.width for other in others):
        return PortraitCheck(reason="several-faces", face=face)
    if max(face.width, face.height) < FACE_PX_MIN:
        return PortraitCheck(reason="too-small", face=face)
    if face.sharpness < SHARPNESS_MIN:
        return PortraitCheck(reason="too-blurred", face=face)
    return PortraitCheck(reason=None, face=face)
