"""Replicate's predictions: hosted models by many makers, each call with an id that outlives us.

A small client stands here because the SDK's 1.0 drops `wait`, cannot read aborted predictions, loses
headers, repeats requests on its own, and sends the key to whatever host an output names.
"""

from __future__ import annotations

import asyncio
import io
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

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
    SourceImage,
    Vendor,
)
from providers.reading import object_in
from providers.replicate.inputs import (
    SHAPES,
    inlined,
    input_of,
    is_unique,
    matches,
    shape_of,
    sources,
)
from providers.replicate.predictions import Prediction, failed, prediction_of, refused
from providers.replicate.webhooks import verify_webhook
from providers.transport import Answer, Wire, decoded

__all__ = ["CALL_TIMEOUT_S", "PROVIDER", "Replicate", "verify_webhook"]

BASE_URL = "https://api.replicate.com"
# Community models may need three minutes to start.
CALL_TIMEOUT_S = 300.0
CANCEL_AFTER_S_MIN = 5
# How long creating waits for a result: short, because until it answers only the vendor has the id.
WAIT_S = 5
LOOK_TIMEOUT_S = 15.0
CANCEL_TIMEOUT_S = 5.0
POLL_S, POLL_S_MAX, POLL_GROWTH = 0.5, 1.0, 1.25
VERSION_AGE_S_MAX = 86_400.0
PAGES_MAX = 10
CLOCK_SKEW = timedelta(minutes=2)
PICTURE_HOSTS = ("replicate.delivery",)
# A secret that does not fit is asked for again, but not for every forged call.
SECRET_AGE_S_MIN = 60.0

_PASSING = frozenset({Fault.UNAVAILABLE, Fault.RATE_LIMITED})


