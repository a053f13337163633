"""Packs for Telegram Stars: from the command to the invoice, the payment and the credits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import notices
from core.app import Rules
from core.offers import Pack
from tests.bot.telegram.conftest import House, house
from tests.fakes.telegram_people import callbacks
from tests.fakes.telegram_world import JSON, User

SIGNUP, PACK, STARS = 100, 100, 350


PACKS = (
    Pack(id="small", title="100 credits", credits=PACK, amount=500, stars=STARS),
    Pack(id="large", title="1200 credits", credits=1200, amount=4000, stars=2800),
    Pack(id="card-only", title="By card", credits=10, amount=100),
)
RULES = Rules(packs=PACKS, support="help@example.com", terms="https://example.com/terms")


@pytest.fixture
async def shop(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A house that sells, whose frontend polls."""
    async with house(tmp_path, database_url, rules=RULES) as opened:
        await opened.start()
        yield opened


def is_invoice(message: JSON) -> bool:
    return "invoice" in message


def says(text: str) -> object:
    return lambda message: text in message.get("text", "")


async def invoice_for(shop: House, user: User, words: str = "/stars small") -> JSON:
    await shop.server.message(words, user=user)
    return await shop.server.see(shop.server.private(user), is_invoice)


async def until_free(shop: House, user: User, free: int) -> None:
    for _ in range(500):
        if (await shop.wallet(user))[0] == free:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{await shop.wallet(user)}, not {free}")


async def test_a_pack_is_chosen_paid_and_credited(shop: House) -> None:
    server = shop.server
    ann = server.user()
    await server.message("/stars", user=ann)
    offered = await server.see(server.private(ann))
    assert callbacks(offered) == ["stars:pack=small", "stars:pack=large"]
    await server.press(offered, "stars:pack=small", ann)
    invoice = await server.see(server.private(ann), is_invoice)
    assert invoice["invoice"]["total_amount"] == STARS
    assert invoice["invoice"]["title"] == "100 credits"
    assert invoice["invoice"]["start_parameter"] == "stars"
    await server.pay(invoice, ann)
    await until_free(shop, ann, SIGNUP + PACK)
    await notices.carry_due(shop.studio.app)
    told = await server.see(server.private(ann))
    assert told["text"] == "Paid, thank you: 100 credits added, you have 200 now."
