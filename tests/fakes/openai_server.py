"""A local server that speaks OpenAI's image API, with faults by script."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import BodyPartReader, web
from PIL import Image, ImageDraw

from tests.fakes import contract

JSON = dict[str, Any]

BYTES_MAX = 64 * 2**20
USAGE: JSON = {
    "total_tokens": 1050,
    "input_tokens": 50,
    "output_tokens": 1000,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
}
# Status, code, type and message of the errors that OpenAI documents.
ERRORS = {
    "moderation_blocked": (400, "image_generation_user_error", "Your request was rejected."),
    "content_policy_violation": (400, "invalid_request_error", "Rejected by our safety system."),
    "billing_hard_limit_reached": (400, "invalid_request_error", "Billing limit reached."),
    "insufficient_quota": (429, "insufficient_quota", "You exceeded your current quota."),
    "rate_limit_exceeded": (429, "requests", "Rate limit reached for images per minute."),
    "invalid_api_key": (401, "invalid_request_error", "Incorrect API key provided."),
    "model_not_found": (404, "invalid_request_error", "The model does not exist."),
    "invalid_value": (400, "invalid_request_error", "Invalid size."),
    "unsupported_country": (403, "request_forbidden", "Country not supported."),
    "server_error": (500, "server_error", "The server had an error."),
    "overloaded": (503, "server_error", "Overloaded."),
    "gateway_timeout": (504, "server_error", "Gateway time-out."),
}


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How one request is answered; the default is as OpenAI does.

    `error` names one of ERRORS, `says` is added to its message. `drop` closes the connection after
    the work, `hang_s` waits before it answers, `urls` answers with addresses ("relative" or
    "absolute" ones of this server, or with the given prefix), `images` makes so many, `garbage` is
    the answer's whole body, `broken_images` are no pictures, `json_always` ignores a wish to
    stream, `stream` is "error", "cut" or "unfinished", `pace_s` waits before each event.
    """

    error: str | None = None
    echo_key: bool = False
    says: str = ""
    retry_after: str | None = None
    drop: bool = False
    hang_s: float = 0.0
    urls: str | None = None
    images: int | None = None
    garbage: bytes | None = None
    broken_images: bool = False
    json_always: bool = False
    stream: str | None = None
    stream_code: str = "server_error"
    pace_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One request as it came: JSON, or a form with its files apart in their order."""

    method: str
    path: str
    body: JSON
    files: tuple[tuple[str, str, bytes], ...] = ()
    authorization: str | None = None


@dataclass
class FakeOpenAI:
    """`async with FakeOpenAI() as server`: its address is `url`; `script` holds what comes next."""

    script: deque[Behaviour] = field(default_factory=deque)
    requests: list[Recorded] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    models: tuple[str, ...] = ("gpt-image-2", "gpt-image-2.5-flare", "gpt-image-2.5-sunburst")
    made: int = 0
    port: int = 0
    pictures: dict[str, bytes] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application(client_max_size=BYTES_MAX)
        app.router.add_post("/v1/images/generations", self._generate)
        app.router.add_post("/v1/images/edits", self._edit)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/pictures/{name}", self._picture)
        app.router.add_get("/v1/moved/{name}", self._moved)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        body: JSON = await request.json()
        self._record(request, body, ())
        return await self._answer(request, body, "image_generation")

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        body: JSON = {}
        files = []
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            name = part.name or ""
            if part.filename is None:
                body[name] = await part.text()
            else:
                files.append((name, part.headers["Content-Type"], bytes(await part.read())))
        self._record(request, body, tuple(files))
        return await self._answer(request, body, "image_edit")

    def _record(
        self, request: web.Request, body: JSON, files: tuple[tuple[str, str, bytes], ...]
    ) -> None:
        self.requests.append(
            Recorded(
                method=request.method,
                path=request.path,
                body=body,
                files=files,
                authorization=request.headers.get("Authorization"),
            )
        )
        described = contract.openapi("openai")
        if described is None:
            return
        checked = dict(body)
        for name, _, _ in files:
            plain = name.removesuffix("[]")
            repeated = checked.get(plain)
            if name.endswith("[]"):
                checked[plain] = [*(repeated or []), contract.BINARY]
            else:
                checked[plain] = contract.BINARY
        self.violations += described.check(request.method, request.path, checked)

    async def _answer(self, request: web.Request, body: JSON, kind: str) -> web.StreamResponse:
        how = self.script.popleft() if self.script else Behaviour()
        if how.error is not None:
            return _error(request, how)
        count = how.images if how.images is not None else int(body.get("n") or 1)
        pictures = [self._make(str(body.get("size", "auto"))) for _ in range(count)]
        if how.hang_s:
            await asyncio.sleep(how.hang_s)
        if how.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if how.garbage is not None:
            return web.Response(body=how.garbage, content_type="application/json")
        if how.broken_images:
            pictures = [b"no picture" for _ in pictures]
        wants_stream = str(body.get("stream", "")).lower() == "true"
        if wants_stream and not how.json_always:
            return await self._streamed(request, body, kind, how, pictures[0])
        return web.json_response(self._json(how, pictures))

    def _json(self, how: Behaviour, pictures: list[bytes]) -> JSON:
        rows: list[JSON] = []
        for data in pictures:
            if how.urls is None:
                rows.append({"b64_json": base64.b64encode(data).decode()})
                continue
            name = f"{len(self.pictures)}.png"
            self.pictures[name] = data
            prefix = {"relative": "/v1/pictures/", "absolute": f"{self.url}/pictures/"}
            rows.append({"url": prefix.get(how.urls, how.urls) + name})
        return {"created": 1_790_000_000, "data": rows, "usage": USAGE}

    async def _streamed(
        self, request: web.Request, body: JSON, kind: str, how: Behaviour, picture: bytes
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        common = {
            "created_at": 1_790_000_000,
            "size": "1024x1024",
            "quality": "medium",
            "background": "opaque",
            "output_format": "png",
        }

        async def send(event: JSON, data: bytes | None) -> None:
            if data is not None:
                event |= common | {"b64_json": base64.b64encode(data).decode()}
            await asyncio.sleep(how.pace_s)
            text = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
            await response.write(text.encode())

        for index in range(int(body.get("partial_images") or 0)):
            await send(
                {"type": f"{kind}.partial_image", "partial_image_index": index},
                self._preview(index),
            )
            if how.stream == "cut":
                assert request.transport is not None
                request.transport.abort()
                return response
            if how.stream == "error":
                told = {"code": how.stream_code, "type": "server_error", "message": "It broke."}
                await send({"type": "error", "error": told}, None)
                return response
        if how.stream != "unfinished":
            await send({"type": f"{kind}.completed", "usage": USAGE}, picture)
        return response

    async def _models(self, request: web.Request) -> web.Response:
        rows = [
            {"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in self.models
        ]
        return web.json_response({"object": "list", "data": rows})

    async def _picture(self, request: web.Request) -> web.Response:
        self.downloads.append(request.headers.get("Authorization", ""))
        name = request.match_info["name"]
        return web.Response(body=self.pictures[name], content_type="image/png")

    async def _moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/v1/pictures/{request.match_info['name']}")

    def _make(self, size: str) -> bytes:
        """A picture unlike any before; each one counts as paid for."""
        self.made += 1
        width, _, height = size.partition("x")
        shape = (int(width) // 16, int(height) // 16) if height else (64, 64)
        return picture(self.made, shape)

    def _preview(self, index: int) -> bytes:
        return picture(1000 + index, (16, 16))


def picture(number: int, size: tuple[int, int] = (64, 64)) -> bytes:
    """A small PNG, another one for each number."""
    image = Image.new("RGB", size, (number * 53 % 256, number * 101 % 256, number * 197 % 256))
    ImageDraw.Draw(image).ellipse((4, 4, size[0] - 4, size[1] - 4), fill=(255, 255, number % 256))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _error(request: web.Request, how: Behaviour) -> web.Response:
    assert how.error is not None
    status, kind, message = ERRORS[how.error]
    message += how.says
    if how.echo_key:
        message += f" You sent: {request.headers.get('Authorization')}"
    headers = {"retry-after": how.retry_after} if how.retry_after else {}
    return web.json_response(
        {"error": {"code": how.error, "type": kind, "message": message, "param": None}},
        status=status,
        headers=headers,
    )
