"""The shared fixtures do what the tests rely on."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Browser
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conftest import OutsideConnection


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com", "169.254.169.254"])
async def test_no_connection_leaves_the_machine(host: str, outside_attempts: list[str]) -> None:
    with pytest.raises(OutsideConnection):
        await asyncio.open_connection(host, 80)
    with pytest.raises(OutsideConnection):
        socket.create_connection((host, 80), timeout=1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        with pytest.raises(OutsideConnection):
            datagrams.sendto(b"x", (host, 53))
        with pytest.raises(OutsideConnection):
            datagrams.connect_ex((host, 53))
    assert len(outside_attempts) == 4
    outside_attempts.clear()


async def test_the_machine_itself_can_be_reached() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            await writer.wait_closed()


async def count_tables(url: str) -> int:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
        count = int(found.scalar_one())
        await connection.exec_driver_sql("CREATE TABLE left_over (a int)")
        await connection.commit()
    await engine.dispose()
    return count


@pytest.mark.parametrize("_time", [1, 2])
async def test_each_test_has_an_empty_postgresql(postgres_url: str, _time: int) -> None:
    assert await count_tables(postgres_url) == 0


async def test_a_database_goes_even_if_a_test_keeps_a_connection(postgres_url: str) -> None:
    plain = postgres_url.replace("+asyncpg", "")
    (await asyncpg.connect(plain)).terminate()


def test_each_kind_of_database(database_url: str, request: pytest.FixtureRequest) -> None:
    assert request.node.name.endswith("[" + database_url.partition(":")[0].partition("+")[0] + "]")


@pytest.mark.parametrize("_time", [1, 2])
async def test_each_test_has_an_empty_redis(redis_url: str, _time: int) -> None:
    client = Redis.from_url(redis_url)
    assert await client.dbsize() == 0
    await client.set("left", "over")
    await client.aclose()


@pytest.mark.browser
async def test_a_browser_draws_a_page_and_stays_here(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content("<h1>hello</h1>")
    assert await page.inner_text("h1") == "hello"
    refused = await page.evaluate("fetch('http://example.com').catch(error => 'refused')")
    assert refused == "refused"


@pytest.mark.parametrize(("no_skips", "code"), [("1", 1), ("", 0)])
def test_a_skip_fails_where_nothing_may_be_skipped(
    tmp_path: Path, no_skips: str, code: int
) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_runtest_makereport, pytest_make_collect_report\n"
    )
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\ndef test_a():\n    pytest.skip('too tired')\n"
        "\n@pytest.mark.xfail\ndef test_b():\n    assert False\n"
        "\ndef test_c():\n    pass\n"
    )
    (tmp_path / "test_two.py").write_text(
        "import pytest\npytest.skip('no lamp', allow_module_level=True)\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--continue-on-collection-errors",
            ".",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "ATELIER_NO_SKIPS": no_skips,
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    if code:
        assert "too tired" in done.stdout
        assert "no lamp" in done.stdout
