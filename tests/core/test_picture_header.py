"""What a file says of itself before it is decoded."""

from __future__ import annotations

import pytest

from core.picture_header import can_be_clear
from tests.fakes.pictures import encode, gif, scene


@pytest.mark.parametrize(
    ("data", "clear"),
    [
        (encode(scene()), False),
        (encode(scene(mode="RGBA")), True),
        (encode(scene(mode="LA")), True),
        (encode(scene(), "JPEG"), False),
        (encode(scene(), "WEBP"), False),
        (encode(scene(), "WEBP", lossless=True), False),
        (gif(1), False),
        (b"", False),
    ],
)
def test_who_has_transparent_places(data: bytes, *, clear: bool) -> None:
    assert can_be_clear(data) is clear


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_that_has(*, lossless: bool) -> None:
    picture = scene(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 24, 16))
    assert can_be_clear(encode(picture, "WEBP", lossless=lossless))
