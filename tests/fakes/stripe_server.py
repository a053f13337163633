"""A local server that speaks Stripe's API for what Atelier calls, and calls its webhook."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import aiohttp
import stripe
from aiohttp import web

from tests.fakes import contract
from tests.fakes.stripe_world import JSON, StripeWorld, Told

KEY = "sk_test_51AtelierFakeKey00000000"
WEBHOOK_SECRET = "whsec_atelierfakesecret0000000000"
DAY_S = 24 * 3600
NOT_YET_DESCRIBED = ("/v1/invoice_payments",)


@dataclass(kw_only=True)
class Refused(Exception):
    """An error as Stripe words it."""

    status: int
    kind: str
    message: str
    code: str | None = None
    param: str | None = None


@dataclass
class FakeStripe:
    """`async with FakeStripe() as server`: `url` is STRIPE_API_URL; `world` is what happens there.

    `script` holds what comes next instead of an answer: a status, "drop" or "hang".
    """

    world: StripeWorld = field(default_factory=StripeWorld)
    script: deque[int | str] = field(default_factory=deque)
    requests: list[tuple[str, str, JSON]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    webhook: str | None = None
    port: int = 0
    _kept: dict[str, tuple[str, int, JSON]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """What STRIPE_API_URL is set to."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application()
        app.router.add_route("*", "/v1/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
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

    async def deliver(self, told: Told, *, at: float | None = None, secret: str = "") -> int:
        """Call the webhook with one event; the status."""
        assert self.webhook is not None
        payload = told.text
        signature = stripe.WebhookSignature.generate_signature_header(
            payload, secret or WEBHOOK_SECRET, int(at if at is not None else time.time())
        )
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                self.webhook, data=payload.encode(), headers={"Stripe-Signature": signature}
            ) as response,
        ):
            told.delivered = told.delivered or response.status == 200
            return response.status

    async def deliver_all(self) -> list[int]:
        """Call the webhook with every event that it has not taken."""
        return [await self.deliver(told) for told in self.world.events if not told.delivered]

    async def _serve(self, request: web.Request) -> web.Response:
        text = await request.text()
        params = nested(parse_qsl(text if request.method == "POST" else request.query_string))
        self.requests.append((request.method, request.path, params))
        self._check(request.method, request.path, params)
        fault = self.script.popleft() if self.script else None
        if fault == "hang":
            await asyncio.sleep(30)
        try:
            status, told = self._keyed(request, text, params, fault)
        except Refused as error:
            status, told = error.status, _worded(error)
        if fault == "drop":
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(told, status=status)

    def _check(self, method: str, path: str, params: JSON) -> None:
        described = contract.stripe()
        if described is not None and method == "POST" and path not in NOT_YET_DESCRIBED:
            self.violations += described.check(method, path, params)

    def _keyed(
        self, request: web.Request, text: str, params: JSON, fault: int | str | None
    ) -> tuple[int, JSON]:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refused(status=401, kind="invalid_request_error", message="Invalid API Key.")
        key = request.headers.get("Idempotency-Key")
        asked = f"{request.path} {text}"
        if key is not None and key in self._kept:
            before, status, told = self._kept[key]
            if before != asked:
                raise Refused(
                    status=400,
                    kind="idempotency_error",
                    message="Keys for idempotent requests can only be used with the same parameters.",
                )
            return status, told
        if isinstance(fault, int):
            status, told = fault, _worded(Refused(status=fault, kind="api_error", message="Oops."))
        else:
            status, told = 200, self._answer(request.method, request.path, params)
        if key is not None and request.method == "POST":
            self._kept[key] = (asked, status, told)
        return status, told

    def _answer(self, method: str, path: str, params: JSON) -> JSON:
        for verb, pattern, answer in _ROUTES:
            match = re.fullmatch(pattern, path)
            if verb == method and match is not None:
                found: JSON = answer(self, params, *match.groups())
                return json.loads(json.dumps(found))  # type: ignore[no-any-return]
        raise Refused(status=404, kind="invalid_request_error", message=f"No such path {path}.")

    def find(self, kind: str, an_id: str, param: str) -> JSON:
        """An object, or the error that Stripe gives."""
        found = self.world.objects.get(an_id)
        if found is None or found["object"] != kind:
            raise Refused(
                status=404 if param == "id" else 400,
                kind="invalid_request_error",
                code="resource_missing",
                param=param,
                message=f"No such {kind}: {an_id}",
            )
        return found

    def customer(self, params: JSON) -> JSON:
        """Somebody who pays."""
        return self.world.new("cus", "customer", metadata=params.get("metadata", {}))

    def session(self, params: JSON) -> JSON:
        """A page to pay at."""
        self.find("customer", params.get("customer", ""), "customer")
        left_s = int(params["expires_at"]) - self.world.now()
        if not 1800 <= left_s <= DAY_S:
            raise Refused(
                status=400,
                kind="invalid_request_error",
                param="expires_at",
                message="The `expires_at` timestamp must be within 24 hours.",
            )
        prices = [
            {**item["price_data"], "unit_amount": int(item["price_data"]["unit_amount"])}
            for item in params["line_items"]
        ]
        made = self.world.new(
            "cs_test",
            "checkout.session",
            **{**params, "prices": prices},
            status="open",
            payment_status="unpaid",
            payment_intent=None,
            amount_total=sum(price["unit_amount"] for price in prices),
            currency=prices[0]["currency"],
        )
        made["url"] = f"https://checkout.stripe.com/c/pay/{made['id']}"
        return made

    def portal(self, params: JSON) -> JSON:
        """The customers' own page."""
        self.find("customer", params["customer"], "customer")
        made = self.world.new("bps", "billing_portal.session", **params)
        made["url"] = f"https://billing.stripe.com/p/session/{made['id']}"
        return made

    def product(self, params: JSON) -> JSON:
        """Something that has a name."""
        if params["id"] in self.world.objects:
            raise Refused(
                status=400,
                kind="invalid_request_error",
                code="resource_already_exists",
                message="Product already exists.",
            )
        made = self.world.new("prod", "product", **{"name": params["name"]})
        self.world.objects[params["id"]] = {**made, "id": params["id"]}
        return self.world.objects[params["id"]]

    def subscription(self, params: JSON, an_id: str) -> JSON:
        """A running subscription."""
        return self.find("subscription", an_id, "id")

    def change(self, params: JSON, an_id: str) -> JSON:
        """Another price, or an end that is taken back."""
        found = self.find("subscription", an_id, "id")
        if found["customer"] in self.world.broke and "items" in params:
            raise Refused(status=402, kind="card_error", code="card_declined", message="Declined.")
        if "items" in params:
            self.find("product", params["items"][0]["price_data"]["product"], "product")
        self.world.change(found, params)
        return found

    def refund(self, params: JSON) -> JSON:
        """Money goes back."""
        intent = self.find("payment_intent", params["payment_intent"], "payment_intent")
        amount = int(params["amount"]) if "amount" in params else None
        if (amount or 1) > intent["amount"] - intent["refunded"]:
            raise Refused(
                status=400,
                kind="invalid_request_error",
                code="charge_already_refunded",
                message="Greater than what is left.",
            )
        return self.world.refund(intent["id"], amount)

    def invoice_payments(self, params: JSON) -> JSON:
        """What paid a bill."""
        rows = [
            item
            for item in self.world.objects.values()
            if item["object"] == "invoice_payment" and item["invoice"] == params["invoice"]
        ]
        return {"object": "list", "url": "/v1/invoice_payments", "has_more": False, "data": rows}

    def events(self, params: JSON) -> JSON:
        """What happened, the newest first, a page at a time."""
        since = int(params.get("created", {}).get("gte", 0))
        rows = [
            told.body
            for told in sorted(
                self.world.events, key=lambda told: told.body["created"], reverse=True
            )
            if told.body["created"] >= since
            and (not params.get("types") or told.body["type"] in params["types"])
            and (params.get("delivery_success") != "false" or not told.delivered)
        ]
        after = params.get("starting_after")
        if after is not None:
            place = next(place for place, row in enumerate(rows) if row["id"] == after)
            rows = rows[place + 1 :]
        limit = int(params.get("limit", 10))
        return {
            "object": "list",
            "url": "/v1/events",
            "has_more": len(rows) > limit,
            "data": rows[:limit],
        }


