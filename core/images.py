"""Pictures: the gate that hostile files meet, and our own work on pixels, in bounded children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import BadImage
from core.framing import Parts, frame
from core.picture_header import (
    BYTES_MAX,
    PIXELS_MAX,
    SIDE_MAX,
    check_bytes,
    check_sides,
    read_header,
)
from core.portraits import Face, PortraitCheck, check_portrait
from core.sandbox import Answer, ChildDied, Json, Sandbox

__all__ = [
    "BYTES_MAX", "FOCUSES", "PIXELS_MAX", "SIDE_MAX", "Colour", "Encoded", "Face", "Images",
    "Palette", "PortraitCheck",
]  # fmt: skip

GRID_COUNTS = range(2, 5)
COLOUR_COUNTS = range(1, 13)
SCALES = (2, 4)
STRENGTHS = ("light", "strong")
DENOISE_PIXELS_MAX = 10_000_000
THUMBNAIL_SIDE_PX = 512
FOCUSES = ("auto", "face", "centre", "product")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A picture that our own encoder wrote from pixels alone, without metadata."""

    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """One colour of a palette: red, green, blue 0..255, share of the picture 0..1, name."""

    red: int
    green: int
    blue: int
    share: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A palette, largest share first, and its swatch picture."""

    colours: tuple[Colour, ...]
    swatch: Encoded


class Images:
    """The picture workshop; its children belong to the event loop that first asks it."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox or Sandbox("core.pixels")

    async def admit(self, data: bytes, *, bytes_max: int = BYTES_MAX) -> Encoded:
        """Check a file by its header, decode it in a child, write it again; raises BadImage.

        It comes back in at most BYTES_MAX, also where it may have more.
        """
        _check(data, bytes_max)
        return _encoded(await self._work("admit", {}, [data]))

    def stored(self, data: bytes) -> Encoded:
        """A picture that we have written ourselves, as its header tells it; raises BadImage."""
        return _check(data)

    async def fit(self, data: bytes, *, bytes_max: int, side_sum_max: int | None) -> Encoded:
        """The same picture as it fits a message: re-encoded, then made smaller, until it does.

        It comes back untouched where it fits already, else as JPEG. `side_sum_max` is the most
        that width and height come to together, in pixels.
        """
        header = _check(data)
        sides_fit = side_sum_max is None or header.width + header.height <= side_sum_max
        if len(data) <= bytes_max and sides_fit:
            return header
        values: dict[str, Json] = {"bytes_max": bytes_max, "side_sum_max": side_sum_max}
        return _encoded(await self._work("fit", values, [data]))

    async def grid(self, images: Sequence[bytes]) -> Encoded:
        """Two to four pictures as one of 2x2 (two side by side), JPEG."""
        if len(images) not in GRID_COUNTS:
            raise ValueError("a grid has two to four pictures")
        for data in images:
            _check(data)
        return _encoded(await self._work("grid", {}, images))

    async def thumbnail(self, data: bytes, *, side: int = THUMBNAIL_SIDE_PX) -> Encoded:
        """The picture with a long side of at most `side` px, WebP; never larger than it was."""
        _check(data)
        return _encoded(await self._work("thumbnail", {"side": side}, [data]))

    async def previews(
        self, images: Sequence[bytes], *, side: int = THUMBNAIL_SIDE_PX
    ) -> tuple[Encoded, tuple[Encoded, ...]]:
        """The grid and the thumbnails of two to four pictures, each decoded only once."""
        if len(images) not in GRID_COUNTS:
            raise ValueError("a grid has two to four pictures")
        for data in images:
            _check(data)
        answer = await self._work("previews", {"side": side}, images)
        grid, *small = _several(answer, 1 + len(images))
        return grid, tuple(small)

    async def upscale(self, data: bytes, *, scale: int) -> Encoded:
        """Twice or four times as large by Lanczos; raises BadImage where that is more than we decode."""
        if scale not in SCALES:
            raise ValueError("a picture is enlarged 2 or 4 times")
        header = _check(data)
        check_sides(header.width * scale, header.height * scale, "upscale-too-large")
        return _encoded(await self._work("upscale", {"scale": scale}, [data]))

    async def denoise(self, data: bytes, *, strength: str) -> Encoded:
        """Without noise and with its edges, `strength` light or strong; up to DENOISE_PIXELS_MAX."""
        header = _check(data)
        if header.width * header.height > DENOISE_PIXELS_MAX:
            raise BadImage(
                "denoise-too-large",
                width=header.width,
                height=header.height,
                pixels_max_mp=DENOISE_PIXELS_MAX // 1_000_000,
            )
        return _encoded(await self._work("denoise", _strength(strength), [data]))

    async def sharpen(self, data: bytes, *, strength: str) -> Encoded:
        """Details brought out without halos, `strength` light or strong."""
        _check(data)
        return _encoded(await self._work("sharpen", _strength(strength), [data]))

    async def mask(self, data: bytes, *, of: bytes) -> Encoded:
        """What somebody painted for `of`, as a PNG as large as it: white changes, black stays.

        It may be a mask in black and white, a picture with transparent holes, strokes on a clear layer,
        or `of` itself painted over; raises BadImage where it is none of them, empty or everything.
        """
        for each in (data, of):
            _check(each)
        return _encoded(await self._work("mask", {}, [data, of]))

    async def box_mask(self, of: bytes, *, box: Parts) -> Encoded:
        """The mask of a box (left, top, right, bottom) in parts 0..1 of the sides of `of`."""
        left, top, right, bottom = box
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("a box lies within the picture")
        header = _check(of)
        values: dict[str, Json] = {"size": [header.width, header.height], "box": list(box)}
        return _encoded(await self._work("box_mask", values, []))

    async def canvas(
        self,
        data: bytes,
        *,
        left: float = 0.0,
        top: float = 0.0,
        right: float = 0.0,
        bottom: float = 0.0,
        long_side_max: int,
    ) -> tuple[Encoded, Encoded]:
        """The picture on a canvas larger by these parts of its sides, and the mask of what is new.

        The new area holds the picture's edges, drawn out and blurred. The mask reaches a little into the
        old picture, so that no seam is left. All is smaller where the canvas would be too large.
        """
        header = _check(data)
        parts = (left, top, right, bottom)
        frame(header.width, header.height, parts, long_side_max)
        values: dict[str, Json] = {"parts": list(parts), "long_side_max": long_side_max}
        larger, mask = _several(await self._work("canvas", values, [data]), 2)
        return larger, mask

    async def merge(self, before: bytes, made: bytes, mask: bytes) -> Encoded:
        """`made`, at the size of `before`, where the mask is white; elsewhere `before`, untouched."""
        for data in (before, made, mask):
            _check(data)
        return _encoded(await self._work("merge", {}, [before, made, mask]))

    async def backdrop(
        self, cutout: bytes, *, colour: tuple[int, int, int] | None, picture: bytes | None
    ) -> Encoded:
        """A cut-out on a colour, or on a picture that covers all of it; raises BadImage for no cut-out."""
        if (colour is None) == (picture is None):
            raise ValueError("a backdrop is a colour or a picture")
        blobs = [cutout] if picture is None else [cutout, picture]
        for data in blobs:
            _check(data)
        values: dict[str, Json] = {"colour": None if colour is None else list(colour)}
        return _encoded(await self._work("backdrop", values, blobs))

    async def palette(self, data: bytes, *, count: int, neutral: bool) -> Palette:
        """The picture's `count` leading colours, found in OKLab; fewer where it has fewer."""
        if count not in COLOUR_COUNTS:
            raise ValueError("a palette has one to twelve colours")
        _check(data)
        answer = await self._work("palette", {"count": count, "neutral": neutral}, [data])
        return Palette(colours=_colours(answer.values), swatch=_encoded(answer))

    async def crop(self, data: bytes, *, ratio: tuple[int, int], focus: str) -> Encoded:
        """The largest part of that ratio, width to height, that keeps the subject in frame.

        `focus` is one of FOCUSES. Raises BadImage "crop-no-face" where `face` finds none.
        """
        if focus not in FOCUSES or min(ratio) < 1:
            raise ValueError("a crop has a ratio of two whole numbers and one of the focuses")
        _check(data)
        values: dict[str, Json] = {"ratio": list(ratio), "focus": focus}
        return _encoded(await self._work("crop", values, [data]))

    async def faces(self, data: bytes) -> tuple[Face, ...]:
        """The faces of a picture, the largest first, where they are once it is upright."""
        _check(data)
        answer = await self._work("faces", {}, [data])
        rows = answer.values.get("faces")
        if not isinstance(rows, list):
            raise BadImage("image-broken")
        return tuple(_face(row) for row in rows)

    async def portrait_check(self, data: bytes) -> PortraitCheck:
        """Whether a photo shows one person well enough to draw them from it."""
        header = _check(data)
        return check_portrait(await self.faces(data), header.width, header.height)

    async def close(self) -> None:
        """End the children."""
        await self._sandbox.close()

    async def _work(self, task: str, values: Mapping[str, Json], blobs: Sequence[bytes]) -> Answer:
        try:
            return await self._sandbox.run(task, values, blobs)
        except ChildDied as error:
            key = "image-broken" if error.how == "error" else "image-too-heavy"
            raise BadImage(key) from error


