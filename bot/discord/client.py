"""The Discord frontend: the gateway connection, kept up within the budget of identifications."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import deque
from collections.abc import Collection
from typing import Any, Protocol

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord import commands, events, rest
from bot.discord.answers import Answers
from bot.discord.premium import Premium
from bot.discord.rest import API_URL, Rest, RestLimited, RestLost, RestRefused
from bot.discord.saying import Saying
from bot.discord.uploads import Uploads
from bot.dispatch import Dispatch
from bot.links import Links
from bot.settings import Settings
from core.clock import Clock
from core.premium import Entitlement

log = structlog.get_logger(__name__)

UNAUTHORIZED = 401
GATEWAY_URL = "wss://gateway.discord.gg/"
PAUSE_S_MIN = 1.0
PAUSE_S_MAX = 300.0
STEADY_S = 600.0
TOKEN_PAUSE_S = 300.0
IDENTIFIES_MAX = 400
IDENTIFIES_WINDOW_S = 86_400.0
DRAIN_S_MAX = 5.0
RATE_LIMIT_S_MAX = 60.0
_BREAKS = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)


class Parts(Protocol):
    """What a process gives to the frontend."""

    @property
    def dispatch(self) -> Dispatch:
        """The way to the rules."""
        ...

    @property
    def links(self) -> Links:
        """Links to stored pictures."""
        ...

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        ...


class Budget:
    """Counts identifications; over 1,000 a day Discord ends every session and resets the token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: deque[float] = deque()

    def wait_s(self) -> float:
        """How long the next one must wait, in seconds."""
        now = self._clock.steady_s()
        while self._times and self._times[0] <= now - IDENTIFIES_WINDOW_S:
            self._times.popleft()
        if len(self._times) < IDENTIFIES_MAX:
            return 0.0
        return self._times[0] + IDENTIFIES_WINDOW_S - now

    def spend(self) -> None:
        """One more has happened."""
        self._times.append(self._clock.steady_s())


