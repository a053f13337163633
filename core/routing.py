"""Which models do an operation: the one that was asked for, or the first that can and those after it."""

from __future__ import annotations

import difflib
import random
from collections import Counter

from core.app import App
from core.choice import Choice
from core.errors import BadOption, UserError
from core.operations.base import WISHES, Operation, takes
from core.purse import CREDITS, Purse
from providers.base import Model

NAMES_MAX = 6


def choose(
    app: App,
    operation: Operation,
    params: object,
    purse: Purse = CREDITS,
    like: str | None = None,
) -> Choice | None:
    """The model for these parameters, None for our own code; raises where none can.

    `like` is the model that made what is changed now: where nobody names one, it comes first.
    """
    if operation.request is None:
        return None
    able = choices(app, operation, purse, params)
    wanted = getattr(params, "model", None)
    if not able and wanted is None and operation.local is not None:
        return None
    if wanted is not None:
        able = [named(app, operation, wanted, purse, params)]
    else:
        able = _like(like, _drawn(app, _serious(app, able)))
    if not able:
        key = "no-own-key" if purse.prefer == "only" else "no-provider"
        raise UserError(key, operation=operation.name)
    return _fitting(app, able, operation, params)


def named(
    app: App, operation: Operation, wanted: str, purse: Purse, params: object | None = None
) -> Choice:
    """The model of a name, and who pays for it; raises BadOption where nothing of that name does this."""
    able = choices(app, operation, purse, params)
    found = _named([choice.model for choice in able], wanted)
    if found is None:
        raise _nameless(app, operation, wanted, able, purse)
    return next(choice for choice in able if choice.model is found)


def routes(app: App, operation: Operation, params: object, first: Choice) -> list[Choice]:
    """The models to try in turn: `first`, then, unless it was asked for by name, what can stand in.

    Nothing that the person chose is dropped on the way, and what only stands in where nothing else is
    set up is never fallen back to. Who stands in is paid by us: after an own key, that is allowed first.
    """
    others = [choice.model for choice in choices(app, operation, CREDITS, params)]
    if getattr(params, "model", None) is not None:
        others = [model for model in others if first.own_key and model is first.model]
    elif not (app.rules.fall_back or first.own_key):
        others = []
    able = [
        Choice(model=model)
        for model in others
        if (model is not first.model or first.own_key)
        and not app.vendors[model.vendor].stands_in
        and _keeps(first.model, model, params)
        and not _lacks(model, operation, params)
    ]
    return _spread([first, *able])


def _spread(able: list[Choice]) -> list[Choice]:
    """One model of each vendor and one more of the first's: who is out takes all their models along."""
    taken: Counter[str] = Counter()
    found = []
    for choice in able:
        vendor = choice.model.vendor
        if taken[vendor] <= (vendor == able[0].model.vendor):
            taken[vendor] += 1
            found.append(choice)
    return found


def available(app: App, operation: Operation) -> list[Model]:
    """The models of vendors that the operator has set up for an operation, the preferred first."""
    return [choice.model for choice in choices(app, operation, CREDITS)]


def choices(
    app: App, operation: Operation, purse: Purse, params: object | None = None
) -> list[Choice]:
    """The models that a person can use for an operation, with who pays, the preferred first."""
    needs = operation.needs(params)
    orders = app.rules.vendor_orders
    names = orders.get(operation.name, orders.get(needs, app.rules.vendor_order))
    order = {name: place for place, name in enumerate(names)}
    found = []
    for model in app.models.values():
        ours, theirs = model.vendor in app.providers, model.vendor in purse.vendors
        own_key = theirs and (purse.prefer != "credits" or not ours)
        offered = _is_offered(app, model, needs) and model.images_max >= operation.images_min
        if offered and (own_key or (ours and purse.prefer != "only")):
            found.append(Choice(model=model, own_key=own_key))
    own_first = purse.prefer != "credits"

    def rank(choice: Choice) -> tuple[bool, int]:
        later = choice.own_key != own_first
        return later, order.get(choice.model.vendor, len(order))

    return sorted(found, key=rank)


def _is_offered(app: App, model: Model, needs: str) -> bool:
    """Whether a model does this, and its vendor has not taken it away."""
    ended = model.ends is not None and model.ends <= app.clock.now().date()
    return needs in model.operations and not ended


