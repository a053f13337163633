"""keys-remove: forget a key of one's own; the button beside it."""

from __future__ import annotations

from dataclasses import dataclass

from bot import own_keys
from bot.command import Call, Command, Reply
from core.app import App
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRemove:
    """Whose key."""

    vendor: str = option("Whose key", length_max=40, hidden=True)


async def _run(app: App, call: Call, params: KeysRemove) -> Reply:
    return await own_keys.removed(app, call, params.vendor)


COMMAND = Command(
    name="keys-remove",
    summary="Forget a key of yours",
    params=KeysRemove,
    run=_run,
    private=True,
    hidden=True,
)
