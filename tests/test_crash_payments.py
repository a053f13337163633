"""Whatever dies around a payment: the credits come once, and so does the word that they came."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.fakes.processes import atelier, died
from tests.fakes.telegram_world import JSON

START_S_MAX = 30.0
SIGNUP, PACK = 100, 100


def _is_invoice(message: JSON) -> bool:
    return "invoice" in message


def _is_thanks(message: JSON) -> bool:
    return "thank you" in message.get("text", "")


async def test_death_between_the_credits_and_the_word_of_them_and_then_a_refund(
    database_url: str, tmp_path: Path
) -> None:
    async with atelier(tmp_path, database_url) as studio:
        telegram = studio.telegram
        child = await studio.start(failpoint="payment-committed")
        await studio.say("/stars small")
        invoice = await telegram.see(studio.chat, _is_invoice, timeout_s=START_S_MAX)
        await telegram.pay(invoice, studio.user)
        await died(child, START_S_MAX)
        assert (await studio.books()).posted == SIGNUP + PACK

        await studio.start()
        await telegram.see(studio.chat, _is_thanks, timeout_s=START_S_MAX)
        # Both tell of the payment once more: the update that was not confirmed, and the list.
        await telegram.until(lambda: not telegram.world.updates)
        await telegram.until(lambda: bool(telegram.asked("getStarTransactions")))
        await asyncio.sleep(3.0)

        books = await studio.books()
        assert (books.posted, books.pending) == (SIGNUP + PACK, 0)
        assert len([item for item in telegram.shown(studio.chat) if _is_thanks(item)]) == 1

        paid = telegram.world.transactions[0]["id"]
        for _ in range(2):
            refund = await studio.start(f"credits refund stars:{paid}")
            async with asyncio.timeout(START_S_MAX):
                assert await refund.wait() == 0
        assert (await studio.books()).posted == SIGNUP
        unknown = await studio.start("credits refund stars:unknown")
        async with asyncio.timeout(START_S_MAX):
            assert await unknown.wait() == 1
        assert "There is no payment stars:unknown here." in studio.log()
        assert not telegram.violations
        assert not studio.errors()
