"""A local server that speaks AUTOMATIC1111's API, with its --api-auth, faults by script."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, ClassVar

import aiohttp
from aiohttp import web

from providers.base import Fault
from tests.fakes.vendor import FakeVendor, picture

JSON = dict[str, Any]

CHECKPOINTS = ("sd_xl_base_1.0", "v1-5-pruned-emaonly")
UPSCALERS = ("None", "Lanczos", "Nearest", "R-ESRGAN 4x+")
NUMBER = (int, float)
# How the files begin that the server opens: PNG, JPEG, WebP.
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")

SAMPLED = {
    "prompt": str,
    "negative_prompt": str,
    "seed": int,
    "steps": int,
    "cfg_scale": NUMBER,
    "width": int,
    "height": int,
    "batch_size": int,
    "n_iter": int,
    "send_images": bool,
    "save_images": bool,
    "force_task_id": str,
    "override_settings": dict,
}
FIELDS: dict[str, dict[str, Any]] = {
    "txt2img": SAMPLED,
    "img2img": SAMPLED
    | {
        "init_images": list,
        "resize_mode": int,
        "denoising_strength": NUMBER,
        "mask": str,
        "mask_blur": int,
        "inpainting_fill": int,
        "inpainting_mask_invert": int,
        "inpaint_full_res": bool,
        "inpaint_full_res_padding": int,
    },
    "extra-single-image": {
        "image": str,
        "resize_mode": int,
        "upscaling_resize": NUMBER,
        "upscaler_1": str,
        "gfpgan_visibility": NUMBER,
        "codeformer_visibility": NUMBER,
        "codeformer_weight": NUMBER,
    },
    "interrogate": {"image": str, "model": str},
}

OOM = "CUDA out of memory. Tried to allocate 2.25 GiB (GPU 0; 8.00 GiB total capacity)"
NANS = "A tensor with all NaNs was produced in Unet."
# Status and body of each error; those with an "error" come from the API's own handler.
ERRORS: dict[str, tuple[int, JSON]] = {
    "password": (401, {"detail": "Incorrect username or password"}),
    "no-api": (404, {"detail": "Not Found"}),
    "no-model": (
        404,
        {"error": "HTTPException", "detail": "Model not found", "body": "", "errors": ""},
    ),
    "no-image": (404, {"error": "HTTPException", "detail": "Init image not found", "errors": ""}),
    "no-sampler": (400, {"error": "HTTPException", "detail": "Sampler not found", "errors": ""}),
    "invalid": (
        422,
        {
            "detail": [
                {"loc": ["body", "steps"], "msg": "value is not a valid integer", "type": "x"}
            ]
        },
    ),
    "bad-image": (500, {"error": "HTTPException", "detail": "Invalid encoded image", "errors": ""}),
    "memory": (500, {"error": "OutOfMemoryError", "detail": "", "body": "", "errors": OOM}),
    "nans": (500, {"error": "NansException", "detail": "", "body": "", "errors": NANS}),
    "no-upscaler": (
        500,
        {"error": "AssertionError", "detail": "", "errors": "could not find upscaler named X"},
    ),
    "crash": (500, {"error": "RuntimeError", "detail": "", "body": "", "errors": "shapes differ"}),
    "proxy": (502, {"detail": "Bad Gateway"}),
    "gateway-timeout": (504, {"detail": "Gateway Time-out"}),
}


class FakeA1111(FakeVendor):
    """`auth` False: it runs without --api-auth. `task` is what the progress says that it draws.

    `old` does not tell tasks. `answers` replaces the body of the answer at a path; `running` and
    `most` count calls at once.
    """

    key = "atelier:pass/0123456789abcdef+canary"
    errors: ClassVar[Mapping[str, Fault]] = {
        "password": Fault.BAD_KEY,
        "no-api": Fault.UNAVAILABLE,
        "no-model": Fault.MODEL_GONE,
        "no-image": Fault.BAD_INPUT,
        "no-sampler": Fault.BAD_INPUT,
        "invalid": Fault.BAD_INPUT,
        "bad-image": Fault.BAD_INPUT,
        "memory": Fault.UNAVAILABLE,
        "nans": Fault.UNAVAILABLE,
        "no-upscaler": Fault.MODEL_GONE,
        "crash": Fault.UNAVAILABLE,
        "proxy": Fault.UNKNOWN,
        "gateway-timeout": Fault.UNKNOWN,
    }

    def __init__(self) -> None:
        super().__init__()
        self.auth = True
        self.old = False
        self.task: str | None = None
        self.answers: dict[str, bytes] = {}
        self.running = self.most = self.interrupts = 0

    def routes(self, app: web.Application) -> None:
        """Add the paths of /sdapi/v1."""
        app.middlewares.append(self._middleware)
        for name in FIELDS:
            app.router.add_post(f"/sdapi/v1/{name}", self._make)
        app.router.add_post("/sdapi/v1/interrupt", self._interrupt)
        for name, body in self._lists().items():
            app.router.add_get(f"/sdapi/v1/{name}", _constant(body))
        app.router.add_get("/sdapi/v1/progress", self._progress)

    def authorized(self, request: web.Request) -> bool:
        """Whether the user and the password are right, where any are needed."""
        login, _, password = self.key.partition(":")
        right = aiohttp.encode_basic_auth(login, password)
        return not self.auth or request.headers.get("Authorization") == right

    def failure(self, name: str, told: str) -> web.Response:
        """The error as the server tells it."""
        status, body = ERRORS[name]
        body = dict(body)
        if told:
            body["body"] = told
            body["errors"] = str(body.get("errors", "")) + told
        response = web.json_response(body, status=status)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Basic"
        return response

    def _lists(self) -> dict[str, Any]:
        checkpoints = [
            {
                "title": f"{name}.safetensors [31e35c80fc]",
                "model_name": name,
                "hash": "31e35c80fc",
                "sha256": "31e35c80fc" * 6,
                "filename": f"/models/{name}.safetensors",
                "config": None,
            }
            for name in CHECKPOINTS
        ]
        upscalers = [
            {"name": name, "model_name": None, "model_path": None, "model_url": None, "scale": 4}
            for name in UPSCALERS
        ]
        options = {"sd_model_checkpoint": checkpoints[0]["title"], "samples_format": "png"}
        return {"sd-models": checkpoints, "upscalers": upscalers, "options": options}

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401
        if not self.authorized(request):
            return self.failure("password", "")
        response: web.StreamResponse = await handler(request)
        if request.path in self.answers:
            return web.Response(body=self.answers[request.path], content_type="application/json")
        return response

    async def _make(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        name = request.path.rpartition("/")[2]
        refused = self._invalid(name, seen.body)
        if refused is not None:
            return refused
        self.running += 1
        self.most = max(self.most, self.running)
        self.task = seen.body.get("force_task_id")
        try:
            return await self.answer(request, how, self._made(name, seen.body))
        finally:
            self.running -= 1
            self.task = None

    def _invalid(self, name: str, body: JSON) -> web.Response | None:
        fields = FIELDS[name]
        for key, value in body.items():
            if key not in fields:
                self.violations.append(f"{name}: no field {key}")
            elif not isinstance(value, fields[key]):
                self.violations.append(f"{name}: {key} is {value!r}")
                return self.failure("invalid", "")
        for key in ("width", "height"):
            if body.get(key, 0) % 8:
                self.violations.append(f"{key} is {body[key]}")
        encoded = [body[key] for key in ("image", "mask") if key in body]
        for text in (*encoded, *body.get("init_images", ())):
            if not base64.b64decode(text).startswith(PICTURES):
                return self.failure("bad-image", "")
        if name == "img2img" and not body.get("init_images"):
            return self.failure("no-image", "")
        if body.get("upscaler_1", "None") not in UPSCALERS:
            return self.failure("no-upscaler", "")
        if name == "interrogate" and body["model"] not in ("clip", "deepdanbooru"):
            return self.failure("no-model", "")
        return None

    def _made(self, name: str, body: JSON) -> web.Response:
        if name == "interrogate":
            return web.json_response({"caption": "a fox in the snow, oil painting"})
        if name == "extra-single-image":
            return web.json_response({"html_info": "", "image": _encoded(0)})
        count = body["n_iter"] * body["batch_size"]
        images = [_encoded(number) for number in range(count)] if body["send_images"] else []
        return web.json_response({"images": images, "parameters": body, "info": "{}"})

    async def _progress(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        shown = seen.query.get("skip_current_image") == "false" and self.running
        told: JSON = {
            "progress": 0.5 if self.running else 0,
            "eta_relative": 1.0,
            "state": {"job": "scripts_txt2img", "job_count": 1, "sampling_step": 10},
            "current_image": _encoded(200) if shown else None,
            "textinfo": None,
        }
        return web.json_response(told if self.old else told | {"current_task": self.task})

    async def _interrupt(self, request: web.Request) -> web.Response:
        await self.read(request)
        self.interrupts += 1
        return web.json_response({})


def _constant(body: object) -> Any:  # noqa: ANN401
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(body)

    return handler


def _encoded(number: int) -> str:
    return base64.b64encode(picture(number)).decode()


FAKE = FakeA1111
