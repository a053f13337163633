"""Personas in words and buttons: what is asked before photos are kept, and what became of them."""

from __future__ import annotations

from bot.command import Button, Call, Reply
from core import personas
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.personas import ASKED, FAILED, Persona

YES, NO, SHOW, REMOVE = "persona-yes", "persona-no", "persona-show", "persona-remove"
TOPICS = ("use", "whose", "keep")


def asking(found: Persona) -> Reply:
    """What will be done with the photos, who sees them, whose they may be; yes or no."""
    minutes = int(personas.ASKED_S_MAX // 60)
    values: dict[str, Value] = {"persona": found.name, "count": found.count, "minutes": minutes}
    return Reply(
        lines=(
            Say(key="persona-ask", values=values),
            *(Say(key=f"persona-ask-{topic}", values=values) for topic in TOPICS),
        ),
        buttons=(
            Button(command=YES, job_id=found.id),
            Button(command=NO, job_id=found.id),
        ),
    )


def decided(found: Persona) -> Reply:
    """What became of photos that were agreed to."""
    values: dict[str, Value] = {"persona": found.name, "count": found.count}
    lines = [Say(key=f"persona-{found.state}", values=values)]
    lines += [
        Say(key="persona-photo", values={"position": position, "reason": reason})
        for position, reason in sorted(found.reasons.items())
    ]
    if found.state == FAILED:
        lines.append(Say(key="persona-again", values=values))
    show = [] if found.state == FAILED else [Button(command=SHOW, job_id=found.id)]
    return Reply(lines=tuple(lines), buttons=(*show, Button(command=REMOVE, job_id=found.id)))


async def shown(app: App, call: Call, persona_id: str) -> Reply:
    """A persona with its photos, for its person alone; raises UserError."""
    found = await personas.seen(app, call.person, persona_id)
    reply = asking(found) if found.state == ASKED else decided(found)
    return Reply(
        lines=reply.lines,
        attached=await personas.shown(app, found),
        pictures=found.photos,
        buttons=tuple(button for button in reply.buttons if button.command != SHOW),
        private=True,
        album=True,
    )


async def removed(app: App, call: Call, persona_id: str) -> Reply:
    """Remove a persona; raises UserError."""
    name = await personas.remove(app, call.person, persona_id)
    return Reply(lines=(Say(key="persona-removed", values={"persona": name}),))


def listing(mine: list[Persona]) -> Reply:
    """A person's personas, and a button for each."""
    if not mine:
        return Reply(lines=(Say(key="personas-none", values={"max": personas.PHOTOS_MAX}),))
    lines = [
        Say(
            key="persona-line",
            values={"persona": item.name, "state": item.state, "count": item.count},
        )
        for item in mine
    ]
    return Reply(lines=tuple(lines), buttons=tuple(_each(SHOW, mine)))


def which(command: str, mine: list[Persona]) -> Reply:
    """Ask which of several is meant."""
    return Reply(lines=(Say(key="persona-which"),), buttons=tuple(_each(command, mine)))


def _each(command: str, mine: list[Persona]) -> list[Button]:
    return [Button(command=command, job_id=item.id, label=item.name) for item in mine]
