"""info: what runs here: version, limits, and where the models stand."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from bot.command import Call, Command, Reply
from core import plans
from core.app import App
from core.messenger import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """info takes nothing."""


async def _run(app: App, call: Call, _: Info) -> Reply:
    lines = [Say(key="info-title", values={"version": version("atelier")})]
    plan = (await plans.standing(app, call.person)).plan
    limits = {
        "running": app.rules.running_max if plan.running_max is None else plan.running_max,
        "queued": app.rules.queued_max if plan.queued_max is None else plan.queued_max,
    }
    lines.append(Say(key="info-limits", values=limits))
    lines.append(Say(key="help-models"))
    return Reply(lines=tuple(lines))


COMMAND = Command(
    name="info",
    summary="What runs here: version and limits",
    params=Info,
    run=_run,
    private=True,
)
