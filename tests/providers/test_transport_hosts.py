"""The key goes to one server, and pictures come from few."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable

import pytest

from providers import transport
from providers.base import Fault, ProviderError
from providers.transport import Wire
from tests.fakes.hostile import CUTS, FLOODS, GARBAGE, HEAD, PNG, answer, endless, hostile, says
from tests.providers.wires import KEY, keyed


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
