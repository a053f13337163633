"""A studio with a scripted vendor behind the model gpt-image-2.5-flare."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.app import Rules
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio, studio

RULES = Rules(
    signup_credits=10,
    queued_max=3,
    running_max=2,
    vendor_order=("openai", "sketch"),
    lease_s=0.6,
    beat_s=0.1,
    call_s_max=5.0,
)


@pytest.fixture
def vendor() -> Scripted:
    """What the operator pays for."""
    return Scripted()


@pytest.fixture
async def room(database_url: str, tmp_path: Path, vendor: Scripted) -> AsyncIterator[Studio]:
    """An Atelier on each database."""
    async with studio(database_url, tmp_path, rules=RULES, providers={"openai": vendor}) as opened:
        yield opened
