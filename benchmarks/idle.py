"""`atelier up` with Discord, Telegram and the page, against local platforms: ready, then at rest.

The process is started anew for each round; the first start also makes the database and the keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping

import psutil

from benchmarks.fakes import Platforms, platforms
from benchmarks.measure import ROUNDS, Figure

PACKAGES = ("bot", "core", "providers", "storage", "migrations")
READY = b"Atelier is ready"
READY_S_MAX = 2.5
REST_S = 10.0
MEGABYTES_MAX = 140
STOP_S_MAX = 30.0


async def figures() -> AsyncIterator[Figure]:
    """Ready, first and later; then resident memory."""
    await compiled()
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        async with platforms() as people:
            told = _settings(people)
            async with up(folder, told) as (first_s, _):
                pass
            times = []
            for _ in range(ROUNDS):
                async with up(folder, told) as (ready_s, process):
                    times.append(ready_s)
                    if len(times) == ROUNDS:
                        await asyncio.sleep(REST_S)
                        used, others = resident(process)
    ready = statistics.median(times)
    yield Figure(
        name="atelier up ready",
        value=f"{ready:.2f} s",
        target="<= 2.5 s",
        good=ready <= READY_S_MAX,
    )
    yield Figure(name="its very first start, which makes the database", value=f"{first_s:.2f} s")
    yield Figure(
        name="atelier up at rest, resident",
        value=f"{used:.0f} MB",
        target="<= 140 MB",
        good=used <= MEGABYTES_MAX,
        note=others,
    )


async def compiled() -> None:
    """Compile all modules, so that no start has to."""
    command = [sys.executable, "-m", "compileall", "-q", *PACKAGES]
    await asyncio.to_thread(subprocess.run, command, env=_environment(), check=True)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _settings(people: Platforms) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": people.discord_token,
        "DISCORD_API_URL": people.discord_url,
        "TELEGRAM_TOKEN": people.telegram_token,
        "TELEGRAM_API_URL": people.telegram_url,
    }


@contextlib.asynccontextmanager
async def up(
    folder: str, settings: Mapping[str, str]
) -> AsyncIterator[tuple[float, psutil.Process]]:
    """`atelier up` on a data folder with these settings, and how many seconds it took to be ready."""
    environment = {**_environment(), "ATELIER_DATA_DIR": folder, "PORT": "0", **settings}
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "up", env=environment, stdout=PIPE, stderr=DEVNULL
    )
    assert child.stdout is not None
    try:
        while READY not in (line := await child.stdout.readline()):
            assert line, "it did not start"
        yield time.perf_counter() - began, psutil.Process(child.pid)
    finally:
        child.terminate()
        await asyncio.wait_for(child.communicate(), STOP_S_MAX)


def resident(process: psutil.Process) -> tuple[float, str]:
    """Megabytes of the process, and in words those of its children."""
    children = [
        f"{item.name()} {item.memory_info().rss / 2**20:.0f} MB"
        for item in process.children(recursive=True)
    ]
    return process.memory_info().rss / 2**20, f"and apart from it {', '.join(children)}"
