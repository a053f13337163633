"""A local server that speaks the Gemini API: generateContent and the list of models."""

from __future__ import annotations

import base64
import json

from aiohttp import web

from providers.base import Fault
from tests.fakes.vendor import JSON, FakeVendor, Seen, picture

MODELS = (
    "gemini-nano-banana-2.1",
    "gemini-3-pro-image",
    "gemini-3.1-flash-lite-image",
    "gemini-3.1-flash-lite",
)
ONE_SIZE = ("gemini-3.1-flash-lite-image",)
RATIOS = set("1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9".split())  # noqa: SIM905
WIDE_RATIOS = RATIOS | {"1:4", "4:1", "1:8", "8:1"}
IMAGES_MAX = 14
RPC = "type.googleapis.com/google.rpc."
PROMPTS = ["A red fox in snow", "A fox at dawn", "A fox, oil on canvas", "A fox in low light"]
BETTER = {"prompt": "A red fox in deep snow, low sun, oil on canvas"}
IMAGE_USAGE: JSON = {
    "promptTokenCount": 10,
    "candidatesTokenCount": 1120,
    "thoughtsTokenCount": 100,
    "totalTokenCount": 1230,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}],
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}
TEXT_USAGE: JSON = {
    "promptTokenCount": 300,
    "candidatesTokenCount": 200,
    "totalTokenCount": 500,
    "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 200}],
}
NOTHING_USAGE: JSON = {"promptTokenCount": 10, "totalTokenCount": 10}
# What each object of a request may hold, with the type of each; nested ones are named.
SHAPES: dict[str, dict[str, object]] = {
    "request": {
        "contents": ["content"],
        "generationConfig": "config",
        "systemInstruction": "content",
    },
    "content": {"role": str, "parts": ["part"]},
    "part": {"text": str, "inlineData": "blob"},
    "blob": {"mimeType": str, "data": str},
    "config": {
        "responseModalities": [str],
        "imageConfig": "image",
        "seed": int,
        "responseMimeType": str,
        "responseSchema": "schema",
        "maxOutputTokens": int,
    },
    "image": {"aspectRatio": str, "imageSize": str},
    "schema": {
        "type": str,
        "items": "schema",
        "maxItems": int,
        "properties": dict,
        "required": [str],
    },
}


def _info(reason: str) -> list[JSON]:
    return [{"@type": f"{RPC}ErrorInfo", "reason": reason, "domain": "googleapis.com"}]


def _quota(name: str) -> list[JSON]:
    violation = {"quotaMetric": "generativelanguage.googleapis.com/requests", "quotaId": name}
    return [
        {"@type": f"{RPC}QuotaFailure", "violations": [violation]},
        {"@type": f"{RPC}Help", "links": [{"description": "Learn more", "url": "https://x"}]},
        {"@type": f"{RPC}RetryInfo", "retryDelay": "38.5s"},
    ]


