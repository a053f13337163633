"""Pictures for tests: plain ones, and the corpus of hostile files that the gate must stand."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"s3cret-canary"
PAYLOAD = b"<script>s3cret-canary</script>"
BOMBS = {  # side, bits a channel, PNG colour type
    "1 bit 13300x13300": (13300, 1, 0),
    "RGBA 13300x13300": (13300, 8, 6),
    "RGBA 8192x8192": (8192, 8, 6),
    "GIF 4000x4000, 60 frames": (4000, 8, 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file and what becomes of it: an error key, or the media type and sides it is admitted with."""

    name: str
    data: bytes
    refused: str | None = None
    media_type: str = "image/png"
    size: tuple[int, int] = (48, 32)


def scene(size: tuple[int, int] = (48, 32), mode: str = "RGB") -> Image.Image:
    """A small picture whose four corners differ: red, green, blue, and white at the bottom right."""
    picture = Image.new("RGB", size, (255, 255, 255))
    half = (size[0] // 2, size[1] // 2)
    picture.paste((220, 20, 20), (0, 0, *half))
    picture.paste((20, 200, 20), (half[0], 0, size[0], half[1]))
    picture.paste((20, 20, 220), (0, half[1], half[0], size[1]))
    return picture.convert(mode)


def encode(picture: Image.Image, format: str = "PNG", **options: Any) -> bytes:  # noqa: A002, ANN401
    """The picture as a file."""
    target = BytesIO()
    picture.save(target, format, **options)
    return target.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, bits: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    """A PNG made by hand; `rows` is the raw image data."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_with(*chunks: bytes, picture: Image.Image | None = None) -> bytes:
    """A PNG with chunks put in after its header."""
    plain = encode(picture or scene())
    return plain[:33] + b"".join(chunks) + plain[33:]


def blank_png(width: int, height: int, *, bits: int, colour: int) -> bytes:
    """A PNG of zeros, tiny as a file whatever its sides."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = 1 + (width * bits * channels + 7) // 8
    packer = zlib.compressobj(9)
    body = b"".join([*(packer.compress(bytes(line)) for _ in range(height)), packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(3)) if colour == 3 else b""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            palette,
            chunk(b"IDAT", body),
            chunk(b"IEND", b""),
        )
    )


def turned(orientation: int, format: str = "JPEG") -> bytes:  # noqa: A002
    """The scene with an EXIF orientation and a place on earth."""
    return encode(scene(), format, exif=_exif(orientation))


