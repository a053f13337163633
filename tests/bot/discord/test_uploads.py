"""Files come from Discord's own servers and nowhere else, and are never read without end."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.discord.uploads import Uploads
from core.errors import BadImage
from core.images import BYTES_MAX


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3", True),
        ("https://media.discordapp.net/attachments/1/2/a.png", True),
        ("http://cdn.discordapp.com/attachments/1/2/a.png", False),
        ("https://cdn.discordapp.com:8443/a.png", False),
        ("https://cdn.discordapp.com@evil.example/a.png", False),
        ("https://me:pw@cdn.discordapp.com/a.png", False),
        ("https://cdn.discordapp.com.evil.example/a.png", False),
        ("https://evil.example/cdn.discordapp.com", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("https://[bad", False),
        ("https://discord.internal:9000/a.png", True),
        ("https://discord.internal/a.png", False),
        ("http://discord.internal:9000/a.png", False),
    ],
)
def test_only_discords_own_hosts(url: str, good: bool) -> None:
    assert Uploads("https://discord.internal:9000/api/v10").allowed(url) is good


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/moved", "image-not-fetched"),
        ("/gone", "image-not-fetched"),
        ("/cut", "image-not-fetched"),
        ("/endless", "image-too-many-bytes"),
    ],
)
async def test_what_goes_wrong(path: str, key: str) -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved":
            raise web.HTTPFound("/fine")
        if request.path == "/gone":
            raise web.HTTPNotFound
        answer = web.StreamResponse()
        await answer.prepare(request)
        if request.path == "/cut":
            assert request.transport is not None
            await answer.write(b"half")
            request.transport.abort()
            return answer
        for _ in range(BYTES_MAX // 2**20 + 2):
            await answer.write(bytes(2**20))
        return answer

    application = web.Application()
    application.router.add_get("/{tail:.*}", serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    uploads = Uploads(root + "/api/v10")
    try:
        with pytest.raises(BadImage) as refused:
            await uploads.read(root + path)
        assert refused.value.key == key
    finally:
        await uploads.close()
        await runner.cleanup()
