"""persona-yes: agree that photos are kept; the button under the question."""

from __future__ import annotations

from dataclasses import dataclass

from bot import personas as words
from bot.command import Call, Command, Reply
from core import personas
from core.app import App
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaYes:
    """The photos that were asked about."""

    job: str = option("The photos of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: PersonaYes) -> Reply:
    return words.decided(app, await personas.agree(app, call.person, params.job))


COMMAND = Command(
    name="persona-yes",
    summary="Agree that these photos are kept",
    params=PersonaYes,
    run=_run,
    private=True,
    hidden=True,
)
