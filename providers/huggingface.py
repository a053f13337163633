"""Hugging Face's models and endpoints, by raw POST: its SDK's async client blocks the event loop."""

from __future__ import annotations

import asyncio
import base64
import math
import random
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, urlsplit

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
    Step,
    Vendor,
)
from providers.reading import gathered, json_in, object_in, objects, texts
from providers.transport import GATEWAY_FAILURES, IMAGE_BYTES_MAX, Answer, Wire, is_picture

BASE_URL = "https://router.huggingface.co/hf-inference"
HUB_URL = "https://huggingface.co"
# A row may name an endpoint of the operator's below this domain; the token goes nowhere else.
ENDPOINT_DOMAIN = "endpoints.huggingface.cloud"
CALL_TIMEOUT_S = 180.0
LOOK_TIMEOUT_S = 20.0
# A model that loads is asked again no sooner than this, and not with less time left to work in.
LOADING_POLL_S = 1.0
WORKING_S = 20.0
CATALOGUE_ROWS_MAX = 1000
SEED_END = 2**31

TASKS = {"imagine": "text-to-image", "edit": "image-to-image"}

# Multiples of 32 near one megapixel, which diffusion models are trained on.
SIZES = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "9:16": (768, 1344),
    "4:3": (1152, 864),
    "3:4": (864, 1152),
    "3:2": (1248, 832),
    "2:3": (832, 1248),
    "5:4": (1120, 896),
    "4:5": (896, 1120),
    "21:9": (1568, 672),
}

INFERENCE_SCOPES = frozenset({"inference.serverless.write", "inference.endpoints.infer.write"})

_UNSUPPORTED = re.compile(r"model not supported by provider\b", re.IGNORECASE)
_GATED = re.compile(
    r"\byou are not in the authorized list\b|\bis a gated (?:repo|model)\b", re.IGNORECASE
)
_LOADING = "is currently loading"


