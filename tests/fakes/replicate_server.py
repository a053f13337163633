"""A local server that speaks Replicate's API: predictions, files, models, account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import quote, urlsplit

from aiohttp import ClientSession, web

from providers.base import Fault
from tests.fakes import contract
from tests.fakes.replicate_models import (
    INPUTS,
    JSON,
    LATEST,
    PINNED,
    model_of_version,
    problems,
)
from tests.fakes.vendor import FakeVendor, Seen, Trouble, picture

ACCOUNT: JSON = {"type": "organization", "username": "acme", "name": "Acme Corp, Inc."}
PREFER = re.compile(r"wait(=([1-9]|[1-5][0-9]|60))?", re.ASCII)
CANCEL_AFTER = re.compile(r"(\d+)s?", re.ASCII)
CANCEL_AFTER_S_MIN = 5
WEBHOOK_EVENTS = {"start", "output", "logs", "completed"}
SECRET = "whsec_" + base64.b64encode(b"the account's webhook secret").decode()

# Status, title and detail of refusals.
REFUSALS = {
    "unauthenticated": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "insufficient_credit": (
        402,
        "Insufficient credit",
        "You have insufficient credit to run this model. Go to "
        "https://replicate.com/account/billing#billing to purchase credit.",
    ),
    "spend_limit": (402, "Monthly spend limit reached", "You have reached your monthly limit."),
    "invalid_version": (
        422,
        "Invalid version or not permitted",
        "The specified version does not exist (or perhaps you don't have permission to use it?)",
    ),
    "invalid_input": (422, "Input validation failed", "- input.prompt: String is too long\n"),
    "not_found": (404, "Not found", "The requested resource could not be found."),
    "throttled": (429, "", "Request was throttled. Your rate limit resets in ~30s."),
    "internal": (500, "Internal server error", "An unexpected error occurred."),
    "bad_gateway": (502, "", "<html>502 Bad Gateway</html>"),
    "unavailable": (503, "", "Service temporarily unavailable."),
    "gateway_timeout": (504, "", "<html>504 Gateway Time-out</html>"),
}
# Status and error of predictions that end without an output.
FAILURES = {
    "sensitive": (
        "failed",
        "The input or output was flagged as sensitive. Please try again. (E005)",
    ),
    "nsfw": ("failed", "NSFW content detected. Try running it again, or try a different prompt."),
    "cuda": ("failed", "CUDA out of memory. Tried to allocate 14.06 GiB (GPU 0; 14.62 GiB total)"),
    "oom_killed": ("failed", "Model ran out of memory and was terminated (code: E1001)"),
    "unknown": ("failed", "An unexpected error occurred (E1000)"),
    "interrupted": ("failed", "Prediction interrupted; please retry (code: PA)"),
    "slow_start": ("failed", "Timeout starting prediction (E6716)"),
    "other": ("failed", "list index out of range"),
    "canceled": ("canceled", ""),
    "aborted": ("aborted", ""),
}


def signed(body: bytes, secret: str = SECRET, *, at: datetime | None = None) -> dict[str, str]:
    """The headers that a webhook with this body comes with."""
    moment = int((at or datetime.now(UTC)).timestamp())
    message = "msg_" + hashlib.sha256(body).hexdigest()[:27]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "Webhook-Id": message,
        "Webhook-Timestamp": str(moment),
        "Webhook-Signature": "v1," + base64.b64encode(digest).decode(),
    }


class FakeReplicate(FakeVendor):
    """`progress` are the statuses that come before the end; `changes` are laid over every prediction.

    `looks` replaces answers to look-ups; `page_size` and `next_root` shape the list, which may be
    `listless`. Webhooks are signed with `secret` (None: the server does not tell it) and go to
    `public`, where the host that they name leads to; `heard` is how they were answered.
    """

    errors: ClassVar[Mapping[str, Fault]] = {
        "unauthenticated": Fault.BAD_KEY,
        "insufficient_credit": Fault.NO_FUNDS,
        "spend_limit": Fault.NO_FUNDS,
        "invalid_version": Fault.MODEL_GONE,
        "invalid_input": Fault.BAD_INPUT,
        "not_found": Fault.MODEL_GONE,
        "throttled": Fault.RATE_LIMITED,
        "internal": Fault.UNAVAILABLE,
        "bad_gateway": Fault.UNKNOWN,
        "unavailable": Fault.UNAVAILABLE,
        "gateway_timeout": Fault.UNKNOWN,
        "sensitive": Fault.REFUSED,
        "nsfw": Fault.REFUSED,
        "cuda": Fault.BAD_INPUT,
        "oom_killed": Fault.BAD_INPUT,
        "unknown": Fault.UNAVAILABLE,
        "interrupted": Fault.UNAVAILABLE,
        "slow_start": Fault.UNAVAILABLE,
        "other": Fault.UNAVAILABLE,
        "canceled": Fault.UNAVAILABLE,
        "aborted": Fault.UNAVAILABLE,
    }

    def __init__(self) -> None:
        super().__init__()
        self.predictions: list[JSON] = []
        self.progress: deque[str] = deque()
        self.changes: JSON = {}
        self.looks: deque[web.Response] = deque()
        self.model_answer: web.Response | None = None
        self.page_size = 100
        self.next_root: str | None = None
        self.listless = False
        self.secret: str | None = SECRET
        self.public: str | None = None
        self.heard: list[int] = []
        self.downloads: list[Seen] = []

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/v1/account", self._account)
        app.router.add_get("/v1/models/{owner}/{name}", self._model)
        app.router.add_post("/v1/models/{owner}/{name}/predictions", self._create_official)
        app.router.add_post("/v1/predictions", self._create)
        app.router.add_get("/v1/predictions", self._list)
        app.router.add_get("/v1/predictions/{id}", self._get)
        app.router.add_post("/v1/predictions/{id}/cancel", self._cancel)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/webhooks/default/secret", self._tell_secret)
        app.router.add_get("/delivery/{name}", self._deliver)

    def failure(self, name: str, told: str) -> web.Response:
        if name in FAILURES:
            status, error = FAILURES[name]
            row = self._row("black-forest-labs/flux-1.1-pro", "hidden", {"prompt": "a fox"})
            row |= {"status": status, "error": (error + told) or None, "output": None}
            return web.json_response(row, status=201)
        status_code, title, detail = REFUSALS[name]
        if detail.startswith("<"):
            return web.Response(status=status_code, text=detail + told, content_type="text/html")
        body: JSON = {"detail": detail + told, "status": status_code}
        if title:
            body["title"] = title
        return web.json_response(body, status=status_code, content_type="application/problem+json")

    async def read(self, request: web.Request) -> Seen:
        """Record a request and hold it against the official description."""
        seen = await super().read(request)
        described = contract.openapi("replicate")
        if described is not None and self.authorized(request):
            body = seen.body
            if seen.files or seen.form:
                body = {name: texts[0] for name, texts in seen.form.items()}
                body |= {name: contract.BINARY for name, _, _ in seen.files}
            self.violations += described.check(seen.method, seen.path, body)
        return seen

    async def _account(self, request: web.Request) -> web.Response:
        await self.read(request)
        return web.json_response(ACCOUNT) if self.authorized(request) else self._stranger()

    async def _model(self, request: web.Request) -> web.Response:
        await self.read(request)
        name = f"{request.match_info['owner']}/{request.match_info['name']}"
        if not self.authorized(request):
            return self._stranger()
        if self.model_answer is not None:
            return web.Response(
                status=self.model_answer.status,
                body=self.model_answer.body,
                content_type="application/json",
            )
        if name not in INPUTS:
            return self.failure("not_found", "")
        owner, _, plain = name.partition("/")
        version = {"id": LATEST.get(name, "hidden"), "cog_version": "0.16.8"}
        official = name not in PINNED
        return web.json_response(
            {"owner": owner, "name": plain, "is_official": official, "latest_version": version}
        )

    async def _create_official(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        model = f"{request.match_info['owner']}/{request.match_info['name']}"
        if model not in INPUTS or model in PINNED:
            self.violations.append(f"{model} is no official model")
            return self.failure("not_found", "")
        return await self._run(request, seen, model, "hidden")

    async def _create(self, request: web.Request) -> web.StreamResponse:
        seen = await self.read(request)
        version = seen.body.get("version") if isinstance(seen.body, dict) else None
        model = model_of_version(version)
        if model is None:
            self.violations.append(f"no such version: {version}")
            return self.failure("invalid_version", "")
        return await self._run(request, seen, model, str(version))

    async def _run(
        self, request: web.Request, seen: Seen, model: str, version: str
    ) -> web.StreamResponse:
        how = self.trouble(request)
        if not isinstance(how, Trouble):
            return how
        self._check_headers(seen)
        wrong = problems(model, seen.body.get("input"))
        if not str(seen.body.get("webhook", "https://")).startswith("https://"):
            wrong.append({"field": "webhook", "type": "invalid", "description": "HTTPS only"})
        if not WEBHOOK_EVENTS.issuperset(seen.body.get("webhook_events_filter", ())):
            wrong.append({"field": "webhook_events_filter", "description": "no such event"})
        if wrong:
            self.violations += [f"{model}: {item}" for item in wrong]
            detail = "".join(f"- {item['field']}: {item['description']}\n" for item in wrong)
            body = {"title": "Input validation failed", "detail": detail, "status": 422}
            return web.json_response({**body, "invalid_fields": wrong}, status=422)
        row = self._row(model, version, seen.body["input"])
        shown = self._shown(row)
        status = 201 if shown["status"] == "succeeded" else 202
        response = web.json_response(shown, status=status)
        made = int(seen.body["input"].get("num_outputs", 1))
        if self.public is not None and "webhook" in seen.body:
            await self.call_back(str(seen.body["webhook"]), row)
        return await self.answer(request, how, response, made=made)

    async def call_back(self, webhook: str, row: JSON) -> None:
        """Tell of a prediction that is done at the address that its call named."""
        body = json.dumps(row | self.changes).encode()
        there = urlsplit(webhook)
        address = f"{self.public}{there.path}?{there.query}"
        async with (
            ClientSession() as http,
            http.post(address, data=body, headers=signed(body, self.secret or SECRET)) as answer,
        ):
            self.heard.append(answer.status)

    async def _tell_secret(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self._stranger()
        if self.secret is None:
            return self.failure("internal", "")
        return web.json_response({"key": self.secret})

    def _check_headers(self, seen: Seen) -> None:
        """What the description says of the two headers, which the check of bodies does not see."""
        prefer, after = seen.headers.get("Prefer", ""), seen.headers.get("Cancel-After", "")
        if not PREFER.fullmatch(prefer):
            self.violations.append(f"Prefer: {prefer}")
        found = CANCEL_AFTER.fullmatch(after)
        if found is None or int(found[1]) < CANCEL_AFTER_S_MIN:
            self.violations.append(f"Cancel-After: {after}")

    def _row(self, model: str, version: str, given: JSON) -> JSON:
        """A prediction that has succeeded."""
        number = len(self.predictions)
        theirs = hashlib.sha256(f"{number}".encode()).hexdigest()[:26]
        here = f"{self.root}/v1/predictions/{theirs}"
        count = int(given.get("num_outputs", 1))
        outputs = [f"{self.root}/delivery/{number}-{index}.png" for index in range(count)]
        row: JSON = {
            "id": theirs,
            "model": model,
            "version": version,
            "input": given,
            "logs": "",
            "output": outputs if "num_outputs" in given else outputs[0],
            "data_removed": False,
            "error": None,
            "source": "api",
            "status": "succeeded",
            "created_at": (datetime.now(UTC) + timedelta(milliseconds=number)).isoformat(),
            "metrics": {"predict_time": 1.5, "total_time": 1.6},
            "urls": {"get": here, "cancel": f"{here}/cancel", "web": "https://replicate.com/p/x"},
        }
        self.predictions.append(row)
        return row

    def _shown(self, row: JSON) -> JSON:
        """The prediction as far as it is: while it runs there is no output."""
        if self.progress:
            return row | {"status": self.progress.popleft(), "output": None} | self.changes
        return row | self.changes

    async def _get(self, request: web.Request) -> web.Response:
        await self.read(request)
        if not self.authorized(request):
            return self._stranger()
        if self.looks:
            return self.looks.popleft()
        row = self._found(request)
        return self.failure("not_found", "") if row is None else web.json_response(self._shown(row))

    async def _cancel(self, request: web.Request) -> web.Response:
        await self.read(request)
        row = self._found(request)
        if not self.authorized(request):
            return self._stranger()
        if row is None:
            return self.failure("not_found", "")
        if self.progress:
            self.progress.clear()
            row |= {"status": "canceled", "output": None}
        return web.json_response(row)

    async def _list(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        if not self.authorized(request):
            return self._stranger()
        if self.listless:
            return self.failure("internal", "")
        after = seen.query.get("created_after")
        first = int(seen.query.get("cursor", "0"))
        since = datetime.fromisoformat(after) if after else datetime.min.replace(tzinfo=UTC)
        rows = [
            row
            for row in reversed(self.predictions)
            if datetime.fromisoformat(row["created_at"]) >= since
        ]
        last = first + self.page_size
        following = f"{self.next_root or self.root}/v1/predictions?cursor={last}"
        following += f"&created_after={quote(after)}" if after else ""
        return web.json_response(
            {
                "previous": None,
                "next": following if last < len(rows) else None,
                "results": [row | self.changes for row in rows[first:last]],
            }
        )

    async def _upload(self, request: web.Request) -> web.Response:
        seen = await self.read(request)
        if not self.authorized(request):
            return self._stranger()
        (name, kind, data), *others = seen.files
        if name != "content" or others:
            self.violations.append(f"files: {name}")
        theirs = f"file{len(self.seen)}"
        now = datetime.now(UTC)
        body = {
            "id": theirs,
            "name": name,
            "content_type": kind,
            "size": len(data),
            "checksums": {"sha256": hashlib.sha256(data).hexdigest()},
            "metadata": {},
            "created_at": now.isoformat(),
            "expires_at": (now + timedelta(days=1)).isoformat(),
            "urls": {"get": f"{self.root}/v1/files/{theirs}"},
        }
        return web.json_response(body, status=201)

    async def _deliver(self, request: web.Request) -> web.Response:
        number = int(request.match_info["name"].partition("-")[0])
        self.downloads.append(await super().read(request))
        return web.Response(body=self.delivered(number), content_type="image/png")

    def delivered(self, number: int) -> bytes:
        """The picture of a prediction."""
        return picture(number)

    def _found(self, request: web.Request) -> JSON | None:
        theirs = request.match_info["id"]
        return next((row for row in self.predictions if row["id"] == theirs), None)

    def _stranger(self) -> web.Response:
        return self.failure("unauthenticated", "")


FAKE = FakeReplicate
