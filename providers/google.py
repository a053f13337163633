"""Google's Gemini API, over plain HTTP.

No SDK: it costs 0.4 s and 50 MB at import, and its aiohttp path sleeps and reconnects by itself.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

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
from providers.reading import (
    ENHANCE_PROMPT,
    TEXTS_MAX,
    better,
    gathered,
    object_in,
    objects,
    prompts,
    total_usd,
)
from providers.transport import Answer, Wire, decoded

BASE_URL = "https://generativelanguage.googleapis.com"
MODELS_PATH = "/v1beta/models"
CALL_TIMEOUT_S = 180.0
LOOK_TIMEOUT_S = 20.0
# Less time than this is not enough to ask for a picture once more.
AGAIN_S = 20.0
PAGES_MAX = 10
DETAIL_LENGTH_MAX = 2000
COUNTED = ("prompt", "candidates", "thoughts")
TOKENS_MAX = 10_000_000
SEED_MAX = 2**31 - 1
# models.toml tells the price of this size; larger ones cost up to twice as much.
IMAGE_SIZE = "1K"
# Thinking counts too.
WORDS_TOKENS_MAX = 4000
# Google's own advice for an answer that came without a picture.
AGAIN_PREFIX = "Generate an image: "
DESCRIBE_PROMPT = (
    "Write four different prompts, each for an image model to draw a picture like this one: "
    "subject, composition, light, colours and style in at most 60 words. "
    "Answer with a JSON array of four strings and nothing else."
)

_RATIO = re.compile(r"1:[148]|2:3|3:2|3:4|4:[135]|5:4|8:1|9:16|16:9|21:9")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prices:
    """USD per token; thinking costs as much as text that comes out."""

    taken: float
    text: float
    image: float = 0.0


PRICES = {
    "gemini-nano-banana-2.1": _Prices(taken=1.5e-6, text=7.5e-6, image=30e-6),
    "gemini-3-pro-image": _Prices(taken=2e-6, text=12e-6, image=120e-6),
    "gemini-3.1-flash-lite-image": _Prices(taken=0.25e-6, text=1.5e-6, image=30e-6),
    "gemini-3.1-flash-lite": _Prices(taken=0.25e-6, text=1.5e-6),
}

# These make 1K only and take no size.
_ONE_SIZE = re.compile(r"gemini-2\.5-|.*-lite-image")
_REFUSED = re.compile(
    r"(?:IMAGE_)?(?:SAFETY|RECITATION|PROHIBITED_CONTENT)|BLOCKLIST|SPII|MODEL_ARMOR"
    r"|PUP_LIMITED_DISABLED"
)
# The model answered, but drew nothing.
_NOTHING_DRAWN = frozenset({"NO_IMAGE", "IMAGE_OTHER", "STOP"})
_NAME = re.compile(r"[A-Z_]{1,40}")
_KEY_REASONS = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED"})
_KEY_TEXT = re.compile(r"API key (?:not valid|expired)")
_FUNDS_QUOTA = re.compile(r"PerDay|FreeTier|Spend")
# "check your plan and billing details" is said of every limit, so "billing" alone means nothing.
_FUNDS_TEXT = re.compile(
    r"credits are depleted|spend(?:ing)?[ -](?:cap|limit)|spend[ -]based", re.IGNORECASE
)
_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one call answered; `broken`: there was a picture, but it cannot be read."""

    picture: bytes | None = None
    broken: bool = False
    text: str = ""
    finish: str = ""
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """What an error body says, as far as it can be read."""

    message: str
    status: str = ""
    reasons: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()
    delay_s: float | None = None


