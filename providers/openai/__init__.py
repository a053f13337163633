"""OpenAI's image API, and any server that speaks it (OPENAI_BASE_URL)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from providers.base import (
    Accepted,
    Checked,
    Credentials,
    Fault,
    ImageRequest,
    ImageResult,
    OutcomeUnknown,
    Partial,
    ProviderError,
    SourceImage,
    Vendor,
)
from providers.openai.arguments import IN_WORDS, arguments_of, is_own, picture_part, words_of
from providers.openai.errors import Lost, Refused, Unreached
from providers.reading import better, prompts
from providers.transport import GATEWAY_FAILURES, REDACTED, Answer, Wire, decoded

if TYPE_CHECKING:
    from providers.openai.client import Client

T = TypeVar("T")

BASE_URL = "https://api.openai.com/v1"
CALL_TIMEOUT_S = 180.0
# For what only looks: the list of models, a moderation.
LOOK_TIMEOUT_S = 20.0
MODERATION_MODEL = "omni-moderation-latest"
# A picture may be fetched from the server that was asked, or over https from these.
PICTURE_HOSTS = ("oaidalleapiprodscus.blob.core.windows.net", "files.openai.com")

# The one whose prices we know.
_PRICED_WRITER = re.compile(r"gpt-6-luna\b")
_KEY_LIKE = re.compile(r"\b(?:sk|sess)-[\w*.-]{6,}")
# A restricted key may make pictures and yet list no models.
_MAY_NOT_LIST = "Missing scopes: api.model.read"
_UNVERIFIED = "must be verified to use the model"

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


def _client_class() -> type[Client]:
    from providers.openai.client import Client

    return Client


class OpenAI:
    """One account at OpenAI, or one compatible server."""

    def __init__(self, credentials: Credentials) -> None:
        self._key = credentials.key or ""
        self._compatible = bool(credentials.base_url)
        self._base_url = credentials.base_url or BASE_URL
        # It fetches pictures, and never carries the key.
        self._wire = Wire(self._base_url, secrets=[self._key])
        self._client: Client | None = None

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make, edit or describe pictures in one call, or write; OpenAI keeps no id of it."""
        if request.operation in IN_WORDS:
            return await self._paid(self._worded(await self._opened(), request))
        arguments = await arguments_of(request)
        return await self._paid(self._made(await self._opened(), request, arguments, partial))

    async def check(self) -> Checked:
        """The models that the key may use; raises ProviderError."""
        try:
            return Checked(models=frozenset(await self._models()))
        except Refused as error:
            # Not every compatible server has a list; it has read the key all the same.
            listless = self._compatible and error.status == 404
            if listless or (error.status in {401, 403} and _MAY_NOT_LIST in error.message):
                return Checked()
            raise self._translated(error, makes=False) from None

    async def catalogue(self) -> Mapping[str, date | None]:
        """The account's models, each with the day it shuts down; raises ProviderError."""
        try:
            return await self._models()
        except Refused as error:
            raise self._translated(error, makes=False) from None

    async def moderate(self, text: str, images: Sequence[SourceImage] = ()) -> frozenset[str]:
        """The categories that OpenAI's free moderation flags; raises ProviderError."""
        client = await self._opened()
        # One picture at a time is what it takes.
        inputs = [[picture_part(image)] for image in images] or [[]]
        if text.strip():
            inputs[0].insert(0, {"type": "text", "text": text})
        calls = [
            self._looked(client.flagged({"model": MODERATION_MODEL, "input": parts}))
            for parts in inputs
            if parts
        ]
        try:
            return frozenset().union(*await asyncio.gather(*calls))
        except Refused as error:
            raise self._translated(error, makes=False) from None

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()
        if self._client is not None:
            await self._client.close()

    async def _opened(self) -> Client:
        """The SDK, opened at first use; importing it blocks, so that happens in a thread."""
        if self._client is None:
            if not (self._key.isascii() and self._key.isprintable()):
                raise ProviderError(Fault.BAD_KEY, "the key has characters that no header takes")
            client_class = await asyncio.to_thread(_client_class)
            # Another call may have opened it meanwhile.
            self._client = self._client or client_class(self._key, self._base_url)
        return self._client

    async def _paid(self, call: Awaitable[ImageResult]) -> ImageResult:
        """The result of a call that costs; what was lost of it may have been made."""
        limit_s = CALL_TIMEOUT_S
        try:
            async with asyncio.timeout(limit_s):
                return await call
        except TimeoutError as error:
            raise OutcomeUnknown(f"no answer in {limit_s:g} s") from error
        except Unreached as error:
            raise ProviderError(Fault.UNAVAILABLE, str(error)) from error
        except Lost as error:
            raise OutcomeUnknown(str(error)) from error
        except Refused as error:
            raise self._translated(error) from None

    async def _looked(self, call: Awaitable[T]) -> T:
        """The result of a call that is free, so that nothing is unknown after it; raises Refused."""
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                return await call
        except TimeoutError as error:
            detail = f"no answer in {LOOK_TIMEOUT_S:g} s"
            raise ProviderError(Fault.UNAVAILABLE, detail) from error
        except (Unreached, Lost) as error:
            raise ProviderError(Fault.UNAVAILABLE, str(error)) from error

    async def _models(self) -> dict[str, date | None]:
        return await self._looked((await self._opened()).models())

    async def _made(
        self,
        client: Client,
        request: ImageRequest,
        arguments: dict[str, Any],
        partial: Partial,
    ) -> ImageResult:
        async def preview(text: str) -> None:
            data = decoded(text)
            if data is not None:
                await partial(data)

        answer = await client.pictures(arguments, preview)
        found = [decoded(text) for text in answer.base64s]
        fetches = (self._wire.fetch(url, PICTURE_HOSTS) for url in answer.urls[: request.count])
        found += await asyncio.gather(*fetches)
        images = [data for data in found if data is not None]
        if images:
            cost_usd = answer.cost_usd if is_own(request.model) else None
            return ImageResult(images=tuple(images[: request.count]), cost_usd=cost_usd)
        if answer.base64s or answer.urls:
            raise OutcomeUnknown("the answer's pictures cannot be read")
        # The only documented cause of a good answer without pictures is a filter on the output.
        raise ProviderError(Fault.REFUSED, "the answer holds no picture")

    async def _worded(self, client: Client, request: ImageRequest) -> ImageResult:
        """Prompts for a picture, or a better one for a prompt."""
        answer = await client.said(words_of(request))
        if answer.refused:
            raise ProviderError(Fault.REFUSED, "the model refused")
        if request.operation == "enhance":
            texts = better(answer.text)
        elif not (texts := prompts(answer.text, by_line=True)):
            raise OutcomeUnknown("the answer holds no prompt")
        priced = _PRICED_WRITER.match(request.model) is not None
        return ImageResult(texts=texts, cost_usd=answer.cost_usd if priced else None)

    def _translated(self, error: Refused, *, makes: bool = True) -> ProviderError:
        """Our error for an answer that says no; the code tells more than the status."""
        fault = _FAULT_OF_CODE.get(error.code) or _FAULT_OF_CODE.get(error.kind)
        if fault is None and error.status == 403 and _UNVERIFIED in error.message:
            fault = Fault.MODEL_GONE
        told = self._wire.redacted(f"{error.code}: {error.message}")
        answer = Answer(status=error.status, headers=error.headers, body=b"")
        if fault is None and not makes and error.status in GATEWAY_FAILURES:
            fault = Fault.UNAVAILABLE
        return self._wire.refusal(answer, fault, _KEY_LIKE.sub(REDACTED, told))


def _open(credentials: Credentials) -> OpenAI | None:
    if not credentials.key and not credentials.base_url:
        return None
    return OpenAI(credentials)


PROVIDER = Vendor(
    name="openai",
    title="OpenAI",
    key_setting="OPENAI_API_KEY",
    url_setting="OPENAI_BASE_URL",
    own_keys=True,
    keys_url="https://platform.openai.com/api-keys",
    # Words joined by hyphens are no key: one has a capital or a digit soon.
    key_pattern=r"sk-(?:proj-|svcacct-|admin-)?(?=[a-z_-]{0,60}[A-Z\d])[\w-]{20,}",
    open=_open,
)
