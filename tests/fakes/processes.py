"""Atelier's real processes as children, against a local Telegram and a local vendor of pictures."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import Connection, select

from storage import attempts, deliveries, holds, jobs, ledger
from storage.database import Database, connect
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.telegram_people import People
from tests.fakes.telegram_server import FakeTelegram
from tests.fakes.telegram_world import JSON, Chat, User

ROOT = Path(__file__).parents[2]
GONE_S_MAX = 10.0
POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the database says: every row that a command could have left twice."""

    jobs: list[str]
    attempts: list[str]
    holds: list[tuple[str, int]]
    deliveries: list[str]
    posted: int
    pending: int

    @property
    def closed(self) -> bool:
        """Nothing is open any more."""
        waiting = {"queued", "running", "pending", "intent", "submitted", "unknown"}
        return not waiting & {*self.jobs, *self.attempts, *self.deliveries}


@dataclass(kw_only=True)
class Atelier:
    """One installation: its folder, its database, its chat, and the processes started for it."""

    folder: Path
    database_url: str
    redis_url: str | None
    telegram: FakeTelegram
    openai: FakeOpenAI
    user: User
    chat: Chat
    public_port: int | None = None
    children: list[Process] = field(default_factory=list)
    _books: Database | None = None

    async def start(self, command: str = "up", *, failpoint: str = "") -> Process:
        """Start one of the processes, or a command with its words; with a failpoint it dies there."""
        with (self.folder / "log.jsonl").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *command.split(),
                cwd=self.folder,
                env={**self._environment(), "ATELIER_FAILPOINT": failpoint},
                stdout=log,
                stderr=log,
            )
        self.children.append(child)
        return child

    def _environment(self) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "ATELIER_DATA_DIR": str(self.folder / "data"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url or "",
            "TELEGRAM_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "OPENAI_API_KEY": "sk-test-of-the-local-server",
            "OPENAI_BASE_URL": self.openai.url,
            "LOG_FORMAT": "json",
            **self._door(),
        }

    def _door(self) -> dict[str, str]:
        if self.public_port is None:
            return {"PORT": "0"}
        address = f"http://127.0.0.1:{self.public_port}"
        return {"PORT": str(self.public_port), "PUBLIC_URL": address}

    def log(self) -> str:
        """The end of what the processes printed."""
        return (self.folder / "log.jsonl").read_text(encoding="utf-8")[-3000:]

    def errors(self) -> list[str]:
        """What the processes logged as errors: guards that had to catch a fault of ours."""
        lines = (self.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if '"level": "error"' in line]

    async def say(self, text: str) -> JSON:
        """Write to the bot."""
        return await self.telegram.message(text, user=self.user, chat=self.chat)

    def results(self) -> list[JSON]:
        """The bot's messages that carry a picture."""
        return [item for item in self.telegram.shown(self.chat) if "photo" in item]

    def leftovers(self) -> list[str]:
        """The bot's messages that carry none, as texts."""
        return [item["text"] for item in self.telegram.shown(self.chat) if "photo" not in item]

    async def until_shown(self, count: int, within_s: float) -> None:
        """Wait for so many results."""
        await self.telegram.until(lambda: len(self.results()) >= count, timeout_s=within_s)

    async def until_called(self, count: int, within_s: float) -> None:
        """Wait until the vendor was called so often."""
        async with asyncio.timeout(within_s):
            while len(self.openai.requests) < count:  # noqa: ASYNC110 the vendor tells nobody
                await asyncio.sleep(POLL_S)

    async def books(self) -> Books:
        """What the database says now."""
        if self._books is None:
            self._books = connect(self.database_url)
        return await self._books.read(_books)

    async def until_closed(self, count: int, within_s: float) -> Books:
        """Wait until so many jobs are there and nothing is open."""
        async with asyncio.timeout(within_s):
            while True:
                books = await self.books()
                if books.closed and len(books.jobs) >= count:
                    return books
                await asyncio.sleep(POLL_S)

    def redis(self, process: Process) -> psutil.Process:
        """The redis-server that a process has started."""
        found = [
            child
            for child in psutil.Process(process.pid).children()
            if "redis" in child.name() or "valkey" in child.name()
        ]
        assert len(found) == 1, f"one redis-server, not {found}"
        return found[0]

    async def close(self) -> None:
        """End what still runs, and wait for it."""
        for child in self.children:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if self._books is not None:
            await self._books.close()


async def died(child: Process, within_s: float) -> None:
    """Wait for the death at a failpoint: SIGKILL, nothing else."""
    async with asyncio.timeout(within_s):
        assert await child.wait() == -signal.SIGKILL


async def kill(child: Process) -> None:
    """The power fails."""
    child.kill()
    await died(child, GONE_S_MAX)


@contextlib.asynccontextmanager
async def atelier(
    folder: Path, database_url: str, *, redis_url: str | None = None, limits: str = ""
) -> AsyncIterator[Atelier]:
    """An installation with a person who can write to it; `limits` are lines of [jobs]."""
    (folder / "atelier.toml").write_text(f"[jobs]\nlease_s = 3\n{limits}\n", encoding="utf-8")
    async with FakeTelegram() as telegram, FakeOpenAI() as openai:
        user = People.user(telegram, "Ann")
        opened = Atelier(
            folder=folder,
            database_url=database_url,
            redis_url=redis_url,
            telegram=telegram,
            openai=openai,
            user=user,
            chat=telegram.private(user),
        )
        try:
            yield opened
        finally:
            await opened.close()


def _books(connection: Connection) -> Books:
    of_person = select(ledger.account.c.posted, ledger.account.c.pending).where(
        ledger.account.c.kind == "person"
    )
    wallets = connection.execute(of_person).one()
    held = select(holds.hold.c.state, holds.hold.c.captured)
    made = select(attempts.attempt.c.state).order_by(attempts.attempt.c.id)
    return Books(
        jobs=list(connection.execute(select(jobs.job.c.state)).scalars()),
        attempts=list(connection.execute(made).scalars()),
        holds=[(row.state, row.captured) for row in connection.execute(held)],
        deliveries=list(connection.execute(select(deliveries.delivery.c.state)).scalars()),
        posted=wallets.posted,
        pending=wallets.pending,
    )
