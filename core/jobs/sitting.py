"""Who sits for a portrait: the person's persona is found when it is ordered, its photos when it is made."""

from __future__ import annotations

from typing import Any

from core import personas, routing
from core.app import App
from core.errors import BadOption
from core.operations.base import Operation
from core.purse import Purse
from core.sitter import Sitter
from providers.base import SourceImage

# What another model, fewer photos or fewer pictures mend.
_TOO_MUCH = frozenset({"model-references", "model-count"})


async def seated(
    app: App,
    person_id: str,
    operation: Operation,
    params: Any,  # noqa: ANN401 - any operation's parameters
    wallet: Purse,
    like: str | None,
) -> object:
    """The parameters with the persona that they name, as much of them as a model takes; raises UserError."""
    if operation.sitting is None:
        return params
    found = await personas.sitter(app, person_id, params.persona, params.persona_id)
    who = Sitter(id=found.id, name=found.name, photos=found.count)
    refused: BadOption | None = None
    for filled in operation.sitting(params, who):
        try:
            routing.choose(app, operation, filled, wallet, like)
        except BadOption as error:
            if error.key not in _TOO_MUCH:
                raise
            refused = error
        else:
            return filled
    assert refused is not None
    raise refused


async def photos(
    app: App,
    person_id: str,
    operation: Operation,
    params: Any,  # noqa: ANN401 - any operation's parameters
) -> tuple[SourceImage, ...]:
    """The photos that a job draws by, none where nobody sits; raises NotFound where they are removed."""
    if operation.sitting is None:
        return ()
    found = await personas.sources(app, person_id, params.persona_id, params.persona)
    return found[: params.photos]
