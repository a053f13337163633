"""Packs that Discord sells: bought, credited once, used up once, taken back."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.discord import premium as till
from bot.settings import Settings
from core import notices, receipts, wallets
from core.app import App, Rules
from core.offers import Pack
from core.people import recognise
from storage import payments
from storage.database import Connection
from tests.bot.discord.conftest import House, frontend_for, running
from tests.fakes.discord_server import TOKEN, Fault, lost
from tests.fakes.discord_world import JSON, User, walk

SKU, OTHER_SKU = "1290000000000000001", "1290000000000000002"
SIGNUP, PACK = 100, 500
CONSUME = r"/entitlements/\d+/consume$"
PACKS = (
    Pack(id="medium", title="500 credits", credits=PACK, amount=2000, sku=SKU),
    Pack(id="card-only", title="By card", credits=10, amount=100),
)


@pytest.fixture
def rules() -> Rules:
    """A shop."""
    return Rules(packs=PACKS, terms="https://example.com/terms")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(till, "PAUSE_S", 0.01)
    monkeypatch.setattr(till, "WATCH_RETRY_S", 0.1)


async def free(house: House, user: User) -> int:
    person = await recognise(house.studio.app, "discord", user.id, "")
    return (await wallets.balance(house.studio.app, person)).wallet.free


async def until_free(house: House, user: User, credits: int) -> None:
    for _ in range(500):
        if await free(house, user) == credits:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{await free(house, user)}, not {credits}")


async def used_up(house: House, item: JSON) -> None:
    await house.server.until(lambda: house.server.entitlements[item["id"]]["consumed"])


def _payments(connection: Connection) -> list[tuple[str, int, str]]:
    found = select(payments.payment)
    return [(row.id, row.amount, row.currency) for row in connection.execute(found)]


async def test_premium_shows_discords_own_buttons(house: House) -> None:
    server = house.server
    shown = await server.shown(await server.command("premium"), "Credits from Discord")
    assert shown.ephemeral
    assert "https://example.com/terms" in shown.text
    buttons = [item for item in walk(shown.components) if item["type"] == 2]
    assert buttons == [{"type": 2, "style": 6, "sku_id": SKU}]
    assert "stars" not in {item["name"] for item in server.commands}


async def test_a_purchase_is_credited_and_used_up(house: House) -> None:
    server = house.server
    item = server.buy(server.ada, SKU)
    await until_free(house, server.ada, SIGNUP + PACK)
    await used_up(house, item)
    await notices.carry_due(house.studio.app)
    (told,) = server.visible()
    assert told.channel is server.dm(server.ada)
    assert "500 credits added, you have 600 now" in told.text
    written = await house.studio.app.database.read(_payments)
    assert written == [(f"discord:{item['id']}", 2000, "eur")]


async def test_a_purchase_told_three_times_at_once_is_credited_and_used_up_once(
    house: House,
) -> None:
    server = house.server
    item = server.own(server.ada, SKU)
    before = dict(item)
    server.send_event("ENTITLEMENT_CREATE", before)
    server.send_event("ENTITLEMENT_CREATE", before)
    interaction = await server.command("help")
    assert await server.responded(interaction) < 1.0
    await used_up(house, item)
    server.send_event("ENTITLEMENT_UPDATE", before)
    assert await till.catch_up(*_cli(house)) == 0
    await until_free(house, server.ada, SIGNUP + PACK)
    await asyncio.sleep(0.3)
    assert await free(house, server.ada) == SIGNUP + PACK
    assert server.count("POST", CONSUME) == 1


def _cli(house: House) -> tuple[App, Settings]:
    values = {"discord_token": TOKEN, "discord_api_url": house.server.url}
    return house.studio.app, Settings.model_validate(values)


async def test_an_interaction_brings_what_no_event_told(house: House) -> None:
    server = house.server
    ada = dataclasses.replace(server.ada, locale="fr")
    item = server.own(ada, SKU)
    await server.command("help", user=ada)
    await used_up(house, item)
    assert await free(house, ada) == SIGNUP + PACK
    await notices.carry_due(house.studio.app)
    assert any("crédits" in item.text for item in server.visible() if item.channel.user_id)


@pytest.mark.parametrize("fault", [Fault(status=500), lost(), Fault(status=429, retry_after_s=0.1)])
async def test_using_up_is_repeated_until_it_is_done(house: House, fault: Fault) -> None:
    server = house.server
    server.fail("POST", CONSUME, *([fault] * (till.TRIES_MAX + 1)))
    item = server.buy(server.ada, SKU)
    await used_up(house, item)
    await until_free(house, server.ada, SIGNUP + PACK)
    await asyncio.sleep(0.2)
    assert await free(house, server.ada) == SIGNUP + PACK
    succeeded = [
        item.status for item in server.asked if "/consume" in item.path and item.status == 204
    ]
    assert len(succeeded) <= 1


async def test_what_was_bought_while_nobody_listened(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.rest.ENTITLEMENTS_PAGE", 2)
    server = house.server
    items = [server.own(server.ada, SKU) for _ in range(5)]
    server.own(server.ada, OTHER_SKU)
    # A second frontend starts: as after a time in which none ran.
    async with running(asyncio.create_task(frontend_for(server, house.studio).run())):
        for item in items:
            await used_up(house, item)
    await until_free(house, server.ada, SIGNUP + 5 * PACK)
    assert server.count("POST", CONSUME) == 5


async def test_another_product_is_none_of_ours(house: House) -> None:
    server = house.server
    other = server.buy(server.ada, OTHER_SKU)
    used = server.own(server.ada, SKU)
    used["consumed"] = True
    server.send_event("ENTITLEMENT_UPDATE", dict(used))
    await used_up(house, server.buy(server.bob, SKU))
    assert await free(house, server.ada) == SIGNUP
    assert not server.entitlements[other["id"]]["consumed"]
    assert server.count("POST", CONSUME) == 1


@pytest.mark.parametrize("event", ["ENTITLEMENT_DELETE", "ENTITLEMENT_UPDATE"])
async def test_what_discord_gives_back_is_taken_back(house: House, event: str) -> None:
    server = house.server
    item = server.buy(server.ada, SKU)
    await until_free(house, server.ada, SIGNUP + PACK)
    await used_up(house, item)
    for _ in range(2):
        server.give_back(item, event=event)
    await until_free(house, server.ada, SIGNUP)
    # The purchase once more, late: it is worth nothing any more.
    server.send_event("ENTITLEMENT_CREATE", {**item, "deleted": False, "consumed": False})
    assert await till.catch_up(*_cli(house)) == 0
    await asyncio.sleep(0.1)
    assert await free(house, server.ada) == SIGNUP


async def test_what_was_given_back_before_it_was_heard_of_is_never_credited(house: House) -> None:
    server = house.server
    item = server.own(server.ada, SKU)
    server.give_back(item)
    for _ in range(200):
        if await house.studio.app.database.read(_payments):
            break
        await asyncio.sleep(0.01)
    server.send_event("ENTITLEMENT_CREATE", {**item, "deleted": False})
    await used_up(house, server.buy(server.bob, SKU))
    assert await free(house, server.ada) == SIGNUP


async def test_a_crash_between_the_credits_and_using_up_credits_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = house.server
    server.fail("POST", CONSUME, *([Fault(drop_before=True)] * 3))
    monkeypatch.setattr(till, "WATCH_RETRY_S", 60.0)
    item = server.buy(server.ada, SKU)
    await until_free(house, server.ada, SIGNUP + PACK)
    await server.until(lambda: server.count("POST", CONSUME) == 3)
    assert not item["consumed"]
    async with running(asyncio.create_task(frontend_for(server, house.studio).run())):
        await used_up(house, item)
    assert await free(house, server.ada) == SIGNUP + PACK


async def test_a_fault_of_ours_is_made_good_by_the_next_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = [OperationalError("insert", None, Exception("away"))]
    take_in = receipts._take_in

    def once(*args: object) -> object:
        if failing:
            raise failing.pop()
        return take_in(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(receipts, "_take_in", once)
    item = house.server.buy(house.server.ada, SKU)
    await used_up(house, item)
    assert await free(house, house.server.ada) == SIGNUP + PACK
