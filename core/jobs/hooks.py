"""Webhooks of vendors: a call that is done tells its id, also where the answer to it was lost."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from core.app import App
from core.errors import NotFound
from providers.base import Hooked, ProviderError
from storage import attempts


class HookDelayed(Exception):
    """The vendor cannot be asked now whether it sent this; it will send it again."""


def address(app: App, vendor: str, call_id: str) -> str | None:
    """Where a vendor may tell that a call is done; None where it cannot reach us."""
    provider: object = app.providers.get(vendor)
    if app.rules.hooks_url is None or not isinstance(provider, Hooked):
        return None
    return f"{app.rules.hooks_url}/webhooks/{vendor}?call={call_id}"


async def hear(
    app: App, vendor: str, call_id: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Keep the vendor's id with the call; again is harmless.

    Raises NotFound where the vendor did not send it, HookDelayed.
    """
    provider: object = app.providers.get(vendor)
    if not isinstance(provider, Hooked):
        raise NotFound("page-not-found")
    try:
        theirs = await provider.hear(headers, body, app.clock.now().timestamp())
    except ProviderError as error:
        raise HookDelayed(error.detail) from error
    if theirs is None:
        raise NotFound("page-not-found")
    try:
        attempt_id = UUID(call_id).hex
    except ValueError as error:
        raise NotFound("page-not-found") from error
    await app.database.statement(attempts.name_at, attempt_id, vendor, theirs)
