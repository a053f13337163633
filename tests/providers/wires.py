"""Connections that carry a key, as the tests of the transport make them."""

from __future__ import annotations

import pytest

from providers.base import Fault, OutcomeUnknown, ProviderError
from providers.transport import Wire

KEY = "key/0123456789abcdef+canary"


def keyed(url: str, key: str = KEY) -> Wire:
    return Wire(url, headers={"Authorization": f"Bearer {key}"}, secrets=[key])


async def failing(
    wire: Wire, *, method: str = "POST", makes: bool = True, timeout_s: float = 5
) -> ProviderError:
    """The error of a call; nothing but our own errors may come."""
    with pytest.raises(ProviderError) as caught:
        await wire.ask(method, "/x", timeout_s=timeout_s, makes=makes)
    await wire.close()
    assert KEY not in str(caught.value)
    return caught.value


def assert_lost(error: ProviderError, *, makes: bool) -> None:
    assert isinstance(error, OutcomeUnknown) == makes
    assert error.fault is (Fault.UNKNOWN if makes else Fault.UNAVAILABLE)
