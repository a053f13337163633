"""A local Discord: gateway, REST and CDN with real state, scriptable faults and people in it."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import BodyPartReader, WSCloseCode, WSMsgType, web

from tests.fakes import contract
from tests.fakes.discord_rest import ROUTES, Files
from tests.fakes.discord_store import STORE_ROUTES, Store
from tests.fakes.discord_world import JSON, Refused

TOKEN = "MTIz.local.discord-test-token"
API = "/api/v10"
HEARTBEAT_MS = 41_250


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request: an error answer, or a connection that ends."""

    status: int = 0
    code: int = 0
    message: str = "scripted"
    retry_after_s: float | None = None
    everywhere: bool = False
    bare: bool = False
    drop_before: bool = False
    drop_after: bool = False


def limited(retry_after_s: float, *, everywhere: bool = False) -> Fault:
    """429 with the time to wait."""
    return Fault(429, 0, "You are being rate limited.", retry_after_s, everywhere)


def banned() -> Fault:
    """Cloudflare's 429, error code 1015: no JSON, no headers."""
    return Fault(429, bare=True, message="error code: 1015")


def lost() -> Fault:
    """The effect happens, the answer never comes."""
    return Fault(drop_after=True)


@dataclass(frozen=True)
class Asked:
    """One request as it came, and the answer's code."""

    method: str
    path: str
    body: JSON | None
    files: tuple[str, ...]
    status: int
    authorised: bool


@dataclass
class Session:
    """A gateway session: what was sent in it, so that it can be resumed."""

    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    sent: list[JSON] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


