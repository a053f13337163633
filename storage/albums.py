"""Parts of albums that a platform handed over one by one, kept until the album is carried out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Moment, metadata

album_part = Table(
    "album_part",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("album", String(64), nullable=False),
    # None: the album was carried out. The row stays for a day, so that a part which comes late
    # or again begins nothing.
    Column("body", Text),
    Column("taken_by", String(32)),
    Column("taken_until", Moment),
    Column("came_at", Moment, nullable=False),
    Index("ix_album_part_album", "album", "update_id"),
    Index("ix_album_part_came", "came_at"),
)
_OPEN = album_part.c.body.is_not(None)
Index("ix_album_part_open", album_part.c.update_id, sqlite_where=_OPEN, postgresql_where=_OPEN)

_OF_ALBUM = album_part.c.album == bindparam("of_album")
_KEEP = {
    name: insert(album_part).on_conflict_do_nothing()
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_ENDED = select(album_part.c.update_id).where(_OF_ALBUM, album_part.c.body.is_(None)).limit(1)
_COUNT = select(func.count()).select_from(album_part).where(_OF_ALBUM)
_LOCK = (
    select(album_part.c.body, album_part.c.taken_by, album_part.c.taken_until)
    .where(_OF_ALBUM)
    .order_by(album_part.c.update_id)
    .with_for_update()
)
_TAKE = (
    update(album_part)
    .where(_OF_ALBUM)
    .values(taken_by=bindparam("owner"), taken_until=bindparam("until"))
)
_END = update(album_part).where(_OF_ALBUM, _OPEN).values(body=None)
_LEFT = (
    select(album_part.c.album, album_part.c.body)
    .where(_OPEN)
    .order_by(album_part.c.update_id)
    .limit(bindparam("most"))
)
_PURGE = delete(album_part).where(
    album_part.c.update_id.in_(
        select(album_part.c.update_id)
        .where(album_part.c.came_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)


def keep(connection: Connection, update_id: int, album: str, body: str, now: datetime) -> bool:
    """Keep a part; False where its album was carried out before."""
    if connection.execute(_ENDED, {"of_album": album}).scalar_one_or_none() is not None:
        return False
    connection.execute(
        _KEEP[connection.dialect.name],
        {"update_id": update_id, "album": album, "body": body, "came_at": now},
    )
    return True


def count(connection: Connection, album: str) -> int:
    """How many parts of an album have come."""
    return connection.execute(_COUNT, {"of_album": album}).scalar_one()


def take(
    connection: Connection, album: str, owner: str, *, now: datetime, until: datetime
) -> list[str]:
    """All parts in the order they came, for one owner at a time; none once it was carried out."""
    rows = connection.execute(_LOCK, {"of_album": album}).all()
    if any(row.body is None for row in rows):
        end(connection, album)
        return []
    if any(
        row.taken_until is not None and row.taken_until > now and row.taken_by != owner
        for row in rows
    ):
        return []
    connection.execute(_TAKE, {"of_album": album, "owner": owner, "until": until})
    return [row.body for row in rows]


def end(connection: Connection, album: str) -> None:
    """It is carried out: what its parts said is removed."""
    connection.execute(_END, {"of_album": album})


def left(connection: Connection, limit: int) -> dict[str, str]:
    """Albums that are not carried out, each with one of its parts."""
    rows = connection.execute(_LEFT, {"most": limit})
    return {row.album: row.body for row in rows}


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Forget parts that came before this, and up to so many of them; how many there were."""
    return connection.execute(_PURGE, {"before": before, "most": limit}).rowcount
