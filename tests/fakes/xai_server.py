"""A local server that speaks xAI's REST API: pictures, edits, chat, keys and models."""

from __future__ import annotations

import base64
import json
from typing import Any

from aiohttp import web

from providers.base import Fault
from tests.fakes.vendor import JSON, FakeVendor, Seen, picture

DRAWS = ("grok-imagine-image-2.0", "grok-imagine-image")
SEES = "grok-4.3"
IMAGES_MAX = {DRAWS[0]: 5, DRAWS[1]: 3}
RATIOS = set(
    "1:1 16:9 9:16 4:3 3:4 3:2 2:3 2:1 1:2 19.5:9 9:19.5 20:9 9:20 auto".split()  # noqa: SIM905
)
PROMPTS = ["A red fox in snow", "A fox at dawn", "A fox, oil on canvas", "A fox in low light"]
BETTER = {"prompt": "A red fox in deep snow, low sun, oil on canvas"}
TICKS = 600_000_000
ARGUMENT = "Client specified an invalid argument"
PERMISSION = "The caller does not have permission to execute the specified operation"
EXHAUSTED = "Some resource has been exhausted"
TEAM = "Your team 16f2151a-40f4-4a80-8ad0-cae00c27e8dd"
_SPENT = f"{TEAM} has either used all available credits or reached its monthly spending limit."
# Status, code, message, and what it means; a name that ends in _openai comes in OpenAI's shape.
ERRORS: dict[str, tuple[int, str, str, Fault]] = {
    "key_400": (
        400,
        ARGUMENT,
        "Incorrect API key provided: xa***00. You can obtain an API key from https://console.x.ai.",
        Fault.BAD_KEY,
    ),
    "key_401_openai": (401, "invalid_api_key", "Incorrect API key provided.", Fault.BAD_KEY),
    "no_key": (401, "Unauthenticated", "No credentials presented.", Fault.BAD_KEY),
    "key_disabled": (
        403,
        PERMISSION,
        "API key is currently blocked: disabled by team.",
        Fault.BAD_KEY,
    ),
    "spent_429": (429, EXHAUSTED, _SPENT, Fault.NO_FUNDS),
    "spent_403": (403, PERMISSION, _SPENT, Fault.NO_FUNDS),
    "no_credits_yet": (
        403,
        PERMISSION,
        "Your newly created team doesn't have any credits or licenses yet.",
        Fault.NO_FUNDS,
    ),
    "personal_limit": (
        403,
        "personal-team-blocked:spending-limit",
        "The team is blocked.",
        Fault.NO_FUNDS,
    ),
    "rate": (
        429,
        EXHAUSTED,
        f"Too many requests for {TEAM.lower()} and model grok-imagine-image-2.0.",
        Fault.RATE_LIMITED,
    ),
    "rate_openai": (429, "rate_limit_exceeded", "Rate limit reached.", Fault.RATE_LIMITED),
    "guidelines_403": (
        403,
        PERMISSION,
        "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
        Fault.REFUSED,
    ),
    "guidelines_400": (400, ARGUMENT, "Content violates usage guidelines.", Fault.REFUSED),
    "moderated": (
        400,
        ARGUMENT,
        "Generated image rejected by content moderation.",
        Fault.REFUSED,
    ),
    "argument": (400, ARGUMENT, "Argument not supported: size", Fault.BAD_INPUT),
    "unreadable": (422, "Unprocessable", "Failed to deserialize the JSON body", Fault.BAD_INPUT),
    "no_model": (
        404,
        "Some requested entity was not found",
        "The model grok-2-image does not exist or your team does not have access to it.",
        Fault.MODEL_GONE,
    ),
    "no_model_400": (400, ARGUMENT, "Model not found: grok-2-image", Fault.MODEL_GONE),
    "internal": (500, "Internal error", "Service temporarily unavailable.", Fault.UNAVAILABLE),
    "overloaded": (503, "Unavailable", "The service is at capacity.", Fault.UNAVAILABLE),
    "gateway": (504, "Deadline expired", "upstream request timeout", Fault.UNKNOWN),
}
# Good answers that hold nothing: said of the whole, of the picture, or by having none.
FILTERED = ("filtered_whole", "filtered_picture", "filtered_empty")
# What each path takes, with types.
COMMON: dict[str, type] = {
    "model": str,
    "prompt": str,
    "n": int,
    "response_format": str,
    "aspect_ratio": str,
    "resolution": str,
    "quality": str,
}


