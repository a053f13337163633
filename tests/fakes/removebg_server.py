"""A local server that speaks remove.bg's API, with troubles by script."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import ClassVar

from aiohttp import web
from PIL import Image

from providers.base import Fault
from tests.fakes.vendor import JSON, FakeVendor, Seen, Trouble

FIELDS: dict[str, set[str]] = {
    "size": {"preview", "full", "50MP", "auto"},
    "type": {"auto", "person", "product", "car"},
    "format": {"auto", "png", "jpg", "zip", "webp"},
}
PNG_PIXELS_MAX = 10_000_000
PICTURES = {"image/png", "image/jpeg", "image/webp"}

# Status, title and detail of the errors that remove.bg documents (of parameters: those we send).
ERRORS: dict[str, tuple[int, str, str | None]] = {
    "unknown_foreground": (400, "Could not identify foreground in image.", None),
    "file_too_large": (400, "File too large", "File exceeds limit of 22MB"),
    "invalid_file_type": (400, "Invalid file type", "Expected jpg/png, received mp4"),
    "resolution_too_high": (
        400,
        "Image resolution too high",
        "Input image has 60 megapixels, maximum supported input resolution is 50 megapixels",
    ),
    "failed_to_read_image": (400, "There was an error reading the image.", None),
    "invalid_dimensions": (
        400,
        "Failed to read image dimensions",
        "The dimensions of the given image could not be read.",
    ),
    "missing_source": (400, "No image given", "Please provide the source image."),
    "multiple_sources": (400, "Multiple image sources given", None),
    "invalid_size": (400, "Invalid value for parameter 'size'", None),
    "invalid_format": (400, "Invalid format parameter given", None),
    "invalid_parameters": (400, "Invalid parameters", None),
    "insufficient_credits": (402, "Insufficient credits", None),
    "auth_failed": (403, "API Key invalid", None),
    "rate_limit_exceeded": (429, "Rate limit exceeded", None),
    "server_error": (500, "Internal server error", None),
    "service_unavailable": (503, "Service unavailable", None),
}
# What a gateway in front of the API answers, which is no JSON.
PAGES = {"bad_gateway": 502, "gateway_timeout": 504}


class FakeRemoveBg(FakeVendor):
    """remove.bg with one account; `charged` is what it says of the next calls, None: nothing."""

    errors: ClassVar[Mapping[str, Fault]] = {
        **{
            name: {400: Fault.BAD_INPUT, 402: Fault.NO_FUNDS, 403: Fault.BAD_KEY}.get(
                status, Fault.RATE_LIMITED if status == 429 else Fault.UNAVAILABLE
            )
            for name, (status, _, _) in ERRORS.items()
        },
        "bad_gateway": Fault.UNKNOWN,
        "gateway_timeout": Fault.UNKNOWN,
    }

    def __init__(self) -> None:
        super().__init__()
        self.charged: str | None = "1"
        self.body: bytes | None = None
        self.account: object = {
            "data": {
                "attributes": {
                    "credits": {"total": 200, "subscription": 150, "payg": 50, "enterprise": 0},
                    "api": {"free_calls": 50, "sizes": "all"},
                }
            }
        }

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/v1.0/removebg", self._remove)
        app.router.add_get("/v1.0/account", self._account)

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("X-Api-Key") == self.key

    def failure(self, name: str, told: str) -> web.Response:
        if name in PAGES:
            page = f"<html><h1>{PAGES[name]}</h1>{told}</html>"
            return web.Response(status=PAGES[name], text=page, content_type="text/html")
        status, title, detail = ERRORS[name]
        error: JSON = {"title": title + told, "code": name}
        if detail is not None:
            error["detail"] = detail
        return web.json_response({"errors": [error]}, status=status)

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        how = self.trouble(request)
        if isinstance(how, web.Response):
            return how
        wrong = self._wrong(seen)
        if wrong is not None:
            return self.failure(wrong, "")
        return await self._cut_out(request, how, seen)

    def _wrong(self, seen: Seen) -> str | None:
        """The error of a request that the real server would not take, which is a mistake of ours."""
        found = None
        for name, values in seen.form.items():
            if name not in FIELDS or len(values) != 1 or values[0] not in FIELDS[name]:
                found = f"invalid_{name}" if f"invalid_{name}" in ERRORS else "invalid_parameters"
        if len(seen.files) > 1:
            found = "multiple_sources"
        elif [name for name, _, _ in seen.files] != ["image_file"]:
            found = "missing_source"
        elif seen.files[0][1] not in PICTURES:
            found = "invalid_file_type"
        if found is not None:
            self.violations.append(f"{found}: {seen.form}")
        return found

    async def _cut_out(self, request: web.Request, how: Trouble, seen: Seen) -> web.StreamResponse:
        _, _, data = seen.files[0]
        with Image.open(io.BytesIO(data)) as source:
            size = source.size
        kind = seen.form["format"][0]
        if kind == "png" and size[0] * size[1] > PNG_PIXELS_MAX:
            self.violations.append(f"{size} is made smaller as {kind}")
        out = io.BytesIO()
        shown = (min(size[0], 64), min(size[1], 64))
        Image.new("RGBA", shown, (200, 40, 40, 128)).save(out, {"png": "PNG"}.get(kind, "WEBP"))
        headers = {"X-Type": "product", "X-Width": str(size[0]), "X-Height": str(size[1])}
        if self.charged is not None:
            headers["X-Credits-Charged"] = self.charged
        response = web.Response(
            body=out.getvalue() if self.body is None else self.body,
            content_type=f"image/{kind}",
            headers=headers,
        )
        return await self.answer(request, how, response)

    async def _account(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self.failure("auth_failed", f" {request.headers.get('X-Api-Key')}")
        if self.script and self.script[0].error is not None:
            how = self.trouble(request)
            assert isinstance(how, web.Response)
            return how
        if isinstance(self.account, bytes):
            return web.Response(body=self.account)
        return web.json_response(self.account)


FAKE = FakeRemoveBg
