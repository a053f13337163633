"""A mask as OpenAI wants it: transparent where the picture may change."""

from __future__ import annotations

import io

from PIL import Image

WHITE_MIN = 128


class Unreadable(Exception):
    """The mask or its picture cannot be opened."""


def transparent_where_white(mask: bytes, picture: bytes) -> bytes:
    """The mask as a PNG with alpha, as large as the picture; raises Unreadable."""
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            size = opened.size
        with Image.open(io.BytesIO(mask)) as opened:
            grey = opened.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable(f"the mask cannot be used: {type(error).__name__}") from error
    if grey.size != size:
        grey = grey.resize(size, Image.Resampling.NEAREST)
    white = grey.point([255 if level >= WHITE_MIN else 0 for level in range(256)])
    alpha = white.point([255 - level for level in range(256)])
    out = io.BytesIO()
    # OpenAI reads the alpha, stable-diffusion.cpp the brightness: this one says the same to both.
    Image.merge("RGBA", (white, white, white, alpha)).save(out, "PNG")
    return out.getvalue()
