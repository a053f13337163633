"""Slots: how many jobs are made at once, and what goes on beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.worker import Slots
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
