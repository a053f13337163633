"""upscale: two or four times as large, by a model, or by plain resampling where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from core.images import Encoded, Images
from core.messenger import Picture, Say
from core.operations.base import Action, LocalResult, Operation, Prepared
from core.options import option
from core.picture_header import check_sides
from providers.base import ImageRequest, Model, SourceImage

SCALES = {"2x": 2, "4x": 4}
# What a picture costs at least, by how much larger it becomes.
CREDITS = {"2x": 2, "4x": 4}
STRENGTHS = ("off", "light", "strong")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upscale:
    """The options of upscale."""

    image: Picture = option("The picture to enlarge")
    scale: str = option("How much larger", default="2x", choices=tuple(SCALES))
    denoise: str = option("How much noise to take out first", default="off", choices=STRENGTHS)
    details: str = option("How much to bring out details after", default="off", choices=STRENGTHS)
    model: str | None = option(
        "Which model enlarges", default=None, suggest="models", length_max=100
    )
    prompt: str | None = option("Its words", default=None, hidden=True)


def _check(params: Upscale) -> None:
    scale = SCALES[params.scale]
    check_sides(params.image.width * scale, params.image.height * scale, "upscale-too-large")


def _request(params: Upscale, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="upscale",
        model=model.vendor_model,
        images=images,
        scale=SCALES[params.scale],
    )


async def _prepare(images: Images, params: Upscale, sent: tuple[SourceImage, ...]) -> Prepared:
    if params.denoise == "off":
        return Prepared(images=sent)
    clean = await images.denoise(sent[0].data, strength=params.denoise)
    return Prepared(images=(SourceImage(data=clean.data, media_type=clean.media_type),))


async def _finish(
    images: Images, params: Upscale, _: tuple[bytes, ...], __: Prepared, made: Encoded
) -> Encoded:
    if params.details == "off":
        return made
    return await images.sharpen(made.data, strength=params.details)


async def _local(images: Images, params: Upscale, sources: tuple[bytes, ...]) -> LocalResult:
    data = sources[0]
    if params.denoise != "off":
        data = (await images.denoise(data, strength=params.denoise)).data
    made = await images.upscale(data, scale=SCALES[params.scale])
    if params.details != "off":
        made = await images.sharpen(made.data, strength=params.details)
    return LocalResult(images=(made,), lines=(Say(key="upscaled-plainly"),))


OPERATION = Operation(
    name="upscale",
    summary="Make a picture two or four times as large",
    params=Upscale,
    request=_request,
    local=_local,
    prepare=_prepare,
    finish=_finish,
    credits=lambda params: CREDITS[params.scale],
    check=_check,
    said=lambda params: Say(key="did-upscale", values={"scale": SCALES[params.scale]}),
    actions=(
        Action(name="upscale-2x", place=12, given={"scale": "2x"}),
        Action(name="upscale-4x", place=13, given={"scale": "4x"}),
    ),
    once=lambda _: True,
    menu="Upscale image",
)
