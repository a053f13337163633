"""What OpenAI refuses: the errors that it documents, and requests that it does not take."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from PIL import Image

from providers.base import Fault

JSON = dict[str, Any]

MASK_BYTES_MAX = 4 * 2**20
IMAGES_MAX = 16
INVALID = "invalid_request_error"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One error as OpenAI documents it, and the Fault that it has to become."""

    status: int
    code: str | None
    kind: str
    message: str
    fault: Fault
    more: JSON | None = None


ERRORS = {
    "moderation_blocked": Told(
        status=400,
        code="moderation_blocked",
        kind="image_generation_user_error",
        message="Your request was rejected by the safety system.",
        fault=Fault.REFUSED,
        more={"moderation_details": {"moderation_stage": "output", "categories": ["violence"]}},
    ),
    "content_policy_violation": Told(
        status=400,
        code="content_policy_violation",
        kind=INVALID,
        message="Your request was rejected as a result of our safety system.",
        fault=Fault.REFUSED,
    ),
    "billing_hard_limit_reached": Told(
        status=400,
        code="billing_hard_limit_reached",
        kind=INVALID,
        message="Billing hard limit has been reached.",
        fault=Fault.NO_FUNDS,
    ),
    "insufficient_quota": Told(
        status=429,
        code="insufficient_quota",
        kind="insufficient_quota",
        message="You exceeded your current quota, please check your plan and billing details.",
        fault=Fault.NO_FUNDS,
    ),
    "billing_not_active": Told(
        status=429,
        code="billing_not_active",
        kind="billing_not_active",
        message="Your account is not active, please check your billing details on our website.",
        fault=Fault.NO_FUNDS,
    ),
    "rate_limit_exceeded": Told(
        status=429,
        code="rate_limit_exceeded",
        kind="input-images",
        message="Rate limit reached for gpt-image-2.5-flare on input-images per min: Limit 5.",
        fault=Fault.RATE_LIMITED,
    ),
    "invalid_api_key": Told(
        status=401,
        code="invalid_api_key",
        kind=INVALID,
        message="Incorrect API key provided: sk-te***cdef. You can find your API key at …",
        fault=Fault.BAD_KEY,
    ),
    "not_a_member": Told(
        status=401,
        code=None,
        kind=INVALID,
        message="You must be a member of an organization to use the API.",
        fault=Fault.BAD_KEY,
    ),
    "unsupported_country_region_territory": Told(
        status=403,
        code="unsupported_country_region_territory",
        kind="request_forbidden",
        message="Country, region, or territory not supported",
        fault=Fault.BAD_KEY,
    ),
    "not_verified": Told(
        status=403,
        code=None,
        kind=INVALID,
        message="Your organization must be verified to use the model `gpt-image-2.5-flare`.",
        fault=Fault.MODEL_GONE,
    ),
    "no_access": Told(
        status=403,
        code="model_not_found",
        kind=INVALID,
        message="Project `proj_1` does not have access to model `gpt-image-2.5-flare`.",
        fault=Fault.MODEL_GONE,
    ),
    "model_not_found": Told(
        status=404,
        code="model_not_found",
        kind=INVALID,
        message="The model `gpt-image-1` does not exist or you do not have access to it.",
        fault=Fault.MODEL_GONE,
    ),
    "invalid_value": Told(
        status=400,
        code="invalid_value",
        kind=INVALID,
        message="Invalid size.",
        fault=Fault.BAD_INPUT,
    ),
    "unprocessable": Told(
        status=422, code=None, kind=INVALID, message="Unprocessable.", fault=Fault.BAD_INPUT
    ),
    "conflict": Told(
        status=409, code=None, kind=INVALID, message="Conflict.", fault=Fault.UNAVAILABLE
    ),
    "server_error": Told(
        status=500,
        code=None,
        kind="server_error",
        message="The server had an error while processing your request.",
        fault=Fault.UNAVAILABLE,
    ),
    "overloaded": Told(
        status=503,
        code="slow_down",
        kind="service_unavailable_error",
        message="Our servers are currently overloaded. Please try again later.",
        fault=Fault.UNAVAILABLE,
    ),
    "gateway_timeout": Told(
        status=504, code=None, kind="server_error", message="Time-out.", fault=Fault.UNKNOWN
    ),
}


def unfit(body: JSON) -> str | None:
    """What OpenAI itself would not take of a call for pictures."""
    model = str(body.get("model"))
    if not model.startswith("gpt-image-"):
        return None
    if "response_format" in body:
        return f"Unknown parameter: 'response_format' of {model}"
    if body.get("background") == "transparent":
        if body.get("output_format") not in {None, "png", "webp"}:
            return "a transparent background needs png or webp"
        if model == "gpt-image-2":
            return f"Transparent background is not supported for {model}"
    if body.get("quality") not in {"low", "medium", "high", "auto", None}:
        return f"Invalid value: {body['quality']!r} of 'quality'"
    if not _is_size(model, str(body.get("size") or "auto")):
        return f"Invalid size: {body['size']} of {model}"
    if not 1 <= int(body.get("n") or 1) <= 10:
        return "Invalid 'n'"
    return None


def _is_size(model: str, size: str) -> bool:
    """Whether a model draws in a size: the older ones in three, the others in steps of 16."""
    if size in {"auto", "1024x1024", "1536x1024", "1024x1536"}:
        return True
    wide, _, high = size.partition("x")
    if model.startswith("gpt-image-1") or not (wide.isdecimal() and high.isdecimal()):
        return False
    width, height = int(wide), int(high)
    stepped = width % 16 == height % 16 == 0
    return stepped and width <= 3 * height <= 9 * width and width * height <= 2560 * 1440


def files_problem(files: tuple[tuple[str, str, bytes], ...]) -> str | None:
    """What OpenAI would not take of the pictures and the mask."""
    images = [data for name, _, data in files if name in {"image", "image[]"}]
    masks = [(kind, data) for name, kind, data in files if name == "mask"]
    if not 1 <= len(images) <= IMAGES_MAX:
        return f"{len(images)} images"
    for kind, data in masks:
        if kind != "image/png" or len(data) > MASK_BYTES_MAX:
            return "the mask is no small PNG"
        with Image.open(io.BytesIO(data)) as mask, Image.open(io.BytesIO(images[0])) as first:
            if mask.format != "PNG" or "A" not in mask.getbands() or mask.size != first.size:
                return f"Invalid mask: {mask.format} {mask.mode} {mask.size}, not {first.size}"
    return None


def refusal(
    status: int,
    message: str,
    *,
    code: str | None = "invalid_value",
    kind: str = INVALID,
    more: JSON | None = None,
) -> web.Response:
    """An error in OpenAI's shape."""
    error = {"message": message, "type": kind, "param": None, "code": code, **(more or {})}
    return web.json_response({"error": error}, status=status)
