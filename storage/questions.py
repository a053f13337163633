"""Questions that a bot asked in a chat and whose answer runs a command, also after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Index,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

question = Table(
    "question",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("message", String(64), primary_key=True),
    Column("command", String(40), nullable=False),
    Column("field", String(40), nullable=False),
    Column("given", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index("ix_question_asked", "asked_at"),
)

_KEY = (question.c.platform, question.c.place, question.c.message)
_PURGE = delete(question).where(
    tuple_(*_KEY).in_(
        select(*_KEY).where(question.c.asked_at < bindparam("before")).limit(bindparam("most"))
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """The command to run with the answer as `field`, beside the arguments `given` (JSON)."""

    command: str
    field: str
    given: str


def add(
    connection: Connection, platform: str, place: str, message: str, row: QuestionRow, now: datetime
) -> None:
    """Remember a question by the message that asked it."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(
        insert(question)
        .values(
            platform=platform,
            place=place,
            message=message,
            command=row.command,
            field=row.field,
            given=row.given,
            asked_at=now,
        )
        .on_conflict_do_nothing()
    )


def find(connection: Connection, platform: str, place: str, message: str) -> QuestionRow | None:
    """What the question in a message was about."""
    row = connection.execute(
        select(question.c.command, question.c.field, question.c.given).where(
            question.c.platform == platform,
            question.c.place == place,
            question.c.message == message,
        )
    ).one_or_none()
    return None if row is None else QuestionRow(**row._mapping)


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget questions asked before this, and up to so many of them; how many there were."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount
