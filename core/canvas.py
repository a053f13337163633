"""Pictures on larger canvases, on backdrops, and one laid into another; in a bounded child only."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from core.errors import BadImage
from core.framing import Frame, frame
from core.picture_files import (
    JPEG_FINE,
    PNG,
    Answer,
    choices,
    decode,
    kind_of,
    on_colour,
    write,
    write_within,
)
from core.regions import Area, depth, grown

WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
SEAM_PART = 0.02
SEAM_PART_MAX = 0.25
HINT_SIDE_PX = 192
HINT_BLUR_PART = 0.05
FEATHER_PART = 0.012
FEATHER_PX_MAX = 24
FEATHER_PIXELS_MAX = 4_000_000
BAND_PX = 512
CLEAR_MAX = 64


def canvas(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """The picture on a canvas larger by `parts`, the rest filled with its edges; and its mask."""
    picture = on_colour(decode(blobs.pop()), WHITE)
    whole = frame(*picture.size, tuple(values["parts"]), values["long_side_max"])
    inner = (whole.inner_width, whole.inner_height)
    if picture.size != inner:
        picture = picture.resize(inner, Image.Resampling.LANCZOS, reducing_gap=3)
    larger = _hint(picture, whole)
    larger.paste(picture, (whole.left, whole.top))
    return {}, [write_within(larger, [PNG, JPEG_FINE]), write(_new_area(whole), PNG)]


def merge(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Before, made, mask: `before` with `made` where the mask is white, its edge softened inside."""
    mask = on_colour(decode(blobs.pop()), BLACK).convert("L")
    made_file = blobs.pop()
    before = decode(blobs[0])
    kind, lossless = kind_of(blobs.pop())
    soft = _feathered(mask, before.size)
    del mask
    made = decode(made_file)
    del made_file
    if made.mode == "RGBA" and before.mode == "RGB":
        before = before.convert("RGBA")
    _lay(before, made, soft)
    del made, soft
    return {}, [write_within(before, [PNG, *choices(before, kind, lossless=lossless)])]


def backdrop(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """A cut-out on a `colour`, or on the picture that comes second, which covers all of it."""
    kind, lossless = kind_of(blobs[0])
    cutout = decode(blobs[0])
    if cutout.mode != "RGBA" or not _clear(cutout.getchannel("A")):
        raise BadImage("cutout-not-cut")
    if values["colour"] is not None:
        laid = on_colour(cutout, tuple(values["colour"]))
    else:
        laid = _cover(on_colour(decode(blobs[1], near=cutout.size), WHITE), cutout.size)
        laid.paste(cutout, mask=cutout.getchannel("A"))
    return {}, [write_within(laid, choices(laid, kind, lossless=lossless))]


def _clear(alpha: Image.Image) -> bool:
    """Whether something is cut away, and not merely soft."""
    return any(alpha.histogram()[:CLEAR_MAX])


def _hint(picture: Image.Image, whole: Frame) -> Image.Image:
    """The picture's edges drawn out over the whole canvas and blurred: what a model continues."""
    factor = min(1.0, HINT_SIDE_PX / max(whole.width, whole.height))
    across, down = (max(1, round(side * factor)) for side in (whole.width, whole.height))
    left, top = (min(round(side * factor), most - 1) for side, most in (
        (whole.left, across), (whole.top, down),
    ))  # fmt: skip
    inner = (
        max(1, min(round(whole.inner_width * factor), across - left)),
        max(1, min(round(whole.inner_height * factor), down - top)),
    )
    small = np.asarray(picture.resize(inner, Image.Resampling.BOX))
    rows = (top, down - top - inner[1])
    columns = (left, across - left - inner[0])
    drawn = Image.fromarray(np.pad(small, (rows, columns, (0, 0)), mode="edge"))
    blurred = drawn.filter(ImageFilter.GaussianBlur(HINT_BLUR_PART * max(drawn.size)))
    return blurred.resize((whole.width, whole.height), Image.Resampling.BICUBIC)


def _new_area(whole: Frame) -> Image.Image:
    """White over what is new, and over a narrow seam of the old picture where they meet."""
    seam = max(2, round(SEAM_PART * min(whole.inner_width, whole.inner_height)))
    right, bottom = whole.left + whole.inner_width, whole.top + whole.inner_height
    across = min(seam, int(SEAM_PART_MAX * whole.inner_width))
    down = min(seam, int(SEAM_PART_MAX * whole.inner_height))
    mask = Image.new("L", (whole.width, whole.height), 255)
    kept = (
        whole.left + (across if whole.left else 0),
        whole.top + (down if whole.top else 0),
        right - (across if right < whole.width else 0),
        bottom - (down if bottom < whole.height else 0),
    )
    mask.paste(0, kept)
    return mask


def _feathered(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The mask at this size, 0 where it is black, rising from the edge inwards to 255.

    A stroke too narrow to rise that far rises faster, so its middle is 255 as well.
    """
    if mask.size != size:
        mask = mask.resize(size, Image.Resampling.BILINEAR)
    hard = mask.point(lambda value: 255 if value >= 128 else 0)
    shrink = (FEATHER_PIXELS_MAX / (size[0] * size[1])) ** 0.5
    small = hard
    if shrink < 1:
        small = hard.resize((max(1, int(size[0] * shrink)), max(1, int(size[1] * shrink))))
    steps = max(1, min(FEATHER_PX_MAX, round(FEATHER_PART * min(small.size))))
    soft = Image.fromarray(_ramp(np.asarray(small), steps))
    if soft.size != size:
        soft = soft.resize(size, Image.Resampling.BILINEAR)
    return Image.composite(soft, Image.new("L", size), hard)


def _ramp(area: Area, steps: int) -> Area:
    deep = depth(area, steps)
    reached = np.maximum(grown(deep, steps), 1)
    return (deep.astype(np.uint16) * 255 // reached).astype(np.uint8)


def _lay(before: Image.Image, made: Image.Image, soft: Image.Image) -> None:
    """Put `made`, scaled to the size of `before`, into it where `soft` says; band by band."""
    left, top, right, bottom = soft.getbbox() or (0, 0, 0, 0)
    source = made.convert("RGBa") if made.mode == "RGBA" else made
    across, down = made.width / before.width, made.height / before.height
    for above in range(top, bottom, BAND_PX):
        part = (left, above, right, min(above + BAND_PX, bottom))
        if made.size == before.size:
            band = made.crop(part)
        else:
            box = (left * across, above * down, right * across, part[3] * down)
            size = (right - left, part[3] - above)
            band = source.resize(size, Image.Resampling.LANCZOS, box).convert(made.mode)
        before.paste(band.convert(before.mode), (left, above), soft.crop(part))


def _cover(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture at exactly this size, as much of it as its shape allows."""
    width, height = size
    factor = max(width / picture.width, height / picture.height)
    across, down = width / factor, height / factor
    left, top = (picture.width - across) / 2, (picture.height - down) / 2
    box = (left, top, left + across, top + down)
    return picture.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3)