class Replicate:
    """One account at Replicate."""

    def __init__(self, credentials: Credentials) -> None:
        key = credentials.key or ""
        base_url = (credentials.base_url or BASE_URL).rstrip("/").removesuffix("/v1")
        self._wire = Wire(base_url, headers={"Authorization": f"Bearer {key}"}, secrets=[key])
        # The latest version of each community model, and when it was asked for.
        self._versions: dict[str, tuple[str, float]] = {}
        self._secret: str | None = None
        self._secret_asked = -math.inf
        self._secret_lock = asyncio.Lock()

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Create a prediction, tell its id, and wait for its pictures; raises ProviderError."""
        del partial
        deadline = _now() + CALL_TIMEOUT_S
        shape_of(request)
        texts = zip(inlined(request), sources(request), strict=True)
        pictures = [text or await self._uploaded(item, deadline) for text, item in texts]
        prediction = await self._created(request, input_of(request, pictures), deadline)
        await accepted(prediction.id)
        return await self._finished(prediction, request, deadline)

    async def resume(
        self, vendor_id: str, request: ImageRequest, *, partial: Partial
    ) -> ImageResult:
        """Look a prediction up and wait for its pictures; raises as `run` does."""
        del partial
        deadline = _now() + CALL_TIMEOUT_S
        prediction = Prediction(id=vendor_id, status="unknown")
        with suppress(_Passing):
            prediction = await self._looked_up(vendor_id, LOOK_TIMEOUT_S)
        return await self._finished(prediction, request, deadline)

    async def find(self, request: ImageRequest, since: datetime) -> str | None:
        """The id of the prediction with this call's input; raises where that cannot be told."""
        shape_of(request)
        unsure = False
        began = (since - CLOCK_SKEW if is_unique(request) else since).astimezone(UTC)
        path = "/v1/predictions"
        params: dict[str, str] | None = {"created_after": began.isoformat().replace("+00:00", "Z")}
        for _ in range(PAGES_MAX):
            page = await self._object(path, params)
            rows = page.get("results")
            if not isinstance(rows, list):
                raise ProviderError(Fault.UNAVAILABLE, "the list holds no predictions")
            for row in rows:
                if not isinstance(row, dict) or row.get("model") != request.model:
                    continue
                same = matches(request, row.get("input"))
                if same and isinstance(row.get("id"), str):
                    return str(row["id"])
                unsure |= same is None
            following = self._next(page)
            if following is None:
                break
            path, params = following, None
        else:
            unsure = True
        if unsure:
            raise ProviderError(Fault.UNAVAILABLE, "the list does not tell whether it arrived")
        return None

    async def cancel(self, vendor_id: str) -> bool:
        """Stop a prediction; one that has succeeded stays as it is, and is charged."""
        path = f"/v1/predictions/{quote(vendor_id, safe='')}/cancel"
        answer = await self._wire.ask("POST", path, timeout_s=CANCEL_TIMEOUT_S, makes=False)
        if not answer.ok:
            raise refused(self._wire, answer)
        return (object_in(answer) or {}).get("status") != "succeeded"

    async def check(self) -> Checked:
        """Ask whose account the key is; Replicate tells neither funds nor models."""
        account = await self._object("/v1/account")
        if not isinstance(account.get("username"), str):
            raise ProviderError(Fault.UNAVAILABLE, "the answer is no account")
        return Checked()

    async def catalogue(self) -> Mapping[str, date | None]:
        """Those of the models known here that Replicate still has; it tells no last day."""
        found = await asyncio.gather(*(self._has(model) for model in SHAPES))
        return {model: None for model, has in zip(SHAPES, found, strict=True) if has}

    async def hear(self, headers: Mapping[str, str], body: bytes, now_s: float) -> str | None:
        """The prediction that a webhook tells of, if it is signed with this account's secret."""
        known = self._secret
        if known is None or not verify_webhook(headers, body, known, now_s):
            secret = await self._newest_secret()
            if not verify_webhook(headers, body, secret, now_s):
                return None
        try:
            return prediction_of(Answer(status=200, headers={}, body=body)).id
        except OutcomeUnknown:
            return None

    async def _newest_secret(self) -> str:
        """The secret, asked for again unless that was done just now; raises ProviderError."""
        async with self._secret_lock:
            if time.monotonic() - self._secret_asked >= SECRET_AGE_S_MIN:
                self._secret_asked = time.monotonic()
                self._secret = await self._asked_secret()
            if self._secret is None:
                raise ProviderError(Fault.UNAVAILABLE, "the webhook's secret was not told just now")
            return self._secret

    async def _asked_secret(self) -> str:
        answer = await self._wire.ask(
            "GET", "/v1/webhooks/default/secret", timeout_s=LOOK_TIMEOUT_S, makes=False
        )
        if not answer.ok:
            raise self._wire.refusal(answer)
        match answer.json():
            case {"key": str(secret)}:
                return secret
        raise ProviderError(Fault.UNAVAILABLE, "the webhook's secret cannot be read")

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    async def _has(self, model: str) -> bool:
        try:
            await self._object(f"/v1/models/{model}")
        except ProviderError as error:
            if error.fault is Fault.MODEL_GONE:
                return False
            raise
        return True

    async def _uploaded(self, image: SourceImage, deadline: float) -> str:
        """The address of an uploaded picture; nothing is made yet."""
        form = aiohttp.FormData()
        name = f"picture.{image.media_type.partition('/')[2]}"
        # aiohttp sends a stream in pieces, and warns of large bytes.
        content = io.BytesIO(image.data)
        form.add_field("content", content, filename=name, content_type=image.media_type)
        answer = await self._wire.ask(
            "POST", "/v1/files", timeout_s=_left(deadline), form=form, makes=False
        )
        urls = self._read(answer).get("urls")
        address = urls.get("get") if isinstance(urls, dict) else None
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise ProviderError(Fault.UNAVAILABLE, "the upload has no address")
        return address

    async def _created(
        self, request: ImageRequest, made: dict[str, object], deadline: float
    ) -> Prediction:
        """Send the paid request, once."""
        body: dict[str, object] = {"input": made}
        path = f"/v1/models/{request.model}/predictions"
        pinned = SHAPES[request.model].version
        if pinned is not None:
            path = "/v1/predictions"
            body["version"] = await self._version(request.model, pinned, deadline)
        if request.webhook is not None and request.webhook.startswith("https://"):
            body |= {"webhook": request.webhook, "webhook_events_filter": ["completed"]}
        left = _left(deadline)
        headers = {
            "Prefer": f"wait={max(1, min(WAIT_S, int(left)))}",
            "Cancel-After": f"{max(CANCEL_AFTER_S_MIN, math.ceil(CALL_TIMEOUT_S))}s",
        }
        answer = await self._wire.ask("POST", path, timeout_s=left, body=body, headers=headers)
        if not answer.ok:
            error = refused(self._wire, answer)
            if error.fault is Fault.MODEL_GONE:
                self._versions.pop(request.model, None)
            raise error
        return prediction_of(answer)

    async def _version(self, model: str, pinned: str, deadline: float) -> str:
        """The model's latest version, asked for once a day; the pinned one where it is not told."""
        known, asked = self._versions.get(model, ("", -math.inf))
        if time.monotonic() - asked < VERSION_AGE_S_MAX:
            return known
        try:
            row = await self._object(f"/v1/models/{model}", timeout_s=_left(deadline))
        except ProviderError as error:
            if error.fault in _PASSING:
                return pinned
            raise
        latest = row.get("latest_version")
        told = latest.get("id") if isinstance(latest, dict) else None
        if not isinstance(told, str) or not told.isalnum():
            return pinned
        self._versions[model] = (told, time.monotonic())
        return told

    async def _finished(
        self, prediction: Prediction, request: ImageRequest, deadline: float
    ) -> ImageResult:
        """Poll until it has ended, and fetch its pictures at once: they are kept for an hour."""
        pause_s = POLL_S
        while not prediction.ended:
            left = deadline - _now()
            if left <= 0:
                with suppress(ProviderError):
                    await self.cancel(prediction.id)
                raise OutcomeUnknown(f"not ready in {CALL_TIMEOUT_S:g} s: {prediction.id}")
            await asyncio.sleep(min(pause_s, left))
            pause_s = min(pause_s * POLL_GROWTH, POLL_S_MAX)
            try:
                prediction = await self._looked_up(prediction.id, max(left, POLL_S))
            except _Passing as error:
                pause_s = max(pause_s, error.wait_s)
        if prediction.status != "succeeded":
            raise failed(self._wire, prediction)
        if prediction.removed:
            raise OutcomeUnknown(f"its pictures were removed: {prediction.id}")
        found = await asyncio.gather(*(self._picture(text) for text in prediction.outputs))
        images = [data for data in found if data is not None]
        if not images:
            raise OutcomeUnknown(f"its pictures cannot be read: {prediction.id}")
        return ImageResult(images=tuple(images[: request.count]))

    async def _looked_up(self, vendor_id: str, left: float) -> Prediction:
        """A prediction as it is now; raises _Passing where the next look may tell more.

        Any other refusal says nothing of what was made, so it is no ProviderError but OutcomeUnknown.
        """
        path = f"/v1/predictions/{quote(vendor_id, safe='')}"
        timeout_s = min(LOOK_TIMEOUT_S, left)
        try:
            answer = await self._wire.ask("GET", path, timeout_s=timeout_s, makes=False)
        except ProviderError as error:
            if error.fault is Fault.UNAVAILABLE:
                raise _Passing(0.0) from error
            raise OutcomeUnknown(error.detail) from error
        if not answer.ok:
            refusal = refused(self._wire, answer)
            if refusal.fault in _PASSING or isinstance(refusal, OutcomeUnknown):
                raise _Passing(refusal.retry_after_s or 0.0)
            raise OutcomeUnknown(refusal.detail)
        prediction = prediction_of(answer)
        if prediction.id != vendor_id:
            raise OutcomeUnknown("the answer is another prediction")
        return prediction

    async def _picture(self, output: str) -> bytes | None:
        if output.startswith("data:"):
            return decoded(output)
        return await self._wire.fetch(output, PICTURE_HOSTS)

    def _next(self, page: Mapping[str, object]) -> str | None:
        """The path of the next page, which must be at the server that was asked."""
        address = page.get("next")
        if address is None:
            return None
        if not isinstance(address, str) or not address.startswith(f"{self._wire.base_url}/v1/"):
            raise ProviderError(Fault.UNAVAILABLE, "the list goes on at another server")
        return address.removeprefix(self._wire.base_url)

    async def _object(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        timeout_s: float = LOOK_TIMEOUT_S,
    ) -> dict[str, object]:
        """What a path tells, without making anything; raises ProviderError."""
        timeout_s = min(timeout_s, LOOK_TIMEOUT_S)
        answer = await self._wire.ask("GET", path, timeout_s=timeout_s, params=params, makes=False)
        return self._read(answer)

    def _read(self, answer: Answer) -> dict[str, object]:
        """The JSON object of an answer that made nothing."""
        if not answer.ok:
            error = refused(self._wire, answer)
            if isinstance(error, OutcomeUnknown):
                raise ProviderError(Fault.UNAVAILABLE, error.detail)
            raise error
        told = object_in(answer)
        if told is None:
            raise ProviderError(Fault.UNAVAILABLE, "the answer is not an object")
        return told


class _Passing(Exception):
    """A look that failed for now; `wait_s` is how long the vendor asks to wait."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def _now() -> float:
    return asyncio.get_running_loop().time()


def _left(deadline: float) -> float:
    """What is left of a call that has not made anything yet."""
    left = deadline - _now()
    if left <= 0:
        raise ProviderError(Fault.UNAVAILABLE, f"not sent in {CALL_TIMEOUT_S:g} s")
    return left


def _open(credentials: Credentials) -> Replicate | None:
    return Replicate(credentials) if credentials.key else None


PROVIDER = Vendor(
    name="replicate",
    title="Replicate",
    key_setting="REPLICATE_API_TOKEN",
    url_setting="REPLICATE_BASE_URL",
    own_keys=True,
    keys_url="https://replicate.com/account/api-tokens",
    key_pattern=r"r8_[A-Za-z0-9]{20,}",
    open=_open,
)
