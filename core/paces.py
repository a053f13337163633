"""How long it will take: from what the same model really took lately, remembered for a moment."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta

from storage import paces
from storage.database import Database

LATELY = timedelta(days=1)
CALLS_MAX = 30
RUNNING_MAX = 1000
FRESH = timedelta(seconds=30)


class Paces:
    """The medians of models' latest calls; each is asked for anew after FRESH."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, float | None]] = {}

    async def call_s(self, database: Database, model: str, now: datetime) -> float | None:
        """Seconds that a call of this model takes; None where nobody has called it lately."""
        known = self._known.get(model)
        if known is not None and timedelta() <= now - known[0] < FRESH:
            return known[1]
        took = await database.read(paces.took, model, now - LATELY, CALLS_MAX)
        typical = statistics.median(took) if took else None
        self._known[model] = (now, typical)
        return typical

    async def ready_s(
        self, database: Database, model: str, ahead: int, now: datetime
    ) -> float | None:
        """Seconds until a job is done that has so many before it: they share what runs now."""
        typical = await self.call_s(database, model, now)
        if typical is None or not ahead:
            return typical
        side_by_side = max(1, await database.read(paces.running, RUNNING_MAX))
        return typical * (1 + ahead / side_by_side)
