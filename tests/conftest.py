"""What all tests share: real servers, no way out of this machine, and no silent skips."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.servers import (
    CHROMIUM_FLAGS,
    CHROMIUM_MISSING,
    Background,
    Postgres,
    SharedRedis,
    find_chromium,
)

NO_SKIPS = os.environ.get("ATELIER_NO_SKIPS") == "1"

# the developer's own bots, keys and data are no part of any test
_example = Path(__file__).parents[1] / ".env.example"
for _line in _example.read_text(encoding="utf-8").splitlines():
    os.environ.pop(_line.partition("=")[0], None)


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """A loop for the servers that live as long as the session."""
    with Background() as running:
        yield running


@pytest.fixture(scope="session")
def postgres(background: Background) -> Iterator[Postgres]:
    """The session's PostgreSQL, started when the first test asks for it."""
    server = Postgres(background)
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh empty PostgreSQL database."""
    name, url = postgres.create()
    yield url
    postgres.drop(name)


# For a test that is not about what a database does, or that takes a browser's time.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'atelier.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def shared_redis(
    background: Background, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedRedis]:
    """The session's redis-server, started when the first test asks for it."""
    server = SharedRedis(background, tmp_path_factory.mktemp("redis"))
    yield server
    server.close()


@pytest.fixture
def redis_url(shared_redis: SharedRedis) -> str:
    """An empty Redis."""
    shared_redis.flush()
    return shared_redis.url


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium; the test is skipped where there is none."""
    async with async_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        if path is None:
            pytest.skip(CHROMIUM_MISSING)
        running = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield running
        await running.close()


class OutsideConnection(AssertionError):
    """A test tried to reach another machine."""


def _is_here(host: object) -> bool:
    """Whether this host is the machine itself: a loopback or unspecified address, or localhost."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(autouse=True)
def outside_attempts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse each connection and name look-up that leaves this machine, and fail the test."""
    attempts: list[str] = []

    def refuse(target: object) -> None:
        attempts.append(str(target))
        raise OutsideConnection(f"tests stay on this machine, not {target}")

    def guard(name: str) -> None:
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, *args: Any) -> Any:  # noqa: ANN401
            inside = self.family not in (socket.AF_INET, socket.AF_INET6)
            if not inside and not _is_here(args[-1][0]):
                refuse(args[-1])
            return original(self, *args)

        monkeypatch.setattr(socket.socket, name, guarded)

    def guard_look_up(name: str) -> None:
        original = getattr(socket, name)

        def guarded(host: object, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if not _is_here(host):
                refuse(host)
            return original(host, *args, **kwargs)

        monkeypatch.setattr(socket, name, guarded)

    for name in ("connect", "connect_ex", "sendto"):
        guard(name)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        guard_look_up(name)
    yield attempts
    assert not attempts, f"the test reached for other machines: {attempts}"


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here, and this was: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where ATELIER_NO_SKIPS=1."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for modules that skip themselves whole."""
    report = yield
    _fail_if_skipped(report)
    return report
