"""OpenAI's image API, and any server that speaks it (OPENAI_BASE_URL)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from providers.base import (
    Accepted,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    Partial,
    ProviderError,
    Vendor,
)

if TYPE_CHECKING:
    import httpx2
    import openai
    from openai import AsyncAPIResponse, AsyncOpenAI

BASE_URL = "https://api.openai.com/v1"
CALL_TIMEOUT_S = 180.0
CONNECT_TIMEOUT_S = 5.0
DOWNLOAD_TIMEOUT_S = 30.0
IMAGE_BYTES_MAX = 30 * 2**20
ANSWER_BYTES_MAX = 160 * 2**20
DETAIL_LENGTH_MAX = 300
PARTIAL_IMAGES = 2
# models.toml tells the price of this quality; "auto" may choose one four times as dear.
QUALITY = "medium"

# A picture may be fetched from the server that was asked, or over https from these.
PICTURE_HOSTS = ("oaidalleapiprodscus.blob.core.windows.net", "files.openai.com")

# USD per token of gpt-image-2 and later; the older ones end on 2026-12-01.
TEXT_IN_USD, IMAGE_IN_USD, IMAGE_OUT_USD = 5e-6, 8e-6, 30e-6

# By ratio: gpt-image-2 and later (any multiples of 16), the older ones (three sizes), and diffusion
# models on compatible servers (multiples of 64, at most 1 MP).
SIZES = {
    "1:1": ("1024x1024", "1024x1024", "1024x1024"),
    "16:9": ("1536x864", "1536x1024", "1024x576"),
    "9:16": ("864x1536", "1024x1536", "576x1024"),
    "4:3": ("1344x1008", "1536x1024", "1024x768"),
    "3:4": ("1008x1344", "1024x1536", "768x1024"),
}

_OWN_MODEL = re.compile(r"gpt-image-|chatgpt-image-")
_OLD_MODEL = re.compile(r"gpt-image-1\b|chatgpt-image-")
# stable-diffusion.cpp reads its native settings from inside the prompt; people may not set them.
_SERVER_ARGUMENTS = re.compile(
    r"<sd_cpp_extra_args>.*?(?:</sd_cpp_extra_args>|\Z)", re.DOTALL | re.IGNORECASE
)
_KEY_LIKE = re.compile(r"\b(?:sk|sess)-[\w*.-]{6,}")

_FAULT_OF_CODE = {
    "moderation_blocked": Fault.REFUSED,
    "content_policy_violation": Fault.REFUSED,
    "billing_hard_limit_reached": Fault.NO_FUNDS,
    "billing_not_active": Fault.NO_FUNDS,
    "insufficient_quota": Fault.NO_FUNDS,
    "rate_limit_exceeded": Fault.RATE_LIMITED,
    "invalid_api_key": Fault.BAD_KEY,
    "model_not_found": Fault.MODEL_GONE,
}
_FAULT_OF_STATUS = {
    401: Fault.BAD_KEY,
    402: Fault.NO_FUNDS,
    403: Fault.BAD_KEY,
    404: Fault.MODEL_GONE,
    408: Fault.UNAVAILABLE,
    409: Fault.UNAVAILABLE,
    410: Fault.MODEL_GONE,
    429: Fault.RATE_LIMITED,
}
# A gateway that gave up waiting does not say whether the server behind it went on.
_GATEWAY_TIMEOUTS = frozenset({504, 524})


def _import_sdk() -> None:
    """Import the SDK when it is first used: it takes 0.5 s and 40 MB."""
    global httpx2, openai
    import httpx2
    import openai


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What came back: pictures as base64 or addresses, in order, and the cost where it is told."""

    base64s: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    cost_usd: float | None = None


