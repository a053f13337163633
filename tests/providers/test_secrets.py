"""No key in what is raised, printed or logged, whatever a vendor's server says of it."""

from __future__ import annotations

import asyncio
import base64
import html
import importlib
import io
import json
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote, quote_plus

import pytest
import structlog

from bot.log import configure
from providers.base import (
    Cancellable,
    Catalogued,
    Checkable,
    Credentials,
    Findable,
    ImageRequest,
    Provider,
    ProviderError,
    Resumable,
    discover,
    load_models,
)
from tests.fakes.vendor import Trouble, fake_of
from tests.providers.requests import asking, ignore

VENDORS = discover()
FAKES = {name: fake for name in VENDORS if (fake := fake_of(name)) is not None}
CALLS_AT_ONCE = 5

CANARIES = (
    "canary0123456789abcdef0123456789",
    "sk-canary-proj-T3BlbkFJ_0123456789",
    "r8_canary0123456789abcdefABCDEF01",
    "hf_canaryABCDEFghijklMNOPqrstuv",
    "AIzaCanary-0123456789_abcdefghijklm",
    "xai-canary0123456789ABCDEF",
    "sk_canary_0123456789",
    "canary/0123/4567/89ab",
    "canary+0123+4567+89ab",
    "Y2FuYXJ5MDEyMzQ1Njc4OQ==",
    "canary&0123=4567&89ab",
    "canary%2F0123%204567",
    "canary\"0123'4567",
    "canary<0123>4567",
    "canary 0123 4567",
    "canary:0123@4567#89ab",
    "canary{0123}[4567]",
    "canary$0123`4567~",
    "eyJjYW5hcnki.eyJzdWIiOiIwMTIz.c2lnbmF0dXJlLWNhbmFyeQ",
    "canary" + "0123456789abcdef" * 16,
)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged at DEBUG, as the bot writes it, with no key that it would know to hide."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    out = io.StringIO()
    configure("debug", "json", stream=out)
    yield out
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor in FAKES:
        module = importlib.import_module(f"providers.{vendor}")
        monkeypatch.setattr(module, "POLL_S", 0.01, raising=False)


def forms(key: str) -> set[str]:
    """How a key may be echoed; written apart from what hides it."""
    found = {key, repr(key)[1:-1], html.escape(key), quote_plus(key)}
    found |= {quote(key), quote(key, safe=""), quote(key, safe="").lower()}
    found |= {json.dumps(key)[1:-1], json.dumps(key).replace("/", "\\/")[1:-1]}
    found.add(json.dumps(json.dumps(key))[3:-3])
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # The letters at both ends hold bits of what stands beside the key.
            found.add(encode(b":" * before + key.encode()).decode().rstrip("=")[4:-2])
    return found


def assert_no_canary(text: str, key: str) -> None:
    for form in forms(key):
        assert form not in text, text[max(0, text.index(form) - 200) :][:400]


async def attempt(call: Callable[[], Awaitable[object]], log: logging.Logger) -> str:
    """What a call says in the end; its error is logged as well, as a worker would."""
    try:
        return repr(await call())
    except ProviderError as error:
        log.error("failed: %s", error, exc_info=error)
        log.debug("%r %r", error, error.args)
        return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


async def looked(provider: Provider, request: ImageRequest, log: logging.Logger) -> str:
    """What everything else than `run` says."""
    since = datetime.now(UTC) - timedelta(minutes=5)
    told = repr(provider)
    if isinstance(provider, Checkable):
        told += await attempt(provider.check, log)
    if isinstance(provider, Catalogued):
        told += await attempt(provider.catalogue, log)
    if isinstance(provider, Findable):
        told += await attempt(partial(provider.find, request, since), log)
    if isinstance(provider, Resumable):
        told += await attempt(partial(provider.resume, "id", request, partial=ignore), log)
    if isinstance(provider, Cancellable):
        told += await attempt(partial(provider.cancel, "id"), log)
    return told


async def tormented(vendor: str, key: str, log: logging.Logger) -> str:
    """All that a vendor says with one key, through each error, a lost answer, and a wrong key."""
    rows = [model for model in load_models().values() if model.vendor == vendor]
    requests = [asking(model, operation) for model in rows[:1] for operation in model.operations]
    told = ""
    async with type("Canary", (FAKES[vendor],), {"key": key})() as server:
        credentials = Credentials(key=key, base_url=server.url)
        provider = VENDORS[vendor].open(credentials)
        assert provider is not None
        run = partial(provider.run, partial=ignore, accepted=ignore)
        for request in requests:
            for error in server.errors:
                server.script.append(Trouble(error=error, echo=True, retry_after=key))
                told += await attempt(partial(run, request), log)
                server.script.clear()
        server.script.append(Trouble(lose=True))
        told += await attempt(partial(run, requests[0]), log)
        server.script.clear()
        told += await looked(provider, requests[0], log)
        # The server takes another key now, and says so.
        vars(server)["key"] = "another-key-0123456789"
        told += await attempt(partial(run, requests[0]), log)
        told += await looked(provider, requests[0], log)
    told += await attempt(partial(run, requests[0]), log)  # nobody is there
    await provider.close()
    return told + repr(credentials) + repr(VENDORS[vendor])


@pytest.mark.parametrize("vendor", FAKES)
async def test_no_key_is_told_or_logged(vendor: str, logged: io.StringIO) -> None:
    at_once = asyncio.Semaphore(CALLS_AT_ONCE)

    async def one(key: str) -> str:
        async with at_once:
            return await tormented(vendor, key, logging.getLogger(f"bot.{vendor}"))

    told = await asyncio.gather(*(one(key) for key in CANARIES))
    assert "failed: " in logged.getvalue()
    for key, text in zip(CANARIES, told, strict=True):
        assert "Traceback" in text
        assert_no_canary(text, key)
        assert_no_canary(logged.getvalue(), key)


def test_a_canary_that_sang_would_be_heard(logged: io.StringIO) -> None:
    """The test of the test: each form is found in a log that holds it."""
    for key in CANARIES:
        for form in forms(key):
            with pytest.raises(AssertionError):
                assert_no_canary(f"before {form} after", key)
    logging.getLogger("bot.x").debug("sent %s", CANARIES[0])
    with pytest.raises(AssertionError):
        assert_no_canary(logged.getvalue(), CANARIES[0])


def test_there_are_vendors_to_try() -> None:
    assert FAKES
    assert len(set(CANARIES)) == 20
