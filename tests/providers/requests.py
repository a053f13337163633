"""A request for each operation of a model, as large as the model allows."""

from __future__ import annotations

from providers.base import ImageRequest, Model, SourceImage
from tests.fakes.vendor import mask, picture

TAKES_A_PICTURE = {"edit", "region", "upscale", "restore", "background", "describe"}
DRAWS = {"imagine", "edit", "region"}
TAKES_WORDS = DRAWS | {"enhance"}
CHANGES = {"edit", "region", "restore"}
CALL_ID = "0193c2a4-5b7e-7c1d-8a90-0123456789ab"


async def ignore(_: object) -> None:
    """Take a preview or a vendor's id."""


def asking(model: Model, operation: str) -> ImageRequest:
    """One call with all that the model's row says it takes."""
    least = max(model.images_min, 1 if operation in TAKES_A_PICTURE else 0)
    images = tuple(
        SourceImage(data=picture(number), media_type="image/png") for number in range(least)
    )
    return ImageRequest(
        id=CALL_ID,
        operation=operation,
        model=model.vendor_model,
        prompt="a fox" if operation in TAKES_WORDS else "",
        count=min(2, model.count_max) if operation == "imagine" else 1,
        ratio=model.ratios[-1],
        seed=1 if model.seed else None,
        negative="rain" if model.negative else None,
        steps=20 if model.steps else None,
        guidance=3.5 if model.guidance else None,
        transparent=model.transparent and operation == "imagine",
        quality=next(iter(model.qualities), None) if operation in DRAWS else None,
        strength=0.4 if model.strength and operation in CHANGES else None,
        faces=model.faces and operation == "upscale",
        images=images,
        mask=SourceImage(data=mask(), media_type="image/png") if operation == "region" else None,
    )
