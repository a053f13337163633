"""The studio at the page with each further vendor: what its server receives, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.web.conftest import opened, settings_for
from tests.bot.web.test_studio import files, message, say
from tests.fakes.vendor_trials import TRIALS, one_of, shop

# aiohttp warns of a call that its own multipart reader makes.
pytestmark = pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")


@pytest.mark.parametrize("vendor", list(TRIALS))
async def test_an_operation_of_each_vendor(tmp_path: Path, redis_url: str, vendor: str) -> None:
    trial = one_of(vendor)
    async with shop(vendor) as store:
        settings = settings_for(tmp_path, vendors=store.environment, providers={"order": (vendor,)})
        async with opened(settings, redis_url) as door:
            asked = await say(door, trial.typed(), *trial.pictures)
            shown = await message(door, asked, trial.receipt())
            for said in trial.says:
                assert said in shown
            trial.check_received(store.server.received())
            trial.check(await files(door, shown))
            assert f"You have {100 - trial.used} credits." in await door.says("/balance")
