"""A thousand payments whose events come in any order, several times, to processes that are killed."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path

import aiohttp
import pytest
import stripe
from sqlalchemy import Connection, func, select

from core import accounts, credits, payments
from core.app import App
from core.credits import Entry
from core.messenger import Address
from core.offers import Pack, Plan
from core.people import recognise
from storage import ledger, lots
from tests.bot.stripe.conftest import market
from tests.fakes.stripe_server import WEBHOOK_SECRET
from tests.fakes.stripe_world import JSON, StripeWorld, Told

PEOPLE = 40
PACKS = 700
MONTHS = 300
HANDLERS = 4
KILLS_MIN = 6
SENDERS = 16
SIGNUP = 100
SEED = int(os.environ.get("ATELIER_SEED", "20261124"))


@dataclasses.dataclass(kw_only=True)
class Story:
    """What really happened to one payment."""

    person: str
    credits: int
    amount: int
    wrong: bool = False
    back: list[tuple[int, bool]] = dataclasses.field(default_factory=list)
    dispute: str | None = None

    def worth(self) -> int:
        """What is right in the end, from the story alone."""
        if self.wrong or self.dispute in {"open", "lost"}:
            return 0
        kept = self.amount - sum(amount for amount, failed in self.back if not failed)
        return self.credits * kept // self.amount


async def stories(app: App, world: StripeWorld, chance: random.Random) -> list[Story]:
    """Orders of ours, and what their payers, banks and the operator do at Stripe."""
    people = [await recognise(app, "discord", str(number), "") for number in range(PEOPLE)]
    pack = Pack(id="medium", title="500 credits", credits=500, amount=2000)
    plan = Plan(id="creator", title="Creator", credits=50, amount=2900)
    told = []
    for _ in range(PACKS):
        person = chance.choice(people)
        session = await _session(app, world, person, pack)
        wrong = chance.random() < 0.02
        story = Story(person=person, credits=500, amount=2000, wrong=wrong)
        later = chance.random() < 0.2
        intent = world.pay(session, later=later, **({"amount_total": 1} if wrong else {}))
        if later:
            world.arrive(session)
            if wrong:
                world.events[-1].body["data"]["object"]["amount_total"] = 1
        told.append(_go_on(world, story, intent, chance))
    for person in chance.choices(people, k=MONTHS // 3):
        subscription = world.pay(await _session(app, world, person, plan))
        world.renew(subscription)
        world.renew(subscription)
        for bill in [item["id"] for item in _bills(world, subscription)]:
            story = Story(person=person, credits=50, amount=2900)
            told.append(_go_on(world, story, world.intent_of(bill), chance))
    return told


def _bills(world: StripeWorld, subscription: str) -> list[JSON]:
    return [
        item
        for item in world.objects.values()
        if item["object"] == "invoice"
        and item["parent"]["subscription_details"]["subscription"] == subscription
    ]


def _go_on(world: StripeWorld, story: Story, intent: str, chance: random.Random) -> Story:
    left = story.amount
    for _ in range(chance.choice((0, 0, 0, 1, 2, 3))):
        amount = chance.randint(1, max(1, left // 2))
        left -= amount
        refund = world.refund(intent, amount)
        failed = chance.random() < 0.3
        if failed:
            world.fail_refund(refund["id"])
        story.back.append((amount, failed))
    if chance.random() < 0.2:
        dispute = world.dispute(intent)
        story.dispute = chance.choice(("open", "won", "lost"))
        if story.dispute != "open":
            world.close_dispute(dispute, story.dispute)
    return story


async def _session(app: App, world: StripeWorld, person: str, offer: Pack | Plan) -> str:
    where = Address(platform="discord", place="room", user="1", private=True)
    row = await payments.order(app, person, "stripe", offer, offer.amount, "eur", where)
    about = {"order": row.id, "person": person}
    made = world.new(
        "cs_test",
        "checkout.session",
        mode="payment" if isinstance(offer, Pack) else "subscription",
        client_reference_id=row.id,
        customer=f"cus_{person}",
        metadata=about,
        payment_intent_data={"metadata": about},
        subscription_data={"metadata": about},
        prices=[{"unit_amount": offer.amount, "currency": "eur"}],
        amount_total=offer.amount,
        currency="eur",
        payment_intent=None,
    )
    return str(made["id"])


@dataclasses.dataclass(kw_only=True)
class Handlers:
    """Web processes that die and come back."""

    folder: Path
    settings: dict[str, str]
    chance: random.Random
    alive: dict[str, Process] = dataclasses.field(default_factory=dict)
    started: list[Process] = dataclasses.field(default_factory=list)
    kills: int = 0

    async def start(self) -> None:
        with (self.folder / "handlers.log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "web"),
                cwd=self.folder,
                env=self.settings,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        # At once: whoever waits for its first line may be cancelled.
        self.started.append(child)
        assert child.stdout is not None
        line = (await child.stdout.readline()).decode()
        assert "ready" in line, (self.folder / "handlers.log").read_text()[-2000:]
        self.alive[line.rpartition(" ")[2].strip()] = child

    async def kill_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.1, 0.6))
            address = self.chance.choice(list(self.alive))
            child = self.alive.pop(address)
            child.send_signal(signal.SIGKILL)
            await child.communicate()
            self.started.remove(child)
            self.kills += 1
            await self.start()

    async def close(self) -> None:
        for child in self.started:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.communicate()


async def deliver(handlers: Handlers, waiting: list[Told]) -> None:
    """As Stripe does: what is not answered with 200 comes again."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:

        async def send() -> None:
            while waiting:
                told = waiting.pop()
                address = handlers.chance.choice(list(handlers.alive))
                header = stripe.WebhookSignature.generate_signature_header(
                    told.text, WEBHOOK_SECRET
                )
                url, headers = f"{address}/webhooks/stripe", {"Stripe-Signature": header}
                status = 0
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with http.post(url, data=told.text, headers=headers) as answer:
                        status = answer.status
                if status != 200:
                    assert status in {0, 500}, status
                    waiting.insert(handlers.chance.randint(0, len(waiting)), told)
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(send() for _ in range(SENDERS)))


