"""What the local servers that speak vendors' protocols share: listening, a script of troubles, a record.

`tests/fakes/<vendor>_server.py` exports `FAKE`, a subclass of FakeVendor; the contract tests find it by the
vendor's name and run it through every trouble.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from aiohttp import BodyPartReader, web
from PIL import Image

from providers.base import Fault

JSON = dict[str, Any]

BYTES_MAX = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What happens to the next paid call; the default is nothing.

    `error` names one of the fake's errors, and `echo` has its body repeat the key and a header.
    `lose` cuts the connection after the work is done, `hang_s` waits before the answer.
    """

    error: str | None = None
    echo: bool = False
    retry_after: str | None = None
    lose: bool = False
    hang_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it came; `body` is its JSON, `form` its fields, `files` (name, type, bytes)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None
    form: Mapping[str, list[str]] = field(default_factory=dict)
    files: tuple[tuple[str, str, bytes], ...] = ()


class FakeVendor:
    """`async with Fake() as server`: its address is `url`, the key it takes is `key`.

    `errors` names each real error answer of the vendor and the Fault it has to become; `made` counts
    what the vendor would bill.
    """

    key: ClassVar[str] = "key/0123456789abcdef+canary"
    errors: ClassVar[Mapping[str, Fault]] = {}

    def __init__(self) -> None:
        self.script: deque[Trouble] = deque()
        self.seen: list[Seen] = []
        self.violations: list[str] = []
        self.made = 0
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def root(self) -> str:
        """The server's own address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What the vendor's address setting is set to."""
        return self.root

    def routes(self, app: web.Application) -> None:
        """Add the vendor's paths."""
        raise NotImplementedError

    def failure(self, name: str, told: str) -> web.Response:
        """The vendor's real answer for one of `errors`; `told` goes into its message."""
        raise NotImplementedError

    def authorized(self, request: web.Request) -> bool:
        """Whether a request carries the key."""
        return request.headers.get("Authorization") == f"Bearer {self.key}"

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application(client_max_size=BYTES_MAX)
        self.routes(app)
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

    async def read(self, request: web.Request) -> Seen:
        """Record a request."""
        body: Any = None
        form: dict[str, list[str]] = {}
        files = []
        if request.content_type == "multipart/form-data":
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                name = part.name or ""
                if part.filename is None:
                    form.setdefault(name, []).append(await part.text())
                else:
                    kind = part.headers.get("Content-Type", "")
                    files.append((name, kind, bytes(await part.read())))
        elif request.content_type == "application/json":
            body = json.loads(await request.read() or b"null")
        seen = Seen(
            method=request.method,
            path=request.raw_path.partition("?")[0],
            query=dict(request.query),
            headers=dict(request.headers),
            body=body,
            form=form,
            files=tuple(files),
        )
        self.seen.append(seen)
        return seen

    def trouble(self, request: web.Request) -> web.Response | Trouble:
        """The refusal of a paid call, or what else happens to it; a refused one makes nothing."""
        if not self.authorized(request):
            return self.failure(self.bad_key, "")
        how = self.script.popleft() if self.script else Trouble()
        if how.error is None:
            return how
        told = f" key={self.key} {dict(request.headers)}" if how.echo else ""
        response = self.failure(how.error, told)
        if how.retry_after is not None:
            response.headers["Retry-After"] = how.retry_after
        if how.echo:
            response.headers["X-Echo"] = self.key
        return response

    @property
    def bad_key(self) -> str:
        """The error of a wrong key."""
        return next(name for name, fault in self.errors.items() if fault is Fault.BAD_KEY)

    async def answer(
        self, request: web.Request, how: Trouble, response: web.StreamResponse, *, made: int = 1
    ) -> web.StreamResponse:
        """The answer of a paid call whose work is done, unless it is lost or late."""
        self.made += made
        if how.hang_s:
            await asyncio.sleep(how.hang_s)
        if how.lose:
            assert request.transport is not None
            request.transport.abort()
        return response


def fake_of(vendor: str) -> type[FakeVendor] | None:
    """The fake of a vendor; None where it has none, as one that is offline."""
    if not (Path(__file__).parent / f"{vendor}_server.py").is_file():
        return None
    module = importlib.import_module(f"tests.fakes.{vendor}_server")
    found: type[FakeVendor] | None = getattr(module, "FAKE", None)
    return found


def picture(number: int = 0, size: tuple[int, int] = (64, 64), kind: str = "PNG") -> bytes:
    """A small picture that differs by number."""
    out = io.BytesIO()
    colour = (number * 40 % 256, number * 90 % 256, 120)
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def mask(size: tuple[int, int] = (64, 64)) -> bytes:
    """White in the middle, black around."""
    out = io.BytesIO()
    drawn = Image.new("L", size, 0)
    drawn.paste(255, (size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4))
    drawn.save(out, "PNG")
    return out.getvalue()
