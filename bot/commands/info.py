"""info: what runs here; under a result, how it was made, as a line that can be typed again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from bot import commandline
from bot.command import Call, Command, Reply
from core import plans
from core.app import App
from core.jobs import library
from core.messenger import Say
from core.options import option, pictures_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """info takes nothing; a button says which result is meant."""

    job: str | None = option("The job of a button", default=None, length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Info) -> Reply:
    if params.job is not None:
        return await _of_result(app, call, params.job)
    lines = [Say(key="info-title", values={"version": version("atelier")})]
    plan = (await plans.standing(app, call.person)).plan
    limits = {
        "running": app.rules.running_max if plan.running_max is None else plan.running_max,
        "queued": app.rules.queued_max if plan.queued_max is None else plan.queued_max,
    }
    lines.append(Say(key="info-limits", values=limits))
    lines.append(Say(key="help-models"))
    return Reply(lines=tuple(lines))


async def _of_result(app: App, call: Call, job_id: str) -> Reply:
    """All parameters of a result, the seed that was drawn for it too, and what it comes of."""
    row = await library.visible(app, call.person, job_id, call.address)
    params = library.params_of(app, row)
    mine = row.person_id == call.person
    lines = []
    if given := len(pictures_of(params)):
        lines.append(Say(key="info-pictures", values={"count": given}))
    lines.append(Say(key="info-made", values={"when": row.created_at.strftime("%Y-%m-%d %H:%M")}))
    for step, parent in enumerate(await library.ancestors(app, row), start=1):
        if parent.operation not in app.operations:
            continue
        words = _line(parent.operation, library.params_of(app, parent), mine=mine)
        lines.append(Say(key="info-parent", values={"step": step, "line": words}))
    return Reply(lines=tuple(lines), prompt=_line(row.operation, params, mine=mine), private=True)


def _line(operation: str, params: Any, *, mine: bool) -> str:  # noqa: ANN401 - any operation's
    """What would make it again; how somebody calls their personas is nobody else's business."""
    if not mine and hasattr(params, "persona"):
        params = dataclasses.replace(params, persona=None)
    return commandline.line(operation, params)


COMMAND = Command(
    name="info",
    summary="What runs here: version and limits",
    params=Info,
    run=_run,
    private=True,
)
