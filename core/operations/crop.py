"""crop: the part of a picture that has a ratio, with its subject in frame."""

from __future__ import annotations

from dataclasses import dataclass

from core.images import FOCUSES, Images
from core.messenger import Picture
from core.operations.base import LocalResult, Operation
from core.options import option

RATIOS = ("1:1", "4:5", "5:4", "3:4", "4:3", "2:3", "3:2", "16:9", "9:16", "21:9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """The options of crop."""

    image: Picture = option("The picture to crop")
    ratio: str = option("Width to height", default="1:1", choices=RATIOS)
    focus: str = option("What has to stay in the picture", default="auto", choices=FOCUSES)


async def _local(images: Images, params: Crop, sources: tuple[bytes, ...]) -> LocalResult:
    wide, high = (int(part) for part in params.ratio.split(":"))
    cropped = await images.crop(sources[0], ratio=(wide, high), focus=params.focus)
    return LocalResult(images=(cropped,))


OPERATION = Operation(
    name="crop",
    summary="Crop a picture around its subject",
    params=Crop,
    local=_local,
    credits=lambda _: 1,
)