def gif(frames: int, size: tuple[int, int] = (48, 32)) -> bytes:
    """An animated GIF; the first frame is the scene."""
    later = [Image.new("RGB", size, (index % 256, 0, index // 256)) for index in range(1, frames)]
    return encode(scene(size), "GIF", save_all=True, append_images=later, comment=SECRET)


def many_scans(count: int) -> bytes:
    """A JPEG that tells its last scan over and over: 60 KB that decode for many seconds."""
    once = encode(Image.new("RGB", (4000, 4000)), "JPEG", progressive=True)
    at = once.rindex(b"\xff\xda")
    return once[:at] + once[at:-2] * count + once[-2:]


def bomb(name: str) -> Case:
    """One of BOMBS: a decoder without limits takes 0.3 to 3.8 GB for it."""
    if name == "GIF 4000x4000, 60 frames":
        return Case(name=name, data=_big_gif(4000, 60), size=(4000, 4000))
    side, bits, colour = BOMBS[name]
    return Case(
        name=name, data=blank_png(side, side, bits=bits, colour=colour), refused="image-too-large"
    )


def corpus() -> list[Case]:
    """All small cases; build once, it takes a second."""
    return [*_not_pictures(), *_too_large(), *_broken(), *_loaded(), *_modes(), *_many_frames()]


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return exif


def _xmp() -> bytes:
    return b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"


def _profile(size: int) -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile + SECRET + bytes(max(0, size - len(profile) - len(SECRET)))


def _big_gif(side: int, frames: int) -> bytes:
    """One frame, drawn once and told many times."""
    once = encode(Image.new("P", (side, side), 1), "GIF")
    at = once.index(b"\x2c" + struct.pack("<HHHH", 0, 0, side, side))
    return once[:at] + once[at:-1] * frames + once[-1:]


def _not_pictures() -> Iterable[Case]:
    foreign: dict[str, bytes] = {
        "text named .png": b"this is not a picture, it only says so\n",
        "one byte": b"\x89",
        "SVG": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        "EPS renamed .jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "PDF": b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>endobj\n",
        "TIFF": encode(scene(), "TIFF"),
        "TIFF whose directory points at itself": _tiff_loop(),
        "BMP": encode(scene(), "BMP"),
        "AVIF": encode(scene(), "AVIF"),
        "HEIF": struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(64),
        "JPEG 2000": encode(scene(), "JPEG2000"),
        "PSD": b"8BPS\0\1" + bytes(32),
        "ICO": encode(scene((32, 32)), "ICO"),
        "WebM": b"\x1a\x45\xdf\xa3" + bytes(64),
        "RIFF that is a WAVE": b"RIFF\x24\0\0\0WAVEfmt " + bytes(32),
        "ZIP": b"PK\3\4" + bytes(32),
    }
    yield Case(name="empty", data=b"", refused="image-empty")
    for name, data in foreign.items():
        yield Case(name=name, data=data, refused="image-not-a-picture")


def _tiff_loop() -> bytes:
    entry = struct.pack("<HHII", 256, 4, 1, 1)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


def _too_large() -> Iterable[Case]:
    jpeg = bytearray(encode(scene(), "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65000, 65000)
    webp = bytearray(encode(scene(mode="RGBA").resize((48, 32)), "WEBP", exif=_exif()))
    webp[24:30] = b"\xff\x3f\0\xff\x3f\0"
    sides = {
        "PNG 1 x 2^31": png(1, 2**31),
        "PNG 2^31-1 x 2^31-1": png(2**31 - 1, 2**31 - 1),
        "PNG 8193 x 1": png(8193, 1),
        "PNG 5001 x 5000": png(5001, 5000),
        "GIF 65535 x 65535": b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b";",
        "JPEG 65000 x 65000": bytes(jpeg),
        "WebP 16384 x 16384": bytes(webp),
    }
    for name, data in sides.items():
        yield Case(name=name, data=data, refused="image-too-large")
    bytes_26_mb = encode(scene()) + bytes(26 * 2**20)
    yield Case(name="26 MB", data=bytes_26_mb, refused="image-too-many-bytes")


def _broken() -> Iterable[Case]:
    jpeg, webp = encode(scene((200, 200)), "JPEG"), encode(scene((200, 200)), "WEBP")
    plain, moving = encode(scene((200, 200))), gif(3)
    wrong_sum = bytearray(plain)
    wrong_sum[29:33] = b"\0\0\0\0"
    files = {
        "PNG cut in its header": plain[:20],
        "PNG cut in its pixels": plain[: len(plain) // 2],
        "PNG with a wrong checksum": bytes(wrong_sum),
        "PNG with too few rows": png(200, 200, rows=bytes(500)),
        "PNG 0 x 0": png(0, 0),
        "PNG with its header missing": plain[:8] + plain[33:],
        "JPEG cut in its pixels": jpeg[: len(jpeg) // 2],
        "JPEG cut in its header": jpeg[:30],
        "JPEG of fill bytes": b"\xff\xd8" + b"\xff" * 2**20,
        "JPEG of empty segments": b"\xff\xd8" + b"\xff\xe0\0\2" * 2**18,
        "WebP cut in its pixels": webp[: len(webp) // 2],
        "WebP cut in its header": webp[:22],
        "GIF cut in its header": moving[:9],
        "GIF cut in its pixels": moving[:-200][: moving.index(b"\x2c") + 20],
        "GIF of one huge frame": _outgrown(65535, 65535),
        "PNG with a zTXt bomb": png_with(_ztxt(80 * 2**20)),
    }
    for name, data in files.items():
        yield Case(name=name, data=data, refused="image-broken")
    yield Case(name="GIF of one frame too wide", data=_outgrown(9000, 9), refused="image-too-large")


def _outgrown(width: int, height: int) -> bytes:
    """A GIF of 48x32 whose first frame says otherwise."""
    data = bytearray(gif(3))
    at = data.index(b"\x2c") + 5
    data[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def _ztxt(size: int) -> bytes:
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(size), 9))


def _loaded() -> Iterable[Case]:
    """Good pictures that carry something along."""
    text = PngImagePlugin.PngInfo()
    text.add_text("parameters", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", _xmp().decode())
    text.add_text("Zipped", SECRET.decode() * 50, zip=True)
    notes = [chunk(b"tEXt", b"k%d\0" % index + SECRET) for index in range(10_000)]
    jpeg = encode(scene(), "JPEG", exif=_exif(), xmp=_xmp(), comment=SECRET)
    kinds: dict[str, tuple[bytes, str]] = {
        "PNG with text, EXIF, XMP, ICC": (
            encode(scene(), pnginfo=text, exif=_exif(), icc_profile=_profile(0)),
            "image/png",
        ),
        "PNG with 10,000 text chunks": (png_with(*notes), "image/png"),
        "PNG with an unknown chunk": (png_with(chunk(b"prVt", PAYLOAD)), "image/png"),
        "PNG and HTML": (encode(scene()) + PAYLOAD, "image/png"),
        "JPEG with EXIF, XMP, comment, ICC": (
            encode(scene(), "JPEG", exif=_exif(), comment=SECRET, icc_profile=_profile(0)),
            "image/jpeg",
        ),
        "JPEG with XMP": (jpeg, "image/jpeg"),
        "JPEG with 5 MB of ICC": (
            encode(scene(), "JPEG", icc_profile=_profile(5 * 2**20)),
            "image/jpeg",
        ),
        "JPEG with an ICC of nonsense": (
            encode(scene(), "JPEG", icc_profile=SECRET * 40),
            "image/jpeg",
        ),
        "JPEG with broken EXIF": (
            encode(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + SECRET),
            "image/jpeg",
        ),
        "JPEG and ZIP": (encode(scene(), "JPEG") + b"PK\3\4" + PAYLOAD, "image/jpeg"),
        "WebP with EXIF, XMP, ICC": (
            encode(scene(), "WEBP", exif=_exif(), xmp=_xmp(), icc_profile=_profile(0)),
            "image/webp",
        ),
        "GIF with a comment": (gif(1), "image/png"),
        "GIF and JavaScript": (encode(scene(), "GIF") + b"=1;" + PAYLOAD, "image/png"),
    }
    for name, (data, media_type) in kinds.items():
        yield Case(name=name, data=data, media_type=media_type)
    for orientation in range(1, 9):
        size = (32, 48) if orientation > 4 else (48, 32)
        yield Case(
            name=f"JPEG of orientation {orientation}, with a place",
            data=turned(orientation),
            media_type="image/jpeg",
            size=size,
        )


def _modes() -> Iterable[Case]:
    """Pixels in other shapes than RGB."""
    deep = Image.frombytes("I;16", (48, 32), struct.pack("<1536H", *([32768] * 1536)))
    clear = scene(mode="P")
    rows = b"".join(b"\0" + struct.pack(">3H", 65535, 0, 32768) * 48 for _ in range(32))
    files: dict[str, tuple[bytes, str]] = {
        "CMYK JPEG": (encode(scene(mode="CMYK"), "JPEG"), "image/jpeg"),
        "grey JPEG": (encode(scene(mode="L"), "JPEG"), "image/jpeg"),
        "progressive JPEG": (encode(scene(), "JPEG", progressive=True), "image/jpeg"),
        "16-bit grey PNG": (encode(deep), "image/png"),
        "16-bit RGB PNG": (png(48, 32, bits=16, rows=rows), "image/png"),
        "1-bit PNG": (encode(scene(mode="1")), "image/png"),
        "palette PNG with one clear colour": (encode(clear, transparency=0), "image/png"),
        "grey PNG with one clear shade": (encode(scene(mode="L"), transparency=255), "image/png"),
        "1-bit PNG with one clear shade": (encode(scene(mode="1"), transparency=1), "image/png"),
        "RGB PNG with one clear colour": (
            encode(scene(), transparency=(255, 255, 255)),
            "image/png",
        ),
        "16-bit grey PNG with one clear shade": (
            png_with(chunk(b"tRNS", b"\x80\0"), picture=deep),
            "image/png",
        ),
        "grey and alpha PNG": (encode(scene(mode="LA")), "image/png"),
        "WebP without loss": (encode(scene(), "WEBP", lossless=True), "image/png"),
        "WebP with alpha": (encode(_half_clear(), "WEBP"), "image/webp"),
    }
    for name, (data, media_type) in files.items():
        yield Case(name=name, data=data, media_type=media_type)


def _half_clear() -> Image.Image:
    picture = scene(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 24, 16))
    return picture


def _many_frames() -> Iterable[Case]:
    later = [Image.new("RGB", (48, 32), (index % 256, 0, index // 256)) for index in range(1, 1000)]
    frames: dict[str, Any] = {"save_all": True, "append_images": later}
    yield Case(name="GIF of 1,000 frames", data=gif(1000))
    yield Case(name="APNG of 1,000 frames", data=encode(scene(), **frames))
    yield Case(
        name="WebP of 1,000 frames",
        data=encode(scene(), "WEBP", method=0, **frames),
        media_type="image/webp",
    )
    telephone = encode(scene(), "MPO", save_all=True, append_images=[scene()])
    yield Case(name="JPEG of two frames", data=telephone, media_type="image/jpeg")
