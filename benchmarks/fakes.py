"""Local platforms in a process of their own, so that they do not slow down what is measured.

`python -m benchmarks.fakes` prints one line of JSON with the addresses, then reads lines of JSON: each
asks for commands at a rate, and is answered with how long the first answers took.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.fakes.discord_server import TOKEN, DiscordServer
from tests.fakes.discord_world import Interaction
from tests.fakes.telegram_server import FakeTelegram

CONNECT_S_MAX = 30.0
ANSWER_S_MAX = 20.0
PEOPLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Platforms:
    """The addresses, and a way to make people type."""

    discord_url: str
    discord_token: str
    telegram_url: str
    telegram_token: str
    process: Process

    async def type(self, rate: float, seconds: float) -> list[float]:
        """Commands at a rate, evenly; how long each first answer took, in seconds."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = json.dumps({"rate": rate, "seconds": seconds})
        self.process.stdin.write(asked.encode() + b"\n")
        taken: list[float] = json.loads(await self.process.stdout.readline())
        return taken


@contextlib.asynccontextmanager
async def platforms() -> AsyncIterator[Platforms]:
    """A local Discord and a local Telegram, for as long as they are needed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.fakes", stdin=PIPE, stdout=PIPE, limit=2**22
    )
    try:
        assert child.stdout is not None
        told: dict[str, str] = json.loads(await child.stdout.readline())
        yield Platforms(process=child, **told)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        await child.wait()


async def _serve() -> None:
    async with DiscordServer() as discord, FakeTelegram() as telegram:
        _tell(
            {
                "discord_url": discord.url,
                "discord_token": TOKEN,
                "telegram_url": telegram.url,
                "telegram_token": telegram.token,
            }
        )
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked: dict[str, float] = json.loads(line)
            _tell(await _typed(discord, asked["rate"], asked["seconds"]))


async def _typed(discord: DiscordServer, rate: float, seconds: float) -> list[float]:
    await discord.until(lambda: discord.connected and discord.commands, CONNECT_S_MAX)
    people = [discord.add_user(f"person{place}") for place in range(PEOPLE)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent: list[Interaction] = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
        options = {"prompt": "a fox", "model": "gpt-image-2.5-flare"}
        user = people[number % PEOPLE]
        sent.append(await discord.command("imagine", options, user=user))
    return [await discord.responded(item, ANSWER_S_MAX) for item in sent]


def _tell(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve())
