"""How long it will take: told from what the same model really took, as a countdown in Discord."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.command import Reply
from bot.discord import render
from core.ids import new_id
from core.messenger import Say
from storage import attempts
from storage.attempts import AttemptRow
from storage.database import Connection
from tests.core.operations.conftest import made, room, vendor
from tests.fakes.studio import Studio

__all__ = ["room", "vendor"]


async def taken(room: Studio, *seconds: float, model: str = "able") -> None:
    """As if calls of a model had taken so long."""
    job_id = (await made(room, "imagine", prompt="a fox", model="other")).job_id
    now = room.app.clock.now()

    def write(connection: Connection) -> None:
        for took in seconds:
            row = AttemptRow(
                id=new_id(),
                job_id=job_id,
                vendor="able",
                model=model,
                state="intent",
                vendor_id=None,
                started_at=now - timedelta(seconds=took),
            )
            connection.execute(
                attempts.attempt.insert().values(
                    **{name: getattr(row, name) for name in row.__slots__ if name != "state"},
                    state="done",
                    finished_at=now,
                )
            )

    await room.app.database.transaction(write)


def ready(reply: Reply) -> list[int | float | str]:
    return [line.values["seconds"] for line in reply.lines if line.key == "ready"]


async def test_the_median_of_what_it_took_is_told(room: Studio) -> None:
    await taken(room, 20, 30, 400)
    assert ready(await room.run("imagine", prompt="a fox", model="able")) == [30]


async def test_who_is_not_next_waits_longer(room: Studio) -> None:
    await taken(room, 20)
    await room.run("imagine", prompt="a fox", model="able")
    assert ready(await room.run("imagine", prompt="a fox", model="able")) == [40]


@pytest.mark.parametrize("seconds", [(), (1.0, 2.0)])
async def test_nothing_is_told_of_what_is_unknown_or_soon_there(
    room: Studio, seconds: tuple[float, ...]
) -> None:
    await taken(room, *seconds)
    assert ready(await room.run("imagine", prompt="a fox", model="able")) == []


def test_discord_counts_down_by_itself() -> None:
    lines = (Say(key="ready", values={"seconds": 30, "at": 1_795_000_030}),)
    shown = render.reply(Reply(lines=lines), owner="7", language="en")
    [text] = [item for item in shown.components[0]["components"] if item["type"] == 10]
    assert text["content"] == "Ready <t:1795000030:R>."
