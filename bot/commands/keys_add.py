"""keys-add: a key put into the window that the button of its vendor opens."""

from __future__ import annotations

from dataclasses import dataclass

from bot import own_keys
from bot.command import Call, Command, Reply
from core import keys
from core.app import App
from core.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysAdd:
    """Whose key, and the key."""

    vendor: str = option("Whose key", length_max=40, hidden=True)
    key: str = option("The key", length_max=keys.SECRET_LENGTH_MAX, hidden=True, secret=True)


async def _run(app: App, call: Call, params: KeysAdd) -> Reply:
    return Reply(lines=own_keys.added(await keys.add(app, call.person, params.vendor, params.key)))


COMMAND = Command(
    name="keys-add",
    summary="Put in a key of yours",
    params=KeysAdd,
    run=_run,
    private=True,
    hidden=True,
    # Nowhere else is a form a window: it would be a message that stays in the chat.
    platforms=frozenset({own_keys.WITH_WINDOW}),
)
