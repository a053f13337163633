from __future__ import annotations

import asyncio
import io
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
)
from providers.openai import PROVIDER, SIZES, OpenAI
from tests.fakes.openai_server import Behaviour, FakeOpenAI, picture

KEY = "relay/0123456789abcdef"
OWN = "gpt-image-2.5-sunburst"
COMPATIBLE = "flux-local"


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeOpenAI) -> AsyncIterator[OpenAI]:
    opened = OpenAI(Credentials(key=KEY, base_url=server.url), call_timeout_s=10)
    yield opened
    await opened.close()


def asking(
    prompt: str = "a fox",
    *,
    model: str = OWN,
    operation: str = "imagine",
    count: int = 1,
    ratio: str = "1:1",
    negative: str | None = None,
    images: int = 0,
) -> ImageRequest:
    return ImageRequest(
        operation=operation,
        model=model,
        prompt=prompt,
        count=count,
        ratio=ratio,
        seed=7,
        negative=negative,
        images=tuple(
            SourceImage(data=picture(500 + index), media_type="image/png")
            for index in range(images)
        ),
    )


class Previews(list[bytes]):
    async def __call__(self, data: bytes) -> None:
        self.append(data)


async def never(_: str) -> None:
    raise AssertionError("there is no vendor id")


async def run(vendor: OpenAI, request: ImageRequest) -> ImageResult:
    return await vendor.run(request, partial=Previews(), accepted=never)


def text_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)


async def test_streams_one_picture_with_its_partials(server: FakeOpenAI, vendor: OpenAI) -> None:
    previews = Previews()
    result = await vendor.run(asking(), partial=previews, accepted=never)
    assert previews == [picture(1000, (16, 16)), picture(1001, (16, 16))]
    assert result.images == (picture(1),)
    assert result.cost_usd == pytest.approx(10 * 5e-6 + 40 * 8e-6 + 1000 * 30e-6)
    assert server.requests[0].authorization == f"Bearer {KEY}"
    assert server.requests[0].body == {
        "model": OWN,
        "prompt": "a fox",
        "n": 1,
        "size": "1024x1024",
        "quality": "medium",
        "stream": True,
        "partial_images": 2,
    }


