"""vary: the same picture again, a little or much different."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture, Say
from core.operations.base import Action, Operation, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, SEED_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

# How much of the picture a model may change that takes a number for it, and what others are told.
STRENGTHS = {"subtle": 0.35, "strong": 0.75}
WORDS = {
    "subtle": "Make a variation of this picture: keep subject, composition, colours and style, "
    "and change small details only.",
    "strong": "Make a variation of this picture: keep subject and style, and change composition, "
    "pose, view and details clearly.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vary:
    """The options of vary; `prompt` is what the picture shows."""

    image: Picture = option("The picture to vary")
    strength: str = option("How much to change", default="subtle", choices=tuple(STRENGTHS))
    prompt: str | None = option(
        "What the picture shows", default=None, main=True, length_max=PROMPT_LENGTH_MAX
    )
    model: str | None = option("Which model varies", default=None, suggest="models", length_max=100)
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )


def _request(params: Vary, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    told = [WORDS[params.strength]] if not model.strength or not params.prompt else []
    shown = [params.prompt] if params.prompt else []
    return ImageRequest(
        operation="edit",
        model=model.vendor_model,
        prompt="\n".join([*told, *shown]),
        images=images,
        strength=STRENGTHS[params.strength] if model.strength else None,
        **wishes(params, model),
    )


OPERATION = Operation(
    name="vary",
    summary="Make a picture again, a little or much different",
    params=Vary,
    request=_request,
    said=lambda params: Say(key="did-vary", values={"strength": params.strength}),
    capability="edit",
    actions=(
        Action(name="vary-subtle", place=10, given={"strength": "subtle"}),
        Action(name="vary-strong", place=11, given={"strength": "strong"}, each=True),
    ),
)
