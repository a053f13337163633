"""Progress: passing edits of the waiting message, seldom, and never after the result."""

from __future__ import annotations

import asyncio
import math

from core import records
from core.app import App
from core.errors import BadImage
from core.jobs import places
from core.jobs.compose import passing, ready
from core.messenger import Attached, Say
from providers.base import Step
from storage import jobs
from storage.jobs import JobRow

FIRST_S = 0.7


class Progress:
    """Shows how far a job is, with its latest preview; `run` is cancelled before the result is shown."""

    def __init__(self, app: App, job: JobRow) -> None:
        self._app = app
        self._job = job
        self._preview: bytes | None = None
        self._step = Step()
        self._rest_s = 0.0
        self._news = asyncio.Event()
        self._news.set()

    async def partial(self, news: bytes | Step) -> None:
        """Take a preview from the vendor, or how far it is; only the latest is shown."""
        if isinstance(news, Step):
            self._step = news
        else:
            self._preview = news
        self._news.set()

    async def rest(self, wait_s: float) -> None:
        """Wait for a vendor that is too busy, and tell so."""
        self._rest_s = wait_s
        self._news.set()
        await asyncio.sleep(wait_s)
        self._rest_s = 0.0
        self._news.set()

    async def run(self) -> None:
        """Show the first sign after a moment, then each preview, no more often than allowed."""
        await asyncio.sleep(FIRST_S)
        while True:
            await self._news.wait()
            self._news.clear()
            await self._show()
            await asyncio.sleep(self._app.rules.progress_s)

    async def _show(self) -> None:
        row = await self._app.database.read(jobs.get, self._job.id)
        if row is None or row.answered_at is None or row.epoch != self._job.epoch:
            row = None
        if row is None or places.is_told(row, self._app.clock.now()):
            self._news.set()
            return
        address = records.read_address(row.address)
        messenger = self._app.messengers.get(address.platform)
        if messenger is None:
            return
        attached = await self._attached(messenger.limits.bytes_max)
        lines = (self._line(), *await self._ready(row))
        await messenger.progress(address, passing(self._app, row, lines, attached))

    async def _ready(self, row: JobRow) -> tuple[Say, ...]:
        """How long it will still take, where the vendor itself does not tell how far it is."""
        if row.model is None or row.started_at is None or self._rest_s or self._step != Step():
            return ()
        now = self._app.clock.now()
        typical = await self._app.paces.call_s(self._app.database, row.model, now)
        if typical is None:
            return ()
        return ready(self._app, typical - (now - row.started_at).total_seconds())

    def _line(self) -> Say:
        if self._rest_s:
            return Say(key="working-busy", values={"seconds": math.ceil(self._rest_s)})
        if self._step.loading_s is not None:
            return Say(key="working-loading", values={"seconds": math.ceil(self._step.loading_s)})
        if self._step.part is not None:
            return Say(key="working-part", values={"percent": int(self._step.part * 100)})
        return Say(key="working")

    async def _attached(self, bytes_max: int) -> tuple[Attached, ...]:
        if self._preview is None:
            return ()
        try:
            encoded = await self._app.images.admit(self._preview)
        except BadImage:
            return ()
        if len(encoded.data) > bytes_max:
            return ()
        name = f"preview.{encoded.media_type.partition('/')[2]}"
        return (Attached(name=name, media_type=encoded.media_type, data=encoded.data),)
