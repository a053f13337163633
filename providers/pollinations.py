"""Pollinations: the same call again joins the first or gets its picture, so each call is told a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
    Vendor,
)
from providers.pictures import size_of
from providers.reading import gathered, json_in, object_in, texts
from providers.transport import Answer, Wire, data_uri, decoded, is_picture

BASE_URL = "https://gen.pollinations.ai"
CALL_TIMEOUT_S = 180.0
LOOK_TIMEOUT_S = 20.0
SEED_END = 2**31
# A longer prompt goes into a body: addresses have an end.
PATH_BYTES_MAX = 1800
# "/image/models" is the catalogue.
RESERVED_PROMPTS = frozenset({"models"})

# At least a megapixel: smaller ones are scaled up on the way.
SIZES = {
    "1:1": (1024, 1024),
    "16:9": (1536, 864),
    "9:16": (864, 1536),
    "4:3": (1280, 960),
    "3:4": (960, 1280),
    "3:2": (1344, 896),
    "2:3": (896, 1344),
    "5:4": (1280, 1024),
    "4:5": (1024, 1280),
    "21:9": (1680, 720),
}
# The workers round a size to what their model takes: 4:3 may come back as 5:3, and 1024 as 768.
SHAPE_FACTOR_MAX = 1.3
SIDE_MIN = 256
# Pictures that say "try later", served as if they were results.
PLACEHOLDER_MD5S = frozenset({"2090a5dc21c32952cbf8496339752bd1"})


class Pollinations:
    """One account at Pollinations."""

    def __init__(self, key: str, base_url: str | None) -> None:
        # The service takes the key in the address too, where every proxy would log it.
        headers = {"Authorization": f"Bearer {key}"}
        self._wire = Wire(base_url or BASE_URL, headers=headers, secrets=[key])

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make `count` pictures at once, each by a call of its own; raises ProviderError."""
        _refuse_unknown(request)
        first = _seed_of(request.id) if request.seed is None else request.seed
        seeds = [(first + index) % SEED_END for index in range(request.count)]
        return await gathered(self._made(request, seed) for seed in seeds)

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    async def check(self) -> Checked:
        """Whether the key is valid, and the pollen left where the key may ask; raises ProviderError."""
        answer = await self._looked("/account/key")
        if not answer.ok:
            raise self._refused(answer)
        if (object_in(answer) or {}).get("valid") is False:
            raise ProviderError(Fault.BAD_KEY, "the key is not valid")
        balance = await self._looked("/account/balance")
        left = (object_in(balance) or {}).get("balance") if balance.ok else None
        told = isinstance(left, int | float) and not isinstance(left, bool)
        return Checked(funds=f"{left:g} pollen" if told else None)

    async def catalogue(self) -> Mapping[str, date | None]:
        """The image models by each name that a call may use; raises ProviderError."""
        answer = await self._looked("/image/models")
        if not answer.ok:
            raise self._refused(answer)
        rows = json_in(answer)
        if not isinstance(rows, list):
            raise ProviderError(Fault.UNAVAILABLE, "the answer is no list of models")
        return {name: None for row in rows for name in _names(row)}

    async def _looked(self, path: str) -> Answer:
        return await self._wire.ask("GET", path, timeout_s=LOOK_TIMEOUT_S, makes=False)

    async def _made(self, request: ImageRequest, seed: int) -> ImageResult:
        """One picture; no call is longer than its time."""
        segment = quote(request.prompt, safe="", errors="replace")
        in_body = len(segment) > PATH_BYTES_MAX or request.prompt in RESERVED_PROMPTS
        if request.images or in_body or not segment.strip("."):
            return await self._posted(request, seed)
        width, height = SIZES[request.ratio]
        params = {
            "model": request.model,
            "width": str(width),
            "height": str(height),
            "seed": str(seed),
            "private": "true",
            "nologo": "true",
        }
        if request.negative:
            params["negative_prompt"] = request.negative
        answer = await self._wire.ask(
            "GET", f"/image/{segment}", timeout_s=CALL_TIMEOUT_S, params=params
        )
        if not answer.ok:
            raise self._refused(answer)
        if not is_picture(answer.body):
            detail = f"no picture but {answer.media_type}"
            raise self._wire.refusal(answer, Fault.UNAVAILABLE, detail)
        return _genuine(answer.body, (width, height))

    async def _posted(self, request: ImageRequest, seed: int) -> ImageResult:
        """One picture by the API in OpenAI's shape, which takes long prompts and pictures."""
        body: dict[str, Any] = {
            "model": request.model,
            "prompt": request.prompt,
            "seed": seed,
            "private": True,
            "response_format": "b64_json",
        }
        if request.negative:
            body["negative_prompt"] = request.negative
        path, size = "/v1/images/generations", None
        if request.images:
            # As JSON: from a form the service takes no seed.
            path = "/v1/images/edits"
            body["image"] = [
                {"image_url": data_uri(item.data, item.media_type)} for item in request.images
            ]
        if request.operation == "imagine":
            size = SIZES[request.ratio]
            body["size"] = f"{size[0]}x{size[1]}"
        answer = await self._wire.ask("POST", path, timeout_s=CALL_TIMEOUT_S, body=body)
        if not answer.ok:
            raise self._refused(answer)
        match object_in(answer):
            case {"data": [{"b64_json": text}, *_]} if (data := decoded(text)) is not None:
                return _genuine(data, size)
        raise OutcomeUnknown("the answer holds no picture")

    def _refused(self, answer: Answer) -> ProviderError:
        """Our error for an answer that says no; most statuses mean what they say."""
        told = (object_in(answer) or {}).get("error")
        fault = None
        if answer.status == 402 and isinstance(told, str) and "Queue full for IP" in told:
            # The older service says so of an address, whoever pays.
            fault = Fault.RATE_LIMITED
        match told:
            case {"code": "content_policy_violation"} | {"type": "safety_error"}:
                fault = Fault.REFUSED
            case {"details": {"fieldErrors": {"model": _}}}:
                fault = Fault.MODEL_GONE
        return self._wire.refusal(answer, fault)