# They warn at each start that nobody will hear us.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class Gateway(discord.AutoShardedClient):
    """Hears interactions and purchases, nothing else: no caches, no privileged intents."""

    def __init__(
        self,
        answers: Answers,
        client: Rest,
        dispatch: Dispatch,
        budget: Budget,
        premium: Premium,
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=RATE_LIMIT_S_MAX,
        )
        self._answers = answers
        self._rest = client
        self._dispatch = dispatch
        self._budget = budget
        self._premium = premium
        self._watching: asyncio.Task[None] | None = None
        self._handling: set[asyncio.Task[Any]] = set()
        self._launched: set[int] = set()
        self._syncing: asyncio.Task[bool] | None = None

    async def setup_hook(self) -> None:
        """Compare the commands with Discord's while the gateway connects."""
        self._syncing = asyncio.create_task(
            commands.sync(self._rest, str(self.application_id), self._dispatch.catalogue)
        )
        self._watching = asyncio.create_task(self._premium.watch(str(self.application_id)))

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Give up on the second try: discord.py's own would go on at one pace, ever deeper."""
        if shard_id in self._launched:
            raise discord.GatewayNotFound
        self._launched.add(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Stay within the budget."""
        if self._budget.wait_s() > 0:
            raise discord.GatewayNotFound
        self._budget.spend()
        await super().before_identify_hook(shard_id, initial=initial)

    async def on_ready(self) -> None:
        """Told once the gateway has shown everything."""
        log.info("discord connected", shards=self.shard_count, guilds=len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Hand an interaction over as an event."""
        event = events.read(interaction)
        task = asyncio.current_task()
        if event is None or task is None:
            return
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)
        await self._answers.handle(event)
        for item in interaction.entitlements:
            await self._take(events.owned(item), event.language)

    async def on_entitlement_create(self, item: discord.Entitlement) -> None:
        """Somebody bought something."""
        await self._take(events.owned(item))

    async def on_entitlement_update(self, item: discord.Entitlement) -> None:
        """Something that somebody bought has changed."""
        await self._take(events.owned(item))

    async def on_entitlement_delete(self, item: discord.Entitlement) -> None:
        """Discord gave somebody the money back."""
        await self._take(dataclasses.replace(events.owned(item), deleted=True))

    async def _take(self, item: Entitlement, language: str = "en") -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)
        await self._premium.take(str(self.application_id), item, language)

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        """An error of ours in one event ends that event alone."""
        log.exception("event failed", method=event_method)

    async def drain(self) -> None:
        """End in good order: what is being answered gets a moment."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        tasks: set[asyncio.Task[Any]] = set(self._handling)
        if self._syncing is not None:
            tasks.add(self._syncing)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=DRAIN_S_MAX)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class Frontend:
    """Keeps a gateway client running; a new one each time, for discord.py's cannot be used again."""

    def __init__(
        self,
        *,
        token: str,
        api_url: str | None,
        dispatch: Dispatch,
        links: Links | None,
        clock: Clock,
        roles: Collection[str] = (),
    ) -> None:
        self._token = token
        self._api_url = api_url
        self._dispatch = dispatch
        self._clock = clock
        self._rest = Rest(api_url=api_url, token=token, clock=clock)
        self._uploads = Uploads(api_url)
        self._answers = Answers(dispatch, Saying(self._rest, links), self._uploads, roles)
        self._premium = Premium(dispatch.app, self._rest)
        self._budget = Budget(clock)

    async def run(self) -> None:
        """Serve until cancelled."""
        pause_s = PAUSE_S_MIN
        try:
            while True:
                wait_s = self._budget.wait_s()
                if wait_s > 0:
                    log.error("identifications used up", wait_s=round(wait_s))
                    await asyncio.sleep(wait_s)
                began = self._clock.steady_s()
                await self._serve()
                if self._clock.steady_s() - began > STEADY_S:
                    pause_s = PAUSE_S_MIN
                # Spread, so that many processes do not come back at the same moment.
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                pause_s = min(pause_s * 2, PAUSE_S_MAX)
        finally:
            await self._uploads.close()
            await self._rest.close()

    async def _serve(self) -> None:
        """One life of a client: until the connection cannot be kept."""
        if not await self._point():
            return
        client = Gateway(self._answers, self._rest, self._dispatch, self._budget, self._premium)
        try:
            await client.login(self._token)
            await client.connect()
        except discord.LoginFailure:
            await self._wrong_token()
        except discord.PrivilegedIntentsRequired:
            log.error("discord refuses the intents")
        except _BREAKS as error:
            log.warning("discord disconnected", error=type(error).__name__)
        except (RestRefused, RestLimited, RestLost) as error:
            log.warning("discord not reached", error=str(error))
        finally:
            await client.drain()
            await client.close()

    async def _wrong_token(self) -> None:
        log.error("discord does not know this token: check DISCORD_TOKEN in Discord's portal")
        await asyncio.sleep(TOKEN_PAUSE_S)

    async def _point(self) -> bool:
        """Tell discord.py where Discord is: it keeps both addresses in its classes."""
        Route.BASE = self._api_url or API_URL
        if self._api_url is None:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(GATEWAY_URL)
            return True
        try:
            told = await self._rest.call(rest.gateway())
        except RestRefused as error:
            if error.status == UNAUTHORIZED:
                await self._wrong_token()
            else:
                log.warning("discord not reached", error=str(error))
            return False
        except (RestLimited, RestLost) as error:
            log.warning("discord not reached", error=str(error))
            return False
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(str(told["url"]))
        return True


async def run(parts: Parts) -> None:
    """The frontend on a process's parts, until cancelled."""
    settings = parts.settings
    assert settings.discord_token is not None
    await Frontend(
        token=settings.discord_token.get_secret_value(),
        api_url=settings.discord_api_url,
        dispatch=parts.dispatch,
        links=parts.links,
        clock=parts.dispatch.app.clock,
        roles=settings.grants.discord_roles,
    ).run()
