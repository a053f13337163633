"""What an operation is: parameters, price, and either a request to a provider or its own code, or both."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.images import Encoded, Images
from core.messenger import Say
from core.options import options_of, pictures_of
from core.sitter import Sitter
from providers.base import ImageRequest, Model, SourceImage

__all__ = [
    "Action", "LocalResult", "Model", "Operation", "Prepared", "discover", "offered", "prompt_of",
    "takes", "wishes",
]  # fmt: skip

PACKAGE = Path(__file__).parent
# So many places make one row of buttons.
ROW = 10
# What a model may do without: where it takes none of it, people are told that it was left out.
WISHES = ("seed", "negative", "steps", "guidance", "quality")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalResult:
    """What an operation's own code made: pictures, and sentences that go with them."""

    images: tuple[Encoded, ...]
    lines: tuple[Say, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What goes to the vendor: pictures, and the mask of the first (white is what may change)."""

    images: tuple[SourceImage, ...]
    mask: SourceImage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button under results that begins an operation with a picture of the result.

    `given` are options that the button settles, `asks` those that it asks people for, `keeps` those
    that it takes over from the result's own. `place` is where it stands: tens are rows. `each`: where
    a result has several pictures, there is one for each; `single`: it stands under one picture alone.
    """

    name: str
    place: int
    given: Mapping[str, object] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ("prompt",)
    single: bool = True
    each: bool = False


def prompt_of(params: Any) -> str | None:  # noqa: ANN401 - any operation's parameters
    """The words that are shown with a job: its prompt, where it has one."""
    return getattr(params, "prompt", None) or None


Request = Callable[[Any, Model, tuple[SourceImage, ...]], ImageRequest]
Local = Callable[[Images, Any, tuple[bytes, ...]], Awaitable[LocalResult]]
Sitting = Callable[[Any, Sitter], Iterable[Any]]
Prepare = Callable[[Images, Any, tuple[SourceImage, ...]], Awaitable[Prepared]]
Finish = Callable[[Images, Any, tuple[bytes, ...], Prepared, Encoded], Awaitable[Encoded]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something done to or with images by a provider (`request`), or by our own code (`local`).

    With both, `local` works where no model can, and is free. `capability` is what models are asked
    for, where that is not the operation's own name; `asks` tells it from the parameters where it
    depends on them. `pictures` is how many go to the model, which takes `images_min` at least, `ratio`
    what it is to draw in, None where that is settled by what it is sent.
    `sitting`: its option `persona` names one of the person's own, whose photos go to the model first;
    it tells, the best first, what the parameters may come to with that one (the options `persona_id`
    and `photos`, how many of them), and the first that a model takes is done.
    `several` parts what somebody asked for into what are jobs of their own, each with its own message.
    `prepare` makes the pictures and the mask that are sent, `finish` what people get of each answer.
    A picture costs what the model does, at least `credits`. `count` tells how many are asked for.
    `check` raises UserError for parameters that do not go together, `words` are the person's own, and
    `shown` is what a job's message begins with, where they do not tell it from others. `said` tells what
    was done. `once`: the same again gives what was made, free of charge. `texts`: it makes texts, not
    pictures. `changes`: what it makes is worth changing further. `optional`: it is only there where a
    model can do it.
    """

    name: str
    summary: str
    params: type
    request: Request | None = None
    local: Local | None = None
    capability: str = ""
    asks: Callable[[Any], str] | None = None
    pictures: Callable[[Any], int] = lambda params: len(pictures_of(params))
    images_min: int = 0
    ratio: Callable[[Any], str | None] = lambda params: getattr(params, "ratio", None)
    sitting: Sitting | None = None
    several: Callable[[Any], tuple[Any, ...]] = lambda params: (params,)
    prepare: Prepare | None = None
    finish: Finish | None = None
    credits: Callable[[Any], int] = lambda _: 0
    count: Callable[[Any], int] = lambda _: 1
    check: Callable[[Any], None] | None = None
    words: Callable[[Any], str | None] = prompt_of
    shown: Callable[[Any], str | None] | None = None
    said: Callable[[Any], Say | None] | None = None
    actions: tuple[Action, ...] = ()
    once: Callable[[Any], bool] = lambda _: False
    texts: bool = False
    changes: bool = True
    optional: bool = False
    hidden: bool = False
    menu: str | None = None

    def needs(self, params: object | None = None) -> str:
        """What a model must be able to do: of some parameters, else usually."""
        if params is not None and self.asks is not None:
            return self.asks(params)
        return self.capability or self.name

    def heading(self, params: object) -> str | None:
        """What a job's message begins with."""
        return (self.shown or self.words)(params)

    def each(self, params: object, model: Model | None) -> int:
        """Credits for one picture; where our own code stands in for a model, none."""
        if model is None:
            return self.credits(params) if self.request is None else 0
        return max(self.credits(params), model.price(getattr(params, "quality", None)))

    def price(self, params: object, model: Model | None) -> int:
        """Credits for the whole job."""
        return self.each(params, model) * self.count(params)

    def usual(self, model: Model | None) -> int:
        """Credits for one picture where every option has its usual value."""
        return self.each(_usual(self.params), model)


def _usual(params: type) -> object:
    """An object with the usual value of each option; what has none is empty."""
    return type("Usual", (), {item.name: item.default for item in options_of(params)})()


def wishes(params: object, model: Model) -> dict[str, Any]:
    """What the person wishes and the model takes, by the names that a request has for it."""
    asked = {name: getattr(params, name, None) for name in WISHES}
    return {name: value for name, value in asked.items() if takes(model, name, value)}


def takes(model: Model, wish: str, value: object) -> bool:
    """Whether a model heeds a wish; of qualities, some have not all."""
    return value in model.qualities if wish == "quality" else bool(getattr(model, wish))


def discover() -> dict[str, Operation]:
    """Every operation module's OPERATION by name; a clash of names or a wrong type is an error."""
    operations: dict[str, Operation] = {}
    for module in pkgutil.iter_modules([str(PACKAGE)]):
        if module.name == "base":
            continue
        loaded = importlib.import_module(f"core.operations.{module.name}")
        operation = getattr(loaded, "OPERATION", None)
        if not isinstance(operation, Operation):
            raise TypeError(f"core/operations/{module.name}.py must export OPERATION, an Operation")
        if operation.request is None and operation.local is None:
            raise TypeError(f"operation {operation.name!r} needs request or local")
        if operation.name in operations:
            raise ValueError(f"two operations are called {operation.name!r}")
        operations[operation.name] = operation
    return operations


def offered(
    operations: Mapping[str, Operation], models: Iterable[Model], vendors: Collection[str]
) -> dict[str, Operation]:
    """Without the optional ones that no model of these vendors can do."""
    able = {
        capability for model in models if model.vendor in vendors for capability in model.operations
    }
    return {
        name: item for name, item in operations.items() if not item.optional or item.needs() in able
    }
