"""The Telegram frontend: commands in, waiting messages out, over the Bot API."""

from __future__ import annotations

import os

# The library's own switch for durations as timedelta; without it every 429 also warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")  # noqa: TID251 - set for the library, not read
