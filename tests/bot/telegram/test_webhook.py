"""The webhook: strangers are sent away, and 200 means committed."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.telegram.client import open_webhook, webhook_secret
from tests.bot.telegram.conftest import MASTER_KEY, House, house, serving, sqlite
from tests.conftest import on_sqlite
from tests.fakes.providers import png
from tests.fakes.telegram_server import broken

SECRET = webhook_secret(MASTER_KEY)


@pytest.fixture
async def chat(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A house that is reached by webhook."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        house(tmp_path, database_url, public_url=url) as opened,
        serving(opened, listener),
    ):
        await opened.start()
        yield opened


async def test_a_command_by_webhook(chat: House) -> None:
    server = chat.server
    assert server.webhook["secret"] == SECRET
    ann = server.user()
    home = server.private(ann)
    await server.message("/imagine a fox", user=ann)
    waiting = await server.see(home)
    await chat.studio.work()
    shown = await server.see(home, lambda item: "photo" in item)
    assert shown["message_id"] == waiting["message_id"]
    assert server.webhook_answers == [200]
    assert server.asked("getUpdates") == []


async def test_an_album_by_webhook_is_one_command(chat: House) -> None:
    server = chat.server
    ann = server.user()
    await server.message(user=ann, media_group=[png(1), png(2)], caption="/imagine like these")
    await server.see(server.private(ann), timeout_s=5)
    assert len(server.asked("file")) == 2
    assert len(server.shown(server.private(ann))) == 1


async def test_the_same_update_again_is_one_job(chat: House) -> None:
    server = chat.server
    ann = server.user()
    asked = await server.message("/imagine a fox", user=ann)
    await server.see(server.private(ann))
    for _ in range(5):
        await server.again(server.update_of(asked))
        await server.until(lambda: not server.world.updates)
    assert await chat.studio.work() == 1
    assert len(server.shown(server.private(ann))) == 1


@on_sqlite
@pytest.mark.parametrize("secret", [None, "", "wrong", "ü" * 64, SECRET[:-1], SECRET.upper()])
async def test_strangers_are_sent_away(chat: House, secret: str | None) -> None:
    hook = await open_webhook(chat)
    assert await hook(secret, b"{}") == 403
    await hook.close()


@on_sqlite
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"\xff", b'{"update_id": 1}'])
async def test_what_is_no_update_harms_nothing(chat: House, body: bytes) -> None:
    hook = await open_webhook(chat)
    assert await hook(SECRET, body) in {200, 400}
    await hook.close()


@on_sqlite
async def test_it_comes_again_while_telegram_is_away(chat: House) -> None:
    hook = await open_webhook(chat)
    chat.server.fail("getMe", broken())
    body = json.dumps({"update_id": 1}).encode()
    assert await hook(SECRET, body) == 503
    assert await hook(SECRET, body) == 200
    await hook.close()


class _Away:
    """Reads of questions fail so often, as while the database is away."""

    def __init__(self, times: int) -> None:
        self.times = times

    def read(self, known: Callable[..., Any]) -> Callable[..., Any]:
        async def read(database: object, work: Any, *args: Any) -> Any:  # noqa: ANN401
            if self.times > 0 and work.__module__ == "storage.questions":
                self.times -= 1
                raise ConnectionError("database away")
            return await known(database, work, *args)

        return read


@pytest.mark.parametrize(
    ("times", "answers"), [(2, [503, 503, 200]), (3, [503, 503, 200]), (1, [503, 200])]
)
async def test_an_update_whose_work_failed_comes_again_up_to_a_limit(
    chat: House, monkeypatch: pytest.MonkeyPatch, times: int, answers: list[int]
) -> None:
    monkeypatch.setattr("bot.telegram.receive.TRIES_MAX", 3)
    server = chat.server
    ann = server.user()
    home = server.private(ann)
    await server.message("/balance", user=ann)
    balance = await server.see(home)
    await server.until(lambda: len(server.webhook_answers) == 1)
    kind = type(chat.studio.app.database)
    monkeypatch.setattr(kind, "read", _Away(times).read(kind.read))
    await server.message("blue", user=ann, reply_to=balance)
    await server.until(lambda: not server.world.updates)
    assert server.webhook_answers[1:] == answers
    # "Words alone" is the answer to what came through; given up is given up.
    await server.message("/help", user=ann)
    shown = 3 if times < 3 else 2
    await server.until(lambda: len(server.shown(home)) == shown)


async def test_an_address_that_telegram_refuses_means_polling(tmp_path: Path) -> None:
    async with house(tmp_path, sqlite(tmp_path), public_url="http://studio.example.com") as opened:
        await opened.start()
        ann = opened.server.user()
        await opened.server.message("/imagine a fox", user=ann)
        await opened.server.see(opened.server.private(ann))
        assert opened.server.webhook == {}
