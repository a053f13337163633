"""The till at Stripe: checkout pages, the customers' portal, refunds, and what was told meanwhile.

Every call is bounded and made once; what may be repeated carries a key made of our own ids, by which
Stripe gives the same answer again.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from aiohttp import ClientTimeout

from bot.stripe import events
from bot.stripe.library import library
from core import intake, payments
from core.app import App
from core.errors import UserError
from core.ids import made_at
from core.offers import Pack, Plan
from core.tills import Checkout, Price, TillFailed

if TYPE_CHECKING:
    from stripe import AIOHTTPClient, StripeClient
    from stripe.params import SubscriptionUpdateParams
    from stripe.params.checkout import SessionCreateParams

log = structlog.get_logger(__name__)

T = TypeVar("T")

TITLE = "Stripe"
CALL_S_MAX = 12.0
# Stripe takes at most 24 hours, by its own clock.
OPEN_FOR = timedelta(hours=24) - timedelta(minutes=5)
KEPT_FOR = timedelta(days=30)
PAGE = 100
PAYMENT_REQUIRED = 402
# Where people go from Stripe's page when nobody but the operator can reach ours.
ELSEWHERE = "https://stripe.com/"


class StripeTill:
    """One account at Stripe; the SDK is imported at the first call: that takes time and memory."""

    title = TITLE

    def __init__(
        self, app: App, key: str, *, live: bool, api_url: str | None, platforms: frozenset[str]
    ) -> None:
        self._app = app
        self._key = key
        self._live = live
        self._api_url = api_url
        self.platforms = platforms
        self._opened: StripeClient | None = None
        self._http: AIOHTTPClient | None = None

    def price(self, offer: Pack | Plan) -> Price | None:
        """What the configuration says."""
        if isinstance(offer, Plan) and not offer.is_sold:
            return None
        return Price(amount=offer.amount, currency=offer.currency)

    async def check_out(
        self, order_id: str, person_id: str, offer: Pack | Plan, customer: str | None
    ) -> Checkout:
        """A Checkout Session of this order; the same order again gives the same one."""
        client = await self._client()
        if customer is None:
            made = await _bounded(
                client.v1.customers.create_async(
                    {"metadata": {"person": person_id}},
                    {"idempotency_key": f"customer:{person_id}"},
                )
            )
            customer = made.id
        params = self._session(order_id, person_id, offer, customer)
        session = await _bounded(
            client.v1.checkout.sessions.create_async(
                params, {"idempotency_key": f"checkout:{order_id}"}
            )
        )
        if session.url is None:
            raise TillFailed(TITLE)
        return Checkout(url=session.url, external_id=session.id, customer=customer)

    def _session(
        self, order_id: str, person_id: str, offer: Pack | Plan, customer: str
    ) -> SessionCreateParams:
        about = {"order": order_id, "person": person_id}
        page = self._app.rules.page_url
        params: SessionCreateParams = {
            "client_reference_id": order_id,
            "metadata": about,
            "customer": customer,
            "expires_at": int((made_at(order_id) + OPEN_FOR).timestamp()),
            "success_url": f"{page}/paid" if page else ELSEWHERE,
            "cancel_url": f"{page}/paid?no" if page else ELSEWHERE,
        }
        if isinstance(offer, Pack):
            params["mode"] = "payment"
            params["payment_intent_data"] = {"metadata": about}
            params["line_items"] = [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": offer.currency,
                        "unit_amount": offer.amount,
                        "product_data": {"name": offer.title},
                    },
                }
            ]
        else:
            params["mode"] = "subscription"
            params["subscription_data"] = {"metadata": about}
            params["line_items"] = [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": offer.currency,
                        "unit_amount": offer.amount,
                        "product_data": {"name": offer.title},
                        "recurring": {"interval": "month"},
                    },
                }
            ]
        return params

    async def portal(self, customer: str) -> str:
        """The customers' portal, as the operator set it up at Stripe."""
        client = await self._client()
        session = await _bounded(
            client.v1.billing_portal.sessions.create_async(
                {"customer": customer, "return_url": self._app.rules.page_url or ELSEWHERE}
            )
        )
        return session.url

    async def change_plan(self, subscription: str, plan: Plan, key: str) -> bool:
        """Another plan from now on: the dearer is settled at once, or nothing changes."""
        client = await self._client()
        running = await _bounded(client.v1.subscriptions.retrieve_async(subscription))
        item = running["items"]["data"][0]
        params: SubscriptionUpdateParams = {
            "cancel_at_period_end": False,
            "metadata": {"order": key},
        }
        before = item["price"]["unit_amount"]
        if before != plan.amount:
            if before > plan.amount:
                # No money goes back while the month's credits stay.
                params["proration_behavior"] = "none"
            else:
                params["proration_behavior"] = "always_invoice"
                params["payment_behavior"] = "error_if_incomplete"
            params["items"] = [
                {
                    "id": item["id"],
                    "quantity": 1,
                    "price_data": {
                        "currency": plan.currency,
                        "product": await self._product(client, plan),
                        "unit_amount": plan.amount,
                        "recurring": {"interval": "month"},
                    },
                }
            ]
        await _bounded(
            client.v1.subscriptions.update_async(
                subscription, params, {"idempotency_key": f"plan:{key}"}
            )
        )
        return bool(before <= plan.amount)

    async def _product(self, client: StripeClient, plan: Plan) -> str:
        """A plan as Stripe's product, by a name of our own."""
        import stripe

        name = f"atelier-plan-{plan.id}"
        try:
            async with asyncio.timeout(CALL_S_MAX):
                await client.v1.products.create_async({"id": name, "name": plan.title})
        except stripe.InvalidRequestError as error:
            if error.code != "resource_already_exists":
                raise _failed(error) from error
        except (stripe.StripeError, TimeoutError) as error:
            raise _failed(error) from error
        return name

    async def refund(self, payment: str, amount: int | None, key: str) -> None:
        """Pay back; the answer is merged like an event that tells the same."""
        client = await self._client()
        external_id = payment.removeprefix(events.key(""))
        intent, whole = external_id, None
        if external_id.startswith("in_"):
            intent, whole = await self._intent(client, external_id), payment
        made = await _bounded(
            client.v1.refunds.create_async(
                {"payment_intent": intent}
                if amount is None
                else {"payment_intent": intent, "amount": amount},
                {"idempotency_key": key},
            )
        )
        change = events.change_of_refund(made.to_dict())
        if whole is not None:
            change = dataclasses.replace(change, part_of=whole)
        await self._app.database.transaction(payments.settle, change, self._app.clock.now())

    async def _intent(self, client: StripeClient, invoice: str) -> str:
        paid = await _bounded(
            client.v1.invoice_payments.list_async({"invoice": invoice, "status": "paid"})
        )
        for item in paid.data:
            if item.payment.payment_intent is not None:
                intent = item.payment.payment_intent
                return intent if isinstance(intent, str) else intent.id
        log.warning("invoice without a payment", invoice=invoice)
        raise TillFailed(TITLE)

    async def catch_up(self) -> int:
        """Take in events that were not delivered, and all since the last time this was done."""
        began = self._app.clock.now()
        since = await intake.missed_since(self._app, events.TILL)
        if since is None:
            return 0
        count = await self._take_all(delivery_success=False)
        count += await self._take_all(since=max(since, began - KEPT_FOR))
        await intake.caught_up(self._app, events.TILL, began)
        if count:
            log.info("caught up with stripe", events=count)
        return count

    async def _take_all(
        self, *, since: datetime | None = None, delivery_success: bool | None = None
    ) -> int:
        count = 0
        async for event in self._listed(since, delivery_success):
            told = events.read(event, self._app.clock.now(), live=self._live)
            count += 1
            await intake.take(self._app, told)
        return count

    async def _listed(
        self, since: datetime | None, delivery_success: bool | None
    ) -> AsyncIterator[dict[str, Any]]:
        """Events page by page, the newest first: in which order they are merged does not matter."""
        client = await self._client()
        params: dict[str, Any] = {"limit": PAGE, "types": list(events.READERS)}
        if since is not None:
            params["created"] = {"gte": int(since.timestamp())}
        if delivery_success is not None:
            params["delivery_success"] = delivery_success
        while True:
            page = await _bounded(client.v1.events.list_async(params))  # type: ignore[arg-type]
            for event in page.data:
                yield event.to_dict()
            if not page.has_more or not page.data:
                return
            params["starting_after"] = page.data[-1].id

    async def _client(self) -> StripeClient:
        if self._opened is None:
            stripe = await library()
            self._http = stripe.AIOHTTPClient(timeout=ClientTimeout(total=CALL_S_MAX))
            self._opened = stripe.StripeClient(
                self._key,
                base_addresses={"api": self._api_url} if self._api_url else {},
                max_network_retries=0,
                http_client=self._http,
            )
        return self._opened

    async def close(self) -> None:
        """Give back connections."""
        if self._http is not None:
            await self._http.close_async()  # type: ignore[no-untyped-call]


async def _bounded(call: Awaitable[T]) -> T:
    """One call; raises TillFailed."""
    import stripe

    try:
        async with asyncio.timeout(CALL_S_MAX):
            return await call
    except (stripe.StripeError, TimeoutError) as error:
        raise _failed(error) from error


def _failed(error: Exception) -> UserError:
    log.warning(
        "stripe refused or was not reached",
        error=type(error).__name__,
        code=getattr(error, "code", None),
        param=getattr(error, "param", None),
        request=getattr(error, "request_id", None),
    )
    if getattr(error, "http_status", None) == PAYMENT_REQUIRED:
        return UserError("card-refused")
    return TillFailed(TITLE)
