"""imagine: words to pictures, guided by up to three reference pictures."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture
from core.operations.base import Operation
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4")
PROMPT_LENGTH_MAX = 2000
SEED_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagine:
    """The options of imagine."""

    prompt: str = option("What to draw", main=True, length_max=PROMPT_LENGTH_MAX)
    count: int = option("How many pictures", default=1, min=1, max=4)
    ratio: str = option("Width to height", default="1:1", choices=RATIOS)
    model: str | None = option("Which model draws", default=None, suggest="models", length_max=100)
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )
    negative: str | None = option("What to leave out", default=None, length_max=PROMPT_LENGTH_MAX)
    reference: Picture | None = option("A picture to go by", default=None)
    reference_2: Picture | None = option("A second picture to go by", default=None)
    reference_3: Picture | None = option("A third picture to go by", default=None)


def _request(params: Imagine, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="imagine",
        model=model.vendor_model,
        prompt=params.prompt,
        count=params.count,
        ratio=params.ratio,
        seed=params.seed,
        negative=params.negative,
        images=images,
    )


OPERATION = Operation(
    name="imagine",
    summary="Draw pictures from words",
    params=Imagine,
    request=_request,
    count=lambda params: params.count,
)
