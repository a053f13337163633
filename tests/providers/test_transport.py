"""The HTTP that vendors share, against servers that lie, break off, flood, and lure elsewhere."""

from __future__ import annotations

import asyncio
import base64
import gzip
import html
import json
import socket
import time
import tracemalloc
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from urllib.parse import quote, quote_plus

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import transport
from providers.base import Fault, OutcomeUnknown, ProviderError
from providers.transport import Answer, Wire, data_uri, decoded, is_picture, retry_after_s
from tests.fakes.hostile import answer, endless, hostile, says
from tests.fakes.vendor import picture

KEY = "key/0123456789abcdef+canary"
PNG = picture()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"
CONNECTIONS = 100  # that one session makes
MEMORY_BYTES_MAX = 8 * 2**20


def keyed(url: str, key: str = KEY) -> Wire:
    return Wire(url, headers={"Authorization": f"Bearer {key}"}, secrets=[key])


async def failing(
    wire: Wire, *, method: str = "POST", makes: bool = True, timeout_s: float = 5
) -> ProviderError:
    """The error of a call; nothing but our own errors may come."""
    with pytest.raises(ProviderError) as caught:
        await wire.ask(method, "/x", timeout_s=timeout_s, makes=makes)
    await wire.close()
    assert KEY not in str(caught.value)
    return caught.value


def assert_lost(error: ProviderError, *, makes: bool) -> None:
    assert isinstance(error, OutcomeUnknown) == makes
    assert error.fault is (Fault.UNKNOWN if makes else Fault.UNAVAILABLE)


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


CUTS = {
    "before the headers": says(b""),
    "before the headers, by a reset": says(b"", then="abort"),
    "within the headers": says(HEAD[:20]),
    "after the headers": says(HEAD),
    "after the headers, by a reset": says(HEAD, then="abort"),
    "within the body": says(HEAD + b"x" * 20),
    "within the body, by a reset": says(HEAD + b"x" * 20, then="abort"),
    "within a chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"),
    "within gzip": says(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"
        + gzip.compress(b"x" * 999)[:10]
    ),
}


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


GARBAGE = {
    "no HTTP": b"\0\1\2\r\n\r\n",
    "an odd status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    "a chunk's length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000,
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000,
    "go on, go on": b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
}


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


def gzipped(size: int) -> bytes:
    body = gzip.compress(bytes(size))
    return answer(body, Content_Encoding="gzip", Content_Type="image/png")


FLOODS = {
    "a length": endless(HEAD.replace(b"50", b"9" * 15), b"x" * 65536),
    "no length": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "chunks": endless(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"10000\r\n" + b"x" * 65536 + b"\r\n",
    ),
    "gzip": says(gzipped(100 * 2**20), then="hang"),
}


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


# The key goes to one server


