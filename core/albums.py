"""Albums that come part by part: a part is durable before the platform hears that it was taken."""

from __future__ import annotations

from datetime import timedelta

from core.app import App
from storage import albums

# Whoever carries an album out has so long; then it died, and another process may.
TAKEN_S_MAX = 60.0
LEFT_MAX = 200


async def keep(app: App, update_id: int, album: str, body: str) -> bool:
    """Keep a part of an album; False where the album was carried out before."""
    return await app.database.transaction(albums.keep, update_id, album, body, app.clock.now())


async def count(app: App, album: str) -> int:
    """How many parts of an album have come, to whichever process."""
    return await app.database.read(albums.count, album)


async def take(app: App, album: str, owner: str) -> list[str]:
    """All parts of an album, to carry it out; none where another process does, or has done it."""
    now = app.clock.now()
    until = now + timedelta(seconds=TAKEN_S_MAX)
    return await app.database.transaction(albums.take, album, owner, now=now, until=until)


async def end(app: App, album: str) -> None:
    """The album's command is committed: its parts are removed."""
    await app.database.transaction(albums.end, album)


async def left(app: App) -> dict[str, str]:
    """Albums that nobody has carried out yet, each with one of its parts."""
    return await app.database.read(albums.left, LEFT_MAX)
