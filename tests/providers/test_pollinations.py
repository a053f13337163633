"""Pollinations: addresses and bodies, the same call twice, placeholders, funds and names of models."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from PIL import Image

from providers import pollinations
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.pollinations import PROVIDER, Pollinations
from tests.fakes.pollinations_server import FakePollinations
from tests.fakes.vendor import Trouble, picture
from tests.providers.requests import CALL_ID, ignore

IMAGINE = ImageRequest(id=CALL_ID, operation="imagine", model="flux", prompt="a fox", seed=7)
EDIT = ImageRequest(
    id=CALL_ID,
    operation="edit",
    model="klein",
    prompt="make it night",
    images=(SourceImage(data=picture(3), media_type="image/png"),),
)


@pytest.fixture
async def server() -> AsyncIterator[FakePollinations]:
    async with FakePollinations() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakePollinations) -> AsyncIterator[Pollinations]:
    opened = PROVIDER.open(Credentials(key=server.key, base_url=server.url))
    assert isinstance(opened, Pollinations)
    yield opened
    await opened.close()


async def run(vendor: Pollinations, request: ImageRequest) -> tuple[bytes, ...]:
    result = await vendor.run(request, partial=ignore, accepted=ignore)
    return result.images


async def refused(vendor: Pollinations, request: ImageRequest) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, request)
    return caught.value


def encoded(size: tuple[int, int], kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **how)
    return out.getvalue()


def exif() -> bytes:
    notes = Image.Exif()
    notes[0x010E] = "a long description " * 3000
    return notes.tobytes()


async def test_a_picture_is_asked_by_address_and_the_key_stays_out_of_it(
    vendor: Pollinations, server: FakePollinations
) -> None:
    await run(vendor, replace(IMAGINE, ratio="16:9", negative="rain, fog"))
    seen = server.seen[0]
    assert (seen.method, seen.path) == ("GET", "/image/a%20fox")
    assert seen.query == {
        "model": "flux",
        "width": "1536",
        "height": "864",
        "seed": "7",
        "private": "true",
        "nologo": "true",
        "negative_prompt": "rain, fog",
    }
    assert seen.headers["Authorization"] == f"Bearer {server.key}"


@pytest.mark.parametrize(
    "prompt",
    [
        "a/b/../c?d=e&f#g;h",
        "100% +more %2F %zz",
        "två rävar 🦊",
        "line\nbreak\ttab \r end ",
        "..",
        ".",
        "models",
        "\\\\host\\share",
        "x" * 1800,
        "x" * 1801,
        "🦊" * 151,
    ],
)
async def test_a_prompt_arrives_as_it_is(
    vendor: Pollinations, server: FakePollinations, prompt: str
) -> None:
    assert len(await run(vendor, replace(IMAGINE, prompt=prompt))) == 1
    seen = server.seen[0]
    arrived = (
        unquote(seen.path.removeprefix("/image/")) if seen.method == "GET" else seen.body["prompt"]
    )
    assert arrived == prompt
    in_body = prompt in ("..", ".", "models", "x" * 1801, "🦊" * 151)
    assert (seen.method == "POST") == in_body


async def test_half_a_sign_is_replaced(vendor: Pollinations, server: FakePollinations) -> None:
    await run(vendor, replace(IMAGINE, prompt="a \ud800 fox"))
    assert server.seen[0].path == "/image/a%20%3F%20fox"


async def test_a_long_prompt_goes_into_a_body(
    vendor: Pollinations, server: FakePollinations
) -> None:
    await run(vendor, replace(IMAGINE, prompt="x" * 3000, ratio="3:4", negative="rain"))
    assert server.seen[0].path == "/v1/images/generations"
    assert server.seen[0].body == {
        "model": "flux",
        "prompt": "x" * 3000,
        "seed": 7,
        "private": True,
        "response_format": "b64_json",
        "negative_prompt": "rain",
        "size": "960x1280",
    }


@pytest.mark.parametrize("operation", ["edit", "imagine"])
async def test_pictures_go_into_a_body_with_a_seed(
    vendor: Pollinations, server: FakePollinations, operation: str
) -> None:
    await run(vendor, replace(EDIT, operation=operation, seed=5, images=EDIT.images * 2))
    uri = f"data:image/png;base64,{base64.b64encode(picture(3)).decode()}"
    sized = {"size": "1024x1024"} if operation == "imagine" else {}
    assert server.seen[0].path == "/v1/images/edits"
    assert server.seen[0].body == {
        "model": "klein",
        "prompt": "make it night",
        "seed": 5,
        "private": True,
        "response_format": "b64_json",
        "image": [{"image_url": uri}] * 2,
        **sized,
    }


@pytest.mark.parametrize("request_", [replace(IMAGINE, seed=None), EDIT], ids=["imagine", "edit"])
async def test_a_call_that_is_made_twice_is_paid_once(
    vendor: Pollinations, server: FakePollinations, request_: ImageRequest
) -> None:
    assert await run(vendor, request_) == await run(vendor, request_)
    assert server.made == 1
    await run(vendor, replace(request_, id="another"))
    assert server.made == 2


async def test_a_lost_call_is_not_sent_again_by_itself(
    vendor: Pollinations, server: FakePollinations
) -> None:
    await run(vendor, IMAGINE)  # the connection is kept, and breaks at the next call
    server.script.append(Trouble(lose=True))
    assert isinstance(await refused(vendor, replace(IMAGINE, seed=8)), OutcomeUnknown)
    assert len(server.seen) == 2


async def test_four_pictures_have_a_seed_each_and_some_may_fail(
    vendor: Pollinations, server: FakePollinations
) -> None:
    server.script.extend([Trouble(error="internal"), Trouble(), Trouble(lose=True), Trouble()])
    images = await run(vendor, replace(IMAGINE, seed=2**31 - 2, count=4))
    assert len(set(images)) == 2
    seeds = {seen.query["seed"] for seen in server.seen}
    assert seeds == {"2147483646", "2147483647", "0", "1"}


async def test_where_all_fail_a_lost_one_is_the_gravest(
    vendor: Pollinations, server: FakePollinations
) -> None:
    server.script.extend([Trouble(error="moderated"), Trouble(lose=True)])
    assert isinstance(await refused(vendor, replace(IMAGINE, count=2)), OutcomeUnknown)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "image/jpeg"),
        (b"<svg/>", "image/svg+xml"),
        (b"<html>busy</html>", "text/html"),
        (b'{"success": false, "status": 402}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (encoded((512, 384), "PNG"), "image/png"),
        (encoded((384, 512), "JPEG"), "image/jpeg"),
        (encoded((64, 64), "PNG"), "image/png"),
        (picture(1)[:20], "image/png"),
        (encoded((512, 512), "JPEG")[:30], "image/jpeg"),
        (b"\xff\xd8\xff" * 1000, "image/jpeg"),
        (b"\xff\xd8\xff\xe0\x00\x00" * 1000, "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WEBPJUNK" + bytes(30), "image/webp"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(8), "image/png"),
    ],
)
async def test_a_placeholder_is_never_a_result(
    vendor: Pollinations, server: FakePollinations, body: bytes, kind: str
) -> None:
    server.answers = [(body, kind)]
    error = await refused(vendor, IMAGINE)
    assert (error.fault, isinstance(error, OutcomeUnknown)) == (Fault.UNAVAILABLE, False)


@pytest.mark.parametrize("request_", [IMAGINE, EDIT], ids=["imagine", "edit"])
async def test_a_known_placeholder_is_never_a_result(
    vendor: Pollinations, monkeypatch: pytest.MonkeyPatch, request_: ImageRequest
) -> None:
    assert "2090a5dc21c32952cbf8496339752bd1" in pollinations.PLACEHOLDER_MD5S
    (busy,) = await run(vendor, request_)
    known = frozenset({hashlib.md5(busy).hexdigest()})
    monkeypatch.setattr(pollinations, "PLACEHOLDER_MD5S", known)
    assert (await refused(vendor, request_)).fault is Fault.UNAVAILABLE


@pytest.mark.parametrize(
    ("ratio", "size", "kind", "how"),
    [
        ("1:1", (1024, 1024), "PNG", {}),
        ("1:1", (768, 768), "JPEG", {}),
        ("16:9", (1280, 768), "JPEG", {"progressive": True}),
        ("9:16", (864, 1536), "JPEG", {"exif": exif()}),
        ("4:3", (1280, 768), "WEBP", {}),
        ("16:9", (1536, 864), "WEBP", {"lossless": True}),
        ("3:4", (672, 880), "WEBP", {"exif": exif()}),
    ],
)
async def test_a_picture_of_about_the_shape_is_one(
    vendor: Pollinations,
    server: FakePollinations,
    ratio: str,
    size: tuple[int, int],
    kind: str,
    how: dict[str, object],
) -> None:
    made = encoded(size, kind, **how)
    server.answers = [(made, f"image/{kind.lower()}")]
    assert await run(vendor, replace(IMAGINE, ratio=ratio)) == (made,)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"data": []}',
        b'{"data": {}}',
        b'{"data": [7]}',
        b'{"data": [{"b64_json": null}]}',
        b'{"data": [{"b64_json": "AAAA"}]}',
        b'{"data": [{"url": "https://example.com/a.png"}]}',
    ],
)
async def test_a_body_without_a_picture_leaves_it_open(
    vendor: Pollinations, server: FakePollinations, body: bytes
) -> None:
    server.answers = [(body, "application/json")]
    assert isinstance(await refused(vendor, EDIT), OutcomeUnknown)


@pytest.mark.parametrize(
    "request_",
    [
        replace(IMAGINE, prompt=" \n"),
        replace(EDIT, images=()),
        replace(IMAGINE, ratio="7:5"),
        replace(EDIT, operation="upscale"),
    ],
)
async def test_what_cannot_be_asked_is_not_sent(
    vendor: Pollinations, server: FakePollinations, request_: ImageRequest
) -> None:
    assert (await refused(vendor, request_)).fault is Fault.BAD_INPUT
    assert server.seen == []


@pytest.mark.parametrize(
    ("balance", "funds"),
    [
        ({"balance": 4.25}, "4.25 pollen"),
        ({"balance": 0}, "0 pollen"),
        ({"balance": "much"}, None),
        ({"balance": True}, None),
        ({}, None),
        (None, None),
    ],
)
async def test_funds_are_told_where_the_key_may_ask(
    vendor: Pollinations,
    server: FakePollinations,
    balance: dict[str, Any] | None,
    funds: str | None,
) -> None:
    server.balance = balance
    assert (await vendor.check()).funds == funds


async def test_a_key_that_is_not_valid_is_told(
    vendor: Pollinations, server: FakePollinations
) -> None:
    server.key_told = {"valid": False}
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is Fault.BAD_KEY


async def test_the_catalogue_has_each_name_of_a_model_for_pictures(
    vendor: Pollinations, server: FakePollinations
) -> None:
    server.models += [None, 5, {"name": 7, "aliases": "x"}, {"name": "old", "aliases": None}]
    served = await vendor.catalogue()
    assert {"black-forest-labs/FLUX.1-schnell", "flux", "zimage", "klein", "old"} < set(served)
    assert "veo" not in served


async def test_a_catalogue_that_is_no_list_is_unavailable(
    vendor: Pollinations, server: FakePollinations
) -> None:
    server.models = json.loads("{}")
    with pytest.raises(ProviderError) as caught:
        await vendor.catalogue()
    assert caught.value.fault is Fault.UNAVAILABLE


def test_it_is_off_without_a_key() -> None:
    assert PROVIDER.open(Credentials(base_url="http://127.0.0.1:9")) is None
