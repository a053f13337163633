"""Personas in words and buttons: what is asked before photos are kept, and what became of them."""

from __future__ import annotations

from bot import gallery
from bot.command import Button, Call, Reply, Suggestion
from core import personas, routing
from core.app import App
from core.errors import Value
from core.messenger import Attached, Say
from core.personas import ASKED, FAILED, READY, Persona
from core.sitter import PHOTOS_MAX

YES, NO, SHOW, REMOVE = "persona-yes", "persona-no", "persona-show", "persona-remove"
PORTRAIT = "portrait"
OPTIONS = frozenset({"name", "persona"})


def asking(app: App, found: Persona) -> Reply:
    """What will be done with the photos, who sees them, whose they may be; yes or no."""
    topics = ("use", *(["moderated"] if app.rules.moderate else []), "whose", "keep")
    minutes = int(personas.ASKED_S_MAX // 60)
    values: dict[str, Value] = {"persona": found.name, "count": found.count, "minutes": minutes}
    return Reply(
        lines=(
            Say(key="persona-ask", values=values),
            *(Say(key=f"persona-ask-{topic}", values=values) for topic in topics),
        ),
        buttons=(
            Button(command=YES, job_id=found.id),
            Button(command=NO, job_id=found.id),
        ),
    )


def decided(app: App, found: Persona) -> Reply:
    """What became of photos that were agreed to."""
    values: dict[str, Value] = {"persona": found.name, "count": found.count}
    lines = [Say(key=f"persona-{found.state}", values=values)]
    lines += [
        Say(key="persona-photo", values={"position": position, "reason": reason})
        for position, reason in sorted(found.reasons.items())
    ]
    if found.state == FAILED:
        lines.append(Say(key="persona-again", values=values))
    buttons = [] if found.state == FAILED else [Button(command=SHOW, job_id=found.id)]
    if found.state == READY and _can_draw(app):
        # Words in quotes are one.
        typed = f'"{found.name}"' if " " in found.name else found.name
        lines.append(Say(key="persona-draw", values={"persona": typed}))
        buttons.append(Button(command=PORTRAIT, given=("persona", found.id)))
    return Reply(lines=tuple(lines), buttons=(*buttons, Button(command=REMOVE, job_id=found.id)))


def _can_draw(app: App) -> bool:
    operation = app.operations.get(PORTRAIT)
    return operation is not None and bool(routing.available(app, operation))


async def shown(app: App, call: Call, persona_id: str) -> Reply:
    """A persona with its photos, for its person alone; raises UserError."""
    found = await personas.seen(app, call.person, persona_id)
    attached: tuple[Attached, ...] = ()
    if not gallery.shows_links(app, call):
        limits = app.messengers[call.address.platform].limits
        attached = await personas.shown(app, found, limits)
    reply = asking(app, found) if found.state == ASKED else decided(app, found)
    return Reply(
        lines=reply.lines,
        attached=attached,
        pictures=() if attached else found.photos,
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
        return Reply(lines=(Say(key="personas-none", values={"max": PHOTOS_MAX}),))
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


async def suggest(app: App, person: str, option: str, typed: str) -> tuple[Suggestion, ...]:
    """A person's own personas by name, for the options that take one."""
    if option not in OPTIONS:
        return ()
    return tuple(
        Suggestion(value=item.name, text=Say(key="persona-name", values={"persona": item.name}))
        for item in await personas.listed(app, person)
        if typed.casefold() in item.name.casefold()
    )
