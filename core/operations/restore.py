"""restore: blurred or damaged faces made clear again."""

from __future__ import annotations

from dataclasses import dataclass

from core.messenger import Picture, Say
from core.operations.base import Operation
from core.options import option
from providers.base import ImageRequest, Model, SourceImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """The options of restore."""

    image: Picture = option("The picture whose faces are to be restored")
    model: str | None = option(
        "Which model restores", default=None, suggest="models", length_max=100
    )
    prompt: str | None = option("Its words", default=None, hidden=True)


def _request(params: Restore, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(operation="restore", model=model.vendor_model, images=images)


OPERATION = Operation(
    name="restore",
    summary="Restore blurred or damaged faces",
    params=Restore,
    request=_request,
    said=lambda _: Say(key="did-restore"),
    credits=lambda _: 1,
    once=lambda _: True,
)