@pytest.mark.parametrize("status", ["301 A", "302 B", "303 C", "307 D", "308 E"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_redirect_is_followed(status: str, method: str) -> None:
    async with hostile(says(answer(PNG))) as other:
        there = answer(status=status, Location=f"{other.url}/x")
        async with hostile(says(there, then="stay")) as server:
            wire = keyed(server.url)
            said = await wire.ask(method, "/x", timeout_s=5, body={})
            assert (said.status, said.ok) == (int(status[:3]), False)
            assert wire.refusal(said).fault is Fault.UNAVAILABLE
            assert await wire.fetch(f"{server.url}/picture.png") is None
            await wire.close()
    assert other.connections == 0


@pytest.mark.parametrize("path", ["@evil.example/", ".evil.example/", ":9/", "evil", "\\evil"])
async def test_a_path_does_not_change_the_server(path: str) -> None:
    async with hostile(says(answer())) as server:
        wire = keyed(server.url)
        with pytest.raises(ProviderError):
            await wire.ask("GET", path, timeout_s=1)
        await wire.close()
    assert server.connections == 0


async def test_a_picture_is_fetched_without_the_key() -> None:
    cookie = answer(PNG, Set_Cookie="session=1; Path=/", Content_Type="image/png")
    async with hostile(says(cookie, then="stay")) as server:
        url = server.url.replace("127.0.0.1", "localhost")  # jars keep no cookie of an address
        wire = Wire(
            url,
            headers={"X-Api-Key": KEY, "X-Account": "me"},
            auth=("me", KEY),
            secrets=[KEY],
        )
        await wire.ask("POST", "/make", timeout_s=5, headers={"X-Call": "1"})
        await wire.ask("POST", "/make", timeout_s=5)
        assert await wire.fetch(f"{url}/a.png?signature=1") == PNG
        assert await wire.fetch("/b.png") == PNG
        assert await wire.fetch("c.png") == PNG
        await wire.close()
    asked, again, *fetched = (head.lower() for head in server.heads)
    assert "x-api-key:" in asked
    assert "authorization: basic" in asked
    assert "x-call" in asked
    assert "x-call" not in again
    assert "cookie" not in again
    assert len(fetched) == 3
    for head in fetched:
        names = {line.partition(":")[0] for line in head.split("\r\n")[1:] if line}
        assert names == {"host", "accept", "accept-encoding", "user-agent"}


HOSTS = ("replicate.delivery", "files.example.com")
REFUSED: list[object] = [
    "http://replicate.delivery/x.png",
    "ftp://replicate.delivery/x.png",
    "https://evil.example/x.png",
    "https://evilreplicate.delivery/x.png",
    "https://replicate.delivery.evil.example/x.png",
    "https://replicate.deliver/x.png",
    "https://delivery/x.png",
    "https://.replicate.delivery/x.png",
    "https://evil.example/replicate.delivery",
    "https://evil.example?replicate.delivery",
    "https://evil.example#.replicate.delivery",
    "https://evil.example#@replicate.delivery",
    "https://user@replicate.delivery/x.png",
    "https://user:secret@replicate.delivery/x.png",
    "https://replicate.delivery@evil.example/x.png",
    "https://evil.example\\@replicate.delivery/x.png",
    "https://evil.example\\.replicate.delivery/x.png",
    "https://evil.example%2f.replicate.delivery/x.png",
    "https://evil.example%23.replicate.delivery/x.png",
    "https://evil.example%00.replicate.delivery/x.png",
    "https://evil.example;.replicate.delivery/x.png",
    "https://evil.example／.replicate.delivery/x.png",
    "https://evil.example。replicate.delivery/x.png",
    "https://еvil.replicate.delivery/x.png",
    "https://replicate.delivery:443/x.png",
    "https://replicate.delivery:8443/x.png",
    "https://replicate.delivery:/x.png",
    "https://replicate.delivery:0x1/x.png",
    "https://replicate.delivery:99999/x.png",
    "https://replicate.delivery./x.png",
    "https://[::1]/x.png",
    "https://[::ffff:127.0.0.1]/x.png",
    "https://[::1].replicate.delivery/x.png",
    "https://[replicate.delivery]/x.png",
    "https://127.0.0.1/x.png",
    "https://2130706433/x.png",
    "https://localhost/x.png",
    "//evil.example/x.png",
    "///evil.example/x.png#//evil.example",
    "https://",
    "https://[",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "http://api.example.com:81/x.png",
    "http://api.example.com/x.png",
    "https://api.example.com:444/x.png",
    "https://user@api.example.com/x.png",
    "https://api.example.com@evil.example/x.png",
    "https://replicate.delivery/" + "x" * 9000,
    None,
    7,
    b"https://replicate.delivery/x.png",
    ["https://replicate.delivery/x.png"],
    {"url": "https://replicate.delivery/x.png"},
]


@pytest.mark.parametrize("url", REFUSED, ids=lambda url: repr(url)[:60])
async def test_nothing_is_fetched_from_elsewhere(url: object, outside_attempts: list[str]) -> None:
    wire = keyed("https://api.example.com")
    allowed = wire._allowed(url, HOSTS)
    # Some are a path of the server itself, which is harmless.
    own = allowed is not None and allowed.startswith("https://api.example.com/")
    assert allowed is None or own, allowed
    if allowed is None:
        assert await wire.fetch(url, HOSTS) is None
    await wire.close()
    assert outside_attempts == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://replicate.delivery/x.png", "https://replicate.delivery/x.png"),
        ("https://a.b.replicate.delivery/x?y=1", "https://a.b.replicate.delivery/x?y=1"),
        ("https://Replicate.Delivery/x.png", "https://Replicate.Delivery/x.png"),
        ("//replicate.delivery/x.png", "https://replicate.delivery/x.png"),
        ("https://repli\tcate.delivery/x\n.png", "https://replicate.delivery/x.png"),
        ("https://api.example.com/v1/x.png", "https://api.example.com/v1/x.png"),
        ("/x.png", "https://api.example.com/x.png"),
        ("x.png", "https://api.example.com/v1/x.png"),
        ("\\\\evil.example\\x.png", "https://api.example.com/v1/\\\\evil.example\\x.png"),
        ("/\\evil.example/x.png", "https://api.example.com/\\evil.example/x.png"),
        ("https:\\\\evil.example", "https://api.example.com/v1/\\\\evil.example"),
    ],
)
def test_where_a_picture_may_be_fetched(url: str, address: str) -> None:
    assert keyed("https://api.example.com/v1/")._allowed(url, HOSTS) == address