def _like(model_id: str | None, able: list[Choice]) -> list[Choice]:
    """The choices with the model of that id first, as far as that does not change who pays."""
    if not able:
        return able
    own_first = able[0].own_key
    return sorted(able, key=lambda item: (item.own_key != own_first, item.model.id != model_id))


def _serious(app: App, able: list[Choice]) -> list[Choice]:
    """Without what only stands in, where the operator has set up something else that does this."""
    stands_in = [choice for choice in able if app.vendors[choice.model.vendor].stands_in]
    if all(choice in stands_in or choice.own_key for choice in able):
        return able
    return [choice for choice in able if choice not in stands_in]


def _drawn(app: App, able: list[Choice]) -> list[Choice]:
    """Another order, where the operator tries vendors side by side: one of them is drawn to be first."""
    tried = {choice.model.vendor for choice in able if not choice.own_key}
    weights = {name: app.rules.vendor_weights.get(name, 0) for name in sorted(tried)}
    if sum(weight > 0 for weight in weights.values()) < 2:
        return able
    drawn = random.choices(list(weights), list(weights.values()))[0]  # noqa: S311 - a trial, no secret
    own_first = able[0].own_key
    return sorted(
        able, key=lambda choice: (choice.own_key != own_first, choice.model.vendor != drawn)
    )


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


def _nameless(
    app: App, operation: Operation, wanted: str, able: list[Choice], purse: Purse
) -> BadOption:
    """Nothing of that name does this: whether something else of that name is here, and what is like it."""
    ids = [choice.model.id for choice in able]
    like = difflib.get_close_matches(wanted.lower(), ids, n=NAMES_MAX, cutoff=0.4)
    known = [*like, *(name for name in ids if name not in like)][:NAMES_MAX]
    if purse.prefer == "only" and _named(available(app, operation), wanted):
        return BadOption("no-own-key-model", model=wanted[:100])
    here = app.providers.keys() | purse.vendors
    # Without operations, a model is switched off.
    others = [model for model in app.models.values() if model.operations]
    others = [model for model in others if operation.needs() not in model.operations]
    key = "model-unknown"
    if _named([model for model in others if model.vendor in here], wanted):
        key = "model-not-for"
    return BadOption(
        key,
        model=wanted[:100],
        operation=operation.name,
        known=", ".join(known) or "-",
        more=len(ids) - len(known),
    )


def like(models: list[Model], typed: str) -> list[Model]:
    """Those whose id, title or old names hold what is typed."""
    plain = _plain(typed)
    return [
        model
        for model in models
        if any(plain in _plain(name) for name in (model.id, model.title, *model.aliases))
    ]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _keeps(first: Model, model: Model, params: object) -> bool:
    """Whether what the person chose, and `first` would have respected, is respected here too."""
    return set(left_out(model, params)) <= set(left_out(first, params))


def left_out(model: Model, params: object) -> list[str]:
    """The options that the person chose and the model does not take, though it can draw without."""
    return [
        name
        for name in WISHES
        if (value := getattr(params, name, None)) not in (None, "")
        and not takes(model, name, value)
    ]


def _fitting(app: App, able: list[Choice], operation: Operation, params: object) -> Choice:
    """The first that takes all that is asked, else all but what a picture can do without.

    What it can do without changes neither who pays, nor is it worth one that only stands in.
    Where none can, say what the first one lacks.
    """
    fitting = [choice for choice in able if _lacks(choice.model, operation, params) is None]
    if not fitting:
        lack = _lacks(able[0].model, operation, params)
        assert lack is not None
        raise lack

    def kind(choice: Choice) -> tuple[bool, bool]:
        return choice.own_key, app.vendors[choice.model.vendor].stands_in

    alike = (choice for choice in fitting if kind(choice) == kind(fitting[0]))
    return next((choice for choice in alike if not left_out(choice.model, params)), fitting[0])


def _lacks(model: Model, operation: Operation, params: object) -> BadOption | None:
    """What a model cannot do of what is asked."""
    pictures = operation.pictures(params)
    ratio = operation.ratio(params)
    if pictures > model.images_max:
        return BadOption("model-references", model=model.id, max=model.images_max)
    if pictures < model.images_min:
        return BadOption("model-references-few", model=model.id, min=model.images_min)
    if ratio not in (None, *model.ratios):
        return BadOption("model-ratio", model=model.id, choices=", ".join(model.ratios))
    if operation.count(params) > model.count_max:
        return BadOption("model-count", model=model.id, max=model.count_max)
    return None
