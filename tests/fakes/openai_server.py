"""A local server that speaks OpenAI's API of pictures, descriptions and moderation, with faults by script."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web
from PIL import Image, ImageDraw

from tests.fakes import contract
from tests.fakes.openai_errors import ERRORS, files_problem, refusal, unfit
from tests.fakes.vendor import FakeVendor, Seen, Trouble

JSON = dict[str, Any]

USAGE: JSON = {
    "total_tokens": 1050,
    "input_tokens": 50,
    "output_tokens": 1000,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
}
BETTER = {"prompt": "a red fox in deep snow, low sun, oil on canvas"}
# A picture of another quality takes more tokens, or fewer.
TOKENS = {"low": 200, "high": 4000}
WORDS_USAGE: JSON = {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200}
PROMPTS = [
    "a fox in snow",
    "a red fox, winter light",
    "portrait of a fox",
    "fox, oil painting",
]


@dataclass(frozen=True, kw_only=True)
class Behaviour(Trouble):
    """How one paid call is answered; the default is as OpenAI does.

    `urls` answers with addresses ("relative" or "absolute" ones of this server, or with the given
    prefix), `images` makes so many, `garbage` is the answer's whole body of `media_type`,
    `moved_to` redirects, `broken_images` are no pictures, `json_always` ignores a wish to stream,
    `stream` is "error", "cut", "garbage" or "unfinished", `pace_s` waits before each event, `words`
    is what a describing model says, `message` its whole message, `usage` stands for the tokens.
    """

    urls: str | None = None
    images: int | None = None
    garbage: bytes | None = None
    media_type: str = "application/json"
    moved_to: str | None = None
    broken_images: bool = False
    json_always: bool = False
    stream: str | None = None
    stream_code: str = "server_error"
    pace_s: float = 0.0
    words: str | None = None
    message: object = None
    usage: object = None


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One request as it came: JSON, or a form with its files apart in their order."""

    method: str
    path: str
    body: JSON
    files: tuple[tuple[str, str, bytes], ...] = ()
    authorization: str | None = None