@pytest.mark.parametrize("path", ["\\\\evil.example\\x", "/\\evil.example/x", "/..//evil.example"])
async def test_backslashes_stay_at_the_server(path: str) -> None:
    async with hostile(says(answer(PNG), then="stay")) as server:
        wire = keyed(server.url)
        assert await wire.fetch(path) == PNG
        await wire.close()
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    "part",
    [
        *CUTS.values(),
        *(says(data) for data in GARBAGE.values()),
        *FLOODS.values(),
        says(b"", then="hang"),
        endless(HEAD.replace(b"50", b"9999"), b"x", 0.02),
        says(answer(b"<html>")),
        says(answer(b"")),
        says(answer(PNG, status="404 Gone")),
        says(answer(PNG, status="206 Part")),
    ],
)
async def test_a_picture_that_cannot_be_fetched_is_none(
    part: Callable[[asyncio.StreamWriter], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "IMAGE_BYTES_MAX", 2**20)
    monkeypatch.setattr(transport, "DOWNLOAD_TIMEOUT_S", 1.0)
    async with hostile(part) as server:  # type: ignore[arg-type]
        wire = keyed(server.url)
        assert await wire.fetch("/x.png") is None
        await wire.close()
    assert KEY not in "".join(server.heads)


# Keys that no header takes


@pytest.mark.parametrize(
    "key",
    [
        "key\nX-Evil: 1",
        "key\r\n\r\nGET /",
        "key\0key",
        "schlüssel",
        "k\x7fkey",
        "\ud800key",
        "☃" * 9,
    ],
)
async def test_a_key_that_no_header_takes_is_not_sent(key: str) -> None:
    async with hostile(says(answer())) as server:
        for wire, headers in (
            (keyed(server.url, key), None),
            (Wire(server.url, secrets=[key]), {"X-Key": key}),
        ):
            with pytest.raises(ProviderError) as caught:
                await wire.ask("POST", "/x", timeout_s=5, headers=headers)
            assert caught.value.fault is Fault.BAD_KEY
            assert key not in str(caught.value)
            await wire.close()
        with pytest.raises(ProviderError):
            keyed(server.url, key).socket("/ws")
    assert server.connections == 0


@pytest.mark.parametrize("password", [KEY, "pässwort ☃", "\ud800 half", "line\nfeed"])
async def test_a_password_of_any_kind_makes_a_header(password: str) -> None:
    async with hostile(says(answer())) as server:
        wire = Wire(server.url, auth=("me", password), secrets=[password])
        assert (await wire.ask("GET", "/x", timeout_s=5)).ok
        await wire.close()
    (line,) = [line for line in server.heads[0].split("\r\n") if line.startswith("Authorization")]
    pair = base64.b64decode(line.removeprefix("Authorization: Basic ")).decode()
    assert pair == f"me:{password}".replace("\ud800", "?")
    assert wire.redacted(line) != line or "\ud800" in password


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


# What is told


SECRETS = (KEY, "a\"b$c'd<e>f&g h%i", "sk-proj_ABCdef-123456", "me:pass/word+=", "x" * 400)
FORMS: Mapping[str, Callable[[str], str]] = {
    "raw": str,
    "URL": quote,
    "URL, all of it": lambda key: quote(key, safe=""),
    "a form": quote_plus,
    "URL, in small letters": lambda key: quote(key, safe="").replace("%2F", "%2f"),
    "JSON": json.dumps,
    "PHP's JSON": lambda key: json.dumps(key).replace("/", "\\/"),
    ".NET's JSON": lambda key: "".join(f"\\u{ord(c):04X}" if c in "\"&'+<>`" else c for c in key),
    "Go's JSON": lambda key: json.dumps(key).translate(
        {ord(mark): f"\\u{ord(mark):04x}" for mark in "&<>"}
    ),
    "a literal": repr,
    "headers": lambda key: str({"X-Api-Key": key, "Authorization": f"Bearer {key}"}),
    "HTML": html.escape,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 after 1": lambda key: base64.b64encode(b"u" + key.encode()).decode(),
    "base64 after 2": lambda key: base64.b64encode(b"u:" + key.encode() + b"!").decode(),
    "base64 for URLs": lambda key: base64.urlsafe_b64encode(b"me:" + key.encode()).decode(),
    "base64 in a URL": lambda key: quote(base64.b64encode(key.encode()).decode(), safe=""),
}


def core_of(secret: str, form: str) -> str:
    """What of a form nobody may see: its middle, as its ends may be quotes or half of a letter."""
    text = FORMS[form](secret)
    return text[4:-4] if "base64" in form or form in {"JSON", "a literal"} else text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_hidden_in_each_form(secret: str, form: str) -> None:
    wire = Wire("http://127.0.0.1:9", secrets=[secret, "other-secret"])
    told = wire.redacted(f"before {FORMS[form](secret)} after other-secret")
    assert told.startswith("before ")
    assert " after [key]" in told
    assert "[key]" in told
    if form != "headers":
        assert core_of(secret, form) not in told
        assert told != f"before {FORMS[form](secret)} after [key]"
    assert secret not in told


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_that_a_cut_runs_through_is_hidden(secret: str) -> None:
    wire = Wire("http://127.0.0.1:9", secrets=[secret])
    for length in range(transport.SECRET_LENGTH_MIN, len(secret)):
        assert wire.redacted(f"no: {secret[:length]}") == "no: [key]"
    for before in range(200):
        body = (b"." * before + secret.encode()) * 500
        error = wire.refusal(Answer(status=400, headers={}, body=body))
        rest = error.detail.replace("[key]", "").replace(".", "")
        assert len(rest.removeprefix("400 ")) < transport.SECRET_LENGTH_MIN, rest


@pytest.mark.parametrize("form", [str, quote, json.dumps, repr, lambda key: repr({"key": key})])
def test_a_secret_with_backslashes_is_hidden(form: Callable[[str], str]) -> None:
    secret = "back\\slash\\\\twice\\end"
    told = Wire("http://h", secrets=[secret]).redacted(f"no {form(secret)} yes")
    assert "slash" not in told
    assert told.endswith(" yes")


def test_hiding_takes_no_age() -> None:
    began = time.process_time()
    for secret in ("\\" * 60, "/" * 60, "%25" * 40, "&#x2f;" * 20, "\\u002f" * 20):
        wire = Wire("http://h", secrets=[secret])
        for mark in (secret[:-1], "\\", "%25", "/", "&#", "\\/"):
            wire.refusal(Answer(status=400, headers={}, body=mark.encode() * 10**5))
    assert time.process_time() - began < 5


def test_a_short_secret_does_not_blot_out_words() -> None:
    assert Wire("http://h", secrets=["", "at"]).redacted("that cat") == "that cat"


def test_what_is_told_is_short_and_can_be_written() -> None:
    wire = keyed("http://h")
    for detail in ("x" * 10**6, "\ud800 \udfff", ""):
        error = wire.refusal(Answer(status=400, headers={}, body=b"\xff" * 10**6), detail=detail)
        assert len(error.detail) <= transport.DETAIL_LENGTH_MAX
        error.detail.encode()


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Fault.BAD_INPUT),
        (401, Fault.BAD_KEY),
        (402, Fault.NO_FUNDS),
        (403, Fault.BAD_KEY),
        (404, Fault.MODEL_GONE),
        (408, Fault.UNAVAILABLE),
        (410, Fault.MODEL_GONE),
        (418, Fault.BAD_INPUT),
        (429, Fault.RATE_LIMITED),
        (302, Fault.UNAVAILABLE),
        (500, Fault.UNAVAILABLE),
        (502, Fault.UNAVAILABLE),
        (503, Fault.UNAVAILABLE),
        (504, Fault.UNKNOWN),
        (524, Fault.UNKNOWN),
        (999, Fault.UNAVAILABLE),
    ],
)
def test_a_status_alone_tells_a_fault(status: int, fault: Fault) -> None:
    wire = keyed("http://h")
    said = Answer(status=status, headers={"Retry-After": "3"}, body=f"no {KEY}".encode())
    error = wire.refusal(said)
    assert error.fault is fault
    assert isinstance(error, OutcomeUnknown) == (fault is Fault.UNKNOWN)
    waitable = fault in {Fault.RATE_LIMITED, Fault.UNAVAILABLE}
    assert error.retry_after_s == (3 if waitable else None)
    assert KEY not in str(error)
    named = wire.refusal(said, Fault.REFUSED, "flagged")
    assert (named.fault, named.detail) == (Fault.REFUSED, f"{status} flagged")


