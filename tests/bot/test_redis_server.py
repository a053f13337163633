"""The embedded redis-server is quick, private, comes back, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from bot import redis_server
from bot.redis_server import EmbeddedRedis, RedisFailed, RedisMissing

REPOSITORY = Path(__file__).parents[2]


async def eventually(true: Callable[[], bool], within_s: float) -> None:
    """Wait until `true()`; fail after `within_s` seconds."""
    limit = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < limit, f"not so within {within_s} s"
        await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def family(pid: int) -> list[int]:
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


async def ping(url: str) -> bool:
    client = Redis.from_url(url)
    try:
        return bool(await client.ping())
    finally:
        await client.aclose()


@pytest.fixture(params=["linux", "darwin"])
def platform(request: pytest.FixtureRequest) -> str:
    """The two ways of tying the child to its parent; the second works on every Unix."""
    name: str = request.param
    if name == "linux" and sys.platform != "linux":
        pytest.skip("prctl is Linux's")
    return name


async def test_starts_quickly_and_answers(tmp_path: Path, platform: str) -> None:
    since = time.monotonic()
    async with EmbeddedRedis(tmp_path, platform=platform) as redis:
        assert time.monotonic() - since < 1
        assert await ping(redis.url)


async def test_keeps_to_a_private_socket_and_no_port(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as redis:
        path = Path(redis.url.removeprefix("unix://"))
        assert path.parent == tmp_path / "redis"
        assert [mode(path.parent), mode(path)] == [0o700, 0o700]
        assert redis.pid is not None
        assert psutil.Process(redis.pid).net_connections(kind="inet") == []


async def test_writes_nothing_to_disk_and_is_gone_after_close(
    tmp_path: Path, platform: str
) -> None:
    async with EmbeddedRedis(tmp_path, platform=platform) as redis:
        client = Redis.from_url(redis.url)
        await client.set("a", "b")
        await client.aclose()
        assert redis.pid is not None
        pids = family(redis.pid)
    await eventually(lambda: all(map(gone, pids)), within_s=1)
    assert list((tmp_path / "redis").iterdir()) == []
    with pytest.raises(RuntimeError, match="not started"):
        _ = redis.url


async def test_comes_back_after_sigkill(tmp_path: Path, platform: str) -> None:
    async with EmbeddedRedis(tmp_path, platform=platform) as redis:
        for _ in range(2):
            first, url = redis.pid, redis.url
            assert first is not None
            os.kill(first, signal.SIGKILL)
            await eventually(lambda first=first: redis.pid not in (first, None), within_s=1)  # type: ignore[misc]
            await eventually(lambda: redis_server._listens(Path(url[7:])), within_s=1)  # noqa: B023
            assert redis.url == url
            assert await ping(url)


async def test_dies_with_a_killed_parent(tmp_path: Path, platform: str) -> None:
    program = textwrap.dedent(f"""
        import asyncio, pathlib
        from bot.redis_server import EmbeddedRedis

        async def main():
            async with EmbeddedRedis(pathlib.Path({str(tmp_path)!r}), platform={platform!r}) as r:
                print(r.pid, flush=True)
                await asyncio.Event().wait()

        asyncio.run(main())
    """)
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY
    )
    assert parent.stdout
    pids = family(int(await parent.stdout.readline()))
    assert not any(map(gone, pids))
    parent.kill()
    await parent.wait()
    await eventually(lambda: all(map(gone, pids)), within_s=1)

    left = list((tmp_path / "redis").glob("*.sock"))
    assert len(left) == 1, "a killed parent leaves its socket file"
    await eventually(lambda: not redis_server._listens(left[0]), within_s=1)
    async with EmbeddedRedis(tmp_path, platform=platform) as redis:
        assert not left[0].exists()
        assert await ping(redis.url)


async def test_two_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as first:
        async with EmbeddedRedis(tmp_path) as second:
            assert await ping(second.url)
        assert await ping(first.url)


async def test_moves_to_a_short_folder_when_the_path_is_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    async with EmbeddedRedis(deep) as redis:
        home = Path(redis.url.removeprefix("unix://")).parent
        assert not home.is_relative_to(tmp_path)
        assert mode(home) == 0o700
        assert await ping(redis.url)
    assert not home.exists()


async def test_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RedisMissing, match="Install redis or valkey"):
        await EmbeddedRedis(tmp_path).start()


async def test_prefers_the_machines_own_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "valkey-server"
    own.write_text("#!/bin/sh\necho Bad directive: cannot go on\nexit 1\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find_server() == own
    with pytest.raises(RedisFailed, match="Bad directive: cannot go on"):
        await EmbeddedRedis(tmp_path).start()


async def test_keeps_trying_with_growing_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = tmp_path / "starts"
    packaged = redis_server.find_server()
    broken = tmp_path / "broken"
    broken.write_text(
        f'#!/bin/sh\necho x >> {starts}\n[ -e {tmp_path}/well ] && exec {packaged} "$@"\n'
    )
    broken.chmod(0o755)
    (tmp_path / "well").touch()
    monkeypatch.setattr(redis_server, "find_server", lambda: broken)
    monkeypatch.setattr(redis_server, "restart_pause_max_s", 0.1)
    async with EmbeddedRedis(tmp_path) as redis:
        (tmp_path / "well").unlink()
        first = redis.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: starts.read_text().count("x") >= 4, within_s=3)
        (tmp_path / "well").touch()
        await eventually(lambda: redis_server._listens(Path(redis.url[7:])), within_s=1)
        assert await ping(redis.url)
