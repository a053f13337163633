"""blend: two to five pictures become one."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture, Say
from core.operations.base import Operation, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, RATIOS, SEED_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

WORDS = "Blend these pictures into a single new one that joins their subjects, colours and styles."


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """The options of blend."""

    image: Picture = option("The first picture")
    image_2: Picture = option("The second picture")
    image_3: Picture | None = option("A third picture", default=None)
    image_4: Picture | None = option("A fourth picture", default=None)
    image_5: Picture | None = option("A fifth picture", default=None)
    prompt: str | None = option(
        "What should come of them", default=None, main=True, length_max=PROMPT_LENGTH_MAX
    )
    ratio: str = option("Width to height", default="1:1", choices=RATIOS)
    model: str | None = option("Which model blends", default=None, suggest="models", length_max=100)
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )


def _request(params: Blend, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="imagine",
        model=model.vendor_model,
        prompt="\n".join(filter(None, (WORDS, params.prompt))),
        ratio=params.ratio,
        images=images,
        **wishes(params, model),
    )


OPERATION = Operation(
    name="blend",
    summary="Blend two to five pictures into one",
    params=Blend,
    request=_request,
    said=lambda _: Say(key="did-blend"),
    capability="imagine",
    images_min=2,
)
