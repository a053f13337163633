"""enhance: a prompt made better by a text model, and drawn only if its person wants that."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Say
from core.operations.base import Operation
from core.operations.imagine import PROMPT_LENGTH_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhance:
    """The options of enhance."""

    prompt: str = option("The prompt to make better", main=True, length_max=PROMPT_LENGTH_MAX)
    model: str | None = option("Which model writes", default=None, suggest="models", length_max=100)


def _request(params: Enhance, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(operation="enhance", model=model.vendor_model, prompt=params.prompt)


OPERATION = Operation(
    name="enhance",
    summary="Make a prompt better before it is drawn",
    params=Enhance,
    request=_request,
    said=lambda _: Say(key="did-enhance"),
    texts=True,
    optional=True,
)
