"""Fetches files that came with a command, from Discord's own servers and nowhere else."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

import aiohttp

from bot.command import Upload
from bot.discord.events import Found
from core.errors import BadImage
from core.images import BYTES_MAX

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
FETCH_S_MAX = 20.0
CHUNK_BYTES = 2**16


class Uploads:
    """Reads files of Discord's CDN; with another API address, those of that very server too."""

    def __init__(self, api_url: str | None) -> None:
        self._own = _origin(urlsplit(api_url)) if api_url else None
        self._session: aiohttp.ClientSession | None = None

    def upload(self, found: Found) -> Upload:
        """A file that a command can read when it needs it."""

        async def read() -> bytes:
            return await self.read(found.url)

        return Upload(name=found.name, size_bytes=found.size_bytes, read=read)

    def allowed(self, url: str) -> bool:
        """Whether an address is one of Discord's files."""
        try:
            parts = urlsplit(url)
            origin = _origin(parts)
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        if self._own is not None and origin == self._own:
            return True
        return origin[0] == "https" and origin[1] in HOSTS and origin[2] in {None, 443}

    async def read(self, url: str) -> bytes:
        """The file's bytes; raises BadImage where it cannot be had or is over the gate's limit."""
        if not self.allowed(url):
            raise BadImage("image-not-fetched")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=FETCH_S_MAX),
            )
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status != 200:
                    raise BadImage("image-not-fetched")
                return await _body(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BadImage("image-not-fetched") from error

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            await self._session.close()


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


async def _body(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        data += chunk
        if len(data) > BYTES_MAX:
            raise BadImage(
                "image-too-many-bytes",
                size_mb=round(max(len(data), response.content_length or 0) / 2**20, 1),
                max_mb=BYTES_MAX // 2**20,
            )
    return bytes(data)