@pytest.mark.parametrize("body", [b"", b"no", b"\xff", b"{", b"[" * 10**5, b"1" * 10**5])
def test_json_that_is_none_is_told(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        Answer(status=200, headers={}, body=body).json()


def test_an_answer_s_body_is_not_printed() -> None:
    assert "secret" not in repr(Answer(status=200, headers={}, body=b"secret"))


NOW = "Wed, 21 Oct 2026 07:28:00 GMT"
DAY_S = transport.RETRY_AFTER_MAX_S


@pytest.mark.parametrize(
    ("told", "date", "wait_s"),
    [
        ("17", None, 17),
        (" 17 ", None, 17),
        ("0", None, 0),
        ("1.5", None, 1.5),
        ("999999", None, DAY_S),
        ("9" * 20, None, DAY_S),
        ("9" * 400, None, None),
        ("-5", NOW, None),
        ("+5", NOW, None),
        ("1e5", NOW, None),
        ("nan", NOW, None),
        ("inf", NOW, None),
        ("٣", NOW, None),
        ("", NOW, None),
        ("soon", NOW, None),
        ("17 seconds", NOW, None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", NOW, 30),
        ("Wed, 21 Oct 2026 07:28:30 -0000", NOW, 30),
        ("Wed, 21 Oct 2026 09:28:30 +0200", NOW, 30),
        ("Wed, 21 Oct 2026 07:27:00 GMT", NOW, 0),
        ("Wed, 21 Oct 2099 07:27:00 GMT", NOW, DAY_S),
        ("Wed, 21 Oct 2026 07:28:30 GMT", None, None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", "now", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", NOW, None),
        ("Wed, 21 Oct 2026 07:28:00 +99999999999999", NOW, None),
        ("Wed, 99 Foo 2026 07:28:00 GMT", NOW, None),
        (NOW, "Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
    ],
)
def test_a_wait_that_is_asked_for(told: str, date: str | None, wait_s: float | None) -> None:
    headers = {"Retry-After": told} | ({"Date": date} if date is not None else {})
    assert retry_after_s(headers) == wait_s


def test_no_wait_is_asked_for() -> None:
    assert retry_after_s({}) is None


@given(told=st.text() | st.datetimes().map(format_datetime), date=st.text())
def test_a_wait_of_any_text_is_bounded(told: str, date: str) -> None:
    for now in (date, NOW):
        wait_s = retry_after_s({"Retry-After": told, "Date": now})
        assert wait_s is None or 0 <= wait_s <= DAY_S


# Pictures in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_goes_into_text_and_back(kind: str) -> None:
    data = picture(3, kind=kind)
    uri = data_uri(data, f"image/{kind.lower()}")
    assert uri.startswith(f"data:image/{kind.lower()};base64,")
    assert decoded(uri) == data
    assert decoded(uri.partition(",")[2]) == data


BASE64 = base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        PNG,
        BASE64.encode(),
        [BASE64],
        {},
        "",
        "data:",
        "data:image/png;base64",
        "data:image/png;base64,",
        f"data:image/png;base64,,{BASE64}",
        f"{BASE64[:40]}\n{BASE64[40:]}",
        f"{BASE64}!",
        BASE64[:-3],
        "ü" * 40,
        "\ud800",
        base64.b64encode(b"<svg onload=alert(1)>").decode(),
        base64.b64encode(b"GIF89a").decode(),
        base64.b64encode(b"RIFF0000WAVE").decode(),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_text_that_is_no_picture(text: object) -> None:
    assert decoded(text) is None


def test_a_picture_in_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "IMAGE_BYTES_MAX", len(PNG))
    assert decoded(BASE64) == PNG
    for text in (BASE64 + BASE64, data_uri(PNG + bytes(9), "image/png")):
        assert decoded(text) is None


@given(st.binary())
def test_bytes_are_a_picture_by_their_beginning(data: bytes) -> None:
    assert not is_picture(data) or data[:4] in {b"\x89PNG", b"RIFF"} or data[:3] == b"\xff\xd8\xff"
    for magic in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF1234WEBP"):
        assert is_picture(magic + data)
        assert decoded(base64.b64encode(magic + data).decode()) == magic + data
