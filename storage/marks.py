"""Marks: what one process has found out and all of them have to know, by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, Text, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

mark = Table(
    "mark",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """What is so since when."""

    name: str
    value: str
    made_at: datetime


_MARK = [mark.c[item.name] for item in fields(MarkRow)]

_FIND = select(*_MARK).where(mark.c.name == bindparam("of_name"))
_PUT = {}
for _name, _new in (("sqlite", sqlite_insert(mark)), ("postgresql", postgresql_insert(mark))):
    _PUT[_name] = _new.on_conflict_do_update(
        index_elements=["name"],
        set_={"value": _new.excluded.value, "made_at": _new.excluded.made_at},
    )
_REMOVE = delete(mark).where(
    mark.c.name == bindparam("of_name"), mark.c.made_at <= bindparam("until")
)


def put(connection: Connection, name: str, value: str, now: datetime) -> None:
    """Set a mark, or set it anew."""
    connection.execute(
        _PUT[connection.dialect.name], {"name": name, "value": value, "made_at": now}
    )


def find(connection: Connection, name: str) -> MarkRow | None:
    """A mark, if it is set."""
    row = connection.execute(_FIND, {"of_name": name}).one_or_none()
    return None if row is None else MarkRow(**row._mapping)


def remove(connection: Connection, name: str, until: datetime) -> bool:
    """Remove a mark that was set up to then; whether there was one."""
    return connection.execute(_REMOVE, {"of_name": name, "until": until}).rowcount == 1
