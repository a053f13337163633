"""login: a one-time link to the page, as the same person."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Button, Call, Command, Reply
from core import logins
from core.app import App
from core.errors import UserError
from core.messenger import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """login takes nothing."""


async def _run(app: App, call: Call, _: Login) -> Reply:
    if call.identity.platform == "web":
        return Reply(lines=(Say(key="login-already"),))
    if app.rules.page_url is None:
        raise UserError("login-no-page")
    token = await logins.invite(app, call.person)
    minutes = int(app.rules.login_s_max // 60)
    return Reply(
        lines=(Say(key="login", values={"minutes": minutes}),),
        buttons=(Button(command="login", url=f"{app.rules.page_url}/login/{token}"),),
    )


COMMAND = Command(
    name="login",
    summary="Get a link to your page in the browser",
    params=Login,
    run=_run,
    private=True,
)
