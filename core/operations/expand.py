"""expand: more of a picture than its frame shows: zoomed out, to one side, or to another ratio."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadOption
from core.framing import Parts, parts_to_ratio
from core.images import Encoded, Images
from core.messenger import Picture, Say
from core.operations.base import Action, Operation, Prepared, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, RATIOS, SEED_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

LONG_SIDE_PX_MAX = 2048
PAN = 0.5
# By how much of its own sides the picture grows: left, top, right, bottom.
WAYS: dict[str, Parts] = {
    "1.5x": (0.25, 0.25, 0.25, 0.25),
    "2x": (0.5, 0.5, 0.5, 0.5),
    "left": (PAN, 0.0, 0.0, 0.0),
    "right": (0.0, 0.0, PAN, 0.0),
    "up": (0.0, PAN, 0.0, 0.0),
    "down": (0.0, 0.0, 0.0, PAN),
}
ZOOMS = {"1.5x": "near", "2x": "far"}
WORDS = "Extend the picture naturally beyond its old edges: the same scene, light, perspective and style."


@dataclass(frozen=True, slots=True, kw_only=True)
class Expand:
    """The options of expand; with a ratio, the picture grows to that."""

    image: Picture = option("The picture to expand")
    way: str = option(
        "Zoom out 1.5 or 2 times, or grow to one side", default="2x", choices=tuple(WAYS)
    )
    ratio: str | None = option("Grow to this width to height instead", default=None, choices=RATIOS)
    prompt: str | None = option(
        "What the picture shows", default=None, main=True, length_max=PROMPT_LENGTH_MAX
    )
    model: str | None = option(
        "Which model expands", default=None, suggest="models", length_max=100
    )
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )


def _parts(params: Expand) -> Parts:
    if params.ratio is None:
        return WAYS[params.way]
    width, height = (int(side) for side in params.ratio.split(":"))
    return parts_to_ratio(params.image.width, params.image.height, (width, height))


def _check(params: Expand) -> None:
    # Before it is fetched, a picture has no sides.
    if params.image.width and max(_parts(params)) == 0:
        raise BadOption("expand-nothing", ratio=params.ratio or "")


def _request(params: Expand, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="region",
        model=model.vendor_model,
        prompt="\n".join(filter(None, (params.prompt, WORDS))),
        images=images,
        **wishes(params, model),
    )


async def _prepare(images: Images, params: Expand, sent: tuple[SourceImage, ...]) -> Prepared:
    left, top, right, bottom = _parts(params)
    canvas, mask = await images.canvas(
        sent[0].data,
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        long_side_max=LONG_SIDE_PX_MAX,
    )
    return Prepared(
        images=(SourceImage(data=canvas.data, media_type=canvas.media_type),),
        mask=SourceImage(data=mask.data, media_type=mask.media_type),
    )


async def _finish(
    images: Images, _: Expand, __: tuple[bytes, ...], prepared: Prepared, made: Encoded
) -> Encoded:
    """The old picture as it was, with what the model drew around it."""
    assert prepared.mask is not None
    return await images.merge(prepared.images[0].data, made.data, prepared.mask.data)


OPERATION = Operation(
    name="expand",
    summary="Show more of a picture than its frame does",
    params=Expand,
    request=_request,
    capability="region",
    ratio=lambda _: None,
    prepare=_prepare,
    finish=_finish,
    check=_check,
    said=lambda params: Say(
        key="did-expand", values={"way": params.ratio or ZOOMS.get(params.way, params.way)}
    ),
    actions=(
        Action(name="zoom-out", place=20, given={"way": "2x"}),
        Action(name="pan-left", place=21, given={"way": "left"}),
        Action(name="pan-right", place=22, given={"way": "right"}),
        Action(name="pan-up", place=23, given={"way": "up"}),
        Action(name="pan-down", place=24, given={"way": "down"}),
    ),
)
