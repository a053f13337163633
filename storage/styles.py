"""Styles of people's and communities' own: words that are added to a prompt, under a name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    case,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

NAME_LENGTH = 40
WORDS_LENGTH = 500

style = Table(
    "style",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id")),
    Column("community", String(100)),
    Column("name", String(NAME_LENGTH), nullable=False),
    Column("words", String(WORDS_LENGTH), nullable=False),
    Column("negative", String(WORDS_LENGTH)),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("person_id", "name"),
    UniqueConstraint("community", "name"),
    CheckConstraint("(person_id IS NULL) <> (community IS NULL)", name="owner"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleRow:
    """A style of one person or of one community: exactly one of the two is set."""

    id: str
    person_id: str | None
    community: str | None
    name: str
    words: str
    negative: str | None
    made_at: datetime


_STYLE = [style.c[item.name] for item in fields(StyleRow)]
_THEIRS: dict[str, ColumnElement[bool]] = {
    "person": style.c.person_id == bindparam("owner"),
    "community": style.c.community == bindparam("owner"),
}
_NAMED = style.c.name == bindparam("called")
_ALL = {kind: select(*_STYLE).where(mine).order_by(style.c.name) for kind, mine in _THEIRS.items()}
_REMOVE = {kind: delete(style).where(mine, _NAMED) for kind, mine in _THEIRS.items()}
# A person's own comes before their community's.
_FIND = (
    select(*_STYLE)
    .where(
        _NAMED,
        or_(style.c.person_id == bindparam("person"), style.c.community == bindparam("place")),
    )
    .order_by(case((style.c.person_id.is_(None), 1), else_=0))
    .limit(1)
)
_RENAME = update(style).where(style.c.id == bindparam("of_style")).values(name=bindparam("called"))


def put(connection: Connection, row: StyleRow) -> None:
    """A new style, or other words for the one of that name."""
    new = (sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert)(style)
    owner = style.c.community if row.person_id is None else style.c.person_id
    connection.execute(
        new.values(
            {item.name: getattr(row, item.name) for item in fields(StyleRow)}
        ).on_conflict_do_update(
            index_elements=[owner, style.c.name],
            set_={"words": row.words, "negative": row.negative},
        )
    )


def find(
    connection: Connection, name: str, person_id: str, community: str | None
) -> StyleRow | None:
    """The style of a name: a person's own, else that of the community they speak in."""
    values = {"called": name, "person": person_id, "place": community}
    row = connection.execute(_FIND, values).one_or_none()
    return None if row is None else StyleRow(**row._mapping)


def of_person(connection: Connection, person_id: str) -> list[StyleRow]:
    """A person's own styles, by name."""
    return _listed(connection, "person", person_id)


def of_community(connection: Connection, community: str) -> list[StyleRow]:
    """A community's own styles, by name."""
    return _listed(connection, "community", community)


def _listed(connection: Connection, kind: str, owner: str) -> list[StyleRow]:
    return [StyleRow(**row._mapping) for row in connection.execute(_ALL[kind], {"owner": owner})]


def remove(connection: Connection, name: str, *, person_id: str = "", community: str = "") -> bool:
    """Forget a style of a person or of a community; whether there was one."""
    kind, owner = ("person", person_id) if person_id else ("community", community)
    return connection.execute(_REMOVE[kind], {"owner": owner, "called": name}).rowcount > 0


def rename(connection: Connection, style_id: str, name: str) -> None:
    """Call a style otherwise; its owner has none of that name."""
    connection.execute(_RENAME, {"of_style": style_id, "called": name})
