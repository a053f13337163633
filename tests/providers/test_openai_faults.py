"""Every way a call to OpenAI fails, and what it tells."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from providers.base import (
    Credentials,
    Fault,
    OutcomeUnknown,
    ProviderError,
)
from providers.openai import PROVIDER, OpenAI
from tests.fakes.openai_errors import ERRORS
from tests.fakes.openai_server import Behaviour, FakeOpenAI, picture
from tests.providers.asking import COMPATIBLE, KEY, Previews, asking, never, run, text_of


async def test_a_refused_call_is_made_once_and_tells_why(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    server.script.append(Behaviour(error="moderation_blocked"))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert "400 moderation_blocked" in caught.value.detail
    assert len(server.requests) == 1
    assert server.made == 0


async def test_a_masked_key_is_not_told_either(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(error="invalid_api_key"))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert "cdef" in ERRORS["invalid_api_key"].message
    assert "***cdef" not in text_of(caught.value)


@pytest.mark.parametrize(("told", "waits_s"), [("7", 7.0), ("0.5", 0.5), ("soon", None)])
async def test_the_wait_of_a_rate_limit(
    server: FakeOpenAI, vendor: OpenAI, told: str, waits_s: float | None
) -> None:
    server.script.append(Behaviour(error="rate_limit_exceeded", retry_after=told))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert caught.value.retry_after_s == waits_s


UNKNOWN = {
    "dropped after the work": Behaviour(lose=True),
    "hangs": Behaviour(hang_s=5),
    "gateway time-out": Behaviour(error="gateway_timeout"),
    "stream cut": Behaviour(stream="cut"),
    "stream ends early": Behaviour(stream="unfinished"),
    "stream of no JSON": Behaviour(stream="garbage"),
    "no JSON": Behaviour(json_always=True, garbage=b"<html>busy</html>"),
    "no object": Behaviour(json_always=True, garbage=b"[1]"),
    "too deep": Behaviour(json_always=True, garbage=b"[" * 200_000),
    "no picture in JSON": Behaviour(json_always=True, broken_images=True),
    "no picture in the stream": Behaviour(broken_images=True),
}


@pytest.mark.parametrize("name", UNKNOWN)
async def test_a_lost_answer_is_unknown_and_asked_once(
    server: FakeOpenAI, vendor: OpenAI, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.openai.CALL_TIMEOUT_S", 0.4)
    server.script.append(UNKNOWN[name])
    with pytest.raises(OutcomeUnknown) as caught:
        await run(vendor, asking())
    assert KEY not in text_of(caught.value)
    assert len(server.requests) == 1


async def test_a_slow_stream_ends_with_the_call_s_limit(
    server: FakeOpenAI, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.openai.CALL_TIMEOUT_S", 0.5)
    server.script.append(Behaviour(pace_s=0.3))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, asking())


@pytest.mark.parametrize(
    ("code", "fault"),
    [("moderation_blocked", Fault.REFUSED), ("server_error", Fault.UNAVAILABLE)],
)
async def test_an_error_inside_the_stream(
    server: FakeOpenAI, vendor: OpenAI, code: str, fault: Fault
) -> None:
    server.script.append(Behaviour(stream="error", stream_code=code))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert caught.value.fault is fault
    assert len(server.requests) == 1


@pytest.mark.parametrize("urls", ["relative", "absolute"])
async def test_addresses_on_the_same_server_are_fetched_without_the_key(
    server: FakeOpenAI, vendor: OpenAI, urls: str
) -> None:
    server.script.append(Behaviour(urls=urls))
    result = await run(vendor, asking(model=COMPATIBLE, count=2))
    assert [Image.open(io.BytesIO(data)).format for data in result.images] == ["PNG", "PNG"]
    assert server.downloads == ["", ""]


async def test_no_other_address_is_fetched(server: FakeOpenAI, vendor: OpenAI) -> None:
    async with FakeOpenAI() as other:
        other.pictures["0.png"] = picture(1)
        for prefix in (
            f"{other.url}/pictures/",
            f"http://127.0.0.1:{server.port}@127.0.0.1:{other.port}/v1/pictures/",
            f"//127.0.0.1:{other.port}/v1/pictures/",
            "http://oaidalleapiprodscus.blob.core.windows.net/",
            "https://evil.blob.core.windows.net/",
            "http://[bad/",
            "file:///etc/hostname?",
            "/v1/moved/",
        ):
            server.script.append(Behaviour(urls=prefix))
            with pytest.raises(OutcomeUnknown):
                await run(vendor, asking(model=COMPATIBLE))
        assert other.downloads == []
        assert server.downloads == []


async def test_a_download_has_a_limit(
    server: FakeOpenAI, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.transport.IMAGE_BYTES_MAX", 50)
    server.script.append(Behaviour(urls="relative"))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, asking(model=COMPATIBLE))
    assert server.downloads == [""]


async def test_an_answer_has_a_limit(
    server: FakeOpenAI, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.openai.client.ANSWER_BYTES_MAX", 50)
    with pytest.raises(OutcomeUnknown):
        await run(vendor, asking(count=2))


@pytest.mark.parametrize("key", ["sk-with-a-line\nbreak-in-it", "sk-with-an-…-in-it"])
async def test_a_key_that_fits_no_header_is_a_bad_key(server: FakeOpenAI, key: str) -> None:
    vendor = OpenAI(Credentials(key=key, base_url=server.url))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert caught.value.fault is Fault.BAD_KEY
    assert key not in text_of(caught.value)
    assert server.requests == []


async def test_a_server_without_keys_gets_the_word_none(server: FakeOpenAI) -> None:
    vendor = PROVIDER.open(Credentials(base_url=server.url))
    assert vendor is not None
    await vendor.run(asking(model=COMPATIBLE), partial=Previews(), accepted=never)
    assert server.requests[0].authorization == "Bearer none"
    await vendor.close()


async def test_the_environment_is_not_read(
    server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert PROVIDER.open(Credentials()) is None
    vendor = OpenAI(Credentials(key="sk-other"))
    client = await vendor._opened()
    assert str(client.sdk.base_url) == "https://api.openai.com/v1/"
    assert client.sdk.api_key == "sk-other"
    assert client.sdk.max_retries == 0
    await vendor.close()


async def test_a_stream_that_nobody_asked_for_cannot_be_read(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    server.script.append(Behaviour(garbage=b"data: {}\n\n", media_type="text/event-stream"))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, asking(count=2))


async def test_no_redirect_is_followed(server: FakeOpenAI, vendor: OpenAI) -> None:
    async with FakeOpenAI() as other:
        server.script.append(Behaviour(moved_to=f"{other.url}/images/generations"))
        with pytest.raises(ProviderError) as caught:
            await run(vendor, asking())
        assert caught.value.fault is Fault.UNAVAILABLE
        assert other.requests == []
