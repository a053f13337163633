"""AUTOMATIC1111's web UI on the operator's own machine, and Forge and others that speak its API."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

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
    Step,
    Vendor,
)
from providers.pictures import SIDE_STEP, SOURCE_STEP, fitted, ratio_of, size_of
from providers.reading import object_in
from providers.transport import DETAIL_LENGTH_MAX, Answer, Wire, decoded

CALL_TIMEOUT_S = 290.0
LOOK_TIMEOUT_S = 15.0
PROGRESS_TIMEOUT_S = 5.0
PROGRESS_POLL_S = 2.0
TEXT_LENGTH_MAX = 2000

# The name of the model that is loaded, whichever that is.
DEFAULT = "default"
INTERROGATORS = ("clip", "deepdanbooru")
# What a server takes for the name of a checkpoint.
CHECKPOINT_NAMES = ("title", "model_name", "hash", "sha256")
NO_UPSCALER = "None"

STEPS, GUIDANCE = 25, 7.0
# How much of a picture changes where nobody says how much.
EDIT_DENOISING, REGION_DENOISING, REFERENCE_DENOISING = 0.6, 0.85, 0.75
MASK_BLUR, MASK_PADDING = 4, 128
FILL_ORIGINAL = 1
CROP_AND_RESIZE = 1
CODEFORMER_WEIGHT = 0.5

_FROM_PICTURE = "/sdapi/v1/img2img"
_PATHS = {
    "imagine": "/sdapi/v1/txt2img",
    "edit": _FROM_PICTURE,
    "region": _FROM_PICTURE,
    "upscale": "/sdapi/v1/extra-single-image",
    "restore": "/sdapi/v1/extra-single-image",
    "describe": "/sdapi/v1/interrogate",
}
_SAMPLED = frozenset({"imagine", "edit", "region"})
_FAULT_OF_DETAIL = {
    "Model not found": Fault.MODEL_GONE,
    "Image not found": Fault.BAD_INPUT,
    "Init image not found": Fault.BAD_INPUT,
    "Invalid encoded image": Fault.BAD_INPUT,
}
_NO_SUCH_UPSCALER = "could not find upscaler named"
_FAILED_CAPTION = "<error>"


class A1111:
    """One server, which has one queue and one progress for all: our calls take turns before it.

    With several workers the server's own queue orders what each of them sends.
    """

    def __init__(self, base_url: str, login: str = "", password: str = "") -> None:
        headers = {}
        if login or password:
            headers["Authorization"] = aiohttp.encode_basic_auth(login, password, "utf-8")
        self._wire = Wire(
            base_url, headers=headers, secrets=[password or login, f"{login}:{password}"]
        )
        self._turn = asyncio.Lock()

    async def run(
        self, request: ImageRequest, *, partial: Partial, accepted: Accepted
    ) -> ImageResult:
        """Make the pictures when it is our turn; the server knows no jobs, so nothing is `accepted`."""
        if request.operation not in _PATHS:
            raise ProviderError(Fault.BAD_INPUT, f"no way to {request.operation}")
        body = await asyncio.to_thread(_body, request)
        ends = asyncio.get_running_loop().time() + CALL_TIMEOUT_S
        try:
            async with asyncio.timeout_at(ends):
                await self._turn.acquire()
        except TimeoutError as error:
            raise ProviderError(Fault.UNAVAILABLE, "earlier calls keep the server busy") from error
        try:
            await self._require(request)
            answer = await self._made(request, body, partial, ends)
        finally:
            self._turn.release()
        if not answer.ok:
            raise self._refused(answer)
        return _described(answer) if request.operation == "describe" else _result(request, answer)

    async def check(self) -> Checked:
        """Whether the server answers and takes the password; raises ProviderError."""
        if not isinstance(await self._look("/sdapi/v1/options"), dict):
            raise ProviderError(Fault.UNAVAILABLE, "the options are not an object")
        return Checked()

    async def catalogue(self) -> Mapping[str, date | None]:
        """What `vendor_model` may name: checkpoints in each way, upscalers, interrogators."""
        checkpoints = await self._named("/sdapi/v1/sd-models", CHECKPOINT_NAMES)
        upscalers = await self._named("/sdapi/v1/upscalers", ("name",))
        return dict.fromkeys((DEFAULT, *INTERROGATORS, *checkpoints, *upscalers))

    async def close(self) -> None:
        """Give back connections."""
        await self._wire.close()

    async def _require(self, request: ImageRequest) -> None:
        """Raise MODEL_GONE for a checkpoint that is not there: the server would take any other."""
        if request.operation not in _SAMPLED or request.model == DEFAULT:
            return
        names = await self._named("/sdapi/v1/sd-models", CHECKPOINT_NAMES)
        if request.model not in names:
            raise ProviderError(Fault.MODEL_GONE, f"no checkpoint is called {request.model!r}")

    async def _made(
        self, request: ImageRequest, body: Mapping[str, object], partial: Partial, ends: float
    ) -> Answer:
        """The one paid call; where nobody waits for its answer any more, the server is told to stop."""
        timeout_s = max(0.0, ends - asyncio.get_running_loop().time())
        drawn_from = request.operation == "imagine" and request.images
        path = _FROM_PICTURE if drawn_from else _PATHS[request.operation]
        try:
            async with self._watched(request, partial):
                return await self._wire.ask("POST", path, body=body, timeout_s=timeout_s)
        except (OutcomeUnknown, asyncio.CancelledError) as error:
            if request.operation in _SAMPLED:
                # Cancels are frequent, and another worker may be drawing there.
                only_told = isinstance(error, asyncio.CancelledError)
                await self._interrupt(request.id, only_told=only_told)
            raise

    @contextlib.asynccontextmanager
    async def _watched(self, request: ImageRequest, partial: Partial) -> AsyncIterator[None]:
        """Hand on meanwhile how far it is, and previews where one picture is drawn."""
        if request.operation not in _SAMPLED:
            yield
            return
        watching = asyncio.create_task(self._watch(request, partial))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _watch(self, request: ImageRequest, partial: Partial) -> None:
        one, shown = request.count == 1, b""
        while True:
            await asyncio.sleep(PROGRESS_POLL_S)
            with contextlib.suppress(ProviderError):
                told = await self._progress("false" if one else "true")
                if not _is_of(told, request.id):
                    continue
                part = told.get("progress")
                if isinstance(part, float) and 0 < part <= 1:
                    await partial(Step(part=part))
                preview = decoded(told.get("current_image")) if one else None
                if preview is not None and preview != shown:
                    await partial(preview)
                    shown = preview

    async def _interrupt(self, task: str, *, only_told: bool) -> None:
        """Stop our job, if it still runs and the server can be asked.

        `only_told`: where the server tells that it is ours.
        """
        with contextlib.suppress(ProviderError):
            told = await self._progress("true")
            if told.get("current_task") == task or (not only_told and _is_of(told, task)):
                await self._wire.ask(
                    "POST", "/sdapi/v1/interrupt", timeout_s=PROGRESS_TIMEOUT_S, makes=False
                )

    async def _progress(self, skip_picture: str) -> Mapping[str, Any]:
        answer = await self._wire.ask(
            "GET",
            "/sdapi/v1/progress",
            params={"skip_current_image": skip_picture},
            timeout_s=PROGRESS_TIMEOUT_S,
            makes=False,
        )
        told = object_in(answer)
        if not answer.ok or told is None:
            raise ProviderError(Fault.UNAVAILABLE, "no progress is told")
        return told

    async def _look(self, path: str) -> Any:  # noqa: ANN401
        answer = await self._wire.ask("GET", path, timeout_s=LOOK_TIMEOUT_S, makes=False)
        if not answer.ok:
            raise self._refused(answer)
        try:
            return answer.json()
        except OutcomeUnknown as error:
            raise ProviderError(Fault.UNAVAILABLE, error.detail) from error

    async def _named(self, path: str, keys: tuple[str, ...]) -> list[str]:
        rows = await self._look(path)
        if not isinstance(rows, list):
            raise ProviderError(Fault.UNAVAILABLE, "the answer is not a list")
        found = [row.get(key) for row in rows if isinstance(row, dict) for key in keys]
        return [name for name in found if isinstance(name, str) and name]

    def _refused(self, answer: Answer) -> ProviderError:
        """The error for an answer that says no, by the few texts that tell more than the status."""
        detail, errors = _told(answer)
        fault = _FAULT_OF_DETAIL.get(detail)
        if fault is None and answer.status in (404, 405):
            fault, detail = Fault.UNAVAILABLE, "the server runs without --api"
        if errors.startswith(_NO_SUCH_UPSCALER):
            fault = Fault.MODEL_GONE
        return self._wire.refusal(answer, fault, f"{detail} {errors}".strip())


def _told(answer: Answer) -> tuple[str, str]:
    """An error's `detail`, and `errors`, which is the exception's text; empty where there is none."""
    told = object_in(answer) or {}
    detail, errors = told.get("detail"), told.get("errors")
    if isinstance(detail, list):
        detail = "; ".join(_invalid(detail))
    return (
        detail if isinstance(detail, str) else "",
        errors if isinstance(errors, str) else "",
    )


def _invalid(details: list[Any]) -> Iterator[str]:
    """Where and why a request is not valid, without what it held."""
    for item in details:
        match item:
            case {"loc": list(where), "msg": str(why)}:
                yield f"{'.'.join(str(part) for part in where)}: {why}"[:DETAIL_LENGTH_MAX]


def _is_of(progress: Mapping[str, Any], task: str) -> bool:
    """Whether progress is of this task; servers that do not tell are taken at our turn's word."""
    return bool(progress.get("current_task", task) == task)


