"""Discord's REST: requests within its limits, and every failure as one of three errors without a secret."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from core.clock import Clock

JSON = dict[str, Any]

API_URL = "https://discord.com/api/v10"
AGENT = "DiscordBot (https://github.com/atelier, 0.1)"
CALL_S_MAX = 60.0
URGENT_S_MAX = 2.0
WAIT_S_MAX = 5.0
TRIES_MAX = 3
CLOUDFLARE_S = 120.0
INVALID_MAX = 500
INVALID_WINDOW_S = 600.0
BUCKETS_MAX = 4096
TOO_LARGE = 40005
UNKNOWN_MESSAGE = 10008
ENTITLEMENTS_PAGE = 100
NONCE_LENGTH = 25


class RestRefused(Exception):
    """A 4xx that the same request would get again; `code` is Discord's own, 0 where there is none."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"{status} ({code})")
        self.status = status
        self.code = code

    @property
    def gone(self) -> bool:
        """Whether the message that was meant is no more."""
        return self.code == UNKNOWN_MESSAGE

    @property
    def too_large(self) -> bool:
        """Whether the files are more than the place takes."""
        return self.status == 413 or self.code == TOO_LARGE


class RestLimited(Exception):
    """Discord, or our own guard, asks to wait longer than a request may."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"again in {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class RestLost(Exception):
    """No usable answer: the request may have had its effect or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a multipart request."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address; `bucket` names what its limits are counted by and holds no secret.

    `urgent` requests (first answers to interactions) never wait and pass an open breaker; `bot` says
    whether the bot's token goes with it.
    """

    method: str
    path: str = field(repr=False)
    bucket: str
    bot: bool = True
    urgent: bool = False


class Rest:
    """A client with its own session; safe to share between tasks of one loop."""

    def __init__(self, *, api_url: str | None, token: str, clock: Clock) -> None:
        self.api_url = (api_url or API_URL).rstrip("/")
        self._token = token
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._free_at: dict[str, float] = {}
        self._all_free_at = 0.0
        self._invalid: deque[float] = deque()

    async def call(
        self,
        route: Route,
        body: JSON | list[JSON] | None = None,
        files: Sequence[File] = (),
    ) -> Any:  # noqa: ANN401 - JSON, parsed by the caller
        """Send one request, waiting out short limits; the answer's JSON, None where it has none."""
        patience_s = 0.0 if route.urgent else WAIT_S_MAX
        for _ in range(TRIES_MAX):
            patience_s -= await self._wait_for_turn(route, patience_s)
            status, headers, told = await self._send(route, body, files)
            self._learn(route, status, headers)
            if status < 300:
                return told
            if status != 429:
                if status >= 500:
                    raise RestLost(f"{route.bucket}: {status}")
                code = told.get("code", 0) if isinstance(told, dict) else 0
                raise RestRefused(status, code)
            self._slow_down(route, headers, told)
        raise RestLimited(max(self._pause_s(route), 1.0))

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            await self._session.close()

    async def _wait_for_turn(self, route: Route, patience_s: float) -> float:
        """Seconds waited, at most `patience_s`; raises RestLimited where it would take longer."""
        if route.urgent:
            return 0.0
        self._check_breaker()
        pause_s = self._pause_s(route)
        if pause_s > patience_s:
            raise RestLimited(pause_s)
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        return max(pause_s, 0.0)

    def _pause_s(self, route: Route) -> float:
        free_at = max(self._all_free_at if route.bot else 0.0, self._free_at.get(route.bucket, 0.0))
        return max(free_at - self._clock.steady_s(), 0.0)

    def _check_breaker(self) -> None:
        """Far below the count at which Discord bans the address, stop all that can wait."""
        now = self._clock.steady_s()
        while self._invalid and self._invalid[0] < now - INVALID_WINDOW_S:
            self._invalid.popleft()
        if len(self._invalid) >= INVALID_MAX:
            raise RestLimited(self._invalid[0] + INVALID_WINDOW_S - now + 1)

    async def _send(
        self, route: Route, body: JSON | list[JSON] | None, files: Sequence[File]
    ) -> tuple[int, Mapping[str, str], Any]:
        headers = {"User-Agent": AGENT}
        if route.bot:
            headers["Authorization"] = f"Bot {self._token}"
        total_s = URGENT_S_MAX if route.urgent else CALL_S_MAX
        try:
            async with self._opened().request(
                route.method,
                self.api_url + route.path,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=total_s),
                allow_redirects=False,
                **_content(body, files),
            ) as response:
                text = await response.text(errors="replace")
                return response.status, response.headers, _parsed(text)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The error's own text may hold the address, and that holds a token.
            raise RestLost(f"{route.bucket}: {type(error).__name__}") from None

    def _opened(self) -> aiohttp.ClientSession:
        # A session belongs to the loop that it is used in, so it is opened at the first request.
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _learn(self, route: Route, status: int, headers: Mapping[str, str]) -> None:
        now = self._clock.steady_s()
        shared = headers.get("X-RateLimit-Scope") == "shared"
        if status in {401, 403} or (status == 429 and not shared):
            self._invalid.append(now)
        if headers.get("X-RateLimit-Remaining") == "0":
            self._set_free(route.bucket, now + _seconds(headers.get("X-RateLimit-Reset-After")))

    def _slow_down(self, route: Route, headers: Mapping[str, str], told: object) -> None:
        body = told if isinstance(told, dict) else {}
        if "retry_after" not in body and "Retry-After" not in headers:
            # Cloudflare's ban (error 1015) names no time and holds for every request.
            raise RestLimited(CLOUDFLARE_S)
        wait_s = _seconds(body.get("retry_after", headers.get("Retry-After")))
        free_at = self._clock.steady_s() + wait_s
        if body.get("global") or headers.get("X-RateLimit-Global"):
            self._all_free_at = max(self._all_free_at, free_at)
        self._set_free(route.bucket, free_at)
        if route.urgent:
            raise RestLimited(wait_s)

    def _set_free(self, bucket: str, free_at: float) -> None:
        if len(self._free_at) >= BUCKETS_MAX:
            now = self._clock.steady_s()
            self._free_at = {key: at for key, at in self._free_at.items() if at > now}
        self._free_at[bucket] = free_at


