"""A page that really listens, with a worker and a real Redis behind it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.web.app import Webhook, serve
from bot.wiring import Parts, open_parts
from bot.worker import run_worker
from core.ids import new_id
from migrations.upgrade import upgrade
from storage import database
from tests.fakes.pictures import encode, scene

JSON = {"Accept": "application/json"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A page at an address, and a browser without eyes."""

    address: str
    parts: Parts
    http: aiohttp.ClientSession

    async def html(self, path: str = "/", status: int = 200) -> str:
        """A page, which must come with this status."""
        async with self.http.get(self.address + path) as response:
            assert response.status == status, await response.text()
            return await response.text()

    async def token(self) -> str:
        """The token of the forms on the page."""
        found = re.search(r'name="token" value="([0-9a-f]+)"', await self.html())
        assert found is not None
        return found[1]

    async def send(
        self,
        text: str,
        *files: tuple[str, bytes],
        message_id: str | None = None,
        path: str = "/send",
        **fields: str,
    ) -> tuple[int, dict[str, object]]:
        """A form as the script sends it; the status and what came back."""
        form = aiohttp.FormData()
        values = {"token": await self.token(), "id": message_id or new_id(), "text": text, **fields}
        for name, value in values.items():
            form.add_field(name, value)
        for name, data in files:
            form.add_field("files", io.BytesIO(data), filename=name, content_type="image/png")
        async with self.http.post(self.address + path, data=form(), headers=JSON) as response:
            return response.status, await response.json()

    async def says(self, text: str, *files: tuple[str, bytes]) -> str:
        """The message that a command leads to, as HTML."""
        status, told = await self.send(text, *files)
        assert status == 200, told
        message = told["message"]
        assert isinstance(message, dict)
        return str(message["html"])

    async def until(self, wanted: str, path: str = "/", within_s: float = 20.0) -> str:
        """The page, as soon as it has this in it."""
        async with asyncio.timeout(within_s):
            for _ in range(int(within_s * 10)):
                if wanted in (found := await self.html(path)):
                    return found
                await asyncio.sleep(0.1)
        raise AssertionError(f"{wanted} did not come")


def settings_for(folder: Path, database_url: str | None = None, **values: object) -> Settings:
    """Settings of a page in a folder of its own, with SQLite there unless another database is named."""
    given = {
        "database_url": database_url and SecretStr(database_url),
        "port": 0,
        "atelier_data_dir": folder,
        "master_key": SecretStr("0" * 64),
        **values,
    }
    return Settings.model_validate(given)


@contextlib.asynccontextmanager
async def opened(
    settings: Settings, redis_url: str, *, work: bool = True, webhook: Webhook | None = None
) -> AsyncIterator[Door]:
    """Start a page, and end it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(upgrade, database.normalized(settings.database))
    async with open_parts(settings, redis_url) as parts:
        tasks = [asyncio.create_task(parts.news.run())]
        if work:
            tasks.append(
                asyncio.create_task(
                    run_worker(parts.app, parts.news, redis_url, slots=2, drain_s=1)
                )
            )
        jar = aiohttp.CookieJar(unsafe=True)
        try:
            async with (
                serve(parts, telegram_webhook=webhook) as address,
                aiohttp.ClientSession(cookie_jar=jar) as http,
            ):
                yield Door(address=address, parts=parts, http=http)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def door(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Door]:
    """The operator's own page, with a worker."""
    async with opened(settings_for(tmp_path, database_url), redis_url) as found:
        yield found


@pytest.fixture
async def quiet_door(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Door]:
    """The operator's own page; nobody works."""
    async with opened(settings_for(tmp_path, database_url), redis_url, work=False) as found:
        yield found


def plain() -> bytes:
    """A small picture."""
    return encode(scene())
