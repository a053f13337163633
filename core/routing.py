"""Which model does an operation: the one that was asked for, else the operator's first that can."""

from __future__ import annotations

from core.app import App
from core.errors import BadOption, UserError
from core.operations.base import Operation
from core.options import pictures_of
from providers.base import Model


def choose(app: App, operation: Operation, params: object) -> Model | None:
    """The model for these parameters, None for an operation of our own; raises where none can."""
    if operation.request is None:
        return None
    able = available(app, operation.name)
    wanted = getattr(params, "model", None)
    if wanted is not None:
        named = [model for model in able if model.id == wanted]
        if not named:
            known = ", ".join(model.id for model in able)
            raise BadOption("model-unknown", model=wanted[:100], known=known or "-")
        return _fitting(named, operation, params)
    if not able:
        raise UserError("no-provider", operation=operation.name)
    return _fitting(able, operation, params)


def available(app: App, operation: str) -> list[Model]:
    """The models of configured vendors that can do an operation, the preferred first."""
    order = {name: place for place, name in enumerate(app.rules.vendor_order)}
    able = [
        model
        for model in app.models.values()
        if operation in model.operations and model.vendor in app.providers
    ]
    return sorted(able, key=lambda model: order.get(model.vendor, len(order)))


def _fitting(models: list[Model], operation: Operation, params: object) -> Model:
    """The first that takes so many pictures and this ratio; otherwise say what the first one lacks."""
    pictures = len(pictures_of(params))
    ratio = getattr(params, "ratio", None)
    for model in models:
        takes_count = operation.count(params) <= model.count_max
        if takes_count and pictures <= model.images_max and ratio in (None, *model.ratios):
            return model
    first = models[0]
    if pictures > first.images_max:
        raise BadOption("model-references", model=first.id, max=first.images_max)
    if ratio not in (None, *first.ratios):
        raise BadOption("model-ratio", model=first.id, choices=", ".join(first.ratios))
    raise BadOption("model-count", model=first.id, max=first.count_max)
