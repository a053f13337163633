"""Pictures of jobs: what each was given and what it made, by the hash of the stored bytes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    union,
)

from storage.database import Moment, metadata
from storage.personas import persona_photo

# Stands for the bytes of a picture that was thrown away while others of its job stay: it keeps its
# place, so that their numbers stay right, and no blob has this name.
GONE = "0" * 64

picture = Table(
    "picture",
    metadata,
    Column("job_id", String(32), ForeignKey("job.id"), primary_key=True),
    Column("role", String(6), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("favourite_at", Moment),
    Column("downloads", Integer, nullable=False, server_default="0"),
    Index("ix_picture_sha256", "sha256"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A picture that a job was given (role input) or made (role output)."""

    role: str
    position: int
    sha256: str
    media_type: str
    width: int
    height: int
    size_bytes: int


_ADD = insert(picture)
_OF_JOB = (
    select(*(picture.c[item.name] for item in fields(PictureRow)))
    .where(picture.c.job_id == bindparam("of_job"), picture.c.role == bindparam("as_role"))
    .order_by(picture.c.position)
)
_HASHES = select(picture.c.sha256).where(picture.c.job_id == bindparam("of_job"))
_STILL_USED = union(
    *(
        select(column).where(column.in_(bindparam("hashes", expanding=True)))
        for column in (picture.c.sha256, persona_photo.c.sha256)
    )
)
_DROP = delete(picture).where(picture.c.job_id == bindparam("of_job"))


def add(connection: Connection, job_id: str, rows: Sequence[PictureRow]) -> None:
    """Tie pictures to a job."""
    if rows:
        connection.execute(_ADD, [{"job_id": job_id, **asdict(row)} for row in rows])


def of_job(connection: Connection, job_id: str, role: str) -> list[PictureRow]:
    """The pictures of a job in one role, in order."""
    rows = connection.execute(_OF_JOB, {"of_job": job_id, "as_role": role})
    return [PictureRow(**row._mapping) for row in rows]


def referred(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Those of the hashes that a job's picture or a persona's photo refers to."""
    return set(connection.execute(_STILL_USED, {"hashes": hashes}).scalars())


def unused(connection: Connection, hashes: Collection[str]) -> list[str]:
    """Those of the hashes that nothing refers to any more."""
    return sorted(set(hashes) - referred(connection, sorted(hashes)))


def drop(connection: Connection, job_id: str) -> list[str]:
    """Untie a job's pictures; the hashes that nothing refers to any more."""
    hashes = set(connection.execute(_HASHES, {"of_job": job_id}).scalars())
    connection.execute(_DROP, {"of_job": job_id})
    return unused(connection, hashes)
