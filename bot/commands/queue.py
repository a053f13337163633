"""queue: a person's jobs that have not ended."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply
from core.app import App
from core.errors import Value
from core.jobs import compose
from core.jobs.cancel import open_jobs
from core.messenger import Say

SHOWN_MAX = 10
WORDS_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """queue takes nothing."""


async def _run(app: App, call: Call, _: Queue) -> Reply:
    rows = await open_jobs(app, call.person)
    if not rows:
        return Reply(lines=(Say(key="queue-empty"),))
    lines = [Say(key="queue-title", values={"count": len(rows)})]
    for place, row in enumerate(rows[:SHOWN_MAX], start=1):
        words = compose.words_of(app, row) or ""
        short = words if len(words) <= WORDS_MAX else words[: WORDS_MAX - 1] + "…"
        values: dict[str, Value] = {
            "place": place,
            "operation": row.operation,
            "state": row.state,
            "words": short,
        }
        lines.append(Say(key="queue-line", values=values))
    buttons = (Button(command="cancel", job_id=rows[-1].id),)
    return Reply(lines=tuple(lines), buttons=buttons)


COMMAND = Command(
    name="queue",
    summary="Show your jobs that are waiting or running",
    params=Queue,
    run=_run,
    private=True,
)
