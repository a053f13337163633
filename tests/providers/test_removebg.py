"""remove.bg: what is sent and told, beyond what every vendor is tried for."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from PIL import Image

from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
    load_models,
)
from providers.removebg import CREDIT_USD, PROVIDER, RemoveBg
from tests.fakes.removebg_server import FakeRemoveBg
from tests.fakes.vendor import Trouble, picture
from tests.providers.requests import asking, ignore

REQUEST = asking(load_models()["removebg"], "background")


@pytest.fixture
async def server() -> AsyncIterator[FakeRemoveBg]:
    async with FakeRemoveBg() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeRemoveBg) -> AsyncIterator[RemoveBg]:
    opened = RemoveBg(Credentials(key=server.key, base_url=server.url))
    yield opened
    await opened.close()


async def run(vendor: RemoveBg, request: ImageRequest = REQUEST) -> ImageResult:
    return await vendor.run(request, partial=ignore, accepted=ignore)


def source(size: tuple[int, int], kind: str = "PNG") -> SourceImage:
    return SourceImage(data=picture(1, size, kind), media_type=f"image/{kind.lower()}")


async def test_what_is_sent(server: FakeRemoveBg, vendor: RemoveBg) -> None:
    result = await run(vendor)
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v1.0/removebg")
    assert seen.headers["X-Api-Key"] == server.key
    assert "Authorization" not in seen.headers
    assert seen.form == {"size": ["auto"], "type": ["auto"], "format": ["png"]}
    assert seen.files == (("image_file", "image/png", REQUEST.images[0].data),)
    with Image.open(io.BytesIO(result.images[0])) as made:
        assert made.mode == "RGBA"


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("auto", "auto"),
        ("person", "person"),
        ("product", "product"),
        ("animal", "auto"),
        ("ghost", "auto"),
    ],
)
async def test_a_subject_s_type(
    server: FakeRemoveBg, vendor: RemoveBg, subject: str, sent: str
) -> None:
    await run(vendor, replace(REQUEST, subject=subject))
    assert server.seen[0].form["type"] == [sent]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "sent"), [((4000, 2500), "png"), ((4001, 2500), "webp")], ids=["10 MP", "more"]
)
async def test_a_large_picture_keeps_its_size(
    server: FakeRemoveBg, vendor: RemoveBg, kind: str, size: tuple[int, int], sent: str
) -> None:
    await run(vendor, replace(REQUEST, images=(source(size, kind),)))
    assert server.seen[0].form["format"] == [sent]


def webp(**how: object) -> bytes:
    out = io.BytesIO()
    mode = "RGBA" if how.pop("alpha", False) else "RGB"
    Image.new(mode, (300, 20)).save(out, "WEBP", **how)
    return out.getvalue()


@pytest.mark.parametrize(
    ("charged", "usd"),
    [
        ("1", CREDIT_USD),
        ("0.25", CREDIT_USD / 4),
        ("0", 0.0),
        ("1.0", CREDIT_USD),
        (None, None),
        ("-1", None),
        ("nan", None),
        ("many", None),
        ("1e9", None),
        ("9" * 400, None),
    ],
)
async def test_the_cost_is_told_by_credits(
    server: FakeRemoveBg, vendor: RemoveBg, charged: str | None, usd: float | None
) -> None:
    server.charged = charged
    assert (await run(vendor)).cost_usd == (None if usd is None else pytest.approx(usd))


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data": {"result_b64": ""}}', b"PK\x03\x04"])
async def test_a_yes_without_a_picture_may_have_been_charged(
    server: FakeRemoveBg, vendor: RemoveBg, body: bytes
) -> None:
    server.body = body
    with pytest.raises(OutcomeUnknown):
        await run(vendor)


async def test_a_picture_that_is_too_large_may_have_been_charged(
    server: FakeRemoveBg, vendor: RemoveBg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.removebg.IMAGE_BYTES_MAX", 50)
    with pytest.raises(OutcomeUnknown):
        await run(vendor)


async def test_a_refusal_says_why(server: FakeRemoveBg, vendor: RemoveBg) -> None:
    server.script.append(Trouble(error="file_too_large"))
    with pytest.raises(ProviderError) as caught:
        await run(vendor)
    assert caught.value.detail == "400 file_too_large: File too large: File exceeds limit of 22MB"


@pytest.mark.parametrize(
    "change",
    [{"operation": "upscale"}, {"images": ()}],
    ids=["another operation", "no picture"],
)
async def test_what_it_cannot_do_is_not_sent(
    server: FakeRemoveBg, vendor: RemoveBg, change: dict[str, str]
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, replace(REQUEST, **change))  # type: ignore[arg-type]
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.seen == []


@pytest.mark.parametrize("ending", ["", "/", "/v1.0", "/v1.0/"])
async def test_an_address_with_or_without_the_version(server: FakeRemoveBg, ending: str) -> None:
    vendor = RemoveBg(Credentials(key=server.key, base_url=server.root + ending))
    await run(vendor)
    await vendor.check()
    await vendor.close()
    assert [seen.path for seen in server.seen] == ["/v1.0/removebg", "/v1.0/account"]


def test_an_address_alone_is_no_account() -> None:
    assert PROVIDER.open(Credentials(base_url="http://127.0.0.1:9")) is None
    assert PROVIDER.open(Credentials(key="")) is None


def account(credits: object, calls: object) -> object:
    return {"data": {"attributes": {"credits": {"total": credits}, "api": {"free_calls": calls}}}}


@pytest.mark.parametrize(
    ("told", "funds"),
    [
        (account(200, 50), "200 credits, 50 free calls"),
        (account(199.75, 0), "199.75 credits, 0 free calls"),
        (account("200", 50), "50 free calls"),
        (account(None, [50]), None),
        (account(True, {}), None),
        (account(float("inf"), float("nan")), None),
        (account(10**400, -1), None),
        ({"data": {"attributes": {}}}, None),
        ({"data": {"attributes": {"credits": 7, "api": "x"}}}, None),
    ],
)
async def test_what_is_left(
    server: FakeRemoveBg, vendor: RemoveBg, told: object, funds: str | None
) -> None:
    server.account = told
    checked = await vendor.check()
    assert (checked.funds, checked.models) == (funds, None)


GARBAGE: list[object] = [
    b"",
    b"<html>",
    b"\xff",
    b"[" * 100_000,
    [],
    None,
    7,
    {"data": []},
    {"data": {"attributes": None}},
]


@pytest.mark.parametrize("told", GARBAGE, ids=lambda told: repr(told)[:20])
async def test_an_account_that_is_none(
    server: FakeRemoveBg, vendor: RemoveBg, told: object
) -> None:
    server.account = told
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is Fault.UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("rate_limit_exceeded", Fault.RATE_LIMITED),
        ("auth_failed", Fault.BAD_KEY),
        ("server_error", Fault.UNAVAILABLE),
    ],
)
async def test_a_check_that_is_refused(
    server: FakeRemoveBg, vendor: RemoveBg, error: str, fault: Fault
) -> None:
    server.script.append(Trouble(error=error, echo=True))
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is fault
    assert server.key not in str(caught.value)


class Refusing(FakeRemoveBg):
    """A server whose refusals hold anything at all."""

    def failure(self, name: str, told: str) -> web.Response:
        return web.Response(status=400, body=self.body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b"null",
        b'{"errors": null}',
        b'{"errors": []}',
        b'{"errors": ["no"]}',
        b'{"errors": {"code": "x"}}',
        b'{"errors": [{"code": 1, "title": {}, "detail": []}]}',
        b'{"errors": [{"code": "\\ud800", "title": "\\udfff"}]}',
        b'{"errors": [{"title": "' + b"x" * 2**20 + b'"}]}',
    ],
    ids=lambda body: repr(body)[:30],
)
async def test_a_refusal_of_any_shape_is_one(body: bytes) -> None:
    async with Refusing() as server:
        server.body = body
        server.script.append(Trouble(error="file_too_large"))
        vendor = RemoveBg(Credentials(key=server.key, base_url=server.url))
        with pytest.raises(ProviderError) as caught:
            await run(vendor)
        await vendor.close()
    assert caught.value.fault is Fault.BAD_INPUT
    assert len(caught.value.detail.encode()) <= 400
