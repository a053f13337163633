"""Who wants results for themselves: known without asking the database anew for every command."""

from __future__ import annotations

import asyncio

import structlog

from core import preferences
from core.app import App
from storage import preferences as stored
from storage.database import UNREACHABLE

log = structlog.get_logger(__name__)

LIFE_S = 5.0
# Older than this, what is known is waited for before it is used.
AGE_S_MAX = 10.0
PEOPLE_MAX = 100_000
UNSURE_MAX = 10_000


class Discretion:
    """The people of a platform who want results for themselves, as of some seconds ago at most.

    It is asked before the first answer of a command, which must not wait for a busy database.
    """

    def __init__(self, app: App, platform: str) -> None:
        self._app = app
        self._platform = platform
        self._known: frozenset[str] = frozenset()
        self._known_s: float | None = None
        self._unsure: set[str] = set()
        self._reading: asyncio.Task[None] | None = None

    async def wanted(self, external_id: str) -> bool:
        """Whether somebody wants it; not, where that is not found out in a moment."""
        if external_id in self._unsure:
            chosen = await preferences.glance(self._app, self._platform, external_id)
            return bool(chosen.private)
        age_s = self._age_s()
        if age_s > LIFE_S:
            reading = self._read()
            if age_s > AGE_S_MAX:
                await asyncio.wait({reading}, timeout=preferences.GLANCE_S_MAX)
        return external_id in self._known

    def forget(self, external_id: str) -> None:
        """Somebody may have changed it just now."""
        self._unsure.add(external_id)
        if len(self._unsure) > UNSURE_MAX:
            self._unsure.clear()
            self._known_s = None

    def _age_s(self) -> float:
        if self._known_s is None:
            return float("inf")
        return self._app.clock.steady_s() - self._known_s

    def _read(self) -> asyncio.Task[None]:
        """Find out anew, once at a time."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._find_out())
        return self._reading

    async def _find_out(self) -> None:
        began_s, unsure = self._app.clock.steady_s(), frozenset(self._unsure)
        try:
            found = await self._app.database.read(stored.discreet, self._platform, PEOPLE_MAX)
        except UNREACHABLE as error:
            log.warning("settings not read", error=type(error).__name__)
            return
        self._known, self._known_s = frozenset(found), began_s
        self._unsure -= unsure