async def spend(app: App, people: set[str]) -> dict[str, int]:
    """Everybody spends what they have at this moment."""
    spent = {}
    for person in sorted(people):
        account = await app.database.read(ledger.read, accounts.person(person))
        assert account is not None
        amount = max(account.free, 0) // 2
        if amount:
            entry = Entry(
                id=f"spent:{person}",
                debit=account.id,
                credit=accounts.REVENUE,
                amount=amount,
                kind="spend",
            )
            taking = credits.take
            await app.database.transaction(taking, entry, app.clock.now(), may_fall=True)
        spent[person] = amount
    return spent


def drift(connection: Connection) -> list[str]:
    """Accounts that are not the sum of their transfers, or of their lots."""
    wrong = []
    flow = ledger.transfer
    for row in connection.execute(select(ledger.account)).mappings():
        if accounts.is_system(row["id"]):
            continue
        into = select(func.coalesce(func.sum(flow.c.amount), 0)).where(flow.c.credit == row["id"])
        out = select(func.coalesce(func.sum(flow.c.amount), 0)).where(flow.c.debit == row["id"])
        moved = connection.execute(into).scalar_one() - connection.execute(out).scalar_one()
        lot = lots.lot
        left = connection.execute(
            select(func.coalesce(func.sum(lot.c.remaining), 0)).where(lot.c.account == row["id"])
        ).scalar_one()
        if moved != row["posted"]:
            wrong.append(f"{row['id']}: {row['posted']} is not {moved}")
        if row["id"].startswith("person:") and left != max(row["posted"], 0):
            wrong.append(f"{row['id']}: {row['posted']} but lots of {left}")
    return wrong


@pytest.mark.timeout(300)
async def test_no_balance_is_wrong(tmp_path: Path, database_url: str, redis_url: str) -> None:
    chance = random.Random(SEED)
    async with market(tmp_path, database_url, redis_url) as shop:
        world = StripeWorld()
        told = await stories(shop.app, world, chance)
        people = {story.person for story in told}
        deliveries = [item for item in world.events for _ in range(chance.randint(1, 4))]
        chance.shuffle(deliveries)
        half = len(deliveries) // 2
        handlers = Handlers(folder=tmp_path, settings=shop.environment(), chance=chance)
        await asyncio.gather(*(handlers.start() for _ in range(HANDLERS)))
        killing = asyncio.create_task(handlers.kill_now_and_then())
        try:
            await deliver(handlers, deliveries[:half])
            spent = await spend(shop.app, people)
            await deliver(handlers, deliveries[half:])
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
            await handlers.close()
        expected = {person: SIGNUP - spent[person] for person in people}
        for story in told:
            expected[story.person] += story.worth()
        has = {}
        for person in people:
            account = await shop.app.database.read(ledger.read, accounts.person(person))
            assert account is not None
            has[person] = account.posted
        print(f"{len(told)} payments, {len(deliveries)} deliveries, {handlers.kills} kills")
        assert len(told) == PACKS + MONTHS
        assert has == expected, f"seed {SEED}"
        assert await shop.app.database.read(drift) == []
        assert handlers.kills >= KILLS_MIN
