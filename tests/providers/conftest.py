"""A local server that speaks OpenAI's protocol, and the provider that calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from providers.base import (
    Credentials,
)
from providers.openai import OpenAI
from tests.fakes.openai_server import FakeOpenAI
from tests.providers.asking import KEY


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeOpenAI) -> AsyncIterator[OpenAI]:
    opened = OpenAI(Credentials(key=KEY, base_url=server.url))
    yield opened
    await opened.close()
