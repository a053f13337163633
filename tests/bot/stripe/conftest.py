"""An Atelier that sells at a local Stripe: real page, real webhook, real SDK."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.command import Call, Identity, Reply
from core import notices, plans, wallets
from core.app import App
from core.ids import new_id
from core.messenger import Address, Delivery, Limits
from core.people import recognise
from core.plans import Standing
from storage import payments
from storage.payments import PaymentRow
from tests.bot.web.conftest import Door, opened, settings_for
from tests.fakes.stripe_server import KEY, WEBHOOK_SECRET, FakeStripe

ROOT = Path(__file__).parents[3]


class Ear:
    """A messenger of the chat "discord" that keeps what it was given."""

    limits = Limits(pictures_max=4, bytes_max=10 * 2**20)

    def __init__(self) -> None:
        self.heard: list[tuple[Address, Delivery]] = []

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        self.heard.append((address, delivery))
        return address

    async def progress(self, address: Address, delivery: Delivery) -> None:
        raise AssertionError

    async def remove(self, address: Address) -> None:
        raise AssertionError

    async def close(self) -> None:
        """Nothing is open."""


@dataclasses.dataclass(kw_only=True)
class Market:
    """A door, its Stripe, and people in a chat."""

    door: Door
    stripe: FakeStripe
    ear: Ear

    @property
    def app(self) -> App:
        return self.door.parts.app

    async def run(self, name: str, user: str = "7", **arguments: object) -> Reply:
        """Give a command in the chat."""
        call = Call(
            identity=Identity(platform="discord", id=user, name=user),
            address=Address(platform="discord", place=f"room-{user}", user=user, private=True),
            inbox=f"discord:{new_id()}",
            arguments=arguments,
        )
        return await self.door.parts.dispatch.run(name, call)

    async def person(self, user: str = "7") -> str:
        return await recognise(self.app, "discord", user, user)

    async def free(self, user: str = "7") -> int:
        """What a person can spend."""
        return (await wallets.balance(self.app, await self.person(user))).wallet.free

    async def standing(self, user: str = "7") -> Standing:
        return await plans.standing(self.app, await self.person(user))

    async def session(self, name: str, user: str = "7", **arguments: object) -> str:
        """Where a person pays: the session's id."""
        reply = await self.run(name, user, **arguments)
        assert reply.buttons, reply
        url = reply.buttons[0].url
        assert url is not None
        return url.rpartition("/")[2]

    async def bought(self, user: str = "7", pack: str = "small") -> str:
        """A pack that is paid and told of; the payment intent."""
        intent = self.stripe.world.pay(await self.session("buy", user, pack=pack))
        assert set(await self.stripe.deliver_all()) == {200}
        return intent

    async def said(self) -> list[str]:
        """The keys of what has been said in the chat so far."""
        await notices.carry_due(self.app)
        return [line.key for _, delivery in self.ear.heard for line in delivery.lines]

    async def held_back(self) -> list[str]:
        """Why events are quarantined."""
        rows = await self.app.database.read(payments.quarantined)
        return [row.reason or "" for row in rows]

    def environment(self) -> dict[str, str]:
        """What another process of the same Atelier is given."""
        settings = self.door.parts.settings
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": settings.database,
            "REDIS_URL": self.door.parts.redis_url,
            "ATELIER_DATA_DIR": str(settings.data_dir),
            "MASTER_KEY": "0" * 64,
            "PORT": "0",
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_URL": self.stripe.url,
        }

    async def payment(self, external_id: str) -> PaymentRow:
        row = await self.app.database.read(payments.find, f"stripe:{external_id}")
        assert row is not None
        return row


@contextlib.asynccontextmanager
async def market(
    folder: Path, database_url: str, redis_url: str, **values: object
) -> AsyncIterator[Market]:
    """Open one; nobody works."""
    async with FakeStripe() as server:
        settings = settings_for(
            folder,
            database_url,
            stripe_secret_key=SecretStr(KEY),
            stripe_webhook_secret=SecretStr(WEBHOOK_SECRET),
            stripe_api_url=server.url,
            **values,
        )
        async with opened(settings, redis_url, work=False) as door:
            server.webhook = f"{door.address}/webhooks/stripe"
            ear = Ear()
            door.parts.app.messengers["discord"] = ear  # type: ignore[index]
            yield Market(door=door, stripe=server, ear=ear)
        assert server.violations == []


@pytest.fixture
async def shop(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Market]:
    """A market on each database."""
    async with market(tmp_path, database_url, redis_url) as found:
        yield found
