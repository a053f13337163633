"""take: one picture out of a result of several, to go on with."""

from __future__ import annotations

from dataclasses import dataclass

from core.images import Images
from core.messenger import Picture
from core.operations.base import Action, LocalResult, Operation
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The picture, and the words it was made of."""

    image: Picture = option("The picture to take")
    prompt: str | None = option("Its words", default=None, hidden=True)


async def _local(images: Images, params: Take, sources: tuple[bytes, ...]) -> LocalResult:
    return LocalResult(images=(images.stored(sources[0]),))


OPERATION = Operation(
    name="take",
    summary="Take one picture of several",
    params=Take,
    local=_local,
    actions=(Action(name="take-one", place=0, single=False, each=True),),
    once=lambda _: True,
    hidden=True,
)
