"""What an operation is: parameters, price, and either a request to a provider or its own code."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.images import Encoded, Images
from core.messenger import Say
from providers.base import ImageRequest, Model, SourceImage

__all__ = ["LocalResult", "Model", "Operation", "discover"]

PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalResult:
    """What an operation's own code made: pictures, and sentences that go with them."""

    images: tuple[Encoded, ...]
    lines: tuple[Say, ...] = ()


Request = Callable[[Any, Model, tuple[SourceImage, ...]], ImageRequest]
Local = Callable[[Images, Any, tuple[bytes, ...]], Awaitable[LocalResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something done to or with images: exactly one of `request` (providers) and `local` is set.

    `count` tells how many pictures the parameters ask for; a local operation costs `credits` each.
    """

    name: str
    summary: str
    params: type
    request: Request | None = None
    local: Local | None = None
    credits: int = 0
    count: Callable[[Any], int] = lambda _: 1
    menu: str | None = None

    def price(self, params: object, model: Model | None) -> int:
        """Credits for the whole job."""
        each = model.credits if model is not None else self.credits
        return each * self.count(params)


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
        if (operation.request is None) == (operation.local is None):
            raise TypeError(f"operation {operation.name!r} needs one of request and local")
        if operation.name in operations:
            raise ValueError(f"two operations are called {operation.name!r}")
        operations[operation.name] = operation
    return operations
