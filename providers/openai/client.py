"""The SDK, opened for one account; whoever imports this module pays 0.5 s and 40 MB for it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import httpx2
import openai

from providers.openai import answers
from providers.openai.errors import Lost, Refused, Unreached

CONNECT_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 160 * 2**20
# Of an answer without pictures.
WORDS_BYTES_MAX = 4 * 2**20

_UNSENT = (
    httpx2.ConnectError
    | httpx2.ConnectTimeout
    | httpx2.PoolTimeout
    | httpx2.ProxyError
    | httpx2.UnsupportedProtocol
)


class Client:
    """OpenAI's calls; each raises Unreached, Lost or Refused, and its caller bounds its time."""

    def __init__(self, key: str, base_url: str) -> None:
        timeout = openai.Timeout(None, connect=CONNECT_TIMEOUT_S)
        self.sdk = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=timeout,
            # Pictures and words go to no other server than the one that was configured.
            http_client=openai.DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False),
        )

    async def close(self) -> None:
        """Give back connections."""
        await self.sdk.close()

    async def pictures(
        self, arguments: dict[str, Any], preview: Callable[[str], Awaitable[None]]
    ) -> answers.Pictures:
        """Make or edit pictures; `preview` takes the partial ones in base64."""
        images = self.sdk.images.with_streaming_response
        method: Any = images.edit if "image" in arguments else images.generate
        async with _translating(), method(**arguments) as response:
            kind = response.headers.get("content-type", "")
            if arguments.get("stream") and kind.startswith("text/event-stream"):
                return await _streamed(response, preview)
            return answers.pictures(await _read(response, ANSWER_BYTES_MAX))

    async def said(self, arguments: dict[str, Any]) -> answers.Words:
        """Have a model say something, of a picture or of words."""
        method: Any = self.sdk.chat.completions.with_streaming_response.create
        async with _translating(), method(**arguments) as response:
            return answers.words(await _read(response, WORDS_BYTES_MAX))

    async def flagged(self, arguments: dict[str, Any]) -> frozenset[str]:
        """The categories that a moderation flags."""
        method: Any = self.sdk.moderations.with_streaming_response.create
        async with _translating(), method(**arguments) as response:
            return answers.flagged(await _read(response, WORDS_BYTES_MAX))

    async def models(self) -> dict[str, date | None]:
        """The models that the account may use."""
        method: Any = self.sdk.models.with_streaming_response.list
        async with _translating(), method() as response:
            return answers.models(await _read(response, WORDS_BYTES_MAX))


@contextlib.asynccontextmanager
async def _translating() -> AsyncIterator[None]:
    # The server may echo the key, and a chained error is printed with its text: none is chained.
    try:
        yield
    except openai.APIConnectionError as error:
        raise _broken(error.__cause__ or error) from None
    except httpx2.HTTPError as error:
        raise _broken(error) from None
    except openai.APIError as error:
        raise _refused(error) from None


def _broken(cause: BaseException) -> Unreached | Lost:
    """Our error for a broken connection: before the request went out, nothing was made."""
    name = type(cause).__name__
    if isinstance(cause, _UNSENT):
        return Unreached(f"not reached: {name}")
    return Lost(f"answer lost: {name}")


def _refused(error: openai.APIError) -> Refused:
    headers = error.response.headers if isinstance(error, openai.APIStatusError) else {}
    return Refused(
        status=getattr(error, "status_code", 0),
        code=_text(error.code),
        kind=_text(error.type),
        message=str(error.message),
        headers=headers,
    )


async def _read(response: Any, bytes_max: int) -> dict[str, Any]:  # noqa: ANN401 - the SDK's own
    body = bytearray()
    async for chunk in response.iter_bytes():
        body += chunk
        if len(body) > bytes_max:
            raise Lost("the answer is too large")
    return answers.mapping(bytes(body))


async def _streamed(
    response: Any,  # noqa: ANN401 - the SDK's own
    preview: Callable[[str], Awaitable[None]],
) -> answers.Pictures:
    """Hand on partial pictures until the completed one comes; raises Lost without it."""
    async for event in _events(response):
        kind = _text(getattr(event, "type", ""))
        text = _text(getattr(event, "b64_json", ""))
        if kind.endswith(".partial_image"):
            await preview(text)
        elif kind.endswith(".completed"):
            usage = getattr(event, "usage", None)
            told = (
                usage.model_dump(warnings=False) if isinstance(usage, openai.BaseModel) else usage
            )
            return answers.Pictures(base64s=(text,), cost_usd=answers.image_cost_usd(told))
        elif kind == "error":
            raise Refused(
                status=0,
                code=_text(getattr(event, "code", "")),
                kind=kind,
                message=_text(getattr(event, "message", "")),
                headers={},
            )
    raise Lost("the stream ended before its picture")


async def _events(response: Any) -> AsyncIterator[object]:  # noqa: ANN401 - the SDK's own
    stream = await response.parse()
    while True:
        try:
            event = await anext(stream)
        except StopAsyncIteration:
            return
        except (ValueError, RecursionError) as error:
            raise Lost("the stream cannot be read") from error
        yield event


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