def _refuse_unknown(request: ImageRequest) -> None:
    if request.operation not in ("imagine", "edit"):
        raise ProviderError(Fault.BAD_INPUT, f"no call for {request.operation}")
    if request.operation == "imagine" and request.ratio not in SIZES:
        raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
    if not request.prompt.strip():
        raise ProviderError(Fault.BAD_INPUT, "the prompt is empty")
    if request.operation == "edit" and not request.images:
        raise ProviderError(Fault.BAD_INPUT, "there is no picture to edit")


def _seed_of(call_id: str) -> int:
    """A seed that is the same whenever this call is made."""
    return int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:4]) % SEED_END


def _genuine(data: bytes, asked: tuple[int, int] | None) -> ImageResult:
    """The picture, unless it is a placeholder: a known one, or of another shape than was asked."""
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if digest in PLACEHOLDER_MD5S:
        raise ProviderError(Fault.UNAVAILABLE, "a placeholder instead of a picture")
    if asked is not None:
        size = size_of(data)
        if size is None or not _is_shaped(size, asked):
            told = "an unknown size" if size is None else f"{size[0]}x{size[1]}"
            detail = f"a placeholder of {told}, asked {asked[0]}x{asked[1]}"
            raise ProviderError(Fault.UNAVAILABLE, detail)
    return ImageResult(images=(data,))


def _is_shaped(size: tuple[int, int], asked: tuple[int, int]) -> bool:
    if min(size) < SIDE_MIN:
        return False
    factor = size[0] * asked[1] / (size[1] * asked[0])
    return 1 / SHAPE_FACTOR_MAX <= factor <= SHAPE_FACTOR_MAX


def _names(row: object) -> list[str]:
    """The names of an image model; other kinds of media have none here."""
    if not isinstance(row, dict) or "image" not in texts(row.get("output_modalities", ["image"])):
        return []
    return texts([row.get("name")]) + texts(row.get("aliases"))


def _open(credentials: Credentials) -> Pollinations | None:
    return Pollinations(credentials.key, credentials.base_url) if credentials.key else None


PROVIDER = Vendor(
    name="pollinations",
    title="Pollinations",
    key_setting="POLLINATIONS_API_KEY",
    url_setting="POLLINATIONS_BASE_URL",
    own_keys=True,
    keys_url="https://enter.pollinations.ai",
    key_pattern=r"(?:sk|pk)_[A-Za-z0-9]{16,}",
    open=_open,
)