class OpenAI:
    """One account at OpenAI, or one compatible server."""

    def __init__(self, credentials: Credentials, *, call_timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._key = credentials.key or ""
        self._base_url = credentials.base_url or BASE_URL
        self._call_timeout_s = call_timeout_s
        self._client: AsyncOpenAI | None = None

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make or edit pictures in one call, which OpenAI keeps no id of; raises ProviderError."""
        client = await self._opened()
        arguments = _arguments(request)
        try:
            async with asyncio.timeout(self._call_timeout_s):
                answer = await self._call(client, arguments, partial)
        except TimeoutError as error:
            raise OutcomeUnknown(f"no answer in {self._call_timeout_s:g} s") from error
        images = [data for text in answer.base64s if (data := _decoded(text)) is not None]
        images += await self._downloaded(answer.urls)
        if images:
            return ImageResult(images=tuple(images[: request.count]), cost_usd=answer.cost_usd)
        if answer.base64s or answer.urls:
            raise OutcomeUnknown("the answer's pictures cannot be read")
        # The only documented cause of a good answer without pictures is a filter on the output.
        raise ProviderError(Fault.REFUSED, "the answer holds no picture")

    async def close(self) -> None:
        """Give back connections."""
        if self._client is not None:
            await self._client.close()

    async def _opened(self) -> AsyncOpenAI:
        """The SDK's client, made at first use; importing it blocks, so that happens in a thread."""
        if self._client is None:
            if not (self._key.isascii() and self._key.isprintable()):
                raise ProviderError(Fault.BAD_KEY, "the key has characters that no header takes")
            await asyncio.to_thread(_import_sdk)
        if self._client is None:
            self._client = openai.AsyncOpenAI(
                api_key=self._key or "none",
                base_url=self._base_url,
                max_retries=0,
                timeout=openai.Timeout(self._call_timeout_s, connect=CONNECT_TIMEOUT_S),
            )
        return self._client

    async def _call(
        self, client: AsyncOpenAI, arguments: dict[str, Any], partial: Partial
    ) -> _Answer:
        images = client.images.with_streaming_response
        method: Any = images.edit if "image" in arguments else images.generate
        own = _is_own(arguments["model"])
        try:
            async with method(**arguments) as response:
                if response.headers.get("content-type", "").startswith("text/event-stream"):
                    return await _streamed(response, partial, own=own)
                return _parsed(await _body(response.iter_bytes()), own=own)
        except openai.APIConnectionError as error:
            raise _lost(error.__cause__ or error) from error
        except httpx2.HTTPError as error:
            raise _lost(error) from error
        except openai.APIError as error:
            # The vendor may echo the key, and a chained error is printed with its text.
            told = str(error)
            raise self._translated(error) from (error if self._redacted(told) == told else None)

    def _translated(self, error: openai.APIError) -> ProviderError:
        """Our error for an answer that says no; the code tells more than the status."""
        status = getattr(error, "status_code", 0)
        code = error.code or ""
        detail = self._redacted(f"{status or 'stream'} {code}: {error.message}")[:DETAIL_LENGTH_MAX]
        if status in _GATEWAY_TIMEOUTS:
            return OutcomeUnknown(detail)
        fault = _FAULT_OF_CODE.get(code) or _FAULT_OF_CODE.get(error.type or "")
        if fault is None and 400 <= status < 500:
            fault = _FAULT_OF_STATUS.get(status, Fault.BAD_INPUT)
        retry_after_s = None
        if fault is Fault.RATE_LIMITED and isinstance(error, openai.APIStatusError):
            retry_after_s = _retry_after_s(error.response.headers)
        return ProviderError(fault or Fault.UNAVAILABLE, detail, retry_after_s=retry_after_s)

    def _redacted(self, text: str) -> str:
        if self._key:
            text = text.replace(self._key, "[key]")
        return _KEY_LIKE.sub("[key]", text)

    async def _downloaded(self, urls: Iterable[str]) -> list[bytes]:
        """The pictures at these addresses that may be asked and answer with one."""
        base = self._base_url.rstrip("/") + "/"
        allowed = [address for url in urls if (address := _address(url, base)) is not None]
        if not allowed:
            return []
        # A client of its own: the key goes to no address that an answer names.
        async with httpx2.AsyncClient(timeout=DOWNLOAD_TIMEOUT_S, follow_redirects=False) as client:
            found = await asyncio.gather(*(_fetched(client, url) for url in allowed))
        return [data for data in found if data is not None]


def _arguments(request: ImageRequest) -> dict[str, Any]:
    """The SDK's arguments: OpenAI's own models take more than compatible servers know."""
    own = _is_own(request.model)
    arguments: dict[str, Any] = {
        "model": request.model,
        "prompt": _prompt(request),
        "n": request.count,
    }
    if request.operation != "edit":
        arguments["size"] = _size(request.model, request.ratio)
    elif own:
        arguments["size"] = "auto"
    if request.images:
        arguments["image"] = [
            (f"image-{index}.{item.media_type.partition('/')[2]}", item.data, item.media_type)
            for index, item in enumerate(request.images, start=1)
        ]
    if not own:
        arguments["response_format"] = "b64_json"
        return arguments
    arguments["quality"] = QUALITY
    if request.count == 1:
        arguments |= {"stream": True, "partial_images": PARTIAL_IMAGES}
    return arguments


def _is_own(model: str) -> bool:
    return _OWN_MODEL.match(model) is not None


def _size(model: str, ratio: str) -> str:
    if ratio not in SIZES:
        raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {ratio}")
    current, old, compatible = SIZES[ratio]
    if not _is_own(model):
        return compatible
    return old if _OLD_MODEL.match(model) else current


def _prompt(request: ImageRequest) -> str:
    """The prompt with the negative folded in, and without a server's native settings."""
    text = request.prompt
    if request.negative:
        text = f"{text}\n\nAvoid: {request.negative}"
    while (cleaned := _SERVER_ARGUMENTS.sub("", text)) != text:
        text = cleaned
    if not text.strip():
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    return text.strip()


async def _streamed(response: AsyncAPIResponse[Any], partial: Partial, *, own: bool) -> _Answer:
    """Hand on partial pictures until the completed one comes; raises OutcomeUnknown without it."""
    async for event in _events(response):
        kind = str(getattr(event, "type", ""))
        text = str(getattr(event, "b64_json", ""))
        if kind.endswith(".partial_image"):
            preview = _decoded(text)
            if preview is not None:
                await partial(preview)
        elif kind.endswith(".completed"):
            usage = getattr(event, "usage", None)
            told = usage.model_dump() if isinstance(usage, openai.BaseModel) else usage
            return _Answer(base64s=(text,), cost_usd=_cost_usd(told) if own else None)
        elif kind == "error":
            message, code = getattr(event, "message", ""), getattr(event, "code", None)
            raise openai.APIError(str(message), response.http_request, body={"code": code})
    raise OutcomeUnknown("the stream ended before its picture")


async def _events(response: AsyncAPIResponse[Any]) -> AsyncIterator[object]:
    try:
        async for event in await response.parse():
            yield event
    except ValueError as error:
        raise OutcomeUnknown("the stream cannot be read") from error


async def _body(chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise OutcomeUnknown("the answer is too large")
    return bytes(body)


def _parsed(body: bytes, *, own: bool) -> _Answer:
    """Read a JSON answer; one that is no such thing leaves open what happened."""
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise OutcomeUnknown("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise OutcomeUnknown("the answer is not an object")
    rows = [row for row in answer.get("data") or () if isinstance(row, dict)]
    return _Answer(
        base64s=tuple(str(row["b64_json"]) for row in rows if row.get("b64_json")),
        urls=tuple(str(row["url"]) for row in rows if row.get("url") and not row.get("b64_json")),
        cost_usd=_cost_usd(answer.get("usage")) if own else None,
    )


def _cost_usd(usage: object) -> float | None:
    """The cost by tokens, where the answer tells them."""
    match usage:
        case {
            "input_tokens_details": {"text_tokens": int(text), "image_tokens": int(image)},
            "output_tokens": int(out),
        }:
            return text * TEXT_IN_USD + image * IMAGE_IN_USD + out * IMAGE_OUT_USD
    return None


def _decoded(text: str) -> bytes | None:
    """The picture in base64, or None where it is none or too large."""
    if len(text) > IMAGE_BYTES_MAX * 4 // 3 + 4:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _is_picture(data) else None


def _is_picture(data: bytes) -> bool:
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def _address(url: str, base: str) -> str | None:
    """Where a picture may be fetched: at the asked server itself, or OpenAI's stores over https."""
    try:
        address = urljoin(base, url)
        parts, own = urlsplit(address), urlsplit(base)
    except ValueError:
        return None
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return address
    return address if parts.scheme == "https" and parts.netloc in PICTURE_HOSTS else None


async def _fetched(client: httpx2.AsyncClient, url: str) -> bytes | None:
    try:
        async with asyncio.timeout(DOWNLOAD_TIMEOUT_S), client.stream("GET", url) as response:
            if response.status_code != 200:
                return None
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > IMAGE_BYTES_MAX:
                    return None
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError):
        return None
    data = bytes(body)
    return data if _is_picture(data) else None


def _lost(cause: BaseException) -> ProviderError:
    """Our error for a broken connection: before the request went out, nothing was made."""
    name = type(cause).__name__
    unsent = httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | httpx2.ProxyError
    if isinstance(cause, unsent | httpx2.UnsupportedProtocol):
        return ProviderError(Fault.UNAVAILABLE, f"not reached: {name}")
    return OutcomeUnknown(f"answer lost: {name}")


def _retry_after_s(headers: httpx2.Headers) -> float | None:
    """The wait that the answer asks for, in seconds; a date is not understood."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "")
        if re.fullmatch(r"\d{1,8}(\.\d+)?", text, re.ASCII):
            return float(text) * scale
    return None


def _open(credentials: Credentials) -> OpenAI | None:
    if not credentials.key and not credentials.base_url:
        return None
    return OpenAI(credentials)


PROVIDER = Vendor(
    name="openai",
    title="OpenAI",
    key_setting="OPENAI_API_KEY",
    url_setting="OPENAI_BASE_URL",
    open=_open,
)
