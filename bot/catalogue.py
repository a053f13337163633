"""Every command there is: the modules of bot/commands, and one for each core operation."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from bot.command import Button, Call, Command, Reply, Suggestion
from core import purse, routing
from core.app import App
from core.errors import UserError, Value
from core.jobs.submit import Accepted, Order, submit
from core.messenger import Say
from core.operations.base import Model, Operation

PACKAGE = Path(__file__).parent / "commands"
SUGGESTIONS_MAX = 25
_MAYBE_OWN = frozenset({"model-unknown", "model-not-for", "no-provider"})

Catalogue = Mapping[str, Command]


def build(operations: Mapping[str, Operation]) -> Catalogue:
    """All commands by name; a clash of names or a wrong type is an error at start."""
    commands: dict[str, Command] = {}
    for command in [*_from_operations(operations), *_from_package()]:
        if command.name in commands:
            raise ValueError(f"two commands are called {command.name!r}")
        commands[command.name] = command
    return commands


def typed(commands: Catalogue, platform: str) -> Catalogue:
    """What people can find and type on a platform."""
    return {name: item for name, item in commands.items() if item.is_typed(platform)}


def _from_package() -> list[Command]:
    found = []
    for module in pkgutil.iter_modules([str(PACKAGE)]):
        loaded = importlib.import_module(f"bot.commands.{module.name}")
        command = getattr(loaded, "COMMAND", None)
        if not isinstance(command, Command):
            raise TypeError(f"bot/commands/{module.name}.py must export COMMAND, a Command")
        found.append(command)
    return found


def _from_operations(operations: Mapping[str, Operation]) -> list[Command]:
    return [_command(operation) for operation in operations.values()]


def _command(operation: Operation) -> Command:
    async def run(app: App, call: Call, params: object) -> Reply:
        order = Order(
            person_id=call.person,
            community=call.community,
            operation=operation,
            params=params,
            address=call.address,
            inbox=call.inbox,
        )
        return waiting(await submit(app, order), getattr(params, "prompt", None))

    def check(app: App, params: object) -> None:
        try:
            routing.choose(app, operation, params)
        except UserError as error:
            # Their own keys, which are asked for later, may open what the operator has not.
            if error.key not in _MAYBE_OWN or not _on_any_key(app, operation, params):
                raise

    def suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
        if option != "model":
            return ()
        fitting = routing.like(routing.available(app, operation.name), typed)
        return tuple(_suggestion(model) for model in fitting[:SUGGESTIONS_MAX])

    return Command(
        name=operation.name,
        summary=operation.summary,
        params=operation.params,
        run=run,
        menu=operation.menu,
        suggest=suggest,
        check=check,
    )


def _on_any_key(app: App, operation: Operation, params: object) -> bool:
    try:
        routing.choose(app, operation, params, purse.of_anybody(app))
    except UserError:
        return False
    return True


def _suggestion(model: Model) -> Suggestion:
    values: dict[str, Value] = {
        "model": model.id,
        "title": model.title,
        "credits": model.credits,
    }
    return Suggestion(value=model.id, text=Say(key="info-model", values=values))


def waiting(accepted: Accepted, prompt: str | None) -> Reply:
    """The first answer to an order; the same message later becomes the result."""
    return Reply(
        lines=(
            Say(key="queued", values={"place": accepted.place}),
            _held(accepted),
        ),
        prompt=prompt,
        buttons=(Button(command="cancel", job_id=accepted.job_id),),
        job_id=accepted.job_id,
    )


def _held(accepted: Accepted) -> Say:
    if accepted.held:
        return Say(key="held", values={"held": accepted.held, "left": accepted.left})
    return Say(key="held-own-key" if accepted.own_key else "held-free")
