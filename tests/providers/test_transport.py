"""The HTTP that vendors share, against servers that break off, flood, and talk nonsense."""

from __future__ import annotations

import asyncio
import socket
import time
import tracemalloc
from collections.abc import Callable

import aiohttp
import pytest

from providers import transport
from providers.base import Fault, OutcomeUnknown, ProviderError
from tests.fakes.hostile import CUTS, FLOODS, GARBAGE, HEAD, PNG, answer, endless, hostile, says
from tests.providers.wires import assert_lost, failing, keyed

CONNECTIONS = 100  # that one session makes
MEMORY_BYTES_MAX = 8 * 2**20


# What went wrong, and whether it had been sent


async def test_a_server_that_is_not_there() -> None:
    error = await failing(keyed("http://127.0.0.1:9"))
    assert error.fault is Fault.UNAVAILABLE
    assert not isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize("url", ["http://", "localhost:80", "ftp://localhost"])
async def test_an_address_that_is_none(url: str) -> None:
    assert (await failing(keyed(url))).fault is Fault.UNAVAILABLE


async def test_a_server_that_never_says_hello_over_tls_has_seen_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        wire = keyed(f"https://127.0.0.1:{silent.getsockname()[1]}")
        error = await failing(wire, timeout_s=0.3)
    assert error.fault is Fault.UNAVAILABLE


async def test_a_server_without_tls_has_seen_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT_S", 0.3)
    async with hostile(says(b"")) as server:
        error = await failing(keyed(server.url.replace("http:", "https:")))
    assert error.fault is Fault.UNAVAILABLE
    assert server.heads == []


@pytest.mark.parametrize("makes", [True, False])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("cut", CUTS)
async def test_a_connection_that_is_cut(cut: str, method: str, makes: bool) -> None:
    async with hostile(CUTS[cut]) as server:
        assert_lost(await failing(keyed(server.url), method=method, makes=makes), makes=makes)
    assert len(server.heads) == 1, "nothing is sent twice: even a GET may be paid"


async def test_a_connection_that_is_cut_when_it_is_used_again() -> None:
    plays = iter([says(answer(b"{}"), then="stay"), says(b"")])

    async def part(writer: asyncio.StreamWriter) -> None:
        await next(plays)(writer)

    async with hostile(part) as server:
        wire = keyed(server.url)
        assert (await wire.ask("GET", "/x", timeout_s=5)).ok
        assert_lost(await failing(wire, method="GET"), makes=True)
    assert (server.connections, len(server.heads)) == (1, 2)


@pytest.mark.parametrize("makes", [True, False])
@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_answer_that_is_not_http(garbage: str, makes: bool) -> None:
    async with hostile(says(GARBAGE[garbage])) as server:
        assert_lost(await failing(keyed(server.url), makes=makes), makes=makes)


async def test_headers_of_any_bytes_do_no_harm() -> None:
    odd = b"HTTP/1.1 429 No\r\nRetry-After: \xff\r\nDate: \xfe\r\nContent-Type: \xff/\xe9;\r\n"
    async with hostile(says(odd + b"Content-Length: 2\r\n\r\n{}")) as server:
        wire = keyed(server.url)
        said = await wire.ask("POST", "/x", timeout_s=5)
        await wire.close()
    error = wire.refusal(said)
    assert (error.fault, error.retry_after_s) == (Fault.RATE_LIMITED, None)
    assert isinstance(said.media_type, str)


async def test_calls_that_are_under_way_when_all_is_given_back_are_lost() -> None:
    async with hostile(says(b"", then="hang")) as server:
        wire = keyed(server.url)
        asking = asyncio.create_task(wire.ask("POST", "/x", timeout_s=5))
        await server.came.wait()
        await wire.close()
        with pytest.raises(OutcomeUnknown):
            await asking
        assert (await failing(wire)).fault is Fault.UNAVAILABLE
    assert len(server.heads) == 1


async def test_whoever_waits_for_a_connection_has_sent_nothing() -> None:
    async with hostile(says(b"", then="hang")) as server:
        wire = keyed(server.url)
        holders = [
            asyncio.create_task(wire.ask("POST", "/x", timeout_s=30)) for _ in range(CONNECTIONS)
        ]
        await asyncio.sleep(0)
        with pytest.raises(ProviderError) as caught:
            await wire.ask("POST", "/x", timeout_s=0.3)
        assert caught.value.fault is Fault.UNAVAILABLE
        await wire.close()
        errors = await asyncio.gather(*holders, return_exceptions=True)
    assert all(isinstance(error, OutcomeUnknown) for error in errors)
    assert server.connections == CONNECTIONS


# Time and memory


@pytest.mark.parametrize("makes", [True, False])
@pytest.mark.parametrize(
    "part",
    [
        says(b"", then="hang"),
        says(HEAD, then="hang"),
        endless(HEAD.replace(b"50", b"9999"), b"x", 0.02),
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.02),
    ],
    ids=["no headers", "no body", "a slow body", "slow headers"],
)
async def test_a_slow_answer_is_not_waited_for(
    part: Callable[[asyncio.StreamWriter], object], makes: bool
) -> None:
    async with hostile(part) as server:  # type: ignore[arg-type]
        began = time.monotonic()
        error = await failing(keyed(server.url), makes=makes, timeout_s=0.3)
        assert time.monotonic() - began < 2
    assert_lost(error, makes=makes)


@pytest.mark.parametrize("makes", [True, False])
@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_is_not_kept(
    flood: str, makes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES_MAX", 2**20)
    async with hostile(FLOODS[flood]) as server:
        tracemalloc.start()
        error = await failing(keyed(server.url), makes=makes)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert_lost(error, makes=makes)
        assert "too large" in error.detail
        assert peak < MEMORY_BYTES_MAX
        if flood != "gzip":  # that one is through, and hangs
            async with asyncio.timeout(2):
                await server.gone.wait()


async def test_an_answer_of_the_greatest_size_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES_MAX", 1000)
    async with hostile(says(answer(b"x" * 1000), then="stay")) as server:
        wire = keyed(server.url)
        assert (await wire.ask("GET", "/x", timeout_s=5)).body == b"x" * 1000
        await wire.close()


# One session


async def test_calls_at_once_open_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[aiohttp.ClientSession] = []
    real = aiohttp.ClientSession

    def counting(**how: object) -> aiohttp.ClientSession:
        opened.append(real(**how))  # type: ignore[arg-type]
        return opened[-1]

    monkeypatch.setattr(aiohttp, "ClientSession", counting)
    async with hostile(says(answer(PNG), then="stay")) as server:
        wire = keyed(server.url)
        assert opened == []
        await asyncio.gather(*(wire.ask("POST", "/x", timeout_s=5) for _ in range(5)))
        assert len(opened) == 1
        await asyncio.gather(*(wire.fetch("/x.png") for _ in range(5)))
        assert len(opened) == 2
        await wire.close()
        await wire.close()
    assert all(session.closed for session in opened)


async def test_a_wire_that_was_never_used_is_closed() -> None:
    await keyed("http://127.0.0.1:9").close()
