"""xAI's image API: REST in OpenAI's shapes, but edits are JSON, and its errors are told by text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from providers.base import (
    USUAL_QUALITY,
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
from providers.reading import ENHANCE_PROMPT, better, object_in, objects, prompts, texts
from providers.transport import Answer, Wire, data_uri, decoded

BASE_URL = "https://api.x.ai/v1"
CALL_TIMEOUT_S = 180.0
LOOK_TIMEOUT_S = 20.0
DETAIL_LENGTH_MAX = 2000
# models.toml tells the prices of this one.
RESOLUTION = "1k"
QUALITIES = ("low", "medium")
TICKS_IN_USD = 10_000_000_000
TICKS_MAX = 1000 * TICKS_IN_USD
# Where pictures are that an answer names by address.
PICTURE_HOSTS = ("x.ai",)
DESCRIBE_PROMPT = (
    "Write four different prompts, each of which would make an image model draw a picture like "
    "this one. Each names subject, composition, light, colours and style in at most 60 words."
)
# Thinking counts too.
WORDS_TOKENS_MAX = 4000
MODEL_ACL = "api-key:model:"
BLOCKED_FLAGS = ("api_key_blocked", "api_key_disabled", "team_blocked")

_RATIO = re.compile(r"1:1|16:9|9:16|4:3|3:4|3:2|2:3|2:1|1:2|19\.5:9|9:19\.5|20:9|9:20")
# The older models take no quality.
_TAKES_QUALITY = re.compile(r"grok-imagine-image-[2-9]")

_KEY_TEXT = re.compile(r"incorrect api key", re.IGNORECASE)
_FUNDS_TEXT = re.compile(
    r"used all available credits|spending[ -]limit|doesn't have any credits", re.IGNORECASE
)
_REFUSED_TEXT = re.compile(
    r"violates? (?:our |xAI's )?usage guidelines|rejected by content moderation|SAFETY_CHECK_TYPE_",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """One picture of an answer: encoded, or at an address; `clean` False: a filter caught it."""

    base64: str | None
    url: str | None
    clean: bool


class XAI:
    """One key of xAI's API."""

    def __init__(self, key: str, base_url: str) -> None:
        self._wire = Wire(base_url, headers={"Authorization": f"Bearer {key}"}, secrets=[key])

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Draw, edit, describe or write in one call, which xAI keeps no id of; raises ProviderError."""
        if request.operation in ("describe", "enhance"):
            return await self._worded(request)
        # Generations ignore pictures, and bill them.
        path = "/images/edits" if request.images else "/images/generations"
        said = await self._asked(path, _drawing(request))
        found = _pictures(said)
        clean = [item for item in found if item.clean]
        if not clean:
            raise ProviderError(Fault.REFUSED, "the pictures did not pass xAI's moderation")
        read = await asyncio.gather(*(self._read(item) for item in clean[: request.count]))
        images = tuple(data for data in read if data is not None)
        if not images:
            raise OutcomeUnknown("the answer's pictures cannot be read")
        return ImageResult(images=images, cost_usd=_cost_usd(said))

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    async def check(self) -> Checked:
        """Whether the key works, and which models it is limited to."""
        said = await self._looked("/api-key")
        blocked = [name for name in BLOCKED_FLAGS if said.get(name) is True]
        if blocked:
            raise ProviderError(Fault.BAD_KEY, f"the key does not work: {', '.join(blocked)}")
        named = [item for item in texts(said.get("acls")) if item.startswith(MODEL_ACL)]
        models = {item.removeprefix(MODEL_ACL) for item in named}
        return Checked(models=frozenset(models) if models and "*" not in models else None)

    async def catalogue(self) -> Mapping[str, date | None]:
        """The models that the key may use; xAI does not tell here when they end."""
        said = await self._looked("/models")
        if not isinstance(said.get("data"), list):
            raise ProviderError(Fault.UNAVAILABLE, "the list of models cannot be read")
        return {row["id"]: None for row in objects(said["data"]) if isinstance(row.get("id"), str)}

    async def _worded(self, request: ImageRequest) -> ImageResult:
        enhances = request.operation == "enhance"
        body = _enhancing(request) if enhances else _describing(request)
        said = await self._asked("/chat/completions", body)
        choices = objects(said.get("choices"))
        message = choices[0].get("message") if choices else None
        if not isinstance(message, dict):
            raise OutcomeUnknown("the answer has no message")
        if isinstance(message.get("refusal"), str) and message["refusal"]:
            raise ProviderError(Fault.REFUSED, "the model refused")
        content = message.get("content")
        text = content if isinstance(content, str) else ""
        found: tuple[str, ...] = better(text) if enhances else prompts(text)
        if not found:
            raise ProviderError(Fault.UNAVAILABLE, "no prompts were told")
        return ImageResult(texts=found, cost_usd=_cost_usd(said))

    async def _asked(self, path: str, body: object) -> dict[str, Any]:
        answer = await self._wire.ask("POST", path, timeout_s=CALL_TIMEOUT_S, body=body)
        if not answer.ok:
            raise self._refused(answer)
        said = object_in(answer)
        if said is None:
            raise OutcomeUnknown("the answer cannot be read")
        return said

    async def _looked(self, path: str) -> dict[str, Any]:
        answer = await self._wire.ask("GET", path, timeout_s=LOOK_TIMEOUT_S, makes=False)
        if not answer.ok:
            raise self._refused(answer)
        said = object_in(answer)
        if said is None:
            raise ProviderError(Fault.UNAVAILABLE, "the answer cannot be read")
        return said

    async def _read(self, picture: _Picture) -> bytes | None:
        if picture.base64 is not None:
            return decoded(picture.base64)
        return await self._wire.fetch(picture.url, PICTURE_HOSTS) if picture.url else None

    def _refused(self, answer: Answer) -> ProviderError:
        """Our error for an answer that says no: 400, 403 and 429 each mean several things."""
        said = _message(answer)
        return self._wire.refusal(answer, _fault(answer.status, said), said)


def _drawing(request: ImageRequest) -> dict[str, Any]:
    """The body that asks for pictures; an edit keeps the shape of what it edits."""
    body: dict[str, Any] = {
        "model": request.model,
        "prompt": _prompt(request),
        "n": request.count,
        "response_format": "b64_json",
        "resolution": RESOLUTION,
    }
    if _TAKES_QUALITY.match(request.model):
        body["quality"] = request.quality if request.quality in QUALITIES else USUAL_QUALITY
    if request.operation != "edit":
        if not _RATIO.fullmatch(request.ratio):
            raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
        body["aspect_ratio"] = request.ratio
    images = [_image(item) for item in request.images]
    if len(images) == 1:
        body["image"] = images[0]
    elif images:
        body["images"] = images
    return body


def _image(image: SourceImage) -> dict[str, str]:
    return {"type": "image_url", "url": data_uri(image.data, image.media_type)}


def _prompt(request: ImageRequest) -> str:
    """The prompt with the negative folded in: these models follow instructions."""
    text = request.prompt.strip()
    if not text:
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    return f"{text}\n\nAvoid: {request.negative}" if request.negative else text


def _describing(request: ImageRequest) -> dict[str, Any]:
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": data_uri(item.data, item.media_type)}}
        for item in request.images[:1]
    ]
    content.append({"type": "text", "text": DESCRIBE_PROMPT})
    shape = {"type": "array", "items": {"type": "string"}}
    return _chat(request.model, [{"role": "user", "content": content}], "prompts", shape)


def _enhancing(request: ImageRequest) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": ENHANCE_PROMPT},
        {"role": "user", "content": _prompt(request)},
    ]
    return _chat(request.model, messages, "prompt", {"type": "string"})


def _chat(
    model: str, messages: list[dict[str, Any]], name: str, shape: dict[str, Any]
) -> dict[str, Any]:
    """The body that asks for an object with one field of a shape."""
    schema = {
        "type": "object",
        "properties": {name: shape},
        "required": [name],
        "additionalProperties": False,
    }
    told = {"name": name, "strict": True, "schema": schema}
    return {
        "model": model,
        "messages": messages,
        "response_format": {"type": "json_schema", "json_schema": told},
        "max_completion_tokens": WORDS_TOKENS_MAX,
    }


def _pictures(said: dict[str, Any]) -> list[_Picture]:
    """The pictures of an answer; none, or a flag that says so, means that a filter caught them."""
    rows = said.get("data")
    if said.get("respect_moderation") is False or rows == []:
        return []
    found = objects(rows)
    if not found:
        raise OutcomeUnknown("the answer has no pictures")
    return [
        _Picture(
            base64=row["b64_json"] if isinstance(row.get("b64_json"), str) else None,
            url=row["url"] if isinstance(row.get("url"), str) else None,
            clean=row.get("respect_moderation") is not False,
        )
        for row in found
    ]


def _cost_usd(said: dict[str, Any]) -> float | None:
    usage = said.get("usage")
    ticks = usage.get("cost_in_usd_ticks") if isinstance(usage, dict) else None
    if type(ticks) is not int or not 0 <= ticks <= TICKS_MAX:
        return None
    return ticks / TICKS_IN_USD


def _message(answer: Answer) -> str:
    """What an error says, and its code, in either of the two shapes that xAI uses."""
    body = object_in(answer)
    if body is None:
        return answer.text()
    error = body.get("error")
    inner = error if isinstance(error, dict) else {"message": error, "code": body.get("code")}
    words = [word for name in ("code", "message") if isinstance(word := inner.get(name), str)]
    return " ".join(words)[:DETAIL_LENGTH_MAX] or answer.text()


def _fault(status: int, said: str) -> Fault | None:
    """The fault that the text tells; None where the status tells enough."""
    if status in (400, 401) and _KEY_TEXT.search(said):
        return Fault.BAD_KEY
    if status == 400 and "Model not found: " in said:
        return Fault.MODEL_GONE
    if status in (400, 403) and _REFUSED_TEXT.search(said):
        return Fault.REFUSED
    if status in (403, 429) and _FUNDS_TEXT.search(said):
        return Fault.NO_FUNDS
    return None


def _open(credentials: Credentials) -> XAI | None:
    if not credentials.key:
        return None
    return XAI(credentials.key, credentials.base_url or BASE_URL)


PROVIDER = Vendor(
    name="xai",
    title="xAI",
    key_setting="XAI_API_KEY",
    url_setting="XAI_BASE_URL",
    own_keys=True,
    keys_url="https://console.x.ai",
    # Words joined by hyphens are no key: one has a capital or a digit soon.
    key_pattern=r"xai-(?=[a-z_-]{0,60}[A-Z\d])[\w-]{20,}",
    open=_open,
)
