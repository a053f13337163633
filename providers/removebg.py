"""remove.bg: cuts the subject of a picture out; a call keeps no id and cannot be looked up again."""

from __future__ import annotations

import re

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
from providers.pictures import size_of
from providers.reading import json_in
from providers.transport import IMAGE_BYTES_MAX, Answer, Wire, is_picture

BASE_URL = "https://api.remove.bg"
VERSION = "/v1.0"
CALL_TIMEOUT_S = 120.0
CHECK_TIMEOUT_S = 15.0
# What a credit costs in the middle plan; the account's own plan is not told.
CREDIT_USD = 0.15
# A PNG larger than this comes back smaller than it went; WebP may have 50 MP.
PNG_PIXELS_MAX = 10_000_000
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
        return Checked(funds=_funds(json_in(answer)))

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    def _refusal(self, answer: Answer) -> ProviderError:
        code, detail = _error(json_in(answer))
        return self._wire.refusal(answer, FAULT_OF_CODE.get(code), detail)


def _form(request: ImageRequest) -> aiohttp.FormData:
    if request.operation != "background" or not request.images:
        raise ProviderError(Fault.BAD_INPUT, "remove.bg takes a picture's background away")
    picture = request.images[0]
    width, height = size_of(picture.data) or (0, 0)
    small = width * height <= PNG_PIXELS_MAX
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


def _open(credentials: Credentials) -> RemoveBg | None:
    return RemoveBg(credentials) if credentials.key else None


PROVIDER = Vendor(
    name="removebg",
    title="remove.bg",
    key_setting="REMOVEBG_API_KEY",
    url_setting="REMOVEBG_BASE_URL",
    own_keys=True,
    keys_url="https://www.remove.bg/dashboard#api-key",
    # Its keys begin like nothing else: one is told by the vendor's name shortly before it.
    key_pattern=(
        r"(?i:remove\.?bg)\W{1,9}(?:\w{1,20}\W{1,9}){0,3}?(?=[a-z]{0,23}[A-Z\d])[A-Za-z0-9]{24}\b"
    ),
    open=_open,
)
