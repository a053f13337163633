"""illustrate: a picture for an article, a post or an advert, from its title and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadOption
from core.operations.base import Operation, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, RATIOS, SEED_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

TITLE_LENGTH_MAX = 200
KINDS = {
    "article": "An editorial illustration for the top of an article",
    "post": "An eye-catching picture for a post in a social network, with one clear subject",
    "advert": "A polished advertising picture, with room for a headline and nothing written on it",
    "image": "A picture",
}
# What each kind is usually shown in, where nobody chooses.
USUAL_RATIOS = {"article": "16:9", "post": "1:1", "advert": "4:5", "image": "1:1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrate:
    """The options of illustrate."""

    title: str | None = option(
        "The title of what it is for", default=None, main=True, length_max=TITLE_LENGTH_MAX
    )
    description: str | None = option(
        "What it says, in a few sentences", default=None, length_max=PROMPT_LENGTH_MAX
    )
    kind: str = option("What it is for", default="article", choices=tuple(KINDS))
    prompt: str | None = option(
        "What to draw; without it, it is made of title and description",
        default=None,
        length_max=PROMPT_LENGTH_MAX,
    )
    ratio: str | None = option("Width to height", default=None, choices=RATIOS)
    count: int = option("How many pictures", default=1, min=1, max=4)
    model: str | None = option("Which model draws", default=None, suggest="models", length_max=100)
    negative: str | None = option("What to leave out", default=None, length_max=PROMPT_LENGTH_MAX)
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )


def _check(params: Illustrate) -> None:
    if not (params.prompt or params.title or params.description):
        raise BadOption("illustrate-of-nothing")


def _words(params: Illustrate) -> str:
    """The prompt that was given, or the one that is made of title and description."""
    if params.prompt:
        return params.prompt
    about = f" titled “{params.title}”" if params.title else ""
    says = f" It is about this: {params.description}" if params.description else ""
    return f"{KINDS[params.kind]}{about}.{says} No text in the picture."


def _request(params: Illustrate, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="imagine",
        model=model.vendor_model,
        prompt=_words(params),
        count=params.count,
        ratio=params.ratio or _ratio(params, model),
        **wishes(params, model),
    )


def _ratio(params: Illustrate, model: Model) -> str:
    usual = USUAL_RATIOS[params.kind]
    return usual if usual in model.ratios else model.ratios[0]


OPERATION = Operation(
    name="illustrate",
    summary="Illustrate an article, a post or an advert",
    params=Illustrate,
    request=_request,
    capability="imagine",
    count=lambda params: params.count,
    check=_check,
    words=_words,
)
