"""edit: change a picture as told in words, with up to two more to go by."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture
from core.operations.base import Action, Operation
from core.operations.imagine import PROMPT_LENGTH_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The options of edit."""

    image: Picture = option("The picture to change")
    prompt: str = option("What to change", main=True, length_max=PROMPT_LENGTH_MAX)
    image_2: Picture | None = option("A second picture to take something from", default=None)
    image_3: Picture | None = option("A third picture to take something from", default=None)
    model: str | None = option("Which model edits", default=None, suggest="models", length_max=100)


def _request(params: Edit, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="edit", model=model.vendor_model, prompt=params.prompt, images=images
    )


OPERATION = Operation(
    name="edit",
    summary="Change a picture as you say",
    params=Edit,
    request=_request,
    actions=(Action(name="edit-result", place=31, asks=("prompt",), keeps=()),),
    menu="Edit image",
)