class FakeOpenAI(FakeVendor):
    """`async with FakeOpenAI() as server`: its address is `url`; `script` holds what comes next.

    `listed` is the answer of the list of models, `judged` that of a moderation: status and body.
    """

    errors: ClassVar = {name: told.fault for name, told in ERRORS.items()}
    # What else opens it: the key of our processes under test, and no key at all.
    others: ClassVar = ("sk-test-of-the-local-server", "none")

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Recorded] = []
        self.downloads: list[str] = []
        self.pictures: dict[str, bytes] = {}
        self.models: dict[str, object] = {
            "gpt-image-2": None,
            "gpt-image-2.5-flare": None,
            "gpt-image-2.5-sunburst": None,
            "gpt-image-2.6-flare": None,
            "gpt-image-2.6-sunburst": None,
            "gpt-6-luna": None,
            "gpt-image-1.5": "2026-12-01",
        }
        self.listed: tuple[int, object] | None = None
        self.judged: tuple[int, object] | None = None

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.root}/v1"

    def authorized(self, request: web.Request) -> bool:
        """Whether a request carries one of the keys."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and key in {self.key, *self.others}

    def routes(self, app: web.Application) -> None:
        """Add OpenAI's paths."""
        app.router.add_post("/v1/images/generations", self._generate)
        app.router.add_post("/v1/images/edits", self._edit)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/moderations", self._moderate)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/pictures/{name}", self._picture)
        app.router.add_get("/v1/moved/{name}", self._moved)

    def failure(self, name: str, told: str) -> web.Response:
        """OpenAI's own answer for an error."""
        error = ERRORS[name]
        return refusal(
            error.status, error.message + told, code=error.code, kind=error.kind, more=error.more
        )

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        recorded = self._record(request, await self.read(request))
        return await self._answered(request, recorded.body, "image_generation")

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        recorded = self._record(request, await self.read(request))
        problem = files_problem(recorded.files)
        if problem is not None:
            self.violations.append(problem)
            return refusal(400, problem)
        return await self._answered(request, recorded.body, "image_edit")

    def _record(self, request: web.Request, seen: Seen) -> Recorded:
        body = seen.body if seen.body is not None else {k: v[-1] for k, v in seen.form.items()}
        recorded = Recorded(
            method=request.method,
            path=request.path,
            body=body,
            files=seen.files,
            authorization=request.headers.get("Authorization"),
        )
        self.requests.append(recorded)
        described = contract.openapi("openai")
        if described is not None:
            checked = dict(body)
            for name, _, _ in seen.files:
                plain = name.removesuffix("[]")
                many = [*(checked.get(plain) or []), contract.BINARY]
                checked[plain] = many if name.endswith("[]") else contract.BINARY
            self.violations += described.check(request.method, request.path, checked)
        return recorded

    def _how(self, request: web.Request) -> web.Response | Behaviour:
        how = self.trouble(request)
        if isinstance(how, Behaviour) and how.moved_to is not None:
            return web.Response(status=307, headers={"Location": how.moved_to})
        if isinstance(how, Behaviour | web.Response):
            return how
        return Behaviour(lose=how.lose, hang_s=how.hang_s)

    async def _answered(self, request: web.Request, body: JSON, kind: str) -> web.StreamResponse:
        how = self._how(request)
        if isinstance(how, web.Response):
            return how
        problem = unfit(body)
        if problem is not None:
            self.violations.append(problem)
            return refusal(400, problem)
        count = how.images if how.images is not None else int(body.get("n") or 1)
        pictures = [
            self._make(str(body.get("size", "auto")), body.get("background") == "transparent")
            for _ in range(count)
        ]
        if how.broken_images:
            pictures = [b"no picture" for _ in pictures]
        wants_stream = str(body.get("stream", "")).lower() == "true"
        streams = wants_stream and not (how.json_always or how.garbage or how.lose)
        if streams:
            await asyncio.sleep(how.hang_s)
            return await self._streamed(request, body, kind, how, pictures[0])
        response = web.json_response(self._json(how, pictures, body))
        if how.garbage is not None:
            response = web.Response(body=how.garbage, content_type=how.media_type)
        return await self.answer(request, how, response, made=0)

    def _json(self, how: Behaviour, pictures: list[bytes], body: JSON) -> JSON:
        rows: list[JSON] = []
        for data in pictures:
            if how.urls is None:
                rows.append({"b64_json": base64.b64encode(data).decode()})
                continue
            name = f"{len(self.pictures)}.png"
            self.pictures[name] = data
            prefix = {"relative": "/v1/pictures/", "absolute": f"{self.url}/pictures/"}
            rows.append({"url": prefix.get(how.urls, how.urls) + name})
        return {"created": 1_790_000_000, "data": rows, "usage": how.usage or _usage(body)}

    async def _streamed(
        self, request: web.Request, body: JSON, kind: str, how: Behaviour, picture: bytes
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        common = {
            "created_at": 1_790_000_000,
            "size": "1024x1024",
            "quality": body.get("quality"),
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
        if how.stream == "garbage":
            await response.write(b"event: image_generation.completed\ndata: {]\n\n")
        elif how.stream != "unfinished":
            await send({"type": f"{kind}.completed", "usage": how.usage or _usage(body)}, picture)
        return response

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        recorded = self._record(request, await self.read(request))
        how = self._how(request)
        if isinstance(how, web.Response):
            return how
        asked = recorded.body["messages"][0]["role"]
        words = json.dumps(BETTER if asked == "system" else PROMPTS)
        words = how.words if how.words is not None else words
        message = {"role": "assistant", "content": words, "refusal": None}
        choice = {
            "index": 0,
            "message": how.message or message,
            "finish_reason": "stop",
            "logprobs": None,
        }
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": "gpt-6-luna",
            "choices": [choice],
            "usage": how.usage or WORDS_USAGE,
        }
        response = web.json_response(body)
        if how.garbage is not None:
            response = web.Response(body=how.garbage, content_type=how.media_type)
        return await self.answer(request, how, response)

    async def _moderate(self, request: web.Request) -> web.Response:
        recorded = self._record(request, await self.read(request))
        if not self.authorized(request):
            return self.failure(self.bad_key, "")
        if self.judged is not None:
            status, body = self.judged
            return web.json_response(body, status=status)
        parts = recorded.body["input"]
        if sum(part["type"] == "image_url" for part in parts) > 1:
            self.violations.append("moderations: one picture at a time")
            return refusal(400, "Too many images; max is 1.")
        text = " ".join(part["text"] for part in parts if part["type"] == "text")
        pictures = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        categories = {
            "violence": "blood" in text,
            "hate": "hate" in text,
            "sexual": any(_is_pink(address) for address in pictures),
        }
        result = {
            "flagged": any(categories.values()),
            "categories": categories,
            "category_scores": {name: float(value) for name, value in categories.items()},
        }
        return web.json_response(
            {"id": "modr-1", "model": "omni-moderation-2024-09-26", "results": [result]}
        )

    async def _models(self, request: web.Request) -> web.Response:
        if not self.authorized(request):
            return self.failure(self.bad_key, "")
        if self.listed is not None:
            status, body = self.listed
            return web.json_response(body, status=status)
        rows = [
            {"id": name, "object": "model", "created": 1, "owned_by": "x", "shutdown_date": day}
            for name, day in self.models.items()
        ]
        return web.json_response({"object": "list", "data": rows})

    async def _picture(self, request: web.Request) -> web.Response:
        self.downloads.append(request.headers.get("Authorization", ""))
        name = request.match_info["name"]
        return web.Response(body=self.pictures[name], content_type="image/png")

    async def _moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/v1/pictures/{request.match_info['name']}")

    def _make(self, size: str, transparent: bool) -> bytes:
        """A picture unlike any before; each one counts as paid for."""
        self.made += 1
        width, _, height = size.partition("x")
        shape = (int(width) // 16, int(height) // 16) if height else (64, 64)
        return picture(self.made, shape, transparent=transparent)

    def _preview(self, index: int) -> bytes:
        return picture(1000 + index, (16, 16))


def _usage(body: JSON) -> JSON:
    """The tokens of one picture in the quality that was asked for."""
    return USAGE | {"output_tokens": TOKENS.get(str(body.get("quality")), USAGE["output_tokens"])}


FAKE = FakeOpenAI


def picture(number: int, size: tuple[int, int] = (64, 64), *, transparent: bool = False) -> bytes:
    """A small PNG, another one for each number."""
    image = Image.new("RGB", size, (number * 53 % 256, number * 101 % 256, number * 197 % 256))
    ImageDraw.Draw(image).ellipse((4, 4, size[0] - 4, size[1] - 4), fill=(255, 255, number % 256))
    if transparent:
        image.putalpha(0)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


PINK = (255, 0, 255)


def pink() -> bytes:
    """The picture that moderation flags."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), PINK).save(out, "PNG")
    return out.getvalue()


def _is_pink(address: str) -> bool:
    data = base64.b64decode(address.partition(",")[2])
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").getpixel((0, 0)) == PINK
