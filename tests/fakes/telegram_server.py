"""A local Telegram Bot API server with real state, scriptable faults and people who write."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.fakes import contract
from tests.fakes.telegram_methods import Uploaded
from tests.fakes.telegram_stars import Buyers, StarMethods
from tests.fakes.telegram_world import JSON, ApiError, World, bad

TOKEN = "700000001:AAtest-token-of-the-local-server_0000"
REQUEST_BYTES_MAX = 60 * 2**20
WEBHOOK_PAUSE_S = 0.05
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
HTTP_CLIENT = ClientTimeout(total=10)
# Form fields come as text; these stay text, the rest is JSON where it reads as JSON.
_TEXTS = {
    "text", "caption", "parse_mode", "url", "secret_token", "callback_query_id", "file_id",
    "language_code", "action", "photo", "document", "title", "description", "payload",
    "provider_token", "start_parameter", "pre_checkout_query_id", "error_message",
    "telegram_payment_charge_id",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; see the functions below."""

    status: int = 0
    description: str = ""
    parameters: dict[str, int] = field(default_factory=dict)
    delay_s: float = 0.0
    drop_before: bool = False
    drop_after: bool = False


def too_many(retry_after_s: int) -> Fault:
    """429, come back later."""
    text = f"Too Many Requests: retry after {retry_after_s}"
    return Fault(429, text, {"retry_after": retry_after_s})


def refused(status: int, description: str) -> Fault:
    """An error answer with this code and description."""
    return Fault(status, description)


def broken(status: int = 502) -> Fault:
    """A 5xx of the proxy before the server: no JSON."""
    return Fault(status)


def lost() -> Fault:
    """The request has its effect, the answer never comes."""
    return Fault(drop_after=True)


def unreached() -> Fault:
    """The connection ends before anything happened."""
    return Fault(drop_before=True)


def slow(delay_s: float) -> Fault:
    """The answer takes its time."""
    return Fault(delay_s=delay_s)


@dataclass(frozen=True)
class Asked:
    """One request as it came: decoded parameters, names of its file parts, the answer's code."""

    method: str
    params: JSON
    files: tuple[str, ...]
    answer: int


