"""Moderation: what is asked for is judged before anybody is paid for it, where the operator wants that."""

from __future__ import annotations

import structlog

from core.app import App
from core.errors import UserError
from providers.base import ImageRequest, Moderating, ProviderError

log = structlog.get_logger(__name__)


async def check(app: App, params: object, request: ImageRequest) -> None:
    """Raise UserError for what is flagged, and where nobody can judge it now: nothing goes unseen."""
    if not app.rules.moderate:
        return
    # Some vendors take what to leave out as a part of the prompt, though the first may not.
    names = ("negative", "style_negative")
    words = (request.prompt, *(getattr(params, name, None) for name in names))
    text = "\n".join(word for word in words if word)
    for name, provider in app.providers.items():
        if not isinstance(provider, Moderating):
            continue
        try:
            flagged = await provider.moderate(text, request.images)
        except ProviderError as error:
            log.warning("moderation did not answer", vendor=name, error=str(error))
            continue
        if flagged:
            raise UserError("moderation-flagged", categories=", ".join(sorted(flagged)))
        return
    raise UserError("moderation-away")