_EXCEEDED = (
    "You exceeded your current quota, please check your plan and billing details. "
    "For more information, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
# HTTP status, the body's status, its message, its details, and what it means.
ERRORS: dict[str, tuple[int, str, str, list[JSON], Fault]] = {
    "key_invalid": (
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        _info("API_KEY_INVALID"),
        Fault.BAD_KEY,
    ),
    "key_expired": (
        400,
        "INVALID_ARGUMENT",
        "API key expired. Please renew the API key.",
        [],
        Fault.BAD_KEY,
    ),
    "unauthenticated": (
        401,
        "UNAUTHENTICATED",
        "Request had invalid credentials.",
        [],
        Fault.BAD_KEY,
    ),
    "leaked": (
        403,
        "PERMISSION_DENIED",
        "Your API key was reported as leaked. Please use another API key.",
        [],
        Fault.BAD_KEY,
    ),
    "blocked_service": (
        403,
        "PERMISSION_DENIED",
        "Requests to this API method are blocked.",
        _info("API_KEY_SERVICE_BLOCKED"),
        Fault.BAD_KEY,
    ),
    "billing_disabled": (
        403,
        "PERMISSION_DENIED",
        "This API method requires billing to be enabled.",
        _info("BILLING_DISABLED"),
        Fault.NO_FUNDS,
    ),
    "region": (
        400,
        "FAILED_PRECONDITION",
        "User location is not supported for the API use.",
        [],
        Fault.BAD_KEY,
    ),
    "region_without_billing": (
        400,
        "FAILED_PRECONDITION",
        "Gemini API free tier is not available in your country. Please enable billing on your project.",
        [],
        Fault.NO_FUNDS,
    ),
    "per_minute": (
        429,
        "RESOURCE_EXHAUSTED",
        _EXCEEDED,
        _quota("GenerateRequestsPerMinutePerProjectPerModel"),
        Fault.RATE_LIMITED,
    ),
    "exhausted": (
        429,
        "RESOURCE_EXHAUSTED",
        "Resource has been exhausted (e.g. check quota).",
        [],
        Fault.RATE_LIMITED,
    ),
    "per_day": (
        429,
        "RESOURCE_EXHAUSTED",
        _EXCEEDED,
        _quota("GenerateRequestsPerDayPerProjectPerModel"),
        Fault.NO_FUNDS,
    ),
    "free_tier": (
        429,
        "RESOURCE_EXHAUSTED",
        _EXCEEDED,
        _quota("GenerateContentInputTokensPerModelPerMinute-FreeTier"),
        Fault.NO_FUNDS,
    ),
    "prepaid_empty": (
        429,
        "RESOURCE_EXHAUSTED",
        "Your prepayment credits are depleted. Please go to AI Studio to manage billing.",
        [],
        Fault.NO_FUNDS,
    ),
    "spending_cap": (
        429,
        "RESOURCE_EXHAUSTED",
        "Your billing account has exceeded its monthly spending cap.",
        [],
        Fault.NO_FUNDS,
    ),
    "invalid": (400, "INVALID_ARGUMENT", "Unable to process input image.", [], Fault.BAD_INPUT),
    "not_found": (
        404,
        "NOT_FOUND",
        "models/imagen-4 is not found for API version v1beta.",
        [],
        Fault.MODEL_GONE,
    ),
    "too_large": (
        413,
        "INVALID_ARGUMENT",
        "Request payload size exceeds the limit.",
        [],
        Fault.BAD_INPUT,
    ),
    "cancelled": (499, "CANCELLED", "The operation was cancelled.", [], Fault.UNAVAILABLE),
    "internal": (500, "INTERNAL", "An internal error has occurred.", [], Fault.UNAVAILABLE),
    "overloaded": (503, "UNAVAILABLE", "The model is overloaded.", [], Fault.UNAVAILABLE),
    "deadline": (504, "DEADLINE_EXCEEDED", "Deadline expired.", [], Fault.UNKNOWN),
}
# Answers that say no with status 200: why a prompt was blocked, and why an answer ended.
BLOCKED = (
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "IMAGE_SAFETY",
    "MODEL_ARMOR",
    "JAILBREAK",
)
ENDED = (
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "PUP_LIMITED_DISABLED",
    "MODEL_ARMOR",
)
UNFINISHED = ("OTHER", "MAX_TOKENS", "LANGUAGE")


class FakeGoogle(FakeVendor):
    """The Gemini API; `answers` are whole bodies for the next good calls, before the usual one."""

    errors = (
        {name: row[4] for name, row in ERRORS.items()}
        | {f"blocked {name}": Fault.REFUSED for name in BLOCKED}
        | {f"ended {name}": Fault.REFUSED for name in ENDED}
        | {f"unfinished {name}": Fault.UNAVAILABLE for name in UNFINISHED}
    )

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []
        self.pages_more = 0

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/v1beta/models/{model}:generateContent", self._generate)
        app.router.add_get("/v1beta/models", self._list)

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("x-goog-api-key") == self.key

    def failure(self, name: str, told: str) -> web.Response:
        kind, _, reason = name.partition(" ")
        if kind == "blocked":
            feedback = {"blockReason": reason, "blockReasonMessage": told}
            return web.json_response({"promptFeedback": feedback, "usageMetadata": NOTHING_USAGE})
        if kind in ("ended", "unfinished"):
            return web.json_response(ended(reason, told))
        status, code, message, details, _fault = ERRORS[name]
        error = {"code": status, "message": message + told, "status": code, "details": details}
        return web.json_response({"error": error}, status=status)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        model = request.match_info["model"]
        wrong = _wrong(model, seen)
        if wrong:
            self.violations += wrong
            error = {"code": 400, "message": "; ".join(wrong), "status": "INVALID_ARGUMENT"}
            return web.json_response({"error": error}, status=400)
        if self.answers:
            said = self.answers.pop(0)
            raw = said if isinstance(said, bytes) else json.dumps(said).encode()
            return await self.answer(request, how, _plain(raw))
        said = drawn(self.made) if model != MODELS[3] else described(_words(seen))
        return await self.answer(request, how, web.json_response(said))

    async def _list(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        if not self.authorized(request):
            return self.failure("key_invalid", "")
        size = int(seen.query.get("pageSize", "50"))
        if self.answers:
            return _plain(json.dumps(self.answers.pop(0)).encode())
        start = int(seen.query.get("pageToken", "0") or 0)
        rows = [{"name": f"models/{name}", "supportedGenerationMethods": []} for name in MODELS]
        page: JSON = {"models": rows[start : start + size]}
        if start + size < len(rows) or self.pages_more:
            self.pages_more = max(0, self.pages_more - 1)
            page["nextPageToken"] = str(start + size if self.pages_more == 0 else 0)
        return web.json_response(page)


def drawn(number: int = 0, usage: JSON = IMAGE_USAGE) -> JSON:
    """An answer with a picture."""
    data = base64.b64encode(picture(number)).decode()
    parts = [{"inlineData": {"mimeType": "image/png", "data": data}}]
    return _answer({"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}, usage)


def described(text: str, finish: str = "STOP") -> JSON:
    """An answer of words."""
    parts = [{"text": text}]
    return _answer(
        {"content": {"role": "model", "parts": parts}, "finishReason": finish}, TEXT_USAGE
    )


def ended(reason: str, told: str = "") -> JSON:
    """An answer that ended without a picture."""
    return _answer({"finishReason": reason, "finishMessage": told, "index": 0}, NOTHING_USAGE)


def _answer(candidate: JSON, usage: JSON) -> JSON:
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": "x",
        "responseId": "r",
    }


def _words(seen: Seen) -> str:
    """What the model says: as a system instruction asks it to, or of a picture."""
    return json.dumps(BETTER if "systemInstruction" in seen.body else PROMPTS)


def _plain(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _wrong(model: str, seen: Seen) -> list[str]:
    """What the real server would reject."""
    wrong = list(_misshapen(seen.body, "request", "body"))
    if wrong:
        return wrong
    config = seen.body.get("generationConfig", {})
    parts = [part for content in seen.body["contents"] for part in content["parts"]]
    images = [part for part in parts if "inlineData" in part]
    picture = config.get("imageConfig", {})
    ratios = WIDE_RATIOS if model == MODELS[0] else RATIOS
    if model not in MODELS:
        wrong.append(f"no model {model}")
    if len(images) > IMAGES_MAX:
        wrong.append("too many images")
    if picture.get("aspectRatio", "1:1") not in ratios:
        wrong.append(f"aspect ratio {picture['aspectRatio']}")
    if picture.get("imageSize", "1K") not in {"1K", "2K", "4K"}:
        wrong.append(f"image size {picture['imageSize']}")
    if "imageSize" in picture and model in ONE_SIZE:
        wrong.append("image size is not supported by this model")
    if model == MODELS[3] and picture:
        wrong.append("this model makes no images")
    return wrong


def _misshapen(value: object, shape: object, at: str) -> list[str]:
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at} is no list"]
        return [wrong for item in value for wrong in _misshapen(item, shape[0], at)]
    if isinstance(shape, type):
        return [] if type(value) is shape else [f"{at} is no {shape.__name__}"]
    if not isinstance(value, dict):
        return [f"{at} is no object"]
    fields = SHAPES[str(shape)]
    wrong = [f'Unknown name "{name}" at {at}' for name in value if name not in fields]
    for name, inner in value.items():
        wrong += _misshapen(inner, fields[name], f"{at}.{name}") if name in fields else []
    return wrong


FAKE = FakeGoogle