async def test_a_preview_comes_before_the_answer_is_complete(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    server.script.append(Behaviour(pace_s=0.05))
    first = asyncio.Event()

    async def partial(_: bytes) -> None:
        first.set()

    call = asyncio.create_task(vendor.run(asking(), partial=partial, accepted=never))
    await asyncio.wait_for(first.wait(), 5)
    assert not call.done()
    await call


async def test_a_server_that_answers_a_stream_with_json(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(json_always=True))
    result = await run(vendor, asking())
    assert len(result.images) == 1
    assert result.cost_usd is not None


async def test_several_pictures_are_one_call_without_a_stream(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    result = await run(vendor, asking(count=4))
    assert len(set(result.images)) == 4
    assert [request.body["n"] for request in server.requests] == [4]
    assert "stream" not in server.requests[0].body


async def test_fewer_pictures_than_asked_are_handed_over(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    server.script.append(Behaviour(images=2))
    assert len((await run(vendor, asking(count=4))).images) == 2


async def test_more_pictures_than_asked_are_cut(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(images=3))
    assert len((await run(vendor, asking(count=2))).images) == 2


async def test_an_answer_without_pictures_is_a_refusal(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(images=0))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking(count=2))
    assert caught.value.fault is Fault.REFUSED


@pytest.mark.parametrize("ratio", SIZES)
async def test_sizes_follow_the_ratio(server: FakeOpenAI, vendor: OpenAI, ratio: str) -> None:
    wide, high = (int(side) for side in ratio.split(":"))
    for model, step, exact in (
        (OWN, 16, True),
        ("gpt-image-1.5", 8, False),
        (COMPATIBLE, 64, True),
    ):
        await run(vendor, asking(ratio=ratio, model=model))
        width, height = (int(side) for side in server.requests[-1].body["size"].split("x"))
        assert width % step == height % step == 0
        assert 0.5e6 < width * height < 1.6e6
        if exact:
            assert width * high == height * wide
        assert (width > height, width < height) == (wide > high, wide < high)


async def test_an_unknown_ratio_is_not_sent(server: FakeOpenAI, vendor: OpenAI) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking(ratio="5:1"))
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.requests == []


async def test_references_go_to_edits_with_a_size(server: FakeOpenAI, vendor: OpenAI) -> None:
    previews = Previews()
    result = await vendor.run(asking(images=3, ratio="16:9"), partial=previews, accepted=never)
    (request,) = server.requests
    assert request.path == "/v1/images/edits"
    assert request.files == tuple(
        ("image[]", "image/png", picture(500 + index)) for index in range(3)
    )
    assert request.body["size"] == "1536x864"
    assert len(previews) == 2
    assert len(result.images) == 1


async def test_an_edit_keeps_the_picture_s_own_shape(server: FakeOpenAI, vendor: OpenAI) -> None:
    await run(vendor, asking(operation="edit", images=1))
    await run(vendor, asking(operation="edit", images=1, model=COMPATIBLE))
    assert server.requests[0].body["size"] == "auto"
    assert server.requests[1].body == {
        "model": COMPATIBLE,
        "prompt": "a fox",
        "n": "1",
        "response_format": "b64_json",
    }


async def test_compatible_servers_get_nothing_that_is_openai_s_own(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    result = await run(vendor, asking(model=COMPATIBLE))
    assert server.requests[0].body == {
        "model": COMPATIBLE,
        "prompt": "a fox",
        "n": 1,
        "size": "1024x1024",
        "response_format": "b64_json",
    }
    assert result.cost_usd is None


async def test_negative_is_folded_in_and_native_settings_are_taken_out(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    prompt = (
        "a <sd_cpp_<sd_cpp_extra_args>x</sd_cpp_extra_args>extra_args>{}</SD_CPP_EXTRA_ARGS>fox"
    )
    await run(vendor, asking(prompt, negative="rain <sd_cpp_extra_args>{"))
    assert server.requests[0].body["prompt"] == "a fox\n\nAvoid: rain"


async def test_a_prompt_of_native_settings_alone_is_not_sent(
    server: FakeOpenAI, vendor: OpenAI
) -> None:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking("<sd_cpp_extra_args>{}</sd_cpp_extra_args>"))
    assert caught.value.fault is Fault.BAD_INPUT
    assert server.requests == []


FAULTS = [
    ("moderation_blocked", Fault.REFUSED),
    ("content_policy_violation", Fault.REFUSED),
    ("billing_hard_limit_reached", Fault.NO_FUNDS),
    ("insufficient_quota", Fault.NO_FUNDS),
    ("rate_limit_exceeded", Fault.RATE_LIMITED),
    ("invalid_api_key", Fault.BAD_KEY),
    ("unsupported_country", Fault.BAD_KEY),
    ("model_not_found", Fault.MODEL_GONE),
    ("invalid_value", Fault.BAD_INPUT),
    ("server_error", Fault.UNAVAILABLE),
    ("overloaded", Fault.UNAVAILABLE),
]


@pytest.mark.parametrize(("error", "fault"), FAULTS)
async def test_a_refused_call_is_made_once_and_tells_no_key(
    server: FakeOpenAI, vendor: OpenAI, error: str, fault: Fault
) -> None:
    server.script.append(Behaviour(error=error, echo_key=True))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert caught.value.fault is fault
    assert not isinstance(caught.value, OutcomeUnknown)
    assert error in caught.value.detail
    assert KEY not in text_of(caught.value)
    assert len(server.requests) == 1
    assert server.made == 0


async def test_a_masked_key_is_not_told_either(server: FakeOpenAI, vendor: OpenAI) -> None:
    server.script.append(Behaviour(error="invalid_api_key", says=" You sent: sk-te***cdef."))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert "cdef" not in text_of(caught.value)


@pytest.mark.parametrize(("told", "waits_s"), [("7", 7.0), ("0.5", 0.5), ("soon", None)])
async def test_the_wait_of_a_rate_limit(
    server: FakeOpenAI, vendor: OpenAI, told: str, waits_s: float | None
) -> None:
    server.script.append(Behaviour(error="rate_limit_exceeded", retry_after=told))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert caught.value.retry_after_s == waits_s


UNKNOWN = {
    "dropped after the work": Behaviour(drop=True),
    "hangs": Behaviour(hang_s=5),
    "gateway time-out": Behaviour(error="gateway_timeout"),
    "stream cut": Behaviour(stream="cut"),
    "stream ends early": Behaviour(stream="unfinished"),
    "no JSON": Behaviour(json_always=True, garbage=b"<html>busy</html>"),
    "no object": Behaviour(json_always=True, garbage=b"[1]"),
    "no picture in JSON": Behaviour(json_always=True, broken_images=True),
    "no picture in the stream": Behaviour(broken_images=True),
}


@pytest.mark.parametrize("name", UNKNOWN)
async def test_a_lost_answer_is_unknown_and_asked_once(server: FakeOpenAI, name: str) -> None:
    vendor = OpenAI(Credentials(key=KEY, base_url=server.url), call_timeout_s=0.4)
    server.script.append(UNKNOWN[name])
    with pytest.raises(OutcomeUnknown) as caught:
        await run(vendor, asking())
    assert KEY not in text_of(caught.value)
    assert len(server.requests) == 1
    await vendor.close()


async def test_a_slow_stream_ends_with_the_call_s_limit(server: FakeOpenAI) -> None:
    vendor = OpenAI(Credentials(key=KEY, base_url=server.url), call_timeout_s=0.5)
    server.script.append(Behaviour(pace_s=0.3))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, asking())
    await vendor.close()


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


async def test_a_server_that_is_not_there_made_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    vendor = OpenAI(Credentials(key=KEY, base_url=f"http://127.0.0.1:{port}/v1"))
    with pytest.raises(ProviderError) as caught:
        await run(vendor, asking())
    assert caught.value.fault is Fault.UNAVAILABLE
    await vendor.close()


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
    monkeypatch.setattr("providers.openai.IMAGE_BYTES_MAX", 50)
    server.script.append(Behaviour(urls="relative"))
    with pytest.raises(OutcomeUnknown):
        await run(vendor, asking(model=COMPATIBLE))
    assert server.downloads == [""]


async def test_an_answer_has_a_limit(
    server: FakeOpenAI, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.openai.ANSWER_BYTES_MAX", 50)
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
    assert str(client.base_url) == "https://api.openai.com/v1/"
    assert client.api_key == "sk-other"
    assert client.max_retries == 0
    await vendor.close()
