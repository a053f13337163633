"""A local server that speaks Hugging Face's inference protocol, and the Hub's account and model lists."""

from __future__ import annotations

import base64
import functools
import json
from typing import Any, ClassVar

import jsonschema_rs
from aiohttp import web

from providers.base import Fault
from tests.fakes import contract
from tests.fakes.vendor import JSON, FakeVendor, Trouble, picture

TASK_OF_MODEL = {
    "black-forest-labs/FLUX.1-schnell": "text-to-image",
    "stabilityai/stable-diffusion-3-medium-diffusers": "text-to-image",
    "black-forest-labs/FLUX.1-Kontext-dev": "image-to-image",
}
LOADING_S = 1e6  # longer than any call waits
# Status, body and what it means.
ERRORS: dict[str, tuple[int, JSON, Fault]] = {
    "bad_token": (401, {"error": "Invalid username or password."}, Fault.BAD_KEY),
    "no_scope": (
        403,
        {
            "error": "This authentication method does not have sufficient permissions to call "
            "Inference Providers on behalf of user someone"
        },
        Fault.BAD_KEY,
    ),
    "no_credits": (
        402,
        {
            "error": "You have exceeded your monthly included credits for Inference Providers. "
            "Subscribe to PRO to get 20x more monthly included credits."
        },
        Fault.NO_FUNDS,
    ),
    "unsupported": (
        400,
        {"error": "Model not supported by provider hf-inference"},
        Fault.MODEL_GONE,
    ),
    "gated": (
        403,
        {
            "error": "Access to model black-forest-labs/FLUX.1-dev is restricted and you are not "
            "in the authorized list. Visit the model's page to ask for access."
        },
        Fault.MODEL_GONE,
    ),
    "bad_value": (
        400,
        {"error": ["Error in `parameters.num_inference_steps`: must be at least 1"]},
        Fault.BAD_INPUT,
    ),
    "invalid": (422, {"error": "Input validation error"}, Fault.BAD_INPUT),
    "not_found": (404, {"error": "Not Found"}, Fault.MODEL_GONE),
    "deprecated": (
        410,
        {
            "error": "The requested model is deprecated and no longer supported by provider "
            "hf-inference."
        },
        Fault.MODEL_GONE,
    ),
    "too_many": (
        429,
        {"error": "Too Many Requests: you have reached your rate limit"},
        Fault.RATE_LIMITED,
    ),
    "loading": (
        503,
        {"error": "Model x/y is currently loading", "estimated_time": LOADING_S},
        Fault.UNAVAILABLE,
    ),
    "overloaded": (503, {"error": "Service Unavailable"}, Fault.UNAVAILABLE),
    "broken": (500, {"error": "CUDA out of memory"}, Fault.UNAVAILABLE),
    "gateway_timeout": (504, {"error": "Gateway Timeout"}, Fault.UNKNOWN),
    "error_in_200": (200, {"error": "unknown error"}, Fault.UNAVAILABLE),
}


class FakeHuggingFace(FakeVendor):
    """`loading` holds how long the model is said to load, for each of the next calls.

    `answers` holds whole bodies with their types, instead of pictures; `token` is the Hub's account of
    the key.
    """

    errors: ClassVar = {name: fault for name, (_, _, fault) in ERRORS.items()}

    def __init__(self) -> None:
        super().__init__()
        self.loading: list[object] = []
        self.answers: list[tuple[bytes, str]] = []
        self.token: Any = fine_grained(["inference.serverless.write"])

    @property
    def url(self) -> str:
        return f"{self.root}/hf-inference"

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/hf-inference/models/{model:.+}", self._make)
        app.router.add_get("/api/whoami-v2", self._whoami)
        app.router.add_get("/api/models", self._models)

    def failure(self, name: str, told: str) -> web.Response:
        status, body, _ = ERRORS[name]
        text = f"{body['error']}{told}" if told else body["error"]
        return web.json_response({**body, "error": text}, status=status)

    async def _make(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        if self.loading:
            body = {
                "error": "Model x/y is currently loading",
                "estimated_time": self.loading.pop(0),
            }
            return web.json_response(body, status=503)
        task = TASK_OF_MODEL.get(request.match_info["model"])
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        if task is None:
            return self.failure("not_found", "")
        problems = violations(task, seen.body)
        self.violations += problems
        if problems:
            return self.failure("invalid", "")
        return await self.answer(request, how, self._answer(seen.body["parameters"], how))

    def _answer(self, parameters: JSON, how: Trouble) -> web.Response:
        if self.answers:
            body, kind = self.answers.pop(0)
            return web.Response(body=body, content_type=kind)
        size = parameters.get("width", 512) // 16, parameters.get("height", 512) // 16
        data = picture(parameters.get("seed", self.made), size)
        return web.Response(body=data, content_type="image/png", headers={"X-Compute-Time": "1.2"})

    async def _whoami(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self.failure("bad_token", "")
        return web.json_response(self.token)

    async def _models(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        if seen.query.get("inference_provider") != "hf-inference":
            self.violations.append(f"the models of which provider? {dict(seen.query)}")
        task = seen.query.get("pipeline_tag")
        rows = [
            {"_id": "0", "id": name, "modelId": name, "private": False, "pipeline_tag": served}
            for name, served in TASK_OF_MODEL.items()
            if served == task
        ]
        return web.json_response(rows)


def fine_grained(permissions: list[str]) -> JSON:
    """The Hub's account of a fine-grained token with these rights over its user."""
    entity = {"_id": "0" * 24, "type": "user", "name": "someone"}
    token = {
        "displayName": "atelier",
        "role": "fineGrained",
        "createdAt": "2026-11-01T00:00:00.000Z",
        "fineGrained": {
            "global": ["discussion.write"],
            "scoped": [{"entity": entity, "permissions": permissions}],
        },
    }
    return account(token)


def account(token: JSON) -> JSON:
    return {
        "type": "user",
        "id": "1",
        "name": "someone",
        "fullname": "Someone",
        "avatarUrl": "/avatars/1.svg",
        "isPro": False,
        "orgs": [],
        "auth": {"type": "access_token", "accessToken": token},
    }


def violations(task: str, body: object) -> list[str]:
    """What is wrong with a request's JSON, by the task's description where it is at hand."""
    if not isinstance(body, dict) or not isinstance(body.get("parameters"), dict):
        return ["no object with parameters"]
    problems = []
    if task == "image-to-image":
        try:
            base64.b64decode(body["inputs"], validate=True)
        except (KeyError, TypeError, ValueError):
            problems.append("inputs: is no base64")
        if not body["parameters"].get("prompt"):
            problems.append("parameters: no prompt")
    validator = _validator(task)
    if validator is not None:
        problems += [error.message for error in validator.iter_errors(body)]
    return problems


@functools.cache
def _validator(task: str) -> jsonschema_rs.Draft6Validator | None:
    folder = contract.specs_folder()
    file = folder / "huggingface" / f"{task}-input.json" if folder is not None else None
    if file is None or not file.is_file():
        return None
    schema = json.loads(file.read_text(encoding="utf-8"))
    del schema["$id"]
    for part in (schema, *schema["$defs"].values()):
        part["additionalProperties"] = False
    return jsonschema_rs.Draft6Validator(schema)


FAKE = FakeHuggingFace
