"""HTTP as vendors need it: one server, its key for it alone, bounded bodies, and errors told apart.

Whether a request went out decides what an error means: before that nothing was made; after it, only
the vendor knows.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import aiohttp

from providers.base import Fault, OutcomeUnknown, ProviderError

CONNECT_TIMEOUT_S = 5.0
DOWNLOAD_TIMEOUT_S = 60.0
ANSWER_BYTES_MAX = 160 * 2**20
IMAGE_BYTES_MAX = 30 * 2**20
DETAIL_LENGTH_MAX = 300
SECRET_LENGTH_MIN = 6
REDACTED = "[key]"

FAULT_OF_STATUS = {
    401: Fault.BAD_KEY,
    402: Fault.NO_FUNDS,
    403: Fault.BAD_KEY,
    404: Fault.MODEL_GONE,
    408: Fault.UNAVAILABLE,
    409: Fault.UNAVAILABLE,
    410: Fault.MODEL_GONE,
    425: Fault.UNAVAILABLE,
    429: Fault.RATE_LIMITED,
}
# A gateway that gave up waiting does not say whether the server behind it went on.
GATEWAY_TIMEOUTS = frozenset({504, 524})

_SECONDS = re.compile(r"\d{1,8}(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said: the whole body, and its headers by names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """The body's type, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON, of whatever shape; raises OutcomeUnknown where it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise OutcomeUnknown("the answer is not JSON") from error

    def text(self) -> str:
        """The beginning of the body, for matching and for the log."""
        return self.body[:4096].decode("utf-8", "replace")


class Wire:
    """One server with one account's headers; it connects at first use and follows no redirect."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[str] = (),
        auth: aiohttp.BasicAuth | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._auth = auth
        self._forms = _forms_of(secrets)
        self._session: aiohttp.ClientSession | None = None
        self._stranger: aiohttp.ClientSession | None = None

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at its end."""
        return self._base_url

    async def close(self) -> None:
        """Give back connections."""
        for session in (self._session, self._stranger):
            if session is not None:
                await session.close()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        body: object = None,
        form: aiohttp.FormData | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        makes: bool = True,
    ) -> Answer:
        """Send one request and read its whole answer, whatever the status; never sent twice.

        `makes` False: it only looks, so a lost answer means UNAVAILABLE, not OutcomeUnknown.
        """
        session = self._opened()
        try:
            async with (
                asyncio.timeout(timeout_s),
                session.request(
                    method,
                    self._base_url + path,
                    json=body,
                    data=form,
                    params=params,
                    headers=headers,
                    allow_redirects=False,
                ) as response,
            ):
                content = await _bounded(response.content, ANSWER_BYTES_MAX)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise self._failed(error, makes=makes) from None
        if content is None:
            raise _lost("the answer is too large", makes=makes)
        return Answer(status=response.status, headers=response.headers, body=content)

    def socket(self, path: str) -> Any:  # noqa: ANN401
        """A web socket at a path of the server, as aiohttp's context manager."""
        return self._opened().ws_connect(self._base_url + path, max_msg_size=IMAGE_BYTES_MAX)

    async def fetch(self, url: str, hosts: Collection[str] = ()) -> bytes | None:
        """A picture at an address that an answer named, without the key.

        At this server itself, or over https at `hosts` and below them; None where it is no picture.
        """
        address = self._allowed(url, hosts)
        if address is None:
            return None
        if self._stranger is None:
            self._stranger = aiohttp.ClientSession(auto_decompress=True)
        try:
            async with (
                asyncio.timeout(DOWNLOAD_TIMEOUT_S),
                self._stranger.get(address, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    return None
                data = await _bounded(response.content, IMAGE_BYTES_MAX)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None
        return data if data is not None and is_picture(data) else None

    def refusal(
        self, answer: Answer, fault: Fault | None = None, detail: str = ""
    ) -> ProviderError:
        """The error for an answer that says no; without a `fault`, by its status."""
        told = self.redacted(f"{answer.status} {detail or answer.text()}")[:DETAIL_LENGTH_MAX]
        if fault is None and answer.status in GATEWAY_TIMEOUTS:
            return OutcomeUnknown(told)
        if fault is None:
            fault = FAULT_OF_STATUS.get(answer.status)
        if fault is None:
            fault = Fault.BAD_INPUT if 400 <= answer.status < 500 else Fault.UNAVAILABLE
        wait_s = retry_after_s(answer.headers) if fault in _WAITABLE else None
        return ProviderError(fault, told, retry_after_s=wait_s)

    def redacted(self, text: str) -> str:
        """The text without this account's secrets, in any form they may be echoed in."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            for value in self._headers.values():
                if not (value.isascii() and value.isprintable()):
                    raise ProviderError(
                        Fault.BAD_KEY, "the key has characters that no header takes"
                    )
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                auth=self._auth,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
            )
        return self._session

    def _allowed(self, url: str, hosts: Collection[str]) -> str | None:
        try:
            address = urljoin(self._base_url + "/", url)
            parts, own = urlsplit(address), urlsplit(self._base_url)
            host = parts.hostname or ""
        except ValueError:
            return None
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return address
        named = any(host == item or host.endswith(f".{item}") for item in hosts)
        plain = parts.netloc == host
        return address if named and plain and parts.scheme == "https" else None

    def _failed(self, error: BaseException, *, makes: bool) -> ProviderError:
        """The error for a broken connection; its text may hold an address, so only its kind is told."""
        name = type(error).__name__
        unsent = aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL
        if isinstance(error, unsent):
            return ProviderError(Fault.UNAVAILABLE, f"not reached: {name}")
        return _lost(f"answer lost: {name}", makes=makes)


_WAITABLE = frozenset({Fault.RATE_LIMITED, Fault.UNAVAILABLE})


def _lost(detail: str, *, makes: bool) -> ProviderError:
    return OutcomeUnknown(detail) if makes else ProviderError(Fault.UNAVAILABLE, detail)


async def _bounded(content: aiohttp.StreamReader, bytes_max: int) -> bytes | None:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > bytes_max:
            return None
    return bytes(body)


def is_picture(data: bytes) -> bool:
    """Whether bytes begin as PNG, JPEG or WebP do."""
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def decoded(text: object) -> bytes | None:
    """The picture in base64 or in a data URI; None where it is none, or too large."""
    if not isinstance(text, str):
        return None
    if text.startswith("data:"):
        text = text.partition(",")[2]
    if len(text) > IMAGE_BYTES_MAX * 4 // 3 + 4:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if is_picture(data) else None


def data_uri(data: bytes, media_type: str) -> str:
    """A picture as a data URI."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long an answer asks to wait, in seconds; given as seconds, or as a date."""
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    sent = headers.get("Date")
    try:
        now = parsedate_to_datetime(sent) if sent else None
    except ValueError:
        now = None
    # The server's own clock, where it tells it: ours may differ.
    if now is None:
        return None
    both = [item if item.tzinfo else item.replace(tzinfo=UTC) for item in (moment, now)]
    return max(0.0, _seconds(both[0], both[1]))


def _seconds(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds()


def _forms_of(secrets: Collection[str]) -> list[str]:
    """How a secret may be echoed: as it is, URL-encoded, escaped in JSON, or inside base64."""
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) < SECRET_LENGTH_MIN:
            continue
        forms |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
        forms |= {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        raw = secret.encode()
        for before in range(3):  # "user:secret" shifts the secret within groups of three bytes
            first, last = -(-before * 4 // 3), (before + len(raw)) * 4 // 3
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                forms.add(encode(bytes(before) + raw)[first:last].decode())
    return sorted(forms, key=len, reverse=True)
