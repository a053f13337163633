"""A vendor that answers in words, with its local server: what it says next, and what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from providers.base import (
    Credentials,
    ImageResult,
    Model,
    Provider,
    ProviderError,
    discover,
    load_models,
)
from tests.fakes import google_server, openai_server, xai_server
from tests.fakes.vendor import FakeVendor, fake_of
from tests.providers.requests import asking, ignore


def writers(operation: str) -> dict[str, Model]:
    """The vendors that do this, each with its first model for it."""
    rows = [model for model in load_models().values() if operation in model.operations]
    return {model.vendor: model for model in reversed(rows)}


@dataclass(kw_only=True)
class Room:
    """A vendor with its local server."""

    vendor: str
    server: FakeVendor
    provider: Provider

    async def enhance(self, prompt: str = "a fox") -> ImageResult:
        asked = replace(asking(writers("enhance")[self.vendor], "enhance"), prompt=prompt)
        return await self.provider.run(asked, partial=ignore, accepted=ignore)

    async def describe(self) -> ImageResult:
        asked = asking(writers("describe")[self.vendor], "describe")
        return await self.provider.run(asked, partial=ignore, accepted=ignore)

    async def fails(self, operation: str = "enhance") -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            await (self.enhance() if operation == "enhance" else self.describe())
        return caught.value

    def says(self, text: str) -> None:
        """What the model writes next."""
        match self.server:
            case openai_server.FakeOpenAI():
                self.server.script.append(openai_server.Behaviour(words=text))
            case google_server.FakeGoogle():
                self.server.answers.append(google_server.described(text))
            case xai_server.FakeXAI():
                self.server.answers.append(xai_server.chatted(text))

    def heard(self) -> tuple[str, str]:
        """What the model was told to do, and with which words."""
        body: Any = self.server.seen[-1].body
        if "messages" in body:
            system, person = body["messages"]
            assert (system["role"], person["role"]) == ("system", "user")
            return system["content"], person["content"]
        (part,) = body["contents"][0]["parts"]
        return body["systemInstruction"]["parts"][0]["text"], part["text"]


@asynccontextmanager
async def opened(vendor: str) -> AsyncIterator[Room]:
    """A vendor's room, which it leaves without violations."""
    fake = fake_of(vendor)
    assert fake is not None
    async with fake() as server:
        provider = discover()[vendor].open(Credentials(key=server.key, base_url=server.url))
        assert provider is not None
        yield Room(vendor=vendor, server=server, provider=provider)
        await provider.close()
        assert server.violations == []