class DiscordServer(Store):
    """The server; `async with` starts and ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.violations: list[str] = []
        self.refuse_gateway = 0
        self.identified: list[JSON] = []
        self.resumed = 0
        self.sessions: dict[str, Session] = {}
        self._faults: list[tuple[str, re.Pattern[str], Fault]] = []
        self._session: Session | None = None
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=60 * 2**20)
        application.router.add_get("/gateway", self._gateway)
        application.router.add_get("/attachments/{tail:.*}", self._file)
        application.router.add_route("*", API + "/{tail:.*}", self._rest)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.cdn = f"http://{host}:{port}"
        self.gateway_url = f"ws://{host}:{port}/gateway"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.drop_gateway()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The address that ends in /api/v10."""
        return self.cdn + API

    @property
    def connected(self) -> bool:
        """Whether a bot listens."""
        return self._session is not None and self._session.socket is not None

    def fail(self, method: str, path: str, *faults: Fault) -> None:
        """Script what happens to the next requests whose path (below /api/v10) has this pattern."""
        self._faults += [(method, re.compile(path), fault) for fault in faults]

    def count(self, method: str, path: str) -> int:
        """How many requests there were to paths with this pattern."""
        found = re.compile(path)
        return sum(item.method == method and bool(found.search(item.path)) for item in self.asked)

    async def drop_gateway(self, code: int = WSCloseCode.SERVICE_RESTART) -> None:
        """End the gateway connection; a session can be resumed."""
        if self._session is not None and self._session.socket is not None:
            socket, self._session.socket = self._session.socket, None
            await socket.close(code=code)

    async def invalidate_session(self, *, resumable: bool) -> None:
        """Tell the bot that its session is invalid."""
        session = self._session
        assert session is not None
        assert session.socket is not None
        if not resumable:
            self.sessions.clear()
        socket, session.socket = session.socket, None
        await socket.send_json({"op": 9, "d": resumable, "s": None, "t": None})

    # The gateway.

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_gateway:
            self.refuse_gateway -= 1
            return web.Response(status=503, text="no")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_MS}, "s": None})
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            await self._told(socket, json.loads(frame.data))
        if self._session is not None and self._session.socket is socket:
            self._session.socket = None
        return socket

    async def _told(self, socket: web.WebSocketResponse, frame: JSON) -> None:
        data = frame["d"]
        if frame["op"] == 1:
            await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        elif frame["op"] == 2:
            self.identified.append(data)
            if data["token"].removeprefix("Bot ") != TOKEN:
                await socket.close(code=4004)
                return
            session = Session(socket=socket)
            self.sessions[session.id] = session
            self._session = session
            await self._event_to(session, "READY", self._ready(session, data.get("shard", [0, 1])))
        elif frame["op"] == 6:
            known = self.sessions.get(data["session_id"])
            if known is None:
                await socket.send_json({"op": 9, "d": False, "s": None, "t": None})
                return
            self.resumed += 1
            known.socket = socket
            self._session = known
            for event in known.sent:
                if event["s"] > data["seq"]:
                    await socket.send_json(event)
            await self._event_to(known, "RESUMED", {"_trace": []})

    def _ready(self, session: Session, shard: list[int]) -> JSON:
        return {
            "v": 10,
            "user": {**self.bot.json(), "bot": True, "verified": True, "mfa_enabled": True},
            "guilds": [{"id": self.guild_id, "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "shard": shard,
            "application": {"id": self.application_id, "flags": 0},
        }

    async def _event_to(self, session: Session, name: str, data: JSON) -> None:
        session.sequence += 1
        event = {"op": 0, "t": name, "s": session.sequence, "d": data}
        session.sent.append(event)
        if session.socket is not None:
            await session.socket.send_json(event)

    def send_event(self, name: str, data: JSON) -> None:
        assert self._session is not None, "no bot has ever connected"
        task = asyncio.create_task(self._event_to(self._session, name, data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # The CDN.

    async def _file(self, request: web.Request) -> web.Response:
        data = self.files.get(request.path)
        if data is None or "hm" not in request.query:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=data, content_type="image/png")

    # REST.

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(API)
        body, files = await _read(request)
        self._check(request, body, files)
        fault = self._fault(request.method, path)
        if fault is not None and (fault.status or fault.drop_before):
            answer = _refusal(fault)
        else:
            answer = self._answer(request, path, body or {}, files)
        dropped = fault is not None and (fault.drop_before or fault.drop_after)
        authorised = request.headers.get("Authorization") == f"Bot {TOKEN}"
        status = 0 if dropped else answer.status
        names = tuple(name for name, _, _ in files.values())
        self.asked.append(Asked(request.method, path, body, names, status, authorised))
        if dropped and request.transport is not None:
            request.transport.abort()
        return answer

    def _fault(self, method: str, path: str) -> Fault | None:
        for place, (wanted, pattern, fault) in enumerate(self._faults):
            if wanted == method and pattern.search(path):
                del self._faults[place]
                return fault
        return None

    def _check(self, request: web.Request, body: JSON | None, files: Files) -> None:
        described = contract.openapi("discord")
        if described is None:
            return
        sent: object = body
        if request.content_type == contract.MULTIPART:
            sent = {"payload_json": body or {}, **dict.fromkeys(files, contract.BINARY)}
        self.violations += described.check(request.method, request.path, sent)

    def _answer(self, request: web.Request, path: str, body: JSON, files: Files) -> web.Response:
        for method, pattern, handler, free in (*ROUTES, *STORE_ROUTES):
            match = re.fullmatch(pattern, path)
            if method != request.method or match is None:
                continue
            if not free and request.headers.get("Authorization") != f"Bot {TOKEN}":
                return _json({"message": "401: Unauthorized", "code": 0}, 401)
            try:
                found = handler(self, match, body, files, request.query)
            except Refused as refused:
                return _json({"message": refused.message, "code": refused.code}, refused.status)
            return web.Response(status=204) if found is None else _json(found)
        return _json({"message": "404: Not Found", "code": 0}, 404)


async def _read(request: web.Request) -> tuple[JSON | None, dict[str, tuple[str, bytes, str]]]:
    """The request's JSON and files."""
    if request.content_type != contract.MULTIPART:
        text = await request.text()
        return json.loads(text) if text else None, {}
    body: JSON = {}
    files = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(data)
        else:
            kind = part.headers.get("Content-Type", "")
            files[part.name or ""] = (part.filename or "", data, kind)
    return body, files


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py compares the content type with "application/json" to the letter: no charset.
    told = {"Content-Type": "application/json", "Via": "1.1 google", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=told)


def _refusal(fault: Fault) -> web.Response:
    if fault.bare or fault.drop_before:
        return web.Response(status=fault.status or 502, text=fault.message)
    if fault.status >= 500:
        return web.Response(status=fault.status, text="upstream connect error")
    if fault.retry_after_s is None:
        return _json({"message": fault.message, "code": fault.code}, fault.status)
    body = {
        "message": fault.message,
        "retry_after": fault.retry_after_s,
        "global": fault.everywhere,
    }
    headers = {"Retry-After": str(int(fault.retry_after_s) + 1)}
    if fault.everywhere:
        headers["X-RateLimit-Global"] = "true"
    return _json(body, fault.status, headers)
