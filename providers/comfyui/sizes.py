"""How large pictures are to be: about a megapixel, as the models are made for."""

from __future__ import annotations

from providers.pictures import SIDE_STEP, SOURCE_STEP, fitted, ratio_of, size_of


def of(ratio: str, source: bytes | None, factor: int | None) -> dict[str, int]:
    """The sides of the result and of its source, by placeholder; raises ValueError.

    Without a source they have the ratio; with one, its own, or `factor` times its own size.
    """
    if source is None:
        asked = ratio_of(ratio)
        if asked is None:
            raise ValueError(f"no size for ratio {ratio}")
        width, height = fitted(*asked, SIDE_STEP)
        return {"width": width, "height": height}
    own = size_of(source)
    if own is None:
        raise ValueError("the picture cannot be read")
    width, height = fitted(*own, SOURCE_STEP)
    if factor is not None:
        width, height = own[0] * factor, own[1] * factor
    return {"width": width, "height": height, "source_width": own[0], "source_height": own[1]}
