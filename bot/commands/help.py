"""help: every command with what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core import routing, shop
from core.app import App
from core.messenger import Say
from core.operations.base import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """help takes nothing."""


# The names people need first; the rest of the commands explains itself where it is typed.
_PLAIN = (
    "queue",
    "cancel",
    "gallery",
    "balance",
    "history",
    "gift",
    "redeem",
    "keys",
    "persona",
    "settings",
    "styles",
    "login",
    "models",
    "info",
    "moderators",
)


async def _run(app: App, call: Call, _: Help) -> Reply:
    lines = [Say(key="help-title")]
    shown = (item for item in app.operations.values() if not item.hidden)
    lines.extend(_line(app, operation) for operation in shown)
    lines.extend(Say(key=f"help-{name}") for name in _PLAIN)
    if shop.packs(app, call.identity.platform):
        lines.append(Say(key="help-buy"))
    lines.append(Say(key=f"help-tip-{call.identity.platform}"))
    return Reply(lines=tuple(lines))


def _line(app: App, operation: Operation) -> Say:
    values = {"command": operation.name, "summary": operation.summary}
    if operation.request is None:
        return Say(key="help-operation", values={**values, "credits": operation.usual(None)})
    prices = [operation.usual(model) for model in routing.available(app, operation)]
    if not prices and operation.local is None:
        return Say(key="help-operation-off", values=values)
    prices = prices or [0]
    key = "help-operation" if min(prices) == max(prices) else "help-operation-from"
    return Say(key=key, values={**values, "credits": min(prices)})


COMMAND = Command(name="help", summary="What you can do here", params=Help, run=_run, private=True)
