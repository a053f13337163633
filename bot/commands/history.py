"""history: where credits came from and went, by pages, and as a file."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply
from core import statements
from core.app import App
from core.errors import Value
from core.messenger import Attached, Say
from core.options import option
from core.statements import Line

FILE_NAME = "credits.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The options of history; `job` is the last line of the page before, from a button."""

    file: bool = option("All of it as a CSV file", default=False)
    job: str | None = option("The page of a button", default=None, length_max=32, hidden=True)


async def _run(app: App, call: Call, params: History) -> Reply:
    if params.file:
        return await _file(app, call)
    page = await statements.page(app, call.person, params.job)
    if not page.lines:
        return Reply(lines=(Say(key="history-empty"),))
    more = (Button(command="history", job_id=page.more),) if page.more is not None else ()
    title = Say(key="history-title" if params.job is None else "history-further")
    return Reply(lines=(title, *(_say(item) for item in page.lines)), buttons=more)


async def _file(app: App, call: Call) -> Reply:
    data = await statements.as_csv(app, call.person)
    attached = Attached(name=FILE_NAME, media_type="text/csv", data=data)
    return Reply(lines=(Say(key="history-file"),), attached=(attached,))


def _say(line: Line) -> Say:
    values: dict[str, Value] = {
        "date": line.made_at.strftime("%Y-%m-%d %H:%M"),
        "change": f"{line.change:+d}".replace("-", "\N{MINUS SIGN}"),
        "kind": line.kind,
        "note": line.note,
    }
    return Say(key="history-line", values=values)


COMMAND = Command(
    name="history",
    summary="Show where your credits came from and went",
    params=History,
    run=_run,
    private=True,
)