def _body(request: ImageRequest) -> dict[str, object]:
    if request.operation in _SAMPLED:
        return _sampled(request)
    if not request.images:
        raise ProviderError(Fault.BAD_INPUT, f"there is no picture to {request.operation}")
    image = _encoded(request.images[0].data)
    if request.operation == "describe":
        return {"image": image, "model": request.model}
    restores = request.operation == "restore"
    by_gfpgan = restores and request.model.lower() == "gfpgan"
    by_codeformer = not by_gfpgan if restores else request.faces
    weight = CODEFORMER_WEIGHT if request.strength is None else 1 - _part(request.strength)
    return {
        "image": image,
        "resize_mode": 0,
        "upscaling_resize": 1 if restores else request.scale,
        "upscaler_1": NO_UPSCALER if restores else request.model,
        "gfpgan_visibility": float(by_gfpgan),
        "codeformer_visibility": float(by_codeformer),
        # 1 keeps most of the face that was there.
        "codeformer_weight": weight,
    }


def _part(strength: float) -> float:
    return min(max(strength, 0.0), 1.0)


def _sampled(request: ImageRequest) -> dict[str, object]:
    """What the three that draw have in common, and what they differ in."""
    if request.operation != "imagine" and not request.images:
        raise ProviderError(Fault.BAD_INPUT, "there is no picture to edit")
    width, height = _size(request)
    body: dict[str, object] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative or "",
        "seed": -1 if request.seed is None else request.seed,
        "steps": request.steps or STEPS,
        "cfg_scale": GUIDANCE if request.guidance is None else request.guidance,
        "width": width,
        "height": height,
        # One after another: a batch needs as much more memory.
        "batch_size": 1,
        "n_iter": request.count,
        "send_images": True,
        "save_images": False,
    }
    if request.id:
        body["force_task_id"] = request.id
    if request.model != DEFAULT:
        body["override_settings"] = {"sd_model_checkpoint": request.model}
    return body | _from_picture(request) if request.images else body


