"""The page in the browser: each person's exchanges, kept in the database so that any process can add."""

from __future__ import annotations

from core.app import App
from core.errors import NotFound
from storage import pages
from storage.blobs import BlobFailed, BlobMissing
from storage.pages import PageMessage

__all__ = ["PageMessage", "add", "file", "find", "latest", "remove", "show", "topic"]

LATEST_MAX = 100


def topic(person_id: str) -> str:
    """What listeners of a person's page listen for."""
    return f"page:{person_id}"


async def add(app: App, person_id: str, message_id: str, words: str) -> bool:
    """Keep a person's words before they are acted on; False where this very message is there already."""
    row = PageMessage(
        id=message_id,
        person_id=person_id,
        words=words,
        answer="{}",
        revision=0,
        final=False,
        created_at=app.clock.now(),
    )
    return await app.database.statement(pages.add, row)


async def show(
    app: App, message_id: str, answer: str, *, final: bool = False, first: bool = False
) -> None:
    """Put an answer below the words; a `first` one only where nothing stands yet, see storage."""
    person_id = await app.database.statement(
        pages.answer, message_id, answer, final=final, first=first
    )
    if person_id is not None:
        await app.bell.tell(topic(person_id))


async def remove(app: App, message_id: str, person_id: str | None = None) -> None:
    """Take a message away (only where it is this person's, if one is named); gone is success."""
    if person_id is not None and await find(app, person_id, message_id) is None:
        return
    owner = await app.database.statement(pages.remove, message_id)
    if owner is not None:
        await app.bell.tell(topic(owner))


async def latest(
    app: App, person_id: str, limit: int, before: str | None = None
) -> list[PageMessage]:
    """A person's latest messages (before an id), oldest first."""
    return await app.database.read(pages.latest, person_id, min(limit, LATEST_MAX), before)


async def find(app: App, person_id: str, message_id: str) -> PageMessage | None:
    """One message of this person."""
    # Whatever is longer sorts behind its own beginning: the latest before it is the id itself.
    rows = await latest(app, person_id, 1, before=f"{message_id}~")
    return rows[0] if rows and rows[0].id == message_id else None


async def file(app: App, sha256: str) -> bytes:
    """The bytes of a stored picture; raises NotFound."""
    try:
        return await app.blobs.get(sha256)
    except (BlobMissing, BlobFailed) as error:
        raise NotFound("job-gone") from error
