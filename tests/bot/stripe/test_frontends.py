"""Buying from each frontend's own door, and the confirmation in the chat where it was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import accounts, credits, notices
from core.app import Rules
from core.credits import Entry
from core.people import recognise
from tests.bot.discord.conftest import House as Discord
from tests.bot.discord.conftest import house as house
from tests.bot.discord.conftest import providers as providers
from tests.bot.stripe.conftest import Market
from tests.bot.telegram.conftest import house as telegram_house
from tests.fakes import selling
from tests.fakes.discord_world import Message
from tests.fakes.telegram_people import callbacks

PAID = "Paid, thank you: 100 credits added, you have 200 now."


@pytest.fixture
def rules() -> Rules:
    """The operator sells."""
    return selling.RULES


async def test_discord_shows_packs_and_confirms_where_it_was_asked(house: Discord) -> None:
    app = house.studio.app
    async with selling.selling(app, "discord") as stripe:
        asked = await house.server.command("buy", {})
        listed = await house.server.shown(asked, "100 credits: €5.00")
        assert listed.ephemeral
        assert list(listed.buttons) == ["100 credits: €5.00", "1200 credits: €40.00"]
        pressed = await house.server.press(listed, "100 credits: €5.00")
        link = await house.server.shown(pressed, "pay on the next page")
        assert link.ephemeral
        selling.paid_at(stripe, link.buttons["Go to the payment"])
        await selling.tell(app, stripe)
        assert (await house.server.shown(pressed, PAID)).ephemeral
        assert house.server.count("POST", "/channels/") == 0


async def test_discord_confirms_directly_when_the_token_is_over(house: Discord) -> None:
    app = house.studio.app
    async with selling.selling(app, "discord") as stripe:
        asked = await house.server.command("buy", {"pack": "small"})
        link = await house.server.shown(asked, "pay on the next page")
        selling.paid_at(stripe, link.buttons["Go to the payment"])
        asked.expired = True
        await selling.tell(app, stripe)
        direct = [item for item in house.server.visible() if PAID in item.text]
        assert len(direct) == 1
        assert direct[0].channel == house.server.dm(asked.user)


async def test_discord_too_few_credits_lead_to_the_packs(house: Discord) -> None:
    app, server = house.studio.app, house.server
    async with selling.selling(app, "discord"):
        ann = server.add_user("Ann")
        person = await recognise(app, "discord", ann.id, "Ann")
        entry = Entry(
            id="spent",
            debit=accounts.person(person),
            credit=accounts.REVENUE,
            amount=100,
            kind="spend",
        )
        await app.database.transaction(credits.take, entry, app.clock.now())
        await server.command("imagine", {"prompt": "a fox"}, user=ann)
        await server.until(lambda: any(_is_refusal(item) for item in server.messages.values()))
        refused = next(item for item in server.messages.values() if _is_refusal(item))
        assert list(refused.buttons) == ["Buy credits"]
        pressed = await server.press(refused, "Buy credits", user=ann)
        assert "€40.00" in (await server.shown(pressed, "100 credits")).text


def _is_refusal(message: Message) -> bool:
    return "or get more credits" in message.text


@pytest.mark.parametrize("in_group", [False, True])
async def test_telegram_sells_by_stripe_where_the_operator_wants_it(
    tmp_path: Path, database_url: str, in_group: bool
) -> None:
    async with telegram_house(tmp_path, database_url, rules=selling.RULES) as chat:
        app, server = chat.studio.app, chat.server
        await chat.start()
        async with selling.selling(app, "telegram") as stripe:
            ann = server.user()
            home = server.private(ann)
            place = server.group() if in_group else home
            await server.message("/buy", user=ann, chat=place)
            listed = await server.see(home, lambda item: "€5.00" in item.get("text", ""))
            assert callbacks(listed) == ["buy:pack=stripe-small", "buy:pack=stripe-large"]
            query = await server.press(listed, "buy:pack=stripe-small", ann)
            await server.answer_to(query)
            await server.message("/buy small", user=ann, chat=place)
            link = await server.see(home, lambda item: "next page" in item.get("text", ""))
            url = link["reply_markup"]["inline_keyboard"][0][0]["url"]
            selling.paid_at(stripe, url)
            await selling.tell(app, stripe)
            await server.see(home, lambda item: item.get("text") == PAID)
            if in_group:
                assert not [item for item in server.shown(place) if "Paid" in item["text"]]


async def test_telegram_sells_nothing_by_stripe_otherwise(
    tmp_path: Path, database_url: str
) -> None:
    async with telegram_house(tmp_path, database_url, rules=selling.RULES) as chat:
        await chat.start()
        async with selling.selling(chat.studio.app, "discord", "web"):
            ann = chat.server.user()
            for text in ("/buy", "/subscribe creator", "/billing"):
                await chat.server.message(text, user=ann)
                home = chat.server.private(ann)
                await chat.server.see(
                    home, lambda item: item.get("text", "").startswith("Nothing is sold here")
                )
            await chat.server.message("/plans", user=ann)
            shown = await chat.server.see(home, lambda item: "on request" in item.get("text", ""))
            assert "Your plan: Free." in shown["text"]
            assert "reply_markup" not in shown


async def test_the_page_confirms_in_the_message_that_asked(shop: Market) -> None:
    html = await shop.door.says("/buy small")
    url = html.split('href="https://checkout', 1)[1].split('"', 1)[0]
    shop.stripe.world.pay(url.rpartition("/")[2])
    await shop.stripe.deliver_all()
    await notices.carry_due(shop.app)
    page = await shop.door.html()
    assert PAID in page
    assert "next page" not in page


async def test_the_page_shows_packs_under_balance(shop: Market) -> None:
    html = await shop.door.says("/balance")
    assert 'value="buy:-"' in html
    status, told = await shop.door.send("", path="/press", button="buy:-")
    assert status == 200
    message = told["message"]
    assert isinstance(message, dict)
    assert "€20.00" in str(message["html"])
    assert 'value="buy:pack=stripe-medium"' in str(message["html"])


async def test_without_a_till_the_operators_plans_go_on(house: Discord) -> None:
    for name, said in (("buy", "Nothing is sold here"), ("billing", "Nothing is sold here")):
        asked = await house.server.command(name, {})
        assert (await house.server.shown(asked, said)).ephemeral
    asked = await house.server.command("plans", {})
    shown = await house.server.shown(asked, "Your plan: Free.")
    assert shown.buttons == {}
