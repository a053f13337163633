"""Reading the pixels of a hostile picture, and writing them again; in a bounded child only."""

from __future__ import annotations

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

from core.errors import BadImage
from core.picture_header import BYTES_MAX, FORMATS, PIXELS_MAX, check_sides, read_header

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
BAND_PX = 256
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
JPEG_FINE = {"format": "JPEG", "quality": 95, "subsampling": 0}
WEBP_FINE = {"format": "WEBP", "quality": 95, "alpha_quality": 100, "method": 2}
WEBP_SMALL = {"format": "WEBP", "quality": 80, "method": 0}

Answer = tuple[dict[str, Any], list[bytes]]

Image.MAX_IMAGE_PIXELS = PIXELS_MAX
Image.preinit()
warnings.simplefilter("ignore")
warnings.simplefilter("error", Image.DecompressionBombWarning)


def decode(
    data: bytes, near: tuple[int, int] | None = None, within: int | None = None
) -> Image.Image:
    """The first frame, upright, in sRGB: pixels and nothing else.

    `near` lets JPEG decode to something smaller that is at least so large. `within` makes the picture
    smaller until no side is longer, which is quicker than to do it later.
    """
    if within is not None:
        near = (within, within)
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
    if within is not None:
        plain = _small(plain, within)
    fresh = _fresh(plain)
    del plain
    return fresh if turn is None else fresh.transpose(turn)


def _small(picture: Image.Image, side: int) -> Image.Image:
    factor = side / max(picture.size)
    if factor >= 1:
        return picture
    return picture.resize(sides(picture, factor), Image.Resampling.BICUBIC, reducing_gap=2)


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
    if image.mode == "RGB":
        # The pixels change hands, without the file's notes: a copy takes as much memory again.
        bare = image._new(image.im)  # what is public copies them
        bare.info = {}
        return bare
    clear = image.mode == "RGBA" and any(image.getchannel("A").histogram()[:255])
    canvas = Image.new("RGBA" if clear else "RGB", image.size)
    # band by band, for there is no room for a third picture of this size
    for top in range(0, image.height, BAND_PX):
        band = image.crop((0, top, image.width, min(top + BAND_PX, image.height)))
        seen = band.getchannel("A").point(lambda value: 255 if value else 0) if clear else None
        canvas.paste(band.convert(canvas.mode), (0, top), seen)
    return canvas


def kind_of(data: bytes) -> tuple[str, bool]:
    """A file's format, and whether it keeps every pixel."""
    kind = read_header(data).format
    return kind, kind in {"PNG", "GIF"} or data[12:16] == b"VP8L"


def choices(picture: Image.Image, kind: str, *, lossless: bool) -> list[dict[str, Any]]:
    """Ways to write a picture, best first; the later ones are for what would come out too large."""
    if picture.mode == "RGBA":
        roomy = picture.width * picture.height > WEBP_ALPHA_PIXELS_MAX
        return [*([PNG] if lossless or roomy else []), WEBP_FINE, WEBP_SMALL]
    first = PNG if lossless else {"JPEG": JPEG_FINE, "WEBP": WEBP_FINE}[kind]
    return [first, JPEG_FINE, *({"format": "JPEG", "quality": 92 - 7 * step} for step in range(4))]


def write_within(picture: Image.Image, ways: list[dict[str, Any]]) -> bytes:
    """The file of the first way that comes to BYTES_MAX at most; raises BadImage where none does."""
    for way in ways:
        try:
            return write(picture, way, BYTES_MAX)
        except _TooManyBytes:
            continue
    raise BadImage("image-too-heavy")


def write(picture: Image.Image, way: dict[str, Any], bytes_max: int | None = None) -> bytes:
    """The picture as a file; raises BadImage where the encoder has not memory enough."""
    target = _Target(bytes_max)
    try:
        picture.save(target, **way)
    except (OSError, ValueError) as error:  # an encoder's way to say that memory ran out
        raise BadImage("image-too-heavy") from error
    return target.getvalue()


class _TooManyBytes(Exception):
    """A file grows larger than it may be."""


class _Target(BytesIO):
    """A file in memory that stops its encoder as soon as there are more bytes than may be."""

    def __init__(self, bytes_max: int | None) -> None:
        super().__init__()
        self._bytes_max = bytes_max

    def write(self, part: Any) -> int:  # noqa: ANN401 - whatever has bytes
        """Take a part, or raise _TooManyBytes."""
        if self._bytes_max is not None and self.tell() + len(part) > self._bytes_max:
            raise _TooManyBytes
        return super().write(part)


def on_colour(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The picture without transparency, laid on a colour."""
    if picture.mode == "RGB":
        return picture
    canvas = Image.new("RGB", picture.size, colour)
    canvas.paste(picture, mask=picture.getchannel("A"))
    return canvas


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    """The picture made smaller by `factor`, or as it is where that is 1 or more."""
    if factor >= 1:
        return picture
    return picture.resize(sides(picture, factor), Image.Resampling.LANCZOS, reducing_gap=2)


def sides(picture: Image.Image, factor: float) -> tuple[int, int]:
    """The picture's sides times `factor`, at least 1 px each."""
    return max(1, int(picture.width * factor)), max(1, int(picture.height * factor))
