"""HTTP as vendors need it: one server, its key for it alone, bounded bodies, and errors told apart.

Whether a request went out decides what an error means: before that nothing was made; after it, only
the vendor knows.
"""

from __future__ import annotations

import asyncio
import base64
import html
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import aiohttp

from providers.base import Fault, OutcomeUnknown, ProviderError

CONNECT_TIMEOUT_S = 5.0
DOWNLOAD_TIMEOUT_S = 60.0
ANSWER_BYTES_MAX = 160 * 2**20
IMAGE_BYTES_MAX = 30 * 2**20
DETAIL_LENGTH_MAX = 300
TEXT_LENGTH_MAX = 4096
URL_LENGTH_MAX = 8192
RETRY_AFTER_MAX_S = 86_400.0
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
# A gateway that lost the server behind it, or gave up waiting, does not know whether that went on.
GATEWAY_FAILURES = frozenset({502, 504, 520, 524})

_SECONDS = re.compile(r"\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_ESCAPE = re.compile(
    r"(?:\\+u00|%(?:25)*)(?P<code>[0-9a-f]{2})|\\+"
    r"|(?P<html>&(?:\#\d{1,4}|\#x[0-9a-f]{1,4}|amp|lt|gt|quot|apos);)",
    re.ASCII | re.IGNORECASE,
)
# Servers differ in what else they read as the end of a host's name.
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


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
        except (ValueError, RecursionError) as error:
            raise OutcomeUnknown("the answer is not JSON") from error

    def text(self) -> str:
        """The beginning of the body, for matching and for the log."""
        return self.body[:TEXT_LENGTH_MAX].decode("utf-8", "replace")


class _Cut(aiohttp.ClientError):
    """The connection broke after it was made."""


class Wire:
    """One server with one account's headers; it connects at first use and follows no redirect."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[str] = (),
        auth: tuple[str, str] | aiohttp.BasicAuth | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        if auth is not None:
            pair = f"{auth[0]}:{auth[1]}".encode("utf-8", "replace")
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        self._forms = _forms_of(secrets)
        plains = {_plain(form)[0] for form in self._forms}
        self._plains = [plain for plain in plains if len(plain) >= SECRET_LENGTH_MIN]
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
        if path[:1] not in ("", "/", "?"):  # it would go on with the host's name
            raise ProviderError(Fault.UNAVAILABLE, "a path has to begin with a slash")
        _check_headers(headers or {})
        session, progress = self._opened(), SimpleNamespace(sent=False)
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
                    trace_request_ctx=progress,
                ) as response,
            ):
                content = await _bounded(response.content, ANSWER_BYTES_MAX)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _failed(error, sent=progress.sent, makes=makes) from None
        if content is None:
            raise _lost("the answer is too large", makes=makes)
        return Answer(status=response.status, headers=response.headers, body=content)

    def socket(self, path: str) -> Any:  # noqa: ANN401
        """A web socket at a path of the server, as aiohttp's context manager."""
        return self._opened().ws_connect(self._base_url + path, max_msg_size=IMAGE_BYTES_MAX)

    async def fetch(self, url: object, hosts: Collection[str] = ()) -> bytes | None:
        """A picture at an address that an answer named, without the key.

        At this server itself, or over https at `hosts` and below them; None where it is no picture.
        """
        address = self._allowed(url, hosts)
        if address is None:
            return None
        if self._stranger is None:
            self._stranger = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
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
        said = f"{answer.status} {detail or answer.text()}"[:TEXT_LENGTH_MAX]
        told = self.redacted(said.encode("utf-8", "replace").decode())[:DETAIL_LENGTH_MAX]
        if fault is None and answer.status in GATEWAY_FAILURES:
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
        plain, begins = _plain(text)
        for first, last in reversed(self._places(plain)):
            text = text[: begins[first]] + REDACTED + text[begins[last] :]
        return text

    def _places(self, plain: str) -> list[tuple[int, int]]:
        """Where secrets are, in order and apart; at its end the text may be cut within one."""
        found = []
        for form in self._plains:
            found += [match.span() for match in re.finditer(re.escape(form), plain)]
            cuts = range(SECRET_LENGTH_MIN, len(form))
            found += [(len(plain) - n, len(plain)) for n in cuts if plain.endswith(form[:n])]
        places: list[tuple[int, int]] = []
        for first, last in sorted(found):
            if places and first <= places[-1][1]:
                first, last = places[-1][0], max(last, places.pop()[1])
            places.append((first, last))
        return places

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            _check_headers(self._headers)
            progress = aiohttp.TraceConfig()
            progress.on_request_headers_sent.append(_note_sent)
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=[progress],
                middlewares=[_once],
            )
        if self._session.closed:
            raise ProviderError(Fault.UNAVAILABLE, "the connection was given back")
        return self._session

    def _allowed(self, url: object, hosts: Collection[str]) -> str | None:
        if not isinstance(url, str) or len(url) > URL_LENGTH_MAX:
            return None
        try:
            parts = urlsplit(urljoin(self._base_url + "/", url))
            own, host = urlsplit(self._base_url), parts.hostname or ""
        except ValueError:
            return None
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return parts.geturl()
        named = any(host == item or host.endswith(f".{item}") for item in hosts)
        plain = parts.netloc.lower() == host and _HOST.fullmatch(host) is not None
        return parts.geturl() if named and plain and parts.scheme == "https" else None


