"""The studio in Telegram with each further vendor: what its server receives, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.telegram.conftest import house, sqlite
from tests.bot.telegram.test_studio import made, text_of
from tests.fakes.vendor_trials import CREDITS, TRIALS, one_of, rules_of, shop


@pytest.mark.parametrize("vendor", list(TRIALS))
async def test_an_operation_of_each_vendor(tmp_path: Path, vendor: str) -> None:
    trial = one_of(vendor)
    async with (
        shop(vendor) as store,
        house(
            tmp_path, sqlite(tmp_path), rules=rules_of(vendor), providers=store.providers
        ) as chat,
    ):
        await chat.start()
        ann = chat.server.user()
        message = await made(chat, ann, trial.typed(), *trial.pictures)
        for said in (*trial.says, trial.receipt()):
            assert said in text_of(message)
        trial.check_received(store.server.received())
        trial.check([chat.server.content(message)])
        assert await chat.wallet(ann) == (CREDITS - trial.used, 0)
