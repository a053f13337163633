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
    bindparam,
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
_NAMES = tuple(item.name for item in fields(PageMessage))

_ADD = {
    name: insert(page_message).on_conflict_do_nothing().returning(page_message.c.id)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_ANSWER = (
    update(page_message)
    .where(page_message.c.id == bindparam("of_message"))
    .values(
        answer=bindparam("shown"),
        final=bindparam("is_final"),
        revision=page_message.c.revision + 1,
    )
    .returning(page_message.c.person_id)
)
_PASSING = _ANSWER.where(page_message.c.final.is_(False))
# By whether it is final, and whether it is only for a message that shows nothing yet.
_ANSWERS = {
    (True, False): _ANSWER,
    (True, True): _ANSWER.where(page_message.c.revision == 0),
    (False, False): _PASSING,
    (False, True): _PASSING.where(page_message.c.revision == 0),
}
_REMOVE = (
    delete(page_message)
    .where(page_message.c.id == bindparam("of_message"))
    .returning(page_message.c.person_id)
)
_LATEST = (
    select(*_COLUMNS)
    .where(page_message.c.person_id == bindparam("person"), page_message.c.id < bindparam("before"))
    .order_by(page_message.c.id.desc())
    .limit(bindparam("most"))
)
_LAST = "z"  # sorts behind every id, whatever the locale: a sign would not


def add(connection: Connection, row: PageMessage) -> bool:
    """A person's words; False where the very same message was sent before."""
    values = {name: getattr(row, name) for name in _NAMES}
    added = connection.execute(_ADD[connection.dialect.name], values)
    return added.one_or_none() is not None


def answer(
    connection: Connection, message_id: str, answer: str, *, final: bool, first: bool = False
) -> str | None:
    """Show an answer: the person whose page it is; a final one is not overwritten by a passing one.

    `first` writes only where nothing has been shown yet.
    """
    statement = _ANSWERS[final, first]
    values = {"of_message": message_id, "shown": answer, "is_final": final}
    return connection.execute(statement, values).scalar_one_or_none()


def remove(connection: Connection, message_id: str) -> str | None:
    """Take a message away; the person whose page it was on."""
    return connection.execute(_REMOVE, {"of_message": message_id}).scalar_one_or_none()


def latest(
    connection: Connection, person_id: str, limit: int, before: str | None = None
) -> list[PageMessage]:
    """A person's latest messages (before an id), oldest first."""
    values = {"person": person_id, "before": before or _LAST, "most": limit}
    rows = connection.execute(_LATEST, values)
    return [PageMessage(**row._mapping) for row in rows][::-1]
