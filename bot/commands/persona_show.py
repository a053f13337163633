"""persona-show: a persona with its photos; the button of its name."""

from __future__ import annotations

from dataclasses import dataclass

from bot import personas as words
from bot.command import Call, Command, Reply
from core.app import App
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaShow:
    """The persona of a button."""

    job: str = option("The persona of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: PersonaShow) -> Reply:
    return await words.shown(app, call, params.job)


COMMAND = Command(
    name="persona-show",
    summary="Show a persona of yours",
    params=PersonaShow,
    run=_run,
    private=True,
    hidden=True,
)