def _content(body: JSON | list[JSON] | None, files: Sequence[File]) -> dict[str, Any]:
    if not files:
        return {} if body is None else {"json": body}
    # Discord does not understand quoted field names: files[0] must stay as it is.
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("payload_json", json.dumps(body or {}), content_type="application/json")
    for place, file in enumerate(files):
        # Not the bytes themselves: large ones would be written in one go, and hold everybody up.
        data = io.BytesIO(file.data)
        form.add_field(f"files[{place}]", data, filename=file.name, content_type=file.media_type)
    return {"data": form}


def _parsed(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 1.0


def callback(interaction_id: str, token: str) -> Route:
    """The first answer to an interaction; its JSON tells the message that it made."""
    return Route(
        method="POST",
        path=f"/interactions/{interaction_id}/{token}/callback?with_response=true",
        bucket="callback",
        bot=False,
        urgent=True,
    )


def original(method: str, application: str, token: str) -> Route:
    """The message that answers an interaction."""
    return Route(
        method=method,
        path=f"/webhooks/{application}/{token}/messages/@original",
        bucket=f"{method} original {hash(token)}",
        bot=False,
    )


def nonce(what: str) -> str:
    """Discord takes 25 characters; the same message always has the same."""
    return hashlib.sha256(what.encode()).hexdigest()[:NONCE_LENGTH]


def followed(method: str, application: str, token: str, message_id: str) -> Route:
    """A further message, once it stands."""
    return Route(
        method=method,
        path=f"/webhooks/{application}/{token}/messages/{message_id}",
        bucket=f"{method} followed {hash(token)}",
        bot=False,
    )


def followup(application: str, token: str) -> Route:
    """A further message after the one that answers an interaction."""
    return Route(
        method="POST",
        path=f"/webhooks/{application}/{token}",
        bucket=f"POST followup {hash(token)}",
        bot=False,
    )


def messages(channel: str) -> Route:
    """New messages of a channel."""
    return Route(
        method="POST", path=f"/channels/{channel}/messages", bucket=f"POST messages {channel}"
    )


def message(method: str, channel: str, message_id: str) -> Route:
    """One message of a channel."""
    return Route(
        method=method,
        path=f"/channels/{channel}/messages/{message_id}",
        bucket=f"{method} message {channel}",
    )


def direct() -> Route:
    """The channel between the bot and a person."""
    return Route(method="POST", path="/users/@me/channels", bucket="POST direct")


def commands(method: str, application: str) -> Route:
    """The commands that Discord knows of the application."""
    return Route(
        method=method, path=f"/applications/{application}/commands", bucket=f"{method} commands"
    )


def gateway() -> Route:
    """Where the gateway is."""
    return Route(method="GET", path="/gateway/bot", bucket="GET gateway")


def application() -> Route:
    """What the bot's token belongs to."""
    return Route(method="GET", path="/oauth2/applications/@me", bucket="GET application")


def entitlements(application: str, skus: str, after: str) -> Route:
    """What people bought, oldest first, also what was taken back; `skus` are divided by commas."""
    query = f"sku_ids={skus}&after={after}&limit={ENTITLEMENTS_PAGE}&exclude_deleted=false"
    return Route(
        method="GET",
        path=f"/applications/{application}/entitlements?{query}",
        bucket="GET entitlements",
    )


def consume(application: str, entitlement: str) -> Route:
    """Use up what somebody bought."""
    return Route(
        method="POST",
        path=f"/applications/{application}/entitlements/{entitlement}/consume",
        bucket="POST consume",
    )
