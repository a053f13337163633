"""region: one place of a picture drawn anew: painted, in a box, or said in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import BadOption
from core.framing import Parts
from core.images import Encoded, Images
from core.messenger import Picture, Say
from core.operations.base import Operation, Prepared, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, SEED_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

PLACE_LENGTH_MAX = 200
BOX_LENGTH_MAX = 40
_BOX = re.compile(r"\s*%?[\s,;]+".join([r"(\d{1,3}(?:\.\d{1,3})?)"] * 4) + r"\s*%?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The options of region: just one of mask, where and box says it."""

    image: Picture = option("The picture to change a part of")
    prompt: str = option("What to draw there", main=True, length_max=PROMPT_LENGTH_MAX)
    mask: Picture | None = option(
        "A second picture that shows the place: painted over, or white on black", default=None
    )
    where: str | None = option(
        "The place in words: the sky", default=None, length_max=PLACE_LENGTH_MAX
    )
    box: str | None = option(
        "The place as a box in percent: left, top, right, bottom",
        default=None,
        length_max=BOX_LENGTH_MAX,
    )
    model: str | None = option("Which model draws", default=None, suggest="models", length_max=100)
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )


def _check(params: Region) -> None:
    told = [params.mask is not None, bool(params.where), bool(params.box)]
    if sum(told) != 1:
        raise BadOption("region-where")
    if params.box:
        _box(params.box)


def _box(text: str) -> Parts:
    """Left, top, right and bottom in parts 0..1; raises BadOption."""
    match = _BOX.fullmatch(text.strip())
    parts = [float(number) / 100 for number in match.groups()] if match is not None else []
    if not parts or not (parts[0] < parts[2] <= 1 and parts[1] < parts[3] <= 1):
        raise BadOption("region-box", value=text[:BOX_LENGTH_MAX])
    left, top, right, bottom = parts
    return left, top, right, bottom


def _request(params: Region, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    prompt = params.prompt
    if params.where:
        prompt = f"Change only this part of the picture: {params.where}. Draw there: {prompt}. Keep the rest."
    return ImageRequest(
        operation=_asks(params),
        model=model.vendor_model,
        prompt=prompt,
        images=images,
        **wishes(params, model),
    )


def _asks(params: Region) -> str:
    """Words for a place are understood by those who edit, a mask by those who take one."""
    return "edit" if params.where else "region"


async def _prepare(images: Images, params: Region, sent: tuple[SourceImage, ...]) -> Prepared:
    picture = sent[0]
    if params.where:
        return Prepared(images=(picture,))
    if params.box:
        mask = await images.box_mask(picture.data, box=_box(params.box))
    else:
        mask = await images.mask(sent[1].data, of=picture.data)
    return Prepared(images=(picture,), mask=SourceImage(data=mask.data, media_type=mask.media_type))


async def _finish(
    images: Images, _: Region, __: tuple[bytes, ...], prepared: Prepared, made: Encoded
) -> Encoded:
    """The picture as it was, but for the place: many a model draws a little of the rest anew too."""
    if prepared.mask is None:
        return made
    return await images.merge(prepared.images[0].data, made.data, prepared.mask.data)


OPERATION = Operation(
    name="region",
    summary="Draw one part of a picture anew",
    params=Region,
    request=_request,
    capability="region",
    asks=_asks,
    pictures=lambda _: 1,
    prepare=_prepare,
    finish=_finish,
    check=_check,
    said=lambda params: Say(key="did-region-words" if params.where else "did-region"),
)
