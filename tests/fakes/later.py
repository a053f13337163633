"""The machine's clock, set forward by a test."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.clock import SystemClock


class Later:
    """Goes on by itself, and is `ahead` by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The present moment, and more."""
        return SystemClock().now() + self.ahead

    def steady_s(self) -> float:
        """Seconds for measuring spans."""
        return SystemClock().steady_s()