class FakeXAI(FakeVendor):
    """xAI's API; `answers` are whole bodies for the next good calls, `urls` has pictures fetched."""

    errors = {name: row[3] for name, row in ERRORS.items()} | dict.fromkeys(FILTERED, Fault.REFUSED)

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []
        self.urls = False
        self.fetched: list[str | None] = []
        self.key_row: JSON = {
            "redacted_api_key": "xai-...b14o",
            "acls": ["api-key:model:*", "api-key:endpoint:*"],
            "team_blocked": False,
            "api_key_blocked": False,
            "api_key_disabled": False,
        }

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/images/generations", self._draw)
        app.router.add_post("/v1/images/edits", self._draw)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/api-key", self._key)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/pictures/{number}", self._picture)

    def failure(self, name: str, told: str) -> web.Response:
        if name in FILTERED:
            row = {"b64_json": "", "respect_moderation": name != "filtered_picture"}
            said: JSON = {"data": [] if name == "filtered_empty" else [row]}
            if name == "filtered_whole":
                said["respect_moderation"] = False
            return web.json_response(said | {"usage": {"cost_in_usd_ticks": 0}})
        status, code, message, _ = ERRORS[name]
        body: JSON = {"code": code, "error": message + told}
        if name.endswith("_openai"):
            body = {"error": {"message": message + told, "type": "invalid", "code": code}}
        return web.json_response(body, status=status)

    async def _draw(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        if wrong := _wrong(seen):
            return self._rejected(wrong)
        if self.answers:
            return await self.answer(request, how, _plain(self.answers.pop(0)))
        rows: list[JSON] = []
        for number in range(self.made, self.made + seen.body["n"]):
            row: JSON = {"mime_type": "image/jpeg", "revised_prompt": ""}
            if self.urls:
                row["url"] = f"{self.root}/pictures/{number}"
            else:
                row["b64_json"] = base64.b64encode(picture(number, kind="JPEG")).decode()
            rows.append(row)
        said = {"data": rows, "usage": {"cost_in_usd_ticks": TICKS * len(rows)}}
        return await self.answer(request, how, web.json_response(said), made=len(rows))

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        if wrong := _wrong_chat(seen):
            return self._rejected(wrong)
        if self.answers:
            return await self.answer(request, how, _plain(self.answers.pop(0)))
        enhances = seen.body["messages"][0]["role"] == "system"
        said = chatted(json.dumps(BETTER if enhances else {"prompts": PROMPTS}))
        return await self.answer(request, how, web.json_response(said))

    async def _key(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self.failure("key_400", "")
        return _plain(self.answers.pop(0)) if self.answers else web.json_response(self.key_row)

    async def _models(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self.failure("key_400", "")
        if self.answers:
            return _plain(self.answers.pop(0))
        rows = [{"id": name, "object": "model", "owned_by": "xai"} for name in (*DRAWS, SEES)]
        return web.json_response({"object": "list", "data": rows})

    async def _picture(self, request: web.Request) -> web.Response:
        self.fetched.append(request.headers.get("Authorization"))
        body = picture(int(request.match_info["number"]), kind="JPEG")
        return web.Response(body=body, content_type="image/jpeg")

    def _rejected(self, wrong: list[str]) -> web.Response:
        self.violations += wrong
        return web.json_response({"code": ARGUMENT, "error": "; ".join(wrong)}, status=400)


def chatted(text: str, **message: object) -> JSON:
    """A chat's answer."""
    said = {"role": "assistant", "content": text, "refusal": None} | message
    return {
        "id": "c",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 300, "completion_tokens": 90, "cost_in_usd_ticks": 6_000_000},
    }


def _plain(said: object) -> web.Response:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return web.Response(body=raw, content_type="application/json")


def _wrong(seen: Seen) -> list[str]:
    """What the real server would reject, and pictures that it would bill in vain."""
    body: Any = seen.body
    if not isinstance(body, dict):
        return ["the body is no JSON object"]
    edits = seen.path.endswith("/edits")
    images = [body["image"]] if "image" in body else body.get("images", [])
    known = set(COMMON) | {"image", "images"}
    wrong = [f"Argument not supported: {name}" for name in body if name not in known]
    wrong += [f"{n} is no {t}" for n, t in COMMON.items() if n in body and type(body[n]) is not t]
    wrong += [f"{name} is missing" for name in ("model", "prompt") if name not in body]
    if wrong:
        return wrong
    if body["model"] not in DRAWS:
        return [f"no model {body['model']}"]
    if edits != bool(images) or ("image" in body and "images" in body):
        wrong.append("pictures belong to edits, one way or the other")
    if len(images) > IMAGES_MAX[body["model"]]:
        wrong.append("too many pictures")
    for image in images:
        uri = image.get("url", "")
        if set(image) != {"type", "url"} or not uri.startswith("data:image/"):
            wrong.append("a picture is no data URI")
    if body.get("aspect_ratio", "auto") not in RATIOS:
        wrong.append(f"aspect_ratio {body['aspect_ratio']}")
    if body.get("resolution", "1k") not in {"1k", "2k"}:
        wrong.append("resolution")
    if "quality" in body and (
        body["model"] != DRAWS[0] or body["quality"] not in {"low", "medium"}
    ):
        wrong.append("Argument not supported: quality")
    if not 1 <= body.get("n", 1) <= 10:
        wrong.append("n")
    return wrong


def _wrong_chat(seen: Seen) -> list[str]:
    match seen.body:
        case {
            "model": "grok-4.3",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": str(uri)}},
                        {"type": "text", "text": str()},
                    ],
                }
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"strict": True, "schema": {}},
            },
            "max_completion_tokens": int(),
        } if uri.startswith("data:image/"):
            return []
        case {
            "model": "grok-4.3",
            "messages": [
                {"role": "system", "content": str()},
                {"role": "user", "content": str()},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"strict": True, "schema": {}},
            },
            "max_completion_tokens": int(),
        }:
            return []
    return ["the chat is not as it should be"]


FAKE = FakeXAI
