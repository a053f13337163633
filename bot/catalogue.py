"""Every command there is: the modules of bot/commands, and one for each core operation."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from bot import actions, looks, orders, personas
from bot.command import Call, Command, Reply, Suggestion
from core import purse, routing
from core.app import App
from core.errors import UserError, Value
from core.jobs.submit import Order
from core.messenger import Say
from core.operations.base import Model, Operation
from core.options import options_of

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
    """A command for each operation, and one for each button that begins one."""
    found = []
    for operation in operations.values():
        found += [
            _command(operation),
            *(actions.command(operation, item) for item in operation.actions),
        ]
    return found


def _command(operation: Operation) -> Command:
    lists = {item.name: item.suggest for item in options_of(operation.params)}

    async def run(app: App, call: Call, params: object) -> Reply:
        params, by_default = await orders.of_settings(app, call, operation, params, call.given)
        order = Order(
            person_id=call.person,
            community=call.community,
            operation=operation,
            params=params,
            address=call.address,
            inbox=call.inbox,
            by_default=by_default,
        )
        return await orders.place(app, order)

    def check(app: App, params: object) -> None:
        if operation.check is not None:
            operation.check(params)
        try:
            routing.choose(app, operation, params)
        except UserError as error:
            # Their own keys, which are asked for later, may open what the operator has not.
            if error.key not in _MAYBE_OWN or not _on_any_key(app, operation, params):
                raise

    def suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
        if lists.get(option) == "styles":
            return looks.common(typed)
        if lists.get(option) != "models":
            return ()
        fitting = routing.like(routing.available(app, operation), typed)
        return tuple(model_suggestion(operation, model) for model in fitting[:SUGGESTIONS_MAX])

    async def suggest_own(app: App, person: str, option: str, typed: str) -> tuple[Suggestion, ...]:
        if lists.get(option) == "styles":
            return await looks.own(app, person, typed)
        return await personas.suggest(app, person, option, typed)

    return Command(
        name=operation.name,
        summary=operation.summary,
        params=operation.params,
        run=run,
        results=True,
        hidden=operation.hidden,
        menu=operation.menu,
        suggest=suggest,
        suggest_own=suggest_own if {"styles", "personas"} & set(lists.values()) else None,
        check=check,
    )


def _on_any_key(app: App, operation: Operation, params: object) -> bool:
    try:
        routing.choose(app, operation, params, purse.of_anybody(app))
    except UserError:
        return False
    return True


def model_suggestion(operation: Operation, model: Model) -> Suggestion:
    """A model to complete an option with, and what it costs."""
    values: dict[str, Value] = {
        "model": model.id,
        "title": model.title,
        "credits": operation.usual(model),
    }
    return Suggestion(value=model.id, text=Say(key="info-model", values=values))