class Google:
    """One key of the Gemini API."""

    def __init__(self, key: str, base_url: str) -> None:
        self._wire = Wire(base_url, headers={"x-goog-api-key": key}, secrets=[key])

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Draw, describe or write; Google keeps no id of a call. Raises ProviderError."""
        if request.operation == "enhance":
            told = await self._asked(request.model, _enhancing(request), CALL_TIMEOUT_S)
            return ImageResult(texts=better(told.text), cost_usd=told.cost_usd)
        if request.operation == "describe":
            return await self._described(request)
        # One call makes one picture; the same seed would make the same one.
        return await gathered(
            self._drawn(_numbered(request, number)) for number in range(request.count)
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    async def check(self) -> Checked:
        """Whether the key is taken; which models it may use is not told."""
        await self._listed({"pageSize": "1"})
        return Checked()

    async def catalogue(self) -> Mapping[str, date | None]:
        """All models of the key; Google does not tell here when they end."""
        found: dict[str, date | None] = {}
        params = {"pageSize": "1000"}
        for _ in range(PAGES_MAX):
            page = await self._listed(params)
            for name in _texts(objects(page.get("models")), "name"):
                found[name.removeprefix("models/")] = None
            token = page.get("nextPageToken")
            if not isinstance(token, str) or not token:
                return found
            params = params | {"pageToken": token}
        raise ProviderError(Fault.UNAVAILABLE, "the list of models has no end")

    async def _drawn(self, request: ImageRequest) -> ImageResult:
        """One picture; an answer that came whole but without one is asked for once more."""
        clock = asyncio.get_running_loop()
        deadline, prompt = clock.time() + CALL_TIMEOUT_S, _prompt(request)
        told = await self._asked(request.model, _drawing(request, prompt), CALL_TIMEOUT_S)
        left_s = deadline - clock.time()
        nothing = told.picture is None and not told.broken and told.finish in _NOTHING_DRAWN
        if nothing and left_s >= AGAIN_S:
            body = _drawing(request, AGAIN_PREFIX + prompt)
            second = await self._asked(request.model, body, left_s)
            told = replace(second, cost_usd=total_usd(told.cost_usd, second.cost_usd))
        if told.picture is not None:
            return ImageResult(images=(told.picture,), cost_usd=told.cost_usd)
        if told.broken:
            raise OutcomeUnknown("the answer's picture cannot be read")
        raise ProviderError(Fault.UNAVAILABLE, f"no picture was drawn: {told.finish}")

    async def _described(self, request: ImageRequest) -> ImageResult:
        told = await self._asked(request.model, _describing(request), CALL_TIMEOUT_S)
        if not (texts := prompts(told.text)):
            raise ProviderError(Fault.UNAVAILABLE, f"no prompts were told: {told.finish}")
        return ImageResult(texts=texts, cost_usd=told.cost_usd)

    async def _asked(self, model: str, body: object, timeout_s: float) -> _Told:
        path = f"{MODELS_PATH}/{quote(model, safe='')}:generateContent"
        answer = await self._wire.ask("POST", path, timeout_s=timeout_s, body=body)
        if not answer.ok:
            raise self._refused(answer)
        return _told(answer, PRICES.get(model))

    async def _listed(self, params: Mapping[str, str]) -> dict[str, Any]:
        answer = await self._wire.ask(
            "GET", MODELS_PATH, timeout_s=LOOK_TIMEOUT_S, params=params, makes=False
        )
        if not answer.ok:
            raise self._refused(answer)
        if (page := object_in(answer)) is None:
            raise ProviderError(Fault.UNAVAILABLE, "the list of models cannot be read")
        return page

    def _refused(self, answer: Answer) -> ProviderError:
        """Our error for an answer that says no; the body tells more than the status."""
        said = _refusal(answer)
        detail = f"{said.status} {' '.join(said.reasons)} {said.message}"
        error = self._wire.refusal(answer, _fault(answer.status, said), detail)
        if error.fault is Fault.RATE_LIMITED and error.retry_after_s is None:
            error.retry_after_s = said.delay_s
        return error


def _numbered(request: ImageRequest, number: int) -> ImageRequest:
    if request.seed is None:
        return request
    return replace(request, seed=(request.seed + number) & SEED_MAX)


def _prompt(request: ImageRequest) -> str:
    """The prompt with the negative folded in: these models follow instructions."""
    text = request.prompt.strip()
    if not text:
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    return f"{text}\n\nAvoid: {request.negative}" if request.negative else text


def _drawing(request: ImageRequest, prompt: str) -> dict[str, Any]:
    """The body that asks for a picture; an edit keeps the shape of what it edits."""
    if not _RATIO.fullmatch(request.ratio):
        raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
    shape = {} if request.operation == "edit" else {"aspectRatio": request.ratio}
    size = {} if _ONE_SIZE.match(request.model) else {"imageSize": IMAGE_SIZE}
    settings: dict[str, Any] = {"responseModalities": ["IMAGE"], "imageConfig": shape | size}
    if request.seed is not None:
        settings["seed"] = request.seed
    return _body(prompt, request.images, settings)


def _describing(request: ImageRequest) -> dict[str, Any]:
    schema = {"type": "ARRAY", "items": {"type": "STRING"}, "maxItems": TEXTS_MAX}
    settings = {"responseMimeType": "application/json", "responseSchema": schema}
    return _body(DESCRIBE_PROMPT, request.images[:1], settings)


def _enhancing(request: ImageRequest) -> dict[str, Any]:
    schema = {
        "type": "OBJECT",
        "properties": {"prompt": {"type": "STRING"}},
        "required": ["prompt"],
    }
    settings = {
        "responseMimeType": "application/json",
        "responseSchema": schema,
        "maxOutputTokens": WORDS_TOKENS_MAX,
    }
    system = {"parts": [{"text": ENHANCE_PROMPT}]}
    return _body(_prompt(request), (), settings) | {"systemInstruction": system}


def _body(text: str, images: tuple[SourceImage, ...], settings: dict[str, Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": text}]
    for image in images:
        data = base64.b64encode(image.data).decode()
        parts.append({"inlineData": {"mimeType": image.media_type, "data": data}})
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": settings}


def _told(answer: Answer, prices: _Prices | None) -> _Told:
    """Read a good answer; a refusal comes as one, and what cannot be read leaves all open."""
    if (said := object_in(answer)) is None:
        raise OutcomeUnknown("the answer cannot be read")
    cost_usd = _cost_usd(said.get("usageMetadata"), prices)
    candidates = objects(said.get("candidates"))
    if not candidates:
        feedback = said.get("promptFeedback")
        if isinstance(feedback, dict) and (reason := _named(feedback.get("blockReason"))):
            raise ProviderError(Fault.REFUSED, f"blocked: {reason}")
        if said.get("candidates") or "usageMetadata" not in said:
            raise OutcomeUnknown("the answer has no candidates")
        return _Told(cost_usd=cost_usd)
    finish = _named(candidates[0].get("finishReason"))
    if _REFUSED.fullmatch(finish):
        raise ProviderError(Fault.REFUSED, f"finished: {finish}")
    content = candidates[0].get("content", {})
    found = content.get("parts", []) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise OutcomeUnknown("the answer's content cannot be read")
    # What the model draws and says while it thinks is not its answer.
    parts = [part for part in objects(found) if part.get("thought") is not True]
    inlined = [part["inlineData"] for part in parts if "inlineData" in part]
    pictures = [data for item in objects(inlined) if (data := decoded(item.get("data")))]
    return _Told(
        picture=pictures[0] if pictures else None,
        broken=bool(inlined) and not pictures,
        text="".join(_texts(parts, "text")),
        finish=finish,
        cost_usd=cost_usd,
    )


def _named(reason: object) -> str:
    return reason if isinstance(reason, str) and _NAME.fullmatch(reason) else ""


def _cost_usd(usage: object, prices: _Prices | None) -> float | None:
    """The cost by tokens; an answer leaves out counts that are zero."""
    if not isinstance(usage, dict) or prices is None or "promptTokenCount" not in usage:
        return None
    taken, out, thought = (_tokens(usage.get(f"{kind}TokenCount")) for kind in COUNTED)
    rows = objects(usage.get("candidatesTokensDetails"))
    if out and prices.image and not rows:
        return None
    image = sum(_tokens(row.get("tokenCount")) for row in rows if row.get("modality") == "IMAGE")
    worded = max(0, out - image) + thought
    return taken * prices.taken + worded * prices.text + image * prices.image


def _tokens(count: object) -> int:
    return count if type(count) is int and 0 <= count <= TOKENS_MAX else 0


def _refusal(answer: Answer) -> _Refusal:
    error = (object_in(answer) or {}).get("error")
    if not isinstance(error, dict):
        return _Refusal(message=answer.text())
    details = objects(error.get("details"))
    delay = _DELAY.fullmatch(next(_texts(details, "retryDelay"), ""))
    violations = [row for item in details for row in objects(item.get("violations"))]
    return _Refusal(
        message=str(error.get("message", ""))[:DETAIL_LENGTH_MAX],
        status=str(error.get("status", ""))[:40],
        reasons=tuple(_texts(details, "reason")),
        quotas=tuple(_texts(violations, "quotaId")),
        delay_s=float(delay[1]) if delay else None,
    )


def _fault(status: int, said: _Refusal) -> Fault | None:
    """The fault that the body tells; None where the status tells enough."""
    if _KEY_REASONS & set(said.reasons) or (status == 400 and _KEY_TEXT.match(said.message)):
        return Fault.BAD_KEY
    if "BILLING_DISABLED" in said.reasons:
        return Fault.NO_FUNDS
    if status == 400 and said.status == "FAILED_PRECONDITION":
        # The region is not served, or only with billing.
        return Fault.NO_FUNDS if "billing" in said.message.lower() else Fault.BAD_KEY
    if status == 429:
        spent = any(map(_FUNDS_QUOTA.search, said.quotas)) or _FUNDS_TEXT.search(said.message)
        return Fault.NO_FUNDS if spent else Fault.RATE_LIMITED
    return Fault.UNAVAILABLE if status == 499 else None


def _texts(rows: Iterable[Mapping[str, object]], name: str) -> Iterator[str]:
    return (value for row in rows if isinstance(value := row.get(name), str))


def _open(credentials: Credentials) -> Google | None:
    key = credentials.key
    return Google(key, credentials.base_url or BASE_URL) if key else None


PROVIDER = Vendor(
    name="google",
    title="Google",
    key_setting="GEMINI_API_KEY",
    url_setting="GOOGLE_GEMINI_BASE_URL",
    own_keys=True,
    keys_url="https://aistudio.google.com/apikey",
    key_pattern=r"AIza[\w-]{30,}",
    open=_open,
)
