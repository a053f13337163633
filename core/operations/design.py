"""design: logos, posters, cards and the like, in one of a designer's styles."""

from __future__ import annotations

from dataclasses import dataclass

from core.operations.base import Operation, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, RATIOS, SEED_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

CREDITS = 5
COLOURS_LENGTH_MAX = 200
STYLES = {
    "modern": "modern graphic design: clean geometric shapes, generous white space, a crisp "
    "sans-serif typeface, a restrained palette, precise alignment",
    "vintage": "vintage graphic design: letterpress texture, worn paper, ornamental frames, "
    "slab-serif lettering, muted warm colours of the 1950s",
    "minimal": "minimal graphic design: a single idea, very few elements, one or two flat colours, "
    "thin lines, much empty space",
    "bold": "bold graphic design: very large heavy type, strong contrast, saturated flat colours, "
    "cropped shapes, a striking asymmetrical layout",
    "playful": "playful graphic design: rounded hand-drawn shapes, cheerful bright colours, bouncy "
    "lettering, small whimsical details",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The options of design."""

    prompt: str = option("What to design", main=True, length_max=PROMPT_LENGTH_MAX)
    style: str = option("In which style", default="modern", choices=tuple(STYLES))
    ratio: str = option("Width to height", default="1:1", choices=RATIOS)
    colours: str | None = option(
        "Which colours to use", default=None, length_max=COLOURS_LENGTH_MAX
    )
    negative: str | None = option("What to leave out", default=None, length_max=PROMPT_LENGTH_MAX)
    model: str | None = option(
        "Which model designs", default=None, suggest="models", length_max=100
    )
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )


def _request(params: Design, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    told = [f"{params.prompt}.", f"In the style of {STYLES[params.style]}."]
    if params.colours:
        told.append(f"Use these colours only, with their tints: {params.colours}.")
    return ImageRequest(
        operation="imagine",
        model=model.vendor_model,
        prompt=" ".join(told),
        ratio=params.ratio,
        **wishes(params, model),
    )


OPERATION = Operation(
    name="design",
    summary="Design a logo, poster, card or cover",
    params=Design,
    request=_request,
    capability="imagine",
    credits=lambda _: CREDITS,
)
