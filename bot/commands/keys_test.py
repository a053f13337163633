"""keys-test: try a key of one's own again; the button beside it."""

from __future__ import annotations

from dataclasses import dataclass

from bot import own_keys
from bot.command import Call, Command, Reply
from core.app import App
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysTest:
    """Whose key."""

    vendor: str = option("Whose key", length_max=40, hidden=True)


async def _run(app: App, call: Call, params: KeysTest) -> Reply:
    return await own_keys.tried(app, call, params.vendor)


COMMAND = Command(
    name="keys-test",
    summary="Try a key of yours again",
    params=KeysTest,
    run=_run,
    private=True,
    hidden=True,
)
