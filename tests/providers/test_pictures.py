"""How large pictures are by their headers, which may lie, and how large they are asked for."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from providers.pictures import PIXELS, SIDE_STEP, fitted, ratio_of, size_of
from tests.fakes.vendor import picture

EXIF = Image.Exif()
EXIF[0x010E] = "a fox" * 9000


def drawn(kind: str, mode: str = "RGB", **how: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (300, 20)).save(out, kind, **how)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        drawn("PNG"),
        drawn("JPEG"),
        drawn("JPEG", progressive=True),
        drawn("JPEG", exif=EXIF),
        drawn("WEBP"),
        drawn("WEBP", lossless=True),
        drawn("WEBP", "RGBA", exif=EXIF),
    ],
)
def test_the_sides_are_read_from_the_header(data: bytes) -> None:
    assert size_of(data) == (300, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        picture()[:20],
        picture()[:16] + bytes(8),
        picture(kind="JPEG")[:30],
        b"\xff\xd8" + b"\xff" * 9000,
        b"\xff\xd8\xff\xe0\0\0" + b"\0" * 90,
        b"\xff\xd8" + b"\xff\xe0\0\0" * 100_000,
        b"RIFF0000WEBPVP8X",
        b"RIFF0000WEBPVP8?" + bytes(40),
        b"GIF89a",
    ],
    ids=range(10),
)
def test_what_tells_no_sides_has_none(data: bytes) -> None:
    assert size_of(data) is None


@pytest.mark.parametrize("text", ["", "0:1", "wide", "1:1:1", "99999:1", "1: 1"])
def test_what_is_no_ratio_is_none(text: str) -> None:
    assert ratio_of(text) is None


@pytest.mark.parametrize("text", ["1:1", "16:9", "9:16", "4:3", "21:9"])
def test_a_ratio_is_about_a_megapixel(text: str) -> None:
    ratio = ratio_of(text)
    assert ratio is not None
    width, height = fitted(*ratio, SIDE_STEP)
    assert width % SIDE_STEP == height % SIDE_STEP == 0
    assert width * height == pytest.approx(PIXELS, rel=0.1)
    assert width / height == pytest.approx(ratio[0] / ratio[1], rel=0.1)