class HuggingFace:
    """One account at Hugging Face, or another server that speaks its inference protocol."""

    def __init__(self, credentials: Credentials) -> None:
        self._key = credentials.key or ""
        base_url = credentials.base_url or BASE_URL
        self._wire = self._wire_to(base_url)
        self._hub = self._wire_to(_hub_of(base_url))
        self._endpoints: dict[str, Wire] = {}

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make `count` pictures at once, each by a call of its own; raises ProviderError."""
        wire, path = self._address(request.model)
        until = asyncio.get_running_loop().time() + CALL_TIMEOUT_S
        bodies = _bodies(request)
        return await gathered([_made(wire, path, body, until, partial) for body in bodies])

    async def close(self) -> None:
        """Give back connections."""
        for wire in (self._wire, self._hub, *self._endpoints.values()):
            await wire.close()

    async def check(self) -> Checked:
        """Whether the token is valid and may call models; raises ProviderError."""
        told = object_in(await self._looked("/api/whoami-v2")) or {}
        auth = told.get("auth")
        if not isinstance(auth, dict):
            raise ProviderError(Fault.UNAVAILABLE, "the answer does not tell the token's rights")
        scopes = _scopes(auth.get("accessToken"))
        if scopes is not None and not scopes & INFERENCE_SCOPES:
            detail = "the token lacks the permission to make calls to Inference Providers"
            raise ProviderError(Fault.BAD_KEY, detail)
        return Checked()

    async def catalogue(self) -> Mapping[str, date | None]:
        """The models that are served for our operations; raises ProviderError."""
        found: dict[str, date | None] = {}
        for task in TASKS.values():
            params = {
                "inference_provider": "hf-inference",
                "pipeline_tag": task,
                "limit": str(CATALOGUE_ROWS_MAX),
            }
            rows = json_in(await self._looked("/api/models", params))
            if not isinstance(rows, list):
                raise ProviderError(Fault.UNAVAILABLE, "the answer is no list of models")
            for row in rows:
                match row:
                    case {"id": str(name)}:
                        found[name] = None
        return found

    def lists(self, vendor_model: str) -> bool:
        """Whether the Hub serves it: an endpoint of the operator's is named by its address."""
        return "://" not in vendor_model

    async def _looked(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        answer = await self._hub.ask(
            "GET", path, timeout_s=LOOK_TIMEOUT_S, params=params, makes=False
        )
        if not answer.ok:
            # A server that is not Hugging Face's may not have the Hub's paths.
            fault = Fault.UNAVAILABLE if answer.status in {404, *GATEWAY_FAILURES} else None
            raise self._hub.refusal(answer, fault)
        return answer

    def _address(self, model: str) -> tuple[Wire, str]:
        """Where a model is asked: at the configured server, or at an endpoint of the operator's."""
        if "://" not in model:
            return self._wire, f"/models/{quote(model, safe='/')}"
        if not _is_endpoint(model):
            raise ProviderError(Fault.BAD_INPUT, f"no endpoint below {ENDPOINT_DOMAIN}")
        if model not in self._endpoints:
            self._endpoints[model] = self._wire_to(model)
        return self._endpoints[model], ""

    def _wire_to(self, base_url: str) -> Wire:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return Wire(base_url, headers=headers, secrets=[self._key])


def _hub_of(base_url: str) -> str:
    """The Hub that belongs to an inference server: the same server, unless it is the real router."""
    parts = urlsplit(base_url)
    if parts.hostname == urlsplit(BASE_URL).hostname:
        return HUB_URL
    return f"{parts.scheme}://{parts.netloc}"


def _is_endpoint(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    host = parts.netloc.lower()
    plain = re.fullmatch(r"[a-z0-9.-]+", host) is not None and not (parts.query or parts.fragment)
    return parts.scheme == "https" and plain and host.endswith(f".{ENDPOINT_DOMAIN}")


def _bodies(request: ImageRequest) -> list[dict[str, Any]]:
    """The calls' JSON, one for each picture; only pictures from words take a seed."""
    parameters: dict[str, Any] = {}
    if request.negative:
        parameters["negative_prompt"] = request.negative
    if request.steps is not None:
        parameters["num_inference_steps"] = request.steps
    if request.guidance is not None:
        parameters["guidance_scale"] = request.guidance
    if not request.prompt.strip():
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    if request.operation == "edit":
        if not request.images:
            raise ProviderError(Fault.BAD_INPUT, "there is no picture to edit")
        inputs = base64.b64encode(request.images[0].data).decode()
        body = {"inputs": inputs, "parameters": {**parameters, "prompt": request.prompt}}
        return [body] * request.count
    if request.operation != "imagine" or request.ratio not in SIZES:
        detail = f"no call for {request.operation} at ratio {request.ratio}"
        raise ProviderError(Fault.BAD_INPUT, detail)
    parameters["width"], parameters["height"] = SIZES[request.ratio]
    first = request.seed
    if first is None:
        first = random.randrange(SEED_END)  # noqa: S311 - a picture, not a secret
    return [
        {"inputs": request.prompt, "parameters": {**parameters, "seed": (first + index) % SEED_END}}
        for index in range(request.count)
    ]


async def _made(
    wire: Wire, path: str, body: dict[str, Any], until: float, partial: Partial
) -> ImageResult:
    """One picture, after waiting for a model that is not loaded yet: until then nothing is made."""
    headers = {"Accept": "image/png"}
    if "seed" not in body["parameters"]:
        # The same request would be answered with the same picture from a cache.
        headers["X-Use-Cache"] = "false"
    clock = asyncio.get_running_loop()
    while True:
        left_s = until - clock.time()
        answer = await wire.ask("POST", path, timeout_s=left_s, body=body, headers=headers)
        loading_s = _loading_s(answer)
        if loading_s is None:
            return ImageResult(images=(_picture(wire, answer),))
        wait_s = max(loading_s, LOADING_POLL_S)
        if wait_s + WORKING_S > until - clock.time():
            detail = "the model is still loading"
            raise ProviderError(Fault.UNAVAILABLE, detail, retry_after_s=loading_s)
        await partial(Step(loading_s=wait_s))
        await asyncio.sleep(wait_s)
        await partial(Step())


def _loading_s(answer: Answer) -> float | None:
    """How long a model needs to load; None: the answer says no such thing."""
    if answer.status != 503:
        return None
    told = object_in(answer) or {}
    seconds = told.get("estimated_time")
    if _LOADING not in str(told.get("error")) or isinstance(seconds, bool):
        return None
    if not isinstance(seconds, int | float) or not math.isfinite(seconds):
        return None
    return max(0.0, float(seconds))


def _picture(wire: Wire, answer: Answer) -> bytes:
    """The picture that an answer is; raises ProviderError where it is none."""
    if not answer.ok:
        gone = answer.status == 400 and _UNSUPPORTED.search(answer.text()) is not None
        # The token is good for other models.
        gone = gone or (answer.status == 403 and _GATED.search(answer.text()) is not None)
        raise wire.refusal(answer, Fault.MODEL_GONE if gone else None)
    if is_picture(answer.body) and len(answer.body) <= IMAGE_BYTES_MAX:
        return answer.body
    if "error" in (object_in(answer) or {}):
        raise wire.refusal(answer, Fault.UNAVAILABLE)
    raise OutcomeUnknown("the answer is no picture")


def _scopes(token: object) -> set[str] | None:
    """The permissions of a fine-grained token; None: a token of another kind, which may do all."""
    match token:
        case {"role": "fineGrained", "fineGrained": dict(rights)}:
            found = set(texts(rights.get("global")))
            for row in objects(rights.get("scoped")):
                found |= set(texts(row.get("permissions")))
            return found
    return None


def _open(credentials: Credentials) -> HuggingFace | None:
    if not credentials.key and not credentials.base_url:
        return None
    return HuggingFace(credentials)


PROVIDER = Vendor(
    name="huggingface",
    title="Hugging Face",
    key_setting="HF_TOKEN",
    url_setting="HF_BASE_URL",
    own_keys=True,
    keys_url="https://huggingface.co/settings/tokens",
    key_pattern=r"hf_[A-Za-z0-9]{20,}",
    open=_open,
)
