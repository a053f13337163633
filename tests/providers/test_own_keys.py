"""Vendors that people bring keys for: what the rules ask of each of them."""

from __future__ import annotations

import re

import pytest

from providers.base import Checkable, Credentials, Vendor, discover

FOR_OWN_KEYS = [vendor for vendor in discover().values() if vendor.own_keys]


@pytest.mark.parametrize("vendor", FOR_OWN_KEYS, ids=lambda vendor: vendor.name)
async def test_a_vendor_for_own_keys_opens_with_one_and_can_try_it(vendor: Vendor) -> None:
    assert vendor.keys_url is not None
    assert vendor.keys_url.startswith("https://")
    if vendor.key_pattern is not None:
        assert re.search(vendor.key_pattern, "") is None
    opened = vendor.open(Credentials(key="0123456789abcdef"))
    assert opened is not None
    tried: object = opened
    assert isinstance(tried, Checkable)
    await opened.close()
