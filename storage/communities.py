"""Communities: what the operator has decided about each one's pool."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    Connection,
    String,
    Table,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import metadata

community = Table(
    "community",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("anywhere", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityRow:
    """A pool that is `open` is filled on demand; credits out of an `anywhere` one are good everywhere."""

    id: str
    open: bool = False
    anywhere: bool = False


_COMMUNITY = [community.c[item.name] for item in fields(CommunityRow)]
_FIND = select(*_COMMUNITY).where(community.c.id == bindparam("of_community"))
_DECIDED: dict[str, BindParameter[bool]] = {
    "open": bindparam("is_open"),
    "anywhere": bindparam("is_anywhere"),
}
_PUT = {
    name: new(community)
    .values(id=bindparam("of_community"), **_DECIDED)
    .on_conflict_do_update(index_elements=["id"], set_=_DECIDED)
    for name, new in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}


def find(connection: Connection, community_id: str) -> CommunityRow:
    """What is decided about a community; where nothing is, its pool is funded and for itself."""
    row = connection.execute(_FIND, {"of_community": community_id}).one_or_none()
    return CommunityRow(id=community_id) if row is None else CommunityRow(**row._mapping)


def put(connection: Connection, row: CommunityRow) -> None:
    """Decide anew about a community."""
    values = {"of_community": row.id, "is_open": row.open, "is_anywhere": row.anywhere}
    connection.execute(_PUT[connection.dialect.name], values)
