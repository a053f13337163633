"""The one clock: wall time for rows, steady time for durations; tests hold it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where every part of Atelier takes its time from."""

    def now(self) -> datetime:
        """Wall time, in UTC."""
        ...

    def steady_s(self) -> float:
        """Seconds on a clock that never steps back."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Wall time, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one clock

    def steady_s(self) -> float:
        """Seconds on a clock that never steps back."""
        return time.monotonic()
