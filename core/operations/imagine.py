"""imagine: words to pictures, guided by pictures: three, or eight where the model takes more."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture, Say
from core.operations.base import Operation, wishes
from core.options import option
from providers.base import QUALITIES, ImageRequest, Model, SourceImage

RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9")
PROMPT_LENGTH_MAX = 2000
SEED_MAX = 2**31 - 1
STEPS_MAX = 100
GUIDANCE_MAX = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagine:
    """The options of imagine."""

    prompt: str = option("What to draw", main=True, length_max=PROMPT_LENGTH_MAX)
    count: int = option("How many pictures", default=1, min=1, max=4)
    ratio: str = option("Width to height", default="1:1", choices=RATIOS)
    model: str | None = option("Which model draws", default=None, suggest="models", length_max=100)
    quality: str | None = option(
        "How fine, where the model can choose; finer costs more", default=None, choices=QUALITIES
    )
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )
    negative: str | None = option("What to leave out", default=None, length_max=PROMPT_LENGTH_MAX)
    guidance: float | None = option(
        "How closely to follow the words, where the model can",
        default=None,
        min=0,
        max=GUIDANCE_MAX,
    )
    steps: int | None = option(
        "How many steps to draw in, where the model can", default=None, min=1, max=STEPS_MAX
    )
    style: str | None = option(
        "A look: /styles shows them", default=None, suggest="styles", length_max=40
    )
    reference: Picture | None = option("A picture to go by", default=None)
    reference_2: Picture | None = option("A second picture to go by", default=None)
    reference_3: Picture | None = option("A third picture to go by", default=None)
    reference_4: Picture | None = option(
        "A fourth picture, where the model takes so many", default=None
    )
    reference_5: Picture | None = option(
        "A fifth picture, where the model takes so many", default=None
    )
    reference_6: Picture | None = option(
        "A sixth picture, where the model takes so many", default=None
    )
    reference_7: Picture | None = option(
        "A seventh picture, where the model takes so many", default=None
    )
    reference_8: Picture | None = option(
        "A eighth picture, where the model takes so many", default=None
    )
    # The style's words as they were when it was asked for.
    style_words: str | None = option("What the style says", default=None, hidden=True)
    style_negative: str | None = option("What the style leaves out", default=None, hidden=True)


def _joined(words: str | None, more: str | None) -> str | None:
    """The person's words, and those of the style behind them."""
    if not words or not more:
        return words or more
    return f"{words.rstrip(' ,')}, {more}"


def _request(params: Imagine, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    told = wishes(params, model)
    if "negative" in told:
        told["negative"] = _joined(params.negative, params.style_negative)
    return ImageRequest(
        operation="imagine",
        model=model.vendor_model,
        prompt=_joined(params.prompt, params.style_words) or "",
        count=params.count,
        ratio=params.ratio,
        images=images,
        **told,
    )


def _said(params: Imagine) -> Say | None:
    """In which style it was drawn, if in one."""
    if params.style is None or params.style_words is None:
        return None
    return Say(key="made-in-style", values={"style": params.style})


OPERATION = Operation(
    name="imagine",
    summary="Draw pictures from words",
    params=Imagine,
    request=_request,
    count=lambda params: params.count,
    said=_said,
)
