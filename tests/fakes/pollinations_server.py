"""A local server that speaks Pollinations' API: the same call twice is made, and billed, once."""

from __future__ import annotations

import base64
import json
from typing import Any, ClassVar
from urllib.parse import unquote

from aiohttp import web

from providers.base import Fault
from tests.fakes.vendor import JSON, FakeVendor, Seen, picture

MODELS: list[JSON] = [
    {"name": "black-forest-labs/FLUX.1-schnell", "aliases": ["flux"]},
    {"name": "zimage", "aliases": ["z-image", "z-image-turbo"]},
    {"name": "klein", "aliases": ["flux-klein"], "input_modalities": ["text", "image"]},
    {"name": "veo", "aliases": [], "output_modalities": ["video"]},
]
NAMES = {name for row in MODELS for name in (row["name"], *row["aliases"])}
QUERY = {"model", "width", "height", "seed", "private", "nologo", "negative_prompt"}
BODY = {"model", "prompt", "seed", "private", "response_format", "negative_prompt", "size", "image"}

# Status, code, message, and what it means.
ERRORS: dict[str, tuple[int, str, str, Fault]] = {
    "unauthorized": (401, "UNAUTHORIZED", "Authentication required.", Fault.BAD_KEY),
    "forbidden": (403, "FORBIDDEN", "Access denied!", Fault.BAD_KEY),
    "no_pollen": (402, "PAYMENT_REQUIRED", "Insufficient pollen balance.", Fault.NO_FUNDS),
    "no_balance": (402, "INSUFFICIENT_BALANCE", "Insufficient balance.", Fault.NO_FUNDS),
    "no_budget": (402, "KEY_BUDGET_EXHAUSTED", "API key budget exhausted.", Fault.NO_FUNDS),
    "bad_request": (400, "BAD_REQUEST", "Invalid parameters: width", Fault.BAD_INPUT),
    "bad_image": (400, "unsupported_image_media_type", "No such type.", Fault.BAD_INPUT),
    "not_found": (404, "NOT_FOUND", "Oh no, there's nothing here.", Fault.MODEL_GONE),
    "too_large": (413, "PAYLOAD_TOO_LARGE", "Reduce its size.", Fault.BAD_INPUT),
    "unprocessable": (422, "UNPROCESSABLE_ENTITY", "Missing fields.", Fault.BAD_INPUT),
    "moderated": (422, "content_policy_violation", "Rejected by moderation.", Fault.REFUSED),
    "too_many": (429, "RATE_LIMITED", "You're making requests too quickly.", Fault.RATE_LIMITED),
    "internal": (500, "INTERNAL_ERROR", "Oh snap, something went wrong.", Fault.UNAVAILABLE),
    "bad_gateway": (502, "BAD_GATEWAY", "We couldn't reach our backend.", Fault.UNKNOWN),
    "maintenance": (503, "SERVICE_UNAVAILABLE", "We're down.", Fault.UNAVAILABLE),
    "upstream_late": (504, "GATEWAY_TIMEOUT", "It did not respond in time.", Fault.UNKNOWN),
}
OTHERS = {
    "bad_model": Fault.MODEL_GONE,
    "unsafe": Fault.REFUSED,
    "queue_full": Fault.RATE_LIMITED,
    "payment_asked": Fault.NO_FUNDS,
    "tunnel_down": Fault.UNAVAILABLE,
    "html_in_200": Fault.UNAVAILABLE,
    "error_in_200": Fault.UNAVAILABLE,
}


