"""palette: the leading colours of a picture, as a swatch and as numbers."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

from core.images import Colour, Images
from core.messenger import Picture, Say
from core.operations.base import LocalResult, Operation
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The options of palette."""

    image: Picture = option("The picture to take colours from")
    colours: int = option("How many colours", default=6, min=1, max=12)
    neutral: bool = option("Include greys, black and white", default=True)


def _line(colour: Colour) -> Say:
    hue, lightness, saturation = colorsys.rgb_to_hls(
        colour.red / 255, colour.green / 255, colour.blue / 255
    )
    return Say(
        key="palette-line",
        values={
            "hex": f"#{colour.red:02x}{colour.green:02x}{colour.blue:02x}",
            "rgb": f"rgb({colour.red}, {colour.green}, {colour.blue})",
            "hsl": f"hsl({hue * 360:.0f}, {saturation * 100:.0f}%, {lightness * 100:.0f}%)",
            "share": f"{colour.share * 100:.0f}%",
            "name": colour.name,
        },
    )


async def _local(images: Images, params: Palette, sources: tuple[bytes, ...]) -> LocalResult:
    found = await images.palette(sources[0], count=params.colours, neutral=params.neutral)
    return LocalResult(images=(found.swatch,), lines=tuple(_line(item) for item in found.colours))


OPERATION = Operation(
    name="palette",
    summary="Find the colours of a picture",
    params=Palette,
    local=_local,
    changes=False,
    menu="Colour palette",
)