_ROUTES = (
    ("POST", r"/v1/customers", FakeStripe.customer),
    ("POST", r"/v1/checkout/sessions", FakeStripe.session),
    ("POST", r"/v1/billing_portal/sessions", FakeStripe.portal),
    ("POST", r"/v1/products", FakeStripe.product),
    ("GET", r"/v1/subscriptions/([^/]+)", FakeStripe.subscription),
    ("POST", r"/v1/subscriptions/([^/]+)", FakeStripe.change),
    ("POST", r"/v1/refunds", FakeStripe.refund),
    ("GET", r"/v1/invoice_payments", FakeStripe.invoice_payments),
    ("GET", r"/v1/events", FakeStripe.events),
)


def nested(pairs: list[tuple[str, str]]) -> JSON:
    """A form's flat names as what they mean: a[b][0]=c."""
    made: JSON = {}
    for name, value in pairs:
        head, *rest = re.findall(r"[^\[\]]+", name)
        node, at = made, head
        for part in rest:
            node = node.setdefault(at, {})
            at = part
        node[at] = value
    return {name: _listed(value) for name, value in made.items()}


def _listed(value: object) -> object:
    """Objects whose names are places, as lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(item) for name, item in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _worded(error: Refused) -> JSON:
    told = {"type": error.kind, "message": error.message, "code": error.code, "param": error.param}
    return {"error": {name: value for name, value in told.items() if value is not None}}
