"""Stripe's webhook: how long until an event is stored, merged and answered; and catching up.

Events of paid packs come over HTTP at an even rate, the page and its worker being one process, as in
`atelier up`. What is timed is the whole request, as Stripe sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import aiohttp
import stripe
from pydantic import SecretStr

from benchmarks.measure import Figure, percentile
from benchmarks.workbench import Bench, bench, postgres, redis, working
from bot.stripe.client import StripeTill
from bot.web.app import serve
from core import payments, shop
from core.messenger import Address
from core.offers import Pack
from core.people import recognise
from core.tills import Till
from tests.fakes.stripe_server import KEY, WEBHOOK_SECRET, FakeStripe

PACK = Pack(id="small", title="100 credits", credits=100, amount=500)
RATE = 20.0
SECONDS = 15.0
PEOPLE = 20
P99_S_MAX = 0.3
MISSED = 2000
MISSED_S_MAX = 120.0


async def figures() -> AsyncIterator[Figure]:
    """On each database, then what was missed."""
    async with redis() as url:
        async with bench(None, url) as opened:
            yield await _timed(opened, "SQLite")
            yield await _missed(opened)
        async with postgres() as database_url, bench(database_url, url) as opened:
            yield await _timed(opened, "PostgreSQL")


async def _timed(opened: Bench, name: str) -> Figure:
    async with FakeStripe() as server:
        await _pay(opened, server, int(RATE * SECONDS))
        settings = opened.parts.settings.model_copy(
            update={
                "stripe_secret_key": SecretStr(KEY),
                "stripe_webhook_secret": SecretStr(WEBHOOK_SECRET),
                "port": 0,
            }
        )
        parts = replace(opened.parts, settings=settings)
        async with (
            working(parts),
            serve(parts) as address,
            aiohttp.ClientSession() as http,
            asyncio.TaskGroup() as group,
        ):
            sent = []
            for told in server.world.events:
                sent.append(group.create_task(_send(http, f"{address}/webhooks/stripe", told.text)))
                await asyncio.sleep(1 / RATE)
            took = percentile(await asyncio.gather(*sent), 0.99)
    return Figure(
        name=f"Stripe's webhook at {RATE:.0f} events/s on {name}, p99",
        value=f"{took * 1000:.0f} ms",
        target="<= 300 ms",
        good=took <= P99_S_MAX,
    )


async def _send(http: aiohttp.ClientSession, url: str, text: str) -> float:
    header = stripe.WebhookSignature.generate_signature_header(text, WEBHOOK_SECRET)
    began = time.perf_counter()
    async with http.post(url, data=text, headers={"Stripe-Signature": header}) as answer:
        assert answer.status == 200
        await answer.read()
    return time.perf_counter() - began


async def _missed(opened: Bench) -> Figure:
    app = opened.parts.app
    async with FakeStripe() as server, contextlib.AsyncExitStack() as stack:
        till = StripeTill(app, KEY, live=False, api_url=server.url, platforms=frozenset())
        stack.push_async_callback(till.close)
        cast("dict[str, Till]", app.tills)["stripe"] = till
        await _pay(opened, server, MISSED)
        began = time.perf_counter()
        count = await shop.catch_up(app)
        took = time.perf_counter() - began
        assert count >= MISSED
    return Figure(
        name=f"{MISSED} missed events caught up, SQLite",
        value=f"{took:.1f} s",
        target="<= 120 s",
        good=took <= MISSED_S_MAX,
    )


async def _pay(opened: Bench, server: FakeStripe, count: int) -> None:
    """Paid orders, of which Stripe has yet to tell."""
    app = opened.parts.app
    people = [await recognise(app, "web", f"payer-{number}", "") for number in range(PEOPLE)]
    for number in range(count):
        person = people[number % PEOPLE]
        where = Address(platform="web", place=person, user=person)
        row = await payments.order(app, person, "stripe", PACK, PACK.amount, "eur", where)
        about = {"order": row.id, "person": person}
        made = server.world.new(
            "cs_test",
            "checkout.session",
            mode="payment",
            client_reference_id=row.id,
            customer=f"cus_{person}",
            metadata=about,
            payment_intent_data={"metadata": about},
            amount_total=PACK.amount,
            currency="eur",
            # What else a real one has makes it about this long.
            filling=json.dumps(list(range(600))),
        )
        server.world.pay(made["id"])
