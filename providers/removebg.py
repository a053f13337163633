"""remove.bg: cuts the subject of a picture out; a call keeps no id and cannot be looked up again."""

from __future__ import annotations

import re
import struct
from typing import Any

import aiohttp

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
    Vendor,
)
from providers.transport import IMAGE_BYTES_MAX, Answer, Wire, is_picture

BASE_URL = "https://api.remove.bg"
VERSION = "/v1.0"
CALL_TIMEOUT_S = 120.0
CHECK_TIMEOUT_S = 15.0
# What a credit costs in the middle plan; the account's own plan is not told.
CREDIT_USD = 0.15
# A PNG larger than this comes back smaller than it went; WebP may have 50 MP.
PNG_PIXELS_MAX = 10_000_000
JPEG_SEGMENTS_MAX = 4096
FUNDS_END = 1e6

# What remove.bg calls a subject; it has no type for animals, but finds them by itself.
TYPES = {"auto": "auto", "person": "person", "product": "product", "animal": "auto"}

FAULT_OF_CODE = {
    "unknown_foreground": Fault.BAD_INPUT,
    "insufficient_credits": Fault.NO_FUNDS,
    "auth_failed": Fault.BAD_KEY,
    "rate_limit_exceeded": Fault.RATE_LIMITED,
}

_CREDITS = re.compile(r"\d{1,2}(?:\.\d{1,6})?", re.ASCII)
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class RemoveBg:
    """One account at remove.bg."""

    def __init__(self, credentials: Credentials) -> None:
        key = credentials.key or ""
        base_url = (credentials.base_url or BASE_URL).rstrip("/").removesuffix(VERSION)
        self._wire = Wire(base_url, headers={"X-Api-Key": key}, secrets=[key])

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Cut out the first picture's subject; raises ProviderError."""
        answer = await self._wire.ask(
            "POST", f"{VERSION}/removebg", timeout_s=CALL_TIMEOUT_S, form=_form(request)
        )
        if not answer.ok:
            raise self._refusal(answer)
        if len(answer.body) > IMAGE_BYTES_MAX or not is_picture(answer.body):
            raise OutcomeUnknown("the answer is no picture, or too large a one")
        return ImageResult(images=(answer.body,), cost_usd=_cost_usd(answer))

    async def check(self) -> Checked:
        """What is left of the account's credits; raises ProviderError."""
        answer = await self._wire.ask(
            "GET", f"{VERSION}/account", timeout_s=CHECK_TIMEOUT_S, makes=False
        )
        if not answer.ok:
            raise self._refusal(answer)
        return Checked(funds=_funds(_parsed(answer)))

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    def _refusal(self, answer: Answer) -> ProviderError:
        code, detail = _error(_parsed(answer))
        return self._wire.refusal(answer, FAULT_OF_CODE.get(code), detail)


def _form(request: ImageRequest) -> aiohttp.FormData:
    if request.operation != "background" or not request.images:
        raise ProviderError(Fault.BAD_INPUT, "remove.bg takes a picture's background away")
    picture = request.images[0]
    small = _pixels(picture.data) <= PNG_PIXELS_MAX
    form = aiohttp.FormData()
    form.add_field("size", "auto")
    form.add_field("type", TYPES.get(request.subject, "auto"))
    form.add_field("format", "png" if small else "webp")
    form.add_field(
        "image_file",
        picture.data,
        filename=f"image.{picture.media_type.partition('/')[2]}",
        content_type=picture.media_type,
    )
    return form


def _parsed(answer: Answer) -> Any:  # noqa: ANN401
    """The answer's JSON; None where it is none."""
    try:
        return answer.json()
    except OutcomeUnknown:
        return None


def _error(told: object) -> tuple[str, str]:
    """The first error's code, and all that it says; two empty texts where there is none."""
    match told:
        case {"errors": [{**error}, *_]}:
            names = ("code", "title", "detail")
            parts = [value if isinstance(value := error.get(name), str) else "" for name in names]
            return parts[0], ": ".join(part for part in parts if part)
    return "", ""


def _cost_usd(answer: Answer) -> float | None:
    """The cost, where the answer tells how many credits it took."""
    told = answer.headers.get("X-Credits-Charged", "").strip()
    return float(told) * CREDIT_USD if _CREDITS.fullmatch(told) else None


def _funds(told: object) -> str | None:
    """What is left, as far as the account tells it; raises ProviderError where it is no account."""
    match told:
        case {"data": {"attributes": {**left}}}:
            credits = _number(left.get("credits"), "total")
            calls = _number(left.get("api"), "free_calls")
            names = ((credits, "credits"), (calls, "free calls"))
            return ", ".join(f"{value} {name}" for value, name in names if value) or None
    raise ProviderError(Fault.UNAVAILABLE, "the answer is no account")


def _number(told: object, name: str) -> str | None:
    value = told.get(name) if isinstance(told, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return f"{value:g}" if 0 <= value < FUNDS_END else None


def _pixels(data: bytes) -> int:
    """How many pixels a picture has by its header; 0 where that cannot be read."""
    try:
        if data.startswith(b"\x89PNG"):
            width, height = struct.unpack_from(">II", data, 16)
        elif data.startswith(b"\xff\xd8"):
            width, height = _jpeg_sides(data)
        else:
            width, height = _webp_sides(data)
    except struct.error:
        return 0
    return int(width) * int(height)


def _jpeg_sides(data: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(JPEG_SEGMENTS_MAX):
        start, marker, length = struct.unpack_from(">BBH", data, at)
        if start != 0xFF:
            break
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + length
    return 0, 0


def _webp_sides(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, 24)
            return (high_w << 16 | low_w) + 1, (high_h << 16 | low_h) + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _open(credentials: Credentials) -> RemoveBg | None:
    return RemoveBg(credentials) if credentials.key else None


PROVIDER = Vendor(
    name="removebg",
    title="remove.bg",
    key_setting="REMOVEBG_API_KEY",
    url_setting="REMOVEBG_BASE_URL",
    own_keys=True,
    keys_url="https://www.remove.bg/dashboard#api-key",
    open=_open,
)
