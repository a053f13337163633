"""Which models do an operation: the one that was asked for, or the first that can and those after it."""

from __future__ import annotations

from core.app import App
from core.errors import BadOption, UserError
from core.operations.base import Operation
from core.options import pictures_of
from providers.base import Model

ROUTES_MAX = 4


def choose(app: App, operation: Operation, params: object) -> Model | None:
    """The model for these parameters, None for an operation of our own; raises where none can."""
    if operation.request is None:
        return None
    able = available(app, operation.name)
    wanted = getattr(params, "model", None)
    if wanted is not None:
        model = _named(able, wanted)
        if model is None:
            known = ", ".join(model.id for model in able)
            raise BadOption("model-unknown", model=wanted[:100], known=known or "-")
        return _fitting([model], operation, params)
    if not able:
        raise UserError("no-provider", operation=operation.name)
    return _fitting(able, operation, params)


def routes(app: App, operation: Operation, params: object, first: Model) -> list[Model]:
    """The models to try in turn: `first`, then, unless it was asked for by name, what can stand in.

    Nothing that the person chose is dropped on the way, and what only stands in where nothing else is
    set up is never fallen back to.
    """
    if getattr(params, "model", None) is not None or not app.rules.fall_back:
        return [first]
    others = [
        model
        for model in available(app, operation.name)
        if model.id != first.id
        and not app.vendors[model.vendor].stands_in
        and _keeps(first, model, params)
        and not _lacks(model, operation, params)
    ]
    return [first, *others][:ROUTES_MAX]


def available(app: App, operation: str) -> list[Model]:
    """The models of configured vendors that can do an operation, the preferred first."""
    names = app.rules.vendor_orders.get(operation, app.rules.vendor_order)
    order = {name: place for place, name in enumerate(names)}
    able = [
        model
        for model in app.models.values()
        if operation in model.operations and model.vendor in app.providers
    ]
    return sorted(able, key=lambda model: order.get(model.vendor, len(order)))


def is_old_name(model: Model, wanted: str) -> bool:
    """Whether somebody asked for a model by the name of one that it has taken the place of."""
    return _plain(wanted) != _plain(model.id)


def _named(able: list[Model], wanted: str) -> Model | None:
    """The model of that id, else the first that an old name of that spelling leads to."""
    plain = _plain(wanted)
    exact = next((model for model in able if _plain(model.id) == plain), None)
    if exact is not None:
        return exact
    return next((m for m in able if any(_plain(name) == plain for name in m.aliases)), None)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _keeps(first: Model, model: Model, params: object) -> bool:
    """Whether what the person chose, and `first` would have respected, is respected here too."""
    chosen = (
        getattr(params, "seed", None) is not None and first.seed,
        bool(getattr(params, "negative", None)) and first.negative,
    )
    return (not chosen[0] or model.seed) and (not chosen[1] or model.negative)


def _fitting(models: list[Model], operation: Operation, params: object) -> Model:
    """The first that takes so many pictures and this ratio; otherwise say what the first one lacks."""
    for model in models:
        if _lacks(model, operation, params) is None:
            return model
    lack = _lacks(models[0], operation, params)
    assert lack is not None
    raise lack


def _lacks(model: Model, operation: Operation, params: object) -> BadOption | None:
    """What a model cannot do of what is asked."""
    pictures = len(pictures_of(params))
    ratio = getattr(params, "ratio", None)
    if pictures > model.images_max:
        return BadOption("model-references", model=model.id, max=model.images_max)
    if pictures < model.images_min:
        return BadOption("model-references-few", model=model.id, min=model.images_min)
    if ratio not in (None, *model.ratios):
        return BadOption("model-ratio", model=model.id, choices=", ".join(model.ratios))
    if operation.count(params) > model.count_max:
        return BadOption("model-count", model=model.id, max=model.count_max)
    return None
