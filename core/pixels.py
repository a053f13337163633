"""Work on pixels, run inside a bounded child only: decode, lay on a fresh canvas, write again."""

from __future__ import annotations

import math
import struct
import warnings
import zlib
from io import BytesIO
from typing import Any

from PIL import (
    GifImagePlugin,
    Image,
    ImageCms,
    ImageColor,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from core.colours import leading_colours
from core.errors import BadImage
from core.picture_header import (
    BYTES_MAX,
    FORMATS,
    PIXELS_MAX,
    check_bytes,
    check_sides,
    read_header,
)
from core.swatch import draw_swatch

# A confined child can open no file, so all that Pillow would import later is named here.
# TIFF reads EXIF, and MPO is what a telephone's JPEG turns out to be; neither is a format we open.
LOADED = (
    GifImagePlugin,
    ImageColor,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
DECODE_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError,
    struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
ICC_BYTES_MAX = 2 * 2**20
Z_RLE = 3
WEBP_ALPHA_PIXELS_MAX = 12_000_000  # the encoder takes 20 bytes a pixel
ORIENTATION_TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB = ImageCms.createProfile("sRGB")
# Runs alone are found: on filtered pixels it is quicker than zlib's level 1, and often smaller too.
PNG = {"format": "PNG", "compress_level": 1, "compress_type": Z_RLE}
PNG_SMALL = {"format": "PNG", "compress_level": 6}
JPEG_FINE = {"format": "JPEG", "quality": 95, "subsampling": 0}
JPEG_GRID = {"format": "JPEG", "quality": 90}
WEBP_FINE = {"format": "WEBP", "quality": 95, "alpha_quality": 100, "method": 2}
WEBP_SMALL = {"format": "WEBP", "quality": 80, "method": 0}
JPEG_QUALITIES = (92, 85, 75)
FIT_SHRINKS_MAX = 8
FIT_SHRINK = 0.75
GRID_CELL_PX = 1024
GRID_GAP_PX = 8
GRID_COLOUR = (236, 236, 233)
PALETTE_SIDE_PX = 128

Answer = tuple[dict[str, Any], list[bytes]]

Image.MAX_IMAGE_PIXELS = PIXELS_MAX
Image.preinit()
warnings.simplefilter("ignore")
warnings.simplefilter("error", Image.DecompressionBombWarning)


def admit(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """One picture, written again in the kind of format it came in, without visible loss."""
    source = blobs.pop()
    picture, kind = _decode(source), read_header(source).format
    lossless = kind in {"PNG", "GIF"} or source[12:16] == b"VP8L"
    del source
    return {}, [_write_within(picture, _choices(picture, kind, lossless=lossless))]


def fit(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """One picture as JPEG of at most `bytes_max` bytes, width plus height within `side_sum_max`."""
    bytes_max, side_sum_max = values["bytes_max"], values["side_sum_max"]
    picture = _on_colour(_decode(blobs.pop()), (255, 255, 255))
    if side_sum_max is not None:
        picture = _scaled(picture, side_sum_max / (picture.width + picture.height))
    size = 0
    for _ in range(FIT_SHRINKS_MAX):
        for quality in JPEG_QUALITIES:
            written = _written(picture, {"format": "JPEG", "quality": quality})
            size = len(written)
            if size <= bytes_max:
                return {}, [written]
        picture = _scaled(picture, min(FIT_SHRINK, math.sqrt(bytes_max / size)))
    check_bytes(size, bytes_max)
    raise BadImage("image-too-heavy")


def grid(_: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Two pictures side by side, three or four as 2x2, each whole and centred in its cell."""
    cells = [_cell(blob) for blob in blobs]
    width = max(cell.width for cell in cells)
    height = max(cell.height for cell in cells)
    rows = (len(cells) + 1) // 2
    size = (2 * width + GRID_GAP_PX, rows * height + (rows - 1) * GRID_GAP_PX)
    canvas = Image.new("RGB", size, GRID_COLOUR)
    for index, cell in enumerate(cells):
        row, column = divmod(index, 2)
        left = column * (width + GRID_GAP_PX) + (width - cell.width) // 2
        top = row * (height + GRID_GAP_PX) + (height - cell.height) // 2
        canvas.paste(cell, (left, top))
    return {}, [_written(canvas, JPEG_GRID)]


def palette(values: dict[str, Any], blobs: list[bytes]) -> Answer:
    """Up to `count` leading colours, each as [red, green, blue, share, name], and the swatch."""
    picture = _decode(blobs.pop(), near=(PALETTE_SIDE_PX, PALETTE_SIDE_PX))
    side = min(1.0, PALETTE_SIDE_PX / max(picture.size))
    # nearest, because an average of neighbours invents colours that the picture has not
    small = picture.resize(_sides(picture, side), Image.Resampling.NEAREST).convert("RGBA")
    found = leading_colours(small, values["count"], neutral=values["neutral"])
    swatch = _written(draw_swatch(found), PNG_SMALL)
    return {"colours": [[*item.rgb, item.share, item.name] for item in found]}, [swatch]


TASKS = {"admit": admit, "fit": fit, "grid": grid, "palette": palette}


def _decode(data: bytes, near: tuple[int, int] | None = None) -> Image.Image:
    """The first frame, upright, in sRGB, on a fresh canvas; `near` lets JPEG decode smaller."""
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
        check_sides(*image.size)
        if near is not None:
            image.draft("RGB", near)
        image.load()
    except DECODE_ERRORS as error:
        raise BadImage("image-broken") from error
    if isinstance(image, WebPImagePlugin.WebPImageFile):
        image = image.copy()  # lets go of its decoder, which holds two more canvases
    profile = image.info.get("icc_profile")
    turn = TURNS.get(_orientation(image))
    plain = _plain(image, profile if isinstance(profile, bytes) else None)
    del image
    fresh = _fresh(plain)
    del plain
    return fresh if turn is None else fresh.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(ORIENTATION_TAG)
    except DECODE_ERRORS:
        return 1
    return found if isinstance(found, int) else 1


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """8 bits a channel, RGB or RGBA, in sRGB where the file brings a usable profile."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / 257)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode not in {"L", "CMYK"} or mode == "RGBA":
        image = image if image.mode == mode else image.convert(mode)
    if profile is not None and len(profile) <= ICC_BYTES_MAX:
        image = _to_srgb(image, profile, mode)
    return image if image.mode == mode else image.convert(mode)


def _to_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        moved = ImageCms.profileToProfile(
            image, source, SRGB, outputMode=mode, inPlace=image.mode == mode
        )
    except (ImageCms.PyCMSError, *DECODE_ERRORS):
        return image
    return image if moved is None else moved


def _fresh(image: Image.Image) -> Image.Image:
    """The same pixels and nothing else; colours hidden under full transparency are left behind."""
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        lowest, _ = alpha.getextrema()
        if lowest == 255:
            image = image.convert("RGB")
        else:
            canvas = Image.new("RGBA", image.size, (0, 0, 0, 0))
            canvas.paste(image, mask=alpha.point(lambda value: 255 if value else 0))
            return canvas
    canvas = Image.new("RGB", image.size)
    canvas.paste(image)
    return canvas


def _choices(picture: Image.Image, kind: str, *, lossless: bool) -> list[dict[str, Any]]:
    """Ways to write a picture, best first; the later ones are for what would come out too large."""
    if picture.mode == "RGBA":
        roomy = picture.width * picture.height > WEBP_ALPHA_PIXELS_MAX
        return [*([PNG] if lossless or roomy else []), WEBP_FINE, WEBP_SMALL]
    first = PNG if lossless else {"JPEG": JPEG_FINE, "WEBP": WEBP_FINE}[kind]
    return [first, JPEG_FINE, *({"format": "JPEG", "quality": 92 - 7 * step} for step in range(4))]


def _write_within(picture: Image.Image, choices: list[dict[str, Any]]) -> bytes:
    for choice in choices:
        written = _written(picture, choice)
        if len(written) <= BYTES_MAX:
            return written
    raise BadImage("image-too-heavy")


def _written(picture: Image.Image, how: dict[str, Any]) -> bytes:
    target = BytesIO()
    try:
        picture.save(target, **how)
    except (OSError, ValueError) as error:  # an encoder's way to say that memory ran out
        raise BadImage("image-too-heavy") from error
    return target.getvalue()


def _cell(data: bytes) -> Image.Image:
    picture = _on_colour(_decode(data, near=(GRID_CELL_PX, GRID_CELL_PX)), GRID_COLOUR)
    return _scaled(picture, GRID_CELL_PX / max(picture.size))


def _on_colour(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    canvas = Image.new("RGB", picture.size, colour)
    canvas.paste(picture, mask=picture.getchannel("A"))
    return canvas


def _scaled(picture: Image.Image, factor: float) -> Image.Image:
    """The picture made smaller by `factor`, or as it is where that is 1 or more."""
    if factor >= 1:
        return picture
    return picture.resize(_sides(picture, factor), Image.Resampling.LANCZOS, reducing_gap=3)


def _sides(picture: Image.Image, factor: float) -> tuple[int, int]:
    return max(1, int(picture.width * factor)), max(1, int(picture.height * factor))
