"""describe: from a picture to up to four prompts, each of which can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture, Say
from core.operations.base import Operation
from core.options import option
from providers.base import ImageRequest, Model, SourceImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe:
    """The options of describe."""

    image: Picture = option("The picture to describe")
    model: str | None = option(
        "Which model describes", default=None, suggest="models", length_max=100
    )


def _request(params: Describe, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(operation="describe", model=model.vendor_model, images=images)


OPERATION = Operation(
    name="describe",
    summary="Turn a picture into prompts",
    params=Describe,
    request=_request,
    said=lambda _: Say(key="did-describe"),
    credits=lambda _: 1,
    texts=True,
    menu="Describe image",
)
