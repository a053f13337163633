"""Replicate: calls whose answer was lost, told from others; stopping; signatures of webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import providers.replicate as module
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.replicate import Replicate, verify_webhook
from providers.replicate.inputs import seed_of
from tests.fakes.replicate_server import FakeReplicate
from tests.fakes.vendor import Trouble
from tests.providers.replicate_requests import KONTEXT, MODELS, OTHER, UPSCALE, flux, large, run
from tests.providers.requests import asking, ignore

PAST = timedelta(minutes=5)
ANOTHER_ID = "0193c2a4-5b7e-7c1d-8a90-ffffffffffff"


@pytest.fixture
async def server() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeReplicate) -> AsyncIterator[Replicate]:
    opened = Replicate(Credentials(key=server.key, base_url=server.url))
    yield opened
    await opened.close()


def began() -> datetime:
    return datetime.now(UTC) - PAST


async def lost(server: FakeReplicate, vendor: Replicate, request: ImageRequest) -> str:
    server.script.append(Trouble(lose=True))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, request)
    return str(server.predictions[-1]["id"])


def test_a_call_without_a_seed_gets_one_of_its_own() -> None:
    first, same, other = flux(), flux(), flux(id=ANOTHER_ID)
    assert seed_of(first) == seed_of(same) != seed_of(other)
    assert 0 <= (seed_of(first) or 0) < 2**31
    assert seed_of(flux(id="")) is None
    assert seed_of(replace(first, seed=5)) == 5


@pytest.mark.parametrize(
    "request_", [flux(), KONTEXT, replace(KONTEXT, seed=None, images=(large(),)), UPSCALE]
)
async def test_a_lost_call_is_found_among_others(
    server: FakeReplicate, vendor: Replicate, request_: ImageRequest
) -> None:
    server.page_size = 2
    theirs = await lost(server, vendor, request_)
    for number in range(4):
        await run(vendor, flux(id=f"{ANOTHER_ID}-{number}"))
    assert await vendor.find(request_, began()) == theirs
    result = await vendor.resume(theirs, request_, partial=ignore)
    assert len(result.images) == 1


@pytest.mark.parametrize(
    "request_",
    [
        flux(id=ANOTHER_ID),
        flux(prompt="a bear"),
        replace(KONTEXT, images=(OTHER,)),
        replace(UPSCALE, images=(OTHER,)),
        replace(UPSCALE, scale=4),
        asking(MODELS["codeformer"], "restore"),
    ],
)
async def test_another_call_is_not_taken_for_it(
    server: FakeReplicate, vendor: Replicate, request_: ImageRequest
) -> None:
    for made in (flux(), KONTEXT, UPSCALE):
        await run(vendor, made)
    assert await vendor.find(request_, began()) is None


@pytest.mark.parametrize(
    "gone", [{"input": {}}, {"input": None}, {"data_removed": True, "input": {}}]
)
async def test_a_list_without_inputs_tells_nothing(
    server: FakeReplicate, vendor: Replicate, gone: dict[str, object]
) -> None:
    await lost(server, vendor, flux())
    server.changes = gone
    with pytest.raises(ProviderError) as caught:
        await vendor.find(flux(), began())
    assert caught.value.fault is Fault.UNAVAILABLE


@pytest.mark.parametrize(
    ("seed", "images", "found"),
    [
        (None, (OTHER,), True),
        (1, (OTHER,), False),
        (None, (large(),), True),
        (1, (large(),), False),
    ],
)
async def test_without_pictures_only_a_seed_of_its_own_tells_a_call(
    server: FakeReplicate,
    vendor: Replicate,
    seed: int | None,
    images: tuple[SourceImage, ...],
    found: bool,
) -> None:
    request = replace(KONTEXT, seed=seed, images=images)
    theirs = await lost(server, vendor, request)
    server.predictions[-1]["input"]["input_image"] = "https://replicate.delivery/pbxt/in.png"
    if found:
        assert await vendor.find(request, began()) == theirs
    else:
        with pytest.raises(ProviderError):
            await vendor.find(request, began())


async def test_what_was_made_before_is_not_found(server: FakeReplicate, vendor: Replicate) -> None:
    await run(vendor, flux())
    assert await vendor.find(flux(), datetime.now(UTC) + PAST) is None


async def test_their_clock_may_be_behind_ours_where_a_call_is_unmistakable(
    server: FakeReplicate, vendor: Replicate
) -> None:
    theirs = await lost(server, vendor, flux())
    await lost(server, vendor, UPSCALE)
    ahead = datetime.now(UTC) + timedelta(minutes=1)
    assert await vendor.find(flux(), ahead) == theirs
    assert await vendor.find(UPSCALE, ahead) is None


async def test_a_list_goes_on_at_its_own_server_only(
    server: FakeReplicate, vendor: Replicate
) -> None:
    server.page_size = 1
    for number in range(2):
        await run(vendor, flux(id=f"{ANOTHER_ID}-{number}"))
    server.next_root = "http://127.0.0.1:9"
    asked = len(server.seen)
    with pytest.raises(ProviderError):
        await vendor.find(flux(), began())
    assert len(server.seen) == asked + 1


async def test_a_list_is_not_read_without_end(
    server: FakeReplicate, vendor: Replicate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGES_MAX", 2)
    server.page_size = 1
    for number in range(4):
        await run(vendor, flux(id=f"{ANOTHER_ID}-{number}"))
    with pytest.raises(ProviderError):
        await vendor.find(flux(), began())


async def test_resuming_polls_and_a_lost_prediction_stays_open(
    server: FakeReplicate, vendor: Replicate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.01)
    await run(vendor, flux())
    server.progress.extend(["starting", "processing"])
    theirs = server.predictions[0]["id"]
    assert len((await vendor.resume(theirs, flux(), partial=ignore)).images) == 1
    with pytest.raises(OutcomeUnknown):
        await vendor.resume("never", flux(), partial=ignore)
    server.changes = {"data_removed": True, "output": None}
    with pytest.raises(OutcomeUnknown):
        await vendor.resume(theirs, flux(), partial=ignore)
    assert server.made == 1


async def test_a_server_that_is_away_is_asked_again_until_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CALL_TIMEOUT_S", 0.2)
    vendor = Replicate(Credentials(key="k" * 20, base_url="http://127.0.0.1:9"))
    with pytest.raises(OutcomeUnknown):
        await vendor.resume("abc", flux(), partial=ignore)
    with pytest.raises(ProviderError) as caught:
        await vendor.find(flux(), began())
    assert caught.value.fault is Fault.UNAVAILABLE
    await vendor.close()


async def test_stopping(server: FakeReplicate, vendor: Replicate) -> None:
    await run(vendor, flux())
    theirs = server.predictions[0]["id"]
    assert not await vendor.cancel(theirs)
    server.progress.append("processing")
    assert await vendor.cancel(theirs)
    with pytest.raises(ProviderError) as caught:
        await vendor.resume(theirs, flux(), partial=ignore)
    assert (caught.value.fault, caught.value.detail) == (Fault.UNAVAILABLE, "canceled: ")
    with pytest.raises(ProviderError):
        await vendor.cancel("never")


async def test_the_catalogue_names_what_is_there(vendor: Replicate) -> None:
    assert {row.vendor_model for row in MODELS.values()} == set(await vendor.catalogue())


# What a receiver of Svix's webhooks is given: the secret's bytes sign "id.timestamp.body".
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
BODY = b'{"id": "abc"}'
NOW = 1_790_000_000


def signature(secret: str = SECRET, stamp: int = NOW, body: bytes = BODY) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, b"msg_1.%d." % stamp + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


OLDER = "whsec_" + base64.b64encode(b"another secret's bytes").decode()
VERIFIED = [
    (NOW, signature(), True),
    (NOW, f"{signature(OLDER)} {signature()}", True),
    (NOW - 299, signature(stamp=NOW - 299), True),
    (NOW + 299, signature(stamp=NOW + 299), True),
    (NOW - 301, signature(stamp=NOW - 301), False),
    (NOW + 301, signature(stamp=NOW + 301), False),
    (NOW, signature(OLDER), False),
    (NOW, signature(body=b"{}"), False),
    (NOW, signature(stamp=NOW - 1), False),
    (NOW, signature().removeprefix("v1,"), False),
    (NOW, signature().replace("v1,", "v2,"), False),
    (NOW, "v1,é", False),
    (NOW, "", False),
]


@pytest.mark.parametrize(("stamp", "signed", "good"), VERIFIED)
def test_a_webhook_s_signature(stamp: int, signed: str, good: bool) -> None:
    headers = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(stamp), "Webhook-Signature": signed}
    assert verify_webhook(headers, BODY, SECRET, float(NOW)) is good


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_webhook_with_bytes_that_are_no_text_is_refused(name: str) -> None:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW),
        "webhook-signature": signature(),
        name: b"\xff".decode("utf-8", "surrogateescape"),
    }
    assert not verify_webhook(headers, BODY, SECRET, NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_webhook_without_a_header_is_refused(name: str) -> None:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW),
        "webhook-signature": signature(),
    }
    assert verify_webhook(headers, BODY, SECRET, NOW)
    assert not verify_webhook({**headers, name: ""}, BODY, SECRET, NOW)
    del headers[name]
    assert not verify_webhook(headers, BODY, SECRET, NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "no base64"])
def test_a_webhook_is_never_verified_by_a_broken_secret(secret: str) -> None:
    empty = (
        "v1,"
        + base64.b64encode(hmac.new(b"", b"msg_1.%d." % NOW + BODY, "sha256").digest()).decode()
    )
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(NOW), "webhook-signature": empty}
    assert not verify_webhook(headers, BODY, secret, NOW)
