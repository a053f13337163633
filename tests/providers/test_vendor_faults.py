"""Every vendor through every trouble: each real refusal, lost and late answers, keys that are echoed."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from providers.base import (
    Catalogued,
    Checkable,
    Credentials,
    Fault,
    Findable,
    ImageRequest,
    Model,
    OutcomeUnknown,
    Provider,
    ProviderError,
    Resumable,
    discover,
    load_models,
)
from providers.transport import _forms_of
from tests.fakes.vendor import FakeVendor, Trouble, fake_of
from tests.providers.requests import asking, ignore

MODELS = load_models()
FAKES = {name: fake for name in discover() if (fake := fake_of(name)) is not None}
ERRORS = [(name, error) for name, fake in FAKES.items() for error in fake.errors]
PAST = timedelta(minutes=5)


@pytest.fixture
async def server(request: pytest.FixtureRequest) -> AsyncIterator[FakeVendor]:
    async with FAKES[request.param]() as server:
        yield server
        assert server.violations == []


def first_model(vendor: str) -> Model:
    return next(model for model in MODELS.values() if model.vendor == vendor)


def a_request(vendor: str) -> ImageRequest:
    model = first_model(vendor)
    return replace(asking(model, model.operations[0]), count=1)


def opened(vendor: str, server: FakeVendor, key: str | None = None) -> Provider:
    provider = discover()[vendor].open(Credentials(key=key or server.key, base_url=server.url))
    assert provider is not None
    return provider


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)


def assert_no_secret(text: str, key: str) -> None:
    for form in _forms_of([key]):
        assert form not in text


@pytest.mark.parametrize(("server", "error"), ERRORS, indirect=["server"])
async def test_each_refusal_is_told_apart_and_makes_nothing(
    server: FakeVendor, error: str, request: pytest.FixtureRequest
) -> None:
    vendor = request.node.callspec.params["server"]
    provider = opened(vendor, server)
    server.script.append(Trouble(error=error, echo=True))
    with pytest.raises(ProviderError) as caught:
        await provider.run(a_request(vendor), partial=ignore, accepted=ignore)
    await provider.close()
    assert caught.value.fault is server.errors[error], caught.value
    assert isinstance(caught.value, OutcomeUnknown) == (caught.value.fault is Fault.UNKNOWN)
    assert_no_secret(told(caught.value), server.key)


@pytest.mark.parametrize("server", FAKES, indirect=True)
async def test_a_wait_that_is_asked_for_is_handed_on(
    server: FakeVendor, request: pytest.FixtureRequest
) -> None:
    vendor = request.node.callspec.params["server"]
    limits = [name for name, fault in server.errors.items() if fault is Fault.RATE_LIMITED]
    if not limits:
        return
    provider = opened(vendor, server)
    server.script.append(Trouble(error=limits[0], retry_after="17"))
    with pytest.raises(ProviderError) as caught:
        await provider.run(a_request(vendor), partial=ignore, accepted=ignore)
    await provider.close()
    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize("server", FAKES, indirect=True)
async def test_a_lost_answer_is_found_or_told_as_unknown(
    server: FakeVendor, request: pytest.FixtureRequest
) -> None:
    vendor = request.node.callspec.params["server"]
    provider = opened(vendor, server)
    asked = a_request(vendor)
    began = datetime.now(UTC) - PAST
    server.script.append(Trouble(lose=True))
    with pytest.raises(OutcomeUnknown):
        await provider.run(asked, partial=ignore, accepted=ignore)
    assert server.made == 1
    if isinstance(provider, Findable):
        assert isinstance(provider, Resumable)
        theirs = await provider.find(asked, began)
        assert theirs is not None
        result = await provider.resume(theirs, asked, partial=ignore)
        assert result.images or result.texts
        never = replace(asked, id="00000000-0000-7000-8000-000000000000", prompt="other", seed=99)
        assert await provider.find(never, began) is None
    assert server.made == 1
    await provider.close()


@pytest.mark.parametrize("server", FAKES, indirect=True)
async def test_a_late_answer_is_not_waited_for_without_end(
    server: FakeVendor, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = request.node.callspec.params["server"]
    module = importlib.import_module(f"providers.{vendor}")
    monkeypatch.setattr(module, "CALL_TIMEOUT_S", 0.3)
    provider = opened(vendor, server)
    server.script.append(Trouble(hang_s=5))
    with pytest.raises(OutcomeUnknown):
        await provider.run(a_request(vendor), partial=ignore, accepted=ignore)
    await provider.close()


@pytest.mark.parametrize("vendor", FAKES)
async def test_a_server_that_is_not_there_made_nothing(vendor: str) -> None:
    provider = discover()[vendor].open(Credentials(key="k" * 20, base_url="http://127.0.0.1:9"))
    assert provider is not None
    with pytest.raises(ProviderError) as caught:
        await provider.run(a_request(vendor), partial=ignore, accepted=ignore)
    await provider.close()
    assert caught.value.fault is Fault.UNAVAILABLE


@pytest.mark.parametrize("server", FAKES, indirect=True)
async def test_a_key_is_tried_without_paying(
    server: FakeVendor, request: pytest.FixtureRequest
) -> None:
    vendor = request.node.callspec.params["server"]
    good = opened(vendor, server)
    if isinstance(good, Catalogued):
        assert first_model(vendor).vendor_model in await good.catalogue()
    if isinstance(good, Checkable):
        await good.check()
        if Fault.BAD_KEY in server.errors.values():
            bad = opened(vendor, server, key="another-key-0123456789")
            assert isinstance(bad, Checkable)
            with pytest.raises(ProviderError) as caught:
                await bad.check()
            assert caught.value.fault is Fault.BAD_KEY
            await bad.close()
    await good.close()
    assert server.made == 0


@pytest.mark.parametrize("vendor", FAKES)
async def test_every_model_does_what_it_declares(vendor: str) -> None:
    async with FAKES[vendor]() as server:
        provider = opened(vendor, server)
        for model in MODELS.values():
            for operation in model.operations if model.vendor == vendor else ():
                request = asking(model, operation)
                result = await provider.run(request, partial=ignore, accepted=ignore)
                if operation in ("describe", "enhance"):
                    assert 1 <= len(result.texts) <= (4 if operation == "describe" else 1)
                    assert not result.images
                else:
                    assert len(result.images) == request.count
        await provider.close()
        assert server.violations == []
