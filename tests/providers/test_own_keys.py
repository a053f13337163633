"""Vendors that people bring keys for: what the rules ask of each of them."""

from __future__ import annotations

import re

from providers.base import Checkable, Credentials, discover


async def test_a_vendor_for_own_keys_opens_with_one_and_can_try_it() -> None:
    for vendor in discover().values():
        if not vendor.own_keys:
            continue
        assert vendor.keys_url is not None, vendor.name
        assert vendor.keys_url.startswith("https://"), vendor.name
        if vendor.key_pattern is not None:
            assert re.search(vendor.key_pattern, "") is None, vendor.name
        opened = vendor.open(Credentials(key="0123456789abcdef"))
        assert opened is not None, vendor.name
        tried = opened
        assert isinstance(tried, Checkable), vendor.name
        await opened.close()
