"""Discord Premium Apps: what people bought is credited, and only then used up at Discord."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from bot.discord import events, rest
from bot.discord.rest import Rest, RestLimited, RestLost, RestRefused
from bot.settings import Settings
from core import premium
from core.app import App
from core.premium import Entitlement

log = structlog.get_logger(__name__)

TRIES_MAX = 3
PAUSE_S = 0.5
WATCH_S = 3600.0
WATCH_RETRY_S = 60.0
_TOKEN_REFUSED = {401, 403}


class Premium:
    """The till of one application."""

    def __init__(self, app: App, client: Rest) -> None:
        self._app = app
        self._rest = client
        self._used: set[str] = set()
        self._unfinished = asyncio.Event()

    async def take(self, application: str, item: Entitlement, language: str = "en") -> bool:
        """Credit what was bought, then use it up, each once however often it is told.

        False where it was known. What is left undone is done by the next look.
        """
        done = False
        try:
            new = await premium.take_in(self._app, item, language)
            done = await self._use_up(application, item)
        finally:
            if not done:
                self._unfinished.set()
        return new

    async def watch(self, application: str) -> None:
        """Look at the start and hourly for what was bought or taken back unheard."""
        while premium.packs(self._app.rules):
            (ended,) = await asyncio.gather(self.catch_up(application), return_exceptions=True)
            if isinstance(ended, BaseException):
                log.warning("entitlements not read", error=type(ended).__name__)
                self._unfinished.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S):
                    await self._unfinished.wait()
                    await asyncio.sleep(WATCH_RETRY_S)
            self._unfinished.clear()

    async def catch_up(self, application: str) -> int:
        """Take in all that Discord lists; how much of it was new. Raises the errors of Rest."""
        skus = ",".join(pack.sku for pack in premium.packs(self._app.rules) if pack.sku)
        count, after = 0, "0"
        while True:
            page = await self._rest.call(rest.entitlements(application, skus, after))
            for told in page:
                count += await self.take(application, events.entitlement(told))
            if len(page) < rest.ENTITLEMENTS_PAGE:
                break
            after = max((str(told["id"]) for told in page), key=int)
        if count:
            log.info("payments caught up", count=count)
        return count

    async def _use_up(self, application: str, item: Entitlement) -> bool:
        """Use up what is credited, so that it can be bought again; False where that is still to do."""
        if item.id in self._used or not premium.is_open(self._app.rules, item):
            return True
        self._used.add(item.id)
        if await self._consumed(application, item.id):
            return True
        self._used.discard(item.id)
        return False

    async def _consumed(self, application: str, entitlement: str) -> bool:
        for attempt in range(1, TRIES_MAX + 1):
            try:
                await self._rest.call(rest.consume(application, entitlement))
            except RestRefused as error:
                # Where an answer was lost it is used up already, and refused from then on.
                log.warning("entitlement not used up", error=str(error))
                return error.status not in _TOKEN_REFUSED
            except (RestLimited, RestLost) as error:
                log.warning("entitlement not used up", error=str(error), attempt=attempt)
            else:
                return True
            if attempt < TRIES_MAX:
                await asyncio.sleep(PAUSE_S * attempt)
        return False


async def catch_up(app: App, settings: Settings) -> int:
    """Take in all that Discord lists, for the command line; how much of it was new."""
    assert settings.discord_token is not None
    client = Rest(
        api_url=settings.discord_api_url,
        token=settings.discord_token.get_secret_value(),
        clock=app.clock,
    )
    try:
        me = await client.call(rest.application())
        return await Premium(app, client).catch_up(str(me["id"]))
    finally:
        await client.close()
