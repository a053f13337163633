"""persona-no: let no photo be kept; the button under the question."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import personas
from core.app import App
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaNo:
    """The photos that were asked about."""

    job: str = option("The photos of a button", length_max=32, hidden=True)


async def _run(app: App, call: Call, params: PersonaNo) -> Reply:
    await personas.refuse(app, call.person, params.job)
    return Reply(lines=(Say(key="persona-refused"),))


COMMAND = Command(
    name="persona-no",
    summary="Let no photo be kept",
    params=PersonaNo,
    run=_run,
    private=True,
    hidden=True,
)
