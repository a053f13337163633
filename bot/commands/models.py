"""models: what can draw here, what it is good at, what it costs and who pays."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply, Suggestion
from core import purse, routing
from core.app import App
from core.choice import Choice
from core.errors import BadOption, Value
from core.messenger import Say
from core.operations.base import Operation
from core.options import option

PAGE = 10
_SHOWN = re.compile(r"(?P<operation>[a-z]+)(?:-(?P<page>[1-9]\d?))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The options of models: an operation, and after a dash the page."""

    show: str = option(
        "What they are to do: imagine, edit …",
        default="imagine",
        main=True,
        suggest="operations",
        length_max=40,
    )


async def _run(app: App, call: Call, params: Models) -> Reply:
    names = _names(app)
    match = _SHOWN.fullmatch(params.show.lower())
    if match is None or match["operation"] not in names:
        raise BadOption(
            "option-not-choice", option="show", value=params.show, choices=", ".join(names)
        )
    operation = match["operation"]
    paying = await purse.of_person(app, call.person)
    able = routing.choices(app, app.operations[operation], paying)
    # There may have been more when the button was made.
    pages = max(1, math.ceil(len(able) / PAGE))
    page = min(int(match["page"] or 1), pages)
    shown = able[(page - 1) * PAGE : page * PAGE]
    buttons = [_button(name) for name in names if name != operation and _can(app, name)]
    if len(able) > page * PAGE:
        more = Button(
            command="models",
            given=("show", f"{operation}-{page + 1}"),
            label=f"{page + 1}/{pages} →",
        )
        buttons.insert(0, more)
    key = "no-own-key" if paying.prefer == "only" else "models-none"
    title = Say(key="models-title" if shown else key, values={"operation": operation})
    return Reply(
        lines=(title, *(_line(app, app.operations[operation], item) for item in shown)),
        buttons=tuple(buttons),
    )


def _names(app: App) -> list[str]:
    shown = (item for item in app.operations.values() if not item.hidden)
    return [item.name for item in shown if item.request is not None]


def _can(app: App, operation: str) -> bool:
    return bool(routing.available(app, app.operations[operation]))


def _button(operation: str) -> Button:
    return Button(command="models", given=("show", operation), label=f"/{operation}")


def _line(app: App, operation: Operation, choice: Choice) -> Say:
    model = choice.model
    values: dict[str, Value] = {
        "model": model.id,
        "title": model.title,
        "credits": app.rules.own_key_fee if choice.own_key else operation.usual(model),
        "payer": "key" if choice.own_key else "credits",
        "good": model.good_at or "none",
        "ends": model.ends.isoformat() if model.ends is not None else "none",
    }
    return Say(key="models-line", values=values)


def _suggest(app: App, option: str, typed: str) -> tuple[Suggestion, ...]:
    if option != "show":
        return ()
    return tuple(
        Suggestion(value=name, text=Say(key="models-suggestion", values={"operation": name}))
        for name in _names(app)
        if typed.lower() in name
    )


COMMAND = Command(
    name="models",
    summary="Show the models, what they are good at and what they cost",
    params=Models,
    run=_run,
    suggest=_suggest,
    private=True,
)
