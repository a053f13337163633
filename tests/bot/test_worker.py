"""Slots: how many jobs are made at once, and what goes on beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.news import News
from bot.worker import Slots, run_worker
from core.app import App
from core.messenger import Address, Delivery
from tests.fakes.studio import Remembering, studio


class _Blocked(Remembering):
    """A messenger whose uploads take until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.go = asyncio.Event()

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        self.begun += 1
        await self.go.wait()
        return await super().deliver(address, delivery)


async def test_a_slow_upload_does_not_keep_its_slot(tmp_path: Path) -> None:
    async with studio(f"sqlite:///{tmp_path / 'atelier.db'}", tmp_path) as opened:
        chat = _Blocked()
        assert isinstance(opened.app.messengers, dict)
        opened.app.messengers["test"] = chat
        for _ in range(3):
            await opened.run("imagine", prompt="a fox", model="sketch")
        slots = Slots(opened.app, 1)
        slots.start(1)
        async with asyncio.timeout(10):
            while chat.begun < 2:  # noqa: ASYNC110 - it is counted
                await asyncio.sleep(0.01)
            chat.go.set()
            while len(chat.delivered) < 3:  # noqa: ASYNC110 - it is counted
                await asyncio.sleep(0.01)
        await slots.drain(5)
        assert slots.room == 0


async def test_it_sweeps_again_and_again_whatever_a_round_came_to(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 0
    enough = asyncio.Event()

    async def sweep(app: App) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ConnectionError("database away")
        if rounds == 3:
            enough.set()

    for name, value in (("SWEEP_FIRST_S", 0.01), ("SWEEP_S", 0.01), ("sweep", sweep)):
        monkeypatch.setattr(f"bot.worker.{name}", value)
    async with studio(f"sqlite:///{tmp_path / 'atelier.db'}", tmp_path) as opened:
        news = News(redis_url)
        working = asyncio.create_task(run_worker(opened.app, news, redis_url, 1, 1.0))
        async with asyncio.timeout(10):
            await enough.wait()
        assert not working.done()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await news.close()
