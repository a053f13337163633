"""Albums by webhook: whoever dies after 200, and whoever got which part, they are one command."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.telegram.client import WEBHOOK_PATH, Webhook, open_webhook, webhook_secret
from core import albums as face
from storage import albums, pictures
from storage.database import Connection
from tests.bot.telegram.conftest import MASTER_KEY, House, house, serving
from tests.fakes.providers import png
from tests.fakes.telegram_server import SECRET_HEADER
from tests.fakes.telegram_world import JSON

SECRET = {SECRET_HEADER: webhook_secret(MASTER_KEY)}


@pytest.fixture
async def chat(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A house that nobody has registered a webhook for: the tests post by themselves."""
    async with house(tmp_path, database_url) as opened:
        yield opened


@contextlib.asynccontextmanager
async def process(chat: House) -> AsyncIterator[tuple[Webhook, str]]:
    """A web process: its webhook, and the address to post to."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}{WEBHOOK_PATH}"
    async with serving(chat, listener) as hook:
        yield hook, url


async def crash(hook: Webhook) -> None:
    """Stop dead: what was begun is not ended."""
    assert hook._watching is not None
    hook._watching.cancel()
    if hook._receiver is not None:
        await hook._receiver.drain(0)
    if hook._albums is not None:
        await hook._albums.close()


async def post(url: str, update: JSON) -> int:
    """Hand an update over as Telegram does; the status."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=update, headers=SECRET) as answer,
    ):
        return answer.status


async def album_of(chat: House, count: int = 2, caption: str = "/imagine like these") -> list[JSON]:
    """An album that a person sends, as its updates."""
    parts = [png(number) for number in range(count)]
    await chat.server.message(user=chat.server.user(), media_group=parts, caption=caption)
    return list(chat.server.world.updates)


def home(chat: House) -> list[JSON]:
    """What the bot has shown to the person."""
    return chat.server.shown(next(iter(chat.server.world.chats.values())))


async def until_shown(chat: House) -> JSON:
    return await chat.server.see(next(iter(chat.server.world.chats.values())), timeout_s=8)


async def inputs(chat: House) -> int:
    """How many pictures jobs were given."""

    def count(connection: Connection) -> int:
        found = select(pictures.picture.c.position).where(pictures.picture.c.role == "input")
        return len(connection.execute(found).all())

    return await chat.studio.app.database.read(count)


async def bodies(chat: House) -> list[str | None]:
    def read(connection: Connection) -> list[str | None]:
        return list(connection.execute(select(albums.album_part.c.body)).scalars())

    return await chat.studio.app.database.read(read)


async def test_what_a_process_left_that_died_after_200_is_taken_up_at_the_next_start(
    chat: House,
) -> None:
    first, second = await album_of(chat)
    async with process(chat) as (hook, url):
        assert [await post(url, first), await post(url, second)] == [200, 200]
        await crash(hook)
    await asyncio.sleep(1.5)
    assert home(chat) == []
    async with process(chat):
        assert (await until_shown(chat))["text"].startswith("like these")
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (2, 1, 1)


async def test_a_process_that_ends_in_good_order_carries_out_what_it_has(chat: House) -> None:
    first, second = await album_of(chat)
    async with process(chat) as (_, url):
        assert [await post(url, first), await post(url, second)] == [200, 200]
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (2, 1, 1)


async def test_two_processes_that_each_get_some_parts_make_one_command_of_all(chat: House) -> None:
    parts = await album_of(chat, 3)
    async with process(chat) as (_, one), process(chat) as (_, other):
        for url, part in zip((one, other, one), parts, strict=True):
            assert await post(url, part) == 200
            await asyncio.sleep(0.3)
        await until_shown(chat)
        await asyncio.sleep(1.5)
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (3, 1, 1)
    assert len(chat.server.asked("file")) == 3
    assert await bodies(chat) == [None] * 3


async def test_a_part_that_comes_late_or_again_begins_nothing(chat: House) -> None:
    first, second, third = await album_of(chat, 3)
    async with process(chat) as (_, one), process(chat) as (_, other):
        assert [await post(one, first), await post(one, second)] == [200, 200]
        await until_shown(chat)
        for url, part in ((one, third), (other, third), (other, second), (other, first)):
            assert await post(url, part) == 200
        await asyncio.sleep(1.5)
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (2, 1, 1)


