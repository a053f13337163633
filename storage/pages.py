"""The web page's messages: a person's words and the answer below them, one row each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

page_message = Table(
    "page_message",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("words", Text, nullable=False),
    Column("answer", Text, nullable=False, server_default="{}"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("final", Boolean, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Index("ix_page_message_person", "person_id", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMessage:
    """One exchange on the page; `answer` is JSON that the page renders; `revision` counts edits."""

    id: str
    person_id: str
    words: str
    answer: str
    revision: int
    final: bool
    created_at: datetime


_COLUMNS = [page_message.c[item.name] for item in fields(PageMessage)]


def add(connection: Connection, row: PageMessage) -> bool:
    """A person's words; False where the very same message was sent before."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    values = {item.name: getattr(row, item.name) for item in fields(PageMessage)}
    added = connection.execute(
        insert(page_message).values(values).on_conflict_do_nothing().returning(page_message.c.id)
    )
    return added.one_or_none() is not None


def answer(
    connection: Connection, message_id: str, answer: str, *, final: bool, first: bool = False
) -> str | None:
    """Show an answer: the person whose page it is; a final one is not overwritten by a passing one.

    `first` writes only where nothing has been shown yet.
    """
    wanted = page_message.c.id == message_id
    if first:
        wanted &= page_message.c.revision == 0
    if not final:
        wanted &= page_message.c.final.is_(False)
    return connection.execute(
        update(page_message)
        .where(wanted)
        .values(answer=answer, final=final, revision=page_message.c.revision + 1)
        .returning(page_message.c.person_id)
    ).scalar_one_or_none()


def remove(connection: Connection, message_id: str) -> str | None:
    """Take a message away; the person whose page it was on."""
    return connection.execute(
        delete(page_message)
        .where(page_message.c.id == message_id)
        .returning(page_message.c.person_id)
    ).scalar_one_or_none()


def latest(
    connection: Connection, person_id: str, limit: int, before: str | None = None
) -> list[PageMessage]:
    """A person's latest messages (before an id), oldest first."""
    wanted = page_message.c.person_id == person_id
    if before is not None:
        wanted &= page_message.c.id < before
    rows = connection.execute(
        select(*_COLUMNS).where(wanted).order_by(page_message.c.id.desc()).limit(limit)
    )
    return [PageMessage(**row._mapping) for row in rows][::-1]