_WAITABLE = frozenset({Fault.RATE_LIMITED, Fault.UNAVAILABLE})


async def _note_sent(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
) -> None:
    """Called right before the first byte goes out."""
    if context.trace_request_ctx is not None:
        context.trace_request_ctx.sent = True


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Hide from aiohttp that a connection broke: it would send a GET again, which may be paid."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Cut(type(error).__name__) from error


def _check_headers(headers: Mapping[str, str]) -> None:
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise ProviderError(Fault.BAD_KEY, "the key has characters that no header takes")


def _failed(error: BaseException, *, sent: bool, makes: bool) -> ProviderError:
    """The error for a broken connection; its text may hold an address, so only its kind is told."""
    name = str(error) if isinstance(error, _Cut) else type(error).__name__
    if not sent:
        return ProviderError(Fault.UNAVAILABLE, f"not reached: {name}")
    return _lost(f"answer lost: {name}", makes=makes)


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
    """How long an answer asks to wait, in seconds, a day at most; given as seconds, or as a date."""
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), RETRY_AFTER_MAX_S)
    # The server's own clock: ours may differ.
    moment, now = _moment(text), _moment(headers.get("Date", ""))
    if moment is None or now is None:
        return None
    return min(max(0.0, (moment - now).total_seconds()), RETRY_AFTER_MAX_S)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _forms_of(secrets: Collection[str]) -> list[str]:
    """How a secret may be echoed: as it is, URL-encoded, escaped in JSON, or inside base64."""
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) < SECRET_LENGTH_MIN:
            continue
        try:
            raw = secret.encode()
        except UnicodeEncodeError:  # half a character: no server has seen it
            forms.add(secret)
            continue
        forms |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
        forms |= {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        for before in range(3):  # "user:secret" shifts the secret within groups of three bytes
            first, last = -(-before * 4 // 3), (before + len(raw)) * 4 // 3
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                forms.add(encode(bytes(before) + raw)[first:last].decode())
    return sorted(forms, key=len, reverse=True)


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with what URLs, JSON and HTML escape read back, and where each letter began.

    A space is told as a plus sign, and a backslash that escapes nothing is left out.
    """
    letters: list[str] = []
    begins: list[int] = []
    at = 0
    for match in [*_ESCAPE.finditer(text), None]:
        until = match.start() if match else len(text)
        letters += text[at:until].replace(" ", "+")
        begins += range(at, until)
        if match is None:
            break
        at = match.end()
        if match.lastgroup is not None:
            code = match["code"]
            letter = chr(int(code, 16)) if code else html.unescape(match[0]) or "?"
            letters.append(letter.replace(" ", "+"))
            begins.append(until)
    return "".join(letters), [*begins, len(text)]
