"""What people are told where a vendor made nothing, by its fault and by whose key it was."""

from __future__ import annotations

from core.app import App
from core.choice import Choice
from core.errors import UserError
from providers.base import Fault, ProviderError

# What is wrong with the request itself is so for every vendor, or must not be taken to a laxer one.
ENDS = frozenset({Fault.REFUSED, Fault.BAD_INPUT})

_KEYS = {
    Fault.BAD_KEY: "provider-bad-key",
    Fault.NO_FUNDS: "provider-no-funds",
    Fault.RATE_LIMITED: "provider-rate-limited",
    Fault.REFUSED: "provider-refused",
    Fault.BAD_INPUT: "provider-bad-input",
    Fault.MODEL_GONE: "provider-model-gone",
    Fault.UNAVAILABLE: "provider-unavailable",
    Fault.UNKNOWN: "provider-unknown",
}

_OWN_KEYS = {
    Fault.BAD_KEY: "own-key-bad",
    Fault.NO_FUNDS: "own-key-no-funds",
    Fault.RATE_LIMITED: "own-key-rate-limited",
    Fault.UNKNOWN: "own-key-unknown",
}


def told(app: App, choice: Choice, error: ProviderError) -> UserError:
    """The sentence for a call that came to nothing."""
    if isinstance(error.__cause__, UserError):
        return error.__cause__
    keys_of = _OWN_KEYS if choice.own_key else {}
    key = keys_of.get(error.fault) or _KEYS[error.fault]
    vendor = app.vendors.get(choice.model.vendor)
    title = choice.model.vendor if vendor is None else vendor.title
    return UserError(key, model=choice.model.title, vendor=title)