class FakeTelegram(Buyers):
    """`async with FakeTelegram() as server:`; give the bot `server.url` and `server.token`."""

    def __init__(self, *, username: str = "atelier_test_bot", token: str = TOKEN) -> None:
        super().__init__(World(username))
        self.token = token
        self.url = ""
        self.requests: list[Asked] = []
        self.violations: list[str] = []
        self.webhook: JSON = {}
        self.webhook_answers: list[int] = []
        self.webhook_error = ""
        self.webhook_error_date = 0
        self._methods = StarMethods(self.world)
        self._faults: list[tuple[str, Fault]] = []
        self._api = contract.telegram()
        self._poll = 0
        self._pushing: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free loopback port."""
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        app.router.add_route("*", r"/bot{token:[^/]+}/{method}", self._method)
        app.router.add_get(r"/file/bot{token:[^/]+}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._start(self._push_webhook())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` requests of this method (or "*") meet the fault."""
        self._faults += [(method.lower(), fault)] * times

    def asked(self, method: str) -> list[Asked]:
        """The recorded requests of one method."""
        return [item for item in self.requests if item.method.lower() == method.lower()]

    async def again(self, update_id: int) -> None:
        """Queue an update once more that was already handed out or confirmed."""
        self.world.updates.insert(0, self.world.history[update_id])
        self.world.confirmed = min(self.world.confirmed, update_id - 1)
        await self.changed()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- requests ------------------------------------------------------------------------------

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _answer(401, description="Unauthorized")
        params, files = await _read(request)
        fault = self._take(method)
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.drop_before:
            return _drop(request)
        if fault.status:
            self._record(method, params, files, fault.status)
            return _fault(fault)
        try:
            result = await self._run(method, params, files)
        except ApiError as error:
            self._record(method, params, files, error.code)
            await self.changed()
            return _answer(error.code, description=error.description, parameters=error.parameters)
        self._record(method, params, files, 200)
        await self.changed()
        if fault.drop_after:
            return _drop(request)
        return _answer(200, result=result)

    async def _run(self, method: str, params: JSON, files: dict[str, Uploaded]) -> object:
        match method.lower():
            case "getupdates":
                return await self._get_updates(params)
            case "setwebhook":
                return self._set_webhook(params)
            case "deletewebhook":
                return self._delete_webhook(params)
            case "getwebhookinfo":
                return self._webhook_info()
        try:
            return self._methods.find(method)(params, files)
        except KeyError as error:
            raise bad(f"parameter {error} is required") from error

    def _take(self, method: str) -> Fault:
        for index, (wanted, fault) in enumerate(self._faults):
            if wanted in {"*", method.lower()}:
                del self._faults[index]
                return fault
        return Fault()

    def _record(self, method: str, params: JSON, files: dict[str, Uploaded], code: int) -> None:
        self.requests.append(Asked(method, params, tuple(files), code))
        if self._api is not None:
            sent = dict.fromkeys(files, contract.BINARY)
            self.violations += self._api.check(method, {**params, **sent})
        self.violations += [f"{item}: answered twice" for item in self._methods.answered_twice]
        self._methods.answered_twice.clear()

    # --- updates -------------------------------------------------------------------------------

    async def _get_updates(self, params: JSON) -> list[JSON]:
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._allow(params)
        offset = int(params.get("offset", 0))
        if offset < 0:
            offset = self.world.updates[offset]["update_id"] if self.world.updates else 0
        if offset:
            self.world.confirmed = max(self.world.confirmed, offset - 1)
            waiting = [item for item in self.world.updates if item["update_id"] >= offset]
            self.world.updates[:] = waiting
        self._poll += 1
        mine = self._poll
        await self.changed()
        with contextlib.suppress(TimeoutError):
            await self.until(
                lambda: bool(self.world.updates) or self._poll != mine,
                timeout_s=float(params.get("timeout", 0)),
            )
        if self._poll != mine:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        return self.world.updates[: min(100, int(params.get("limit", 100)))]

    def _allow(self, params: JSON) -> None:
        if params.get("allowed_updates"):
            self.world.allowed = set(params["allowed_updates"])

    def _set_webhook(self, params: JSON) -> bool:
        url = str(params.get("url", ""))
        if not url:
            return self._delete_webhook(params)
        # The real one takes HTTPS alone; the loopback addresses of tests have no certificate.
        if not re.match(r"https://|http://127\.0\.0\.1[:/]", url):
            raise ApiError(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            )
        secret = str(params.get("secret_token", ""))
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad("secret token contains unallowed characters")
        self._allow(params)
        if params.get("drop_pending_updates"):
            self.world.updates.clear()
        self.webhook = {"url": url, "secret": secret}
        return True

    def _delete_webhook(self, params: JSON) -> bool:
        if params.get("drop_pending_updates"):
            self.world.updates.clear()
        self.webhook = {}
        return True

    def _webhook_info(self) -> JSON:
        info: JSON = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.updates),
        }
        if self.webhook_error:
            info["last_error_message"] = self.webhook_error
            info["last_error_date"] = self.webhook_error_date
        return info

    async def _push_webhook(self) -> None:
        """Send updates on: those of one chat one after the other, as the real one does."""
        async with ClientSession(timeout=HTTP_CLIENT) as session:
            while True:
                await self.until(lambda: self._next_push() is not None, timeout_s=None)
                update = self._next_push()
                assert update is not None
                self._pushing.add(_place(update))
                self._start(self._push(session, update))

    def _next_push(self) -> JSON | None:
        ready = (item for item in self.world.updates if _place(item) not in self._pushing)
        return next(ready, None) if self.webhook else None

    async def _push(self, session: ClientSession, update: JSON) -> None:
        hook = self.webhook
        headers = {SECRET_HEADER: hook["secret"]} if hook["secret"] else {}
        try:
            async with session.post(hook["url"], json=update, headers=headers) as answer:
                status = answer.status
        except (ClientError, TimeoutError):
            status = 0
        self.webhook_answers.append(status)
        if 200 <= status < 300:
            if update in self.world.updates:
                self.world.updates.remove(update)
        else:
            self.webhook_error = f"Wrong response from the webhook: {status}"
            self.webhook_error_date = update["update_id"]
            await asyncio.sleep(WEBHOOK_PAUSE_S)
        self._pushing.discard(_place(update))
        await self.changed()

    # --- files ---------------------------------------------------------------------------------

    async def _file(self, request: web.Request) -> web.StreamResponse:
        fault = self._take("file")
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.drop_before or fault.drop_after:
            return _drop(request)
        if fault.status:
            return _fault(fault)
        path = request.match_info["path"]
        right = request.match_info["token"] == self.token
        file = next((item for item in self.world.files.values() if item.path == path), None)
        self.requests.append(Asked("file", {"path": path}, (), 200 if file and right else 404))
        if file is None or not right:
            return _answer(404, description="Not Found")
        return web.Response(body=file.data, content_type="application/octet-stream")


def _place(update: JSON) -> str:
    for kind, content in update.items():
        if kind in {"callback_query", "pre_checkout_query"}:
            return f"{kind}:{content['from']['id']}"
        if kind != "update_id":
            return str(content["chat"]["id"])
    return "-"


async def _read(request: web.Request) -> tuple[JSON, dict[str, Uploaded]]:
    params: JSON = {name: _value(name, text) for name, text in request.query.items()}
    files: dict[str, Uploaded] = {}
    if request.content_type == "application/json":
        return {**params, **await request.json()}, files
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = Uploaded(value.filename, value.file.read(), value.content_type)
            value.file.close()
        elif isinstance(value, str):
            params[name] = _value(name, value)
    return params, files


def _value(name: str, text: str) -> object:
    if name in _TEXTS or not re.match(r"[\[{]|-?\d+$|true$|false$", text):
        return text
    value: object = json.loads(text)
    return value


def _answer(code: int, **content: object) -> web.Response:
    body: JSON = {
        "ok": code == 200,
        **{key: value for key, value in content.items() if value != {}},
    }
    if code != 200:
        body["error_code"] = code
    return web.json_response(body, status=code)


def _fault(fault: Fault) -> web.Response:
    if not fault.description:
        page = f"<html><head><title>{fault.status} Bad Gateway</title></head></html>"
        return web.Response(status=fault.status, text=page, content_type="text/html")
    return _answer(fault.status, description=fault.description, parameters=fault.parameters)


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
