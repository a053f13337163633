"""The webhook: strangers are sent away, and 200 means committed."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.telegram.client import WEBHOOK_PATH, Webhook, open_webhook, webhook_secret
from tests.bot.telegram.conftest import MASTER_KEY, House, house
from tests.fakes.providers import png
from tests.fakes.telegram_server import SECRET_HEADER, broken

SECRET = webhook_secret(MASTER_KEY)


@contextlib.asynccontextmanager
async def serving(chat: House, listener: socket.socket) -> AsyncIterator[Webhook]:
    """A web server that hands the webhook's requests on, as the page's server does."""
    hook = await open_webhook(chat)

    async def handle(request: web.Request) -> web.Response:
        return web.Response(
            status=await hook(request.headers.get(SECRET_HEADER), await request.read())
        )

    app = web.Application()
    app.router.add_post(WEBHOOK_PATH, handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield hook
    finally:
        await runner.cleanup()
        await hook.close()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[House]:
    """A house that is reached by webhook."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with house(tmp_path, public_url=url) as opened, serving(opened, listener):
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


@pytest.mark.parametrize("secret", [None, "", "wrong", "ü" * 64, SECRET[:-1], SECRET.upper()])
async def test_strangers_are_sent_away(chat: House, secret: str | None) -> None:
    hook = await open_webhook(chat)
    assert await hook(secret, b"{}") == 403
    await hook.close()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"\xff", b'{"update_id": 1}'])
async def test_what_is_no_update_harms_nothing(chat: House, body: bytes) -> None:
    hook = await open_webhook(chat)
    assert await hook(SECRET, body) in {200, 400}
    await hook.close()


async def test_it_comes_again_while_telegram_is_away(chat: House) -> None:
    hook = await open_webhook(chat)
    chat.server.fail("getMe", broken())
    body = json.dumps({"update_id": 1}).encode()
    assert await hook(SECRET, body) == 503
    assert await hook(SECRET, body) == 200
    await hook.close()


async def test_an_address_that_telegram_refuses_means_polling(tmp_path: Path) -> None:
    async with house(tmp_path, public_url="http://studio.example.com") as opened:
        await opened.start()
        ann = opened.server.user()
        await opened.server.message("/imagine a fox", user=ann)
        await opened.server.see(opened.server.private(ann))
        assert opened.server.webhook == {}