class FakePollinations(FakeVendor):
    """`answers` holds whole bodies with their types, instead of pictures; `balance` is JSON or none."""

    errors: ClassVar = {name: fault for name, (_, _, _, fault) in ERRORS.items()} | OTHERS

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[bytes, str]] = []
        self.balance: JSON | None = {"balance": 4.25}
        self.key_told: Any = {"valid": True, "type": "secret", "name": "atelier"}
        self.models: Any = [
            {"input_modalities": ["text"], "output_modalities": ["image"], **row} for row in MODELS
        ]
        self._cache: dict[str, bytes] = {}

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/image/models", self._models)
        app.router.add_get(r"/image/{prompt:[\s\S]+}", self._get)
        app.router.add_post("/v1/images/generations", self._post)
        app.router.add_post("/v1/images/edits", self._post)
        app.router.add_get("/account/key", self._key)
        app.router.add_get("/account/balance", self._balance)

    def failure(self, name: str, told: str) -> web.Response:
        if name in ERRORS:
            status, code, message, _ = ERRORS[name]
            return _error(status, {"code": code, "message": message + told})
        if name == "bad_model":
            details = {"name": "ValidationError", "fieldErrors": {"model": ["Invalid option"]}}
            error = {"code": "BAD_REQUEST", "message": "Invalid" + told, "details": details}
            return _error(400, error)
        if name == "unsafe":
            return _error(400, {"code": "BAD_REQUEST", "type": "safety_error", "message": told})
        if name in ("queue_full", "payment_asked"):
            queue = "Queue full for IP: 10.0.0.1: 1 requests already queued (max: 1)"
            message = queue if name == "queue_full" else "Payment required"
            return web.json_response({"x402Version": 1, "error": message + told}, status=402)
        if name == "tunnel_down":
            return web.Response(status=530, text=f"error code: 1033{told}")
        if name == "html_in_200":
            return web.Response(text=f"<html>{told}</html>", content_type="text/html")
        return _error(500, {"code": "INTERNAL_ERROR", "message": told}, http_status=200)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        prompt = unquote(seen.path.removeprefix("/image/"))
        size = int(seen.query.get("width", 0)), int(seen.query.get("height", 0))
        self._check(seen, {"prompt": prompt, **seen.query}, QUERY | {"prompt"})
        if len(seen.path) > 2000:
            self.violations.append("the address is too long")
        identity = f"{seen.path} {sorted(seen.query.items())}"
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        made, (data, kind) = self._made(identity, size)
        response = web.Response(body=data, content_type=kind)
        return await self.answer(request, how, response, made=made)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        self._check(seen, seen.body, BODY)
        edits = seen.path.endswith("/edits")
        if edits != bool(seen.body.get("image")):
            self.violations.append(f"{seen.path}: with or without pictures?")
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        width, _, height = seen.body.get("size", "512x512").partition("x")
        made, (data, kind) = self._made(json.dumps(seen.body), (int(width), int(height)))
        if kind == "image/jpeg":
            text = base64.b64encode(data).decode()
            told = {"created": 1, "data": [{"b64_json": text, "revised_prompt": "x"}]}
            data, kind = json.dumps(told).encode(), "application/json"
        response = web.Response(body=data, content_type=kind)
        return await self.answer(request, how, response, made=made)

    def _made(self, identity: str, size: tuple[int, int]) -> tuple[int, tuple[bytes, str]]:
        """How many pictures that costs, and the picture, as small as still counts as one."""
        if self.answers:
            return 1, self.answers.pop(0)
        known = identity in self._cache
        if not known:
            scale = 256 / min(size)
            small = round(size[0] * scale), round(size[1] * scale)
            self._cache[identity] = picture(len(self._cache), small, "JPEG")
        return 0 if known else 1, (self._cache[identity], "image/jpeg")

    def _check(self, seen: Seen, values: JSON, names: set[str]) -> None:
        problems = [f"{name}: no such parameter" for name in values.keys() - names]
        if self.key in seen.path or self.key in "".join(seen.query.values()):
            problems.append("the key is in the address")
        if values.get("model") not in NAMES:
            problems.append(f"model {values.get('model')!r}")
        if not str(values.get("seed", "")).isdigit() or str(values["private"]).lower() != "true":
            problems.append("no seed, or not private")
        for image in values.get("image", ()):
            if not image["image_url"].startswith("data:image/"):
                problems.append("a picture that is no data URI")
        self.violations += [f"{seen.path}: {problem}" for problem in problems]

    async def _models(self, request: web.Request) -> web.Response:
        await self.read(request)
        return web.json_response(self.models)

    async def _key(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self.failure("unauthorized", "")
        return web.json_response(self.key_told)

    async def _balance(self, request: web.Request) -> web.Response:
        await self.read(request)
        return (
            self.failure("forbidden", "")
            if self.balance is None
            else web.json_response(self.balance)
        )


def _error(status: int, error: JSON, *, http_status: int | None = None) -> web.Response:
    error = {"timestamp": "2026-11-21T00:00:00.000Z", **error}
    body = {"success": False, "status": status, "error": error}
    return web.json_response(body, status=http_status or status)


FAKE = FakePollinations
