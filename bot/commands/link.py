"""link: one person on several platforms: a code made here, typed there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply
from core import linking
from core.app import App
from core.errors import Value
from core.messenger import Say
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The options of link."""

    code: str | None = option(
        "The code that you got on the other platform", default=None, main=True, length_max=40
    )


async def _run(app: App, call: Call, params: Link) -> Reply:
    if params.code is None:
        code = await linking.make_code(app, call.person)
        minutes = int(linking.CODE_S_MAX // 60)
        return Reply(lines=(Say(key="link-code", values={"code": code, "minutes": minutes}),))
    asked = await linking.ask(app, call.person, params.code)
    minutes = int(linking.CODE_S_MAX // 60)
    values: dict[str, Value] = {
        "credits": asked.credits,
        "account": asked.account,
        "minutes": minutes,
    }
    return Reply(
        lines=(Say(key="link-ask", values=values),),
        buttons=(
            Button(command="link-yes", job_id=asked.id),
            Button(command="link-no", job_id=asked.id),
        ),
    )


COMMAND = Command(
    name="link",
    summary="Use one wallet on Discord, Telegram and the page",
    params=Link,
    run=_run,
    private=True,
)