def _check(data: bytes, bytes_max: int = BYTES_MAX) -> Encoded:
    """What a file's header says, before anything is decoded; raises BadImage."""
    check_bytes(len(data), bytes_max)
    header = read_header(data)
    check_sides(header.width, header.height)
    return Encoded(
        data=data, media_type=header.media_type, width=header.width, height=header.height
    )


def _encoded(answer: Answer) -> Encoded:
    """The one picture of an answer, as we read it: a child's own word counts for nothing."""
    (only,) = _several(answer, 1)
    return only


def _several(answer: Answer, count: int) -> tuple[Encoded, ...]:
    if len(answer.blobs) != count:
        raise BadImage("image-broken")
    return tuple(_check(blob) for blob in answer.blobs)


def _strength(strength: str) -> dict[str, Json]:
    if strength not in STRENGTHS:
        raise ValueError("a strength is light or strong")
    return {"strength": strength}


def _colours(values: Mapping[str, Json]) -> tuple[Colour, ...]:
    rows = values.get("colours")
    if not isinstance(rows, list):
        raise BadImage("image-broken")
    return tuple(_colour(row) for row in rows)


def _colour(row: Json) -> Colour:
    match row:
        case [int(red), int(green), int(blue), float(share), str(name)]:
            return Colour(red=red, green=green, blue=blue, share=share, name=name)
    raise BadImage("image-broken")


def _face(row: Json) -> Face:
    match row:
        case [int(left), int(top), int(right), int(bottom), float(sharpness)]:
            return Face(left=left, top=top, right=right, bottom=bottom, sharpness=sharpness)
    raise BadImage("image-broken")
