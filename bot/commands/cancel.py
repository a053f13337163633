"""cancel: stop a job of one's own, the latest unless a button names one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from bot.command import Call, Command, Reply
from core.app import App
from core.errors import NotFound
from core.jobs.cancel import cancel, open_jobs
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """The options of cancel."""

    which: str = option(
        "Your latest job, or all of them", default="latest", choices=("latest", "all")
    )
    job: str | None = option("The job of a button", default=None, length_max=32, hidden=True)


async def _run(app: App, call: Call, params: Cancel) -> Reply:
    if params.job is not None:
        await cancel(app, call.person, params.job)
        return Reply(lines=(Say(key="cancelling", values={"count": 1}),), private=True)
    rows = await open_jobs(app, call.person)
    if not rows:
        return Reply(lines=(Say(key="queue-empty"),))
    chosen = rows if params.which == "all" else rows[-1:]
    for row in reversed(chosen):
        with contextlib.suppress(NotFound):  # it has ended in the meantime
            await cancel(app, call.person, row.id)
    return Reply(lines=(Say(key="cancelling", values={"count": len(chosen)}),))


COMMAND = Command(
    name="cancel",
    summary="Stop a job that is waiting or running",
    params=Cancel,
    run=_run,
    private=True,
)