def _from_picture(request: ImageRequest) -> dict[str, object]:
    """What is said of the picture that is drawn over, and of the mask of a region."""
    body: dict[str, object] = {"init_images": [_encoded(request.images[0].data)]}
    usual = EDIT_DENOISING
    if request.mask is not None:
        usual = REGION_DENOISING
        body |= {
            "mask": _encoded(request.mask.data),
            "mask_blur": MASK_BLUR,
            "inpainting_fill": FILL_ORIGINAL,
            # White is what changes, as in our masks.
            "inpainting_mask_invert": 0,
            # Draws around the mask alone and lays it into the picture, which keeps its size.
            "inpaint_full_res": True,
            "inpaint_full_res_padding": MASK_PADDING,
        }
    elif request.operation == "region":
        raise ProviderError(Fault.BAD_INPUT, "there is no mask")
    elif request.operation == "imagine":
        usual = REFERENCE_DENOISING
        body["resize_mode"] = CROP_AND_RESIZE
    body["denoising_strength"] = usual if request.strength is None else _part(request.strength)
    return body


def _size(request: ImageRequest) -> tuple[int, int]:
    """About a megapixel, as the models are made for: in the ratio asked for, or the picture's own."""
    if request.operation == "imagine":
        ratio = ratio_of(request.ratio)
        if ratio is None:
            raise ProviderError(Fault.BAD_INPUT, f"no size for ratio {request.ratio}")
        return fitted(*ratio, SIDE_STEP)
    size = size_of(request.images[0].data)
    if size is None:
        raise ProviderError(Fault.BAD_INPUT, "the picture cannot be read")
    return fitted(*size, SOURCE_STEP)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _result(request: ImageRequest, answer: Answer) -> ImageResult:
    """The pictures of an answer; extensions may add theirs after ours."""
    told = answer.json()
    if not isinstance(told, dict):
        raise OutcomeUnknown("the answer is not an object")
    texts = told.get("images") if request.operation in _SAMPLED else [told.get("image")]
    if texts == []:
        raise ProviderError(Fault.UNAVAILABLE, "interrupted before there was a picture")
    if not isinstance(texts, list):
        raise OutcomeUnknown("the answer holds no pictures")
    found = (decoded(text) for text in texts[: request.count])
    images = tuple(data for data in found if data is not None)
    if not images:
        raise OutcomeUnknown("the answer's pictures cannot be read")
    return ImageResult(images=images, cost_usd=0.0)


def _described(answer: Answer) -> ImageResult:
    told = answer.json()
    caption = told.get("caption") if isinstance(told, dict) else None
    if not isinstance(caption, str) or not caption.strip():
        raise OutcomeUnknown("the answer holds no caption")
    if caption.strip().endswith(_FAILED_CAPTION):
        raise ProviderError(Fault.UNAVAILABLE, "the interrogator failed")
    return ImageResult(texts=(caption.strip()[:TEXT_LENGTH_MAX],), cost_usd=0.0)


def _open(credentials: Credentials) -> A1111 | None:
    """The server at the address, whose user and password are taken out of it for the header."""
    if not credentials.base_url:
        return None
    parts = urlsplit(credentials.base_url)
    address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    login, password = unquote(parts.username or ""), unquote(parts.password or "")
    if credentials.key:
        login, _, password = credentials.key.partition(":")
    return A1111(address, login, password)


PROVIDER = Vendor(
    name="a1111",
    title="AUTOMATIC1111",
    url_setting="A1111_URL",
    free_to_repeat=True,
    open=_open,
)
