"""The operator's commands, as they are typed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.bot.stripe.conftest import Market
from tests.conftest import on_sqlite


async def typed(shop: Market, folder: Path, *words: str) -> tuple[int | None, str]:
    """Run `atelier …`; how it ended and what it said."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=folder,
        env=shop.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await child.communicate()
    return child.returncode, told.decode()


@on_sqlite
async def test_refund_reconcile_and_quarantined(shop: Market, tmp_path: Path) -> None:
    intent = await shop.bought()
    status, said = await typed(shop, tmp_path, "credits", "refund", f"stripe:{intent}", "250")
    assert status == 0
    assert f"stripe:{intent}: 50 of 100 credits are left of it." in said
    assert await shop.free() == 150
    shop.stripe.world.pay(await shop.session("buy", pack="small"))
    shop.stripe.world.pay(await shop.session("buy", pack="small"), amount_total=1)
    status, said = await typed(shop, tmp_path, "payments", "reconcile")
    assert status == 0
    assert "events taken in." in said
    assert await shop.free() == 250
    status, said = await typed(shop, tmp_path, "payments", "quarantined")
    assert status == 0
    assert "checkout.session.completed  paid 1, not 500 eur" in said
    status, said = await typed(shop, tmp_path, "credits", "refund", "stripe:pi_nobody")
    assert status == 1
    assert "There is no payment stripe:pi_nobody here" in said