async def test_two_that_carry_it_out_at_once_make_one_job(
    chat: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "TAKEN_S_MAX", 0.0)
    first, second = await album_of(chat)
    async with process(chat) as (_, one), process(chat) as (_, other):
        assert [await post(one, first), await post(other, second)] == [200, 200]
        await until_shown(chat)
        await asyncio.sleep(1.5)
    assert (await inputs(chat), await chat.studio.work()) == (2, 1)


async def test_what_another_took_and_died_with_is_taken_up_when_its_time_is_over(
    chat: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "TAKEN_S_MAX", 4.0)
    monkeypatch.setattr("bot.telegram.client.TAKE_UP_S", 0.5)
    app = chat.studio.app
    first, second = await album_of(chat)
    async with process(chat) as (hook, url):
        assert [await post(url, first), await post(url, second)] == [200, 200]
        await crash(hook)
    group = first["message"]["media_group_id"]
    assert len(await face.take(app, group, "the-dead-one")) == 2
    async with process(chat):
        await asyncio.sleep(2.5)
        assert home(chat) == []
        await until_shown(chat)
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (2, 1, 1)


class Shaky:
    """A database that is away for the next calls of some work."""

    def __init__(self, known: Callable[..., Any]) -> None:
        self._known = known
        self.failing: dict[str, int] = {}

    async def __call__(self, database: object, work: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if self.failing.get(work.__name__, 0) > 0:
            self.failing[work.__name__] -= 1
            raise ConnectionError("database away")
        return await self._known(database, work, *args, **kwargs)


@pytest.fixture
def shaky(chat: House, monkeypatch: pytest.MonkeyPatch) -> Shaky:
    monkeypatch.setattr("bot.telegram.albums.AGAIN_S", 0.05)
    kind = type(chat.studio.app.database)
    away = Shaky(kind.transaction)
    monkeypatch.setattr(
        kind, "transaction", lambda database, *args, **kwargs: away(database, *args, **kwargs)
    )
    return away


async def test_a_part_that_could_not_be_kept_has_to_come_again(chat: House, shaky: Shaky) -> None:
    first, second = await album_of(chat)
    shaky.failing = {"keep": 2}
    async with process(chat) as (_, url):
        answers = [await post(url, part) for part in (first, first, first, second)]
        assert answers == [503, 503, 200, 200]
        await until_shown(chat)
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (2, 1, 1)


@pytest.mark.parametrize("work", ["take", "end"])
async def test_an_album_whose_carrying_out_was_cut_off_is_carried_out_again(
    chat: House, shaky: Shaky, work: str
) -> None:
    first, second = await album_of(chat)
    shaky.failing = {work: 2}
    async with process(chat) as (_, url):
        assert [await post(url, first), await post(url, second)] == [200, 200]
        await until_shown(chat)
    assert shaky.failing == {work: 0}
    assert (await inputs(chat), await chat.studio.work(), len(home(chat))) == (2, 1, 1)


async def test_the_next_command_waits_for_the_album_before_it(chat: House) -> None:
    first, second = await album_of(chat)
    ann = next(iter(chat.server.world.users.values()))
    await chat.server.message("/balance", user=ann)
    third = chat.server.world.updates[-1]
    async with process(chat) as (_, url):
        assert [await post(url, part) for part in (first, second, third)] == [200, 200, 200]
        await chat.server.until(lambda: len(home(chat)) == 2)
    assert "held" in home(chat)[1]["text"]


async def test_an_album_that_could_not_be_looked_for_is_looked_for_again(
    chat: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.client.TAKE_UP_S", 0.1)
    first, second = await album_of(chat)
    async with process(chat) as (hook, url):
        assert [await post(url, first), await post(url, second)] == [200, 200]
        await crash(hook)
    known = face.left
    failures = [ConnectionError("database away")]

    async def left(app: object) -> dict[str, str]:
        if failures:
            raise failures.pop()
        return await known(app)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.telegram.client.left", left)
    hook = await open_webhook(chat)
    await until_shown(chat)
    await hook.close()
    assert failures == []
