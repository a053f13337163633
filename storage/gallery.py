"""What a person's jobs have made, picture by picture: paged, marked as favourites, thrown away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from storage.jobs import job
from storage.pictures import GONE, picture

# Literal, not bound: a planner can then use the partial indexes.
_KEPT = and_(job.c.state == literal_column("'succeeded'"), job.c.deleted_at.is_(None))
_OUTPUT = picture.c.role == literal_column("'output'")
_THERE = picture.c.sha256 != literal_column(f"'{GONE}'")
_FAVOURITE = picture.c.favourite_at.is_not(None)

Index(
    "ix_job_results",
    job.c.person_id,
    job.c.operation,
    job.c.id,
    sqlite_where=_KEPT,
    postgresql_where=_KEPT,
)
Index(
    "ix_job_persona",
    job.c.person_id,
    job.c.persona,
    job.c.id,
    sqlite_where=job.c.persona.is_not(None),
    postgresql_where=job.c.persona.is_not(None),
)
Index(
    "ix_picture_favourite",
    picture.c.job_id,
    picture.c.position,
    sqlite_where=_FAVOURITE,
    postgresql_where=_FAVOURITE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Which of a person's pictures are meant: all, or only those that are all of this."""

    favourites: bool = False
    operation: str | None = None
    persona: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One picture of one job, by its place there."""

    job_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A picture that a job made, with what it was asked for by; `params` is JSON."""

    job_id: str
    position: int
    sha256: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    favourite_at: datetime | None
    downloads: int
    operation: str
    model: str | None
    params: str
    parent_id: str | None
    persona: str | None
    created_at: datetime

    @property
    def mark(self) -> Mark:
        """What it is found again by."""
        return Mark(self.job_id, self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptJob:
    """A job whose pictures may be thrown away; `address` is where its message stands, as JSON."""

    id: str
    address: str


# Sorts behind every id, whatever the database's own order of letters is.
_BEHIND = Mark("z", 0)
_COLUMNS = [
    picture.c[item.name] if item.name in picture.c else job.c[item.name]
    for item in fields(ResultRow)
]
_JOINED = job.join(picture, and_(picture.c.job_id == job.c.id, _OUTPUT))
_OF = {
    "favourites": _FAVOURITE,
    "operation": job.c.operation == bindparam("of_operation"),
    "persona": job.c.persona == bindparam("of_persona"),
}
Shown = tuple[bool, bool, bool]
_BOTH = (False, True)
_ALL_SHOWN: tuple[Shown, ...] = tuple((a, b, c) for a in _BOTH for b in _BOTH for c in _BOTH)


def _shown(kinds: Shown) -> list[ColumnElement[bool]]:
    """The conditions of a person's pictures, narrowed by those kinds that are true."""
    narrow = [found for found, wanted in zip(_OF.values(), kinds, strict=True) if wanted]
    return [job.c.person_id == bindparam("person"), _KEPT, _THERE, *narrow]


def _page(kinds: Shown, *, newer: bool) -> Select[ResultRow]:
    """Pictures beyond a mark: newest job first, its pictures in their order; `newer`: the way back."""
    place = picture.c.position
    at: ColumnElement[int] = bindparam("place")
    of_job: ColumnElement[str] = bindparam("of_job")
    order: tuple[ColumnElement[Any], ...]
    found = select(*_COLUMNS).select_from(_JOINED).where(*_shown(kinds))
    if newer:
        beyond = and_(job.c.id >= of_job, or_(job.c.id > of_job, place < at))
        order = (job.c.id, place.desc())
    else:
        beyond = and_(job.c.id <= of_job, or_(job.c.id < of_job, place > at))
        order = (job.c.id.desc(), place)
    return found.where(beyond).order_by(*order).limit(bindparam("most"))


def _counted(kinds: Shown) -> Select[int]:
    one: ColumnElement[int] = literal_column("1")
    some = select(one).select_from(_JOINED).where(*_shown(kinds))
    return select(func.count()).select_from(some.limit(bindparam("most")).subquery())


_PAGES = {(kinds, newer): _page(kinds, newer=newer) for kinds in _ALL_SHOWN for newer in _BOTH}
_COUNTS = {kinds: _counted(kinds) for kinds in _ALL_SHOWN}
_ONE = (
    select(*_COLUMNS)
    .select_from(_JOINED)
    .where(
        job.c.id == bindparam("of_job"),
        picture.c.position == bindparam("place"),
        job.c.person_id == bindparam("person"),
        _KEPT,
        _THERE,
    )
)
_OPERATIONS_OF = (
    select(job.c.operation).where(job.c.person_id == bindparam("person"), _KEPT).distinct()
)
_PERSONAS_OF = (
    select(job.c.persona)
    .where(job.c.person_id == bindparam("person"), job.c.persona.is_not(None), _KEPT)
    .distinct()
)
_OPERATIONS = select(job.c.id, job.c.operation).where(
    job.c.id.in_(bindparam("jobs", expanding=True))
)
_THIS = and_(
    picture.c.job_id == bindparam("of_job"), _OUTPUT, picture.c.position == bindparam("place")
)
_SET_FAVOURITE = update(picture).where(_THIS).values(favourite_at=bindparam("at"))
_COUNT_DOWNLOAD = update(picture).where(_THIS).values(downloads=picture.c.downloads + 1)
_COUNT_BY_HASH = (
    update(picture)
    .where(
        picture.c.sha256 == bindparam("hash"),
        _OUTPUT,
        exists().where(job.c.id == picture.c.job_id, job.c.person_id == bindparam("person")),
    )
    .values(downloads=picture.c.downloads + 1)
)
# Held still: two who throw away different pictures of one job see what the other has left.
_HOLD = (
    select(job.c.id, job.c.address)
    .where(
        job.c.id.in_(bindparam("jobs", expanding=True)),
        job.c.person_id == bindparam("person"),
        _KEPT,
    )
    .order_by(job.c.id)
    .with_for_update()
)
_LEFT = select(picture.c.job_id, picture.c.position, picture.c.sha256).where(
    picture.c.job_id.in_(bindparam("jobs", expanding=True)), _OUTPUT, _THERE
)
_EMPTY = update(picture).where(_THIS).values(sha256=GONE, size_bytes=0, favourite_at=None)


def page(
    connection: Connection,
    person_id: str,
    show: Show,
    mark: Mark | None,
    limit: int,
    *,
    newer: bool = False,
) -> list[ResultRow]:
    """A person's pictures beyond a mark (None: from the newest on); newest first in either way."""
    at = mark or _BEHIND
    values = {**_values(person_id, show), "of_job": at.job_id, "place": at.position, "most": limit}
    rows = connection.execute(_PAGES[_kinds(show), newer], values)
    found = [ResultRow(**row._mapping) for row in rows]
    return found[::-1] if newer else found


def count(connection: Connection, person_id: str, show: Show, limit: int) -> int:
    """How many pictures there are, counted up to `limit`."""
    values = {**_values(person_id, show), "most": limit}
    return connection.execute(_COUNTS[_kinds(show)], values).scalar_one()


def one(connection: Connection, person_id: str, mark: Mark) -> ResultRow | None:
    """One of a person's pictures, where it is still there."""
    values = {"person": person_id, **_at(mark)}
    row = connection.execute(_ONE, values).one_or_none()
    return None if row is None else ResultRow(**row._mapping)


def operations_of(connection: Connection, person_id: str) -> list[str]:
    """What has made pictures of a person, by name."""
    return sorted(connection.execute(_OPERATIONS_OF, {"person": person_id}).scalars())


def personas_of(connection: Connection, person_id: str) -> list[str]:
    """The personas that a person has pictures of."""
    found = connection.execute(_PERSONAS_OF, {"person": person_id}).scalars()
    return sorted(name for name in found if name is not None)


def operations(connection: Connection, job_ids: Sequence[str]) -> dict[str, str]:
    """What each of these jobs did."""
    rows = connection.execute(_OPERATIONS, {"jobs": list(job_ids)})
    return {row.id: row.operation for row in rows}


def set_favourite(connection: Connection, mark: Mark, at: datetime | None) -> None:
    """Mark a picture as a favourite since a moment; None: it is none any more."""
    connection.execute(_SET_FAVOURITE, {**_at(mark), "at": at})


def count_downloads(connection: Connection, marks: Collection[Mark]) -> None:
    """Each of these was downloaded once more."""
    if marks:
        # In one order, so that two who count the same ones never wait for each other.
        connection.execute(_COUNT_DOWNLOAD, [_at(mark) for mark in sorted(marks)])


def count_download_of(connection: Connection, person_id: str, sha256: str) -> None:
    """The file of these bytes was downloaded once more, by the person who made it."""
    connection.execute(_COUNT_BY_HASH, {"hash": sha256, "person": person_id})


def hold(connection: Connection, person_id: str, job_ids: Collection[str]) -> list[KeptJob]:
    """Those of the jobs that are this person's and kept; they stay as they are until the end."""
    rows = connection.execute(_HOLD, {"jobs": sorted(job_ids), "person": person_id})
    return [KeptJob(**row._mapping) for row in rows]


def left(connection: Connection, job_ids: Collection[str]) -> Mapping[Mark, str]:
    """The pictures that these jobs still have, and the hash of each."""
    rows = connection.execute(_LEFT, {"jobs": sorted(job_ids)})
    return {Mark(row.job_id, row.position): row.sha256 for row in rows}


def empty(connection: Connection, marks: Collection[Mark]) -> None:
    """Throw pictures away whose jobs keep others; the bytes are the caller's to remove."""
    if marks:
        connection.execute(_EMPTY, [_at(mark) for mark in sorted(marks)])


def _at(mark: Mark) -> dict[str, object]:
    return {"of_job": mark.job_id, "place": mark.position}


def _kinds(show: Show) -> Shown:
    return show.favourites, show.operation is not None, show.persona is not None


def _values(person_id: str, show: Show) -> dict[str, object]:
    """Values of a statement for what is shown, without those that it has no place for."""
    values: dict[str, object] = {"person": person_id}
    if show.operation is not None:
        values["of_operation"] = show.operation
    if show.persona is not None:
        values["of_persona"] = show.persona
    return values
