"""Stripe's library, imported when it is first used, beside the loop: 24 MB and a tenth of a second."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import ModuleType

NAME = "stripe"


async def library() -> ModuleType:
    """The module `stripe`."""
    found = sys.modules.get(NAME)
    # One that another thread is still importing is waited for there.
    if found is None or getattr(found.__spec__, "_initializing", False):
        found = await asyncio.to_thread(importlib.import_module, NAME)
    return found
