"""People and the identities by which platforms know them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from storage.database import Moment, metadata

person = Table(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", Moment, nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("external_id", String(64), primary_key=True),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False),
    Column("name", String(100), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Index("ix_identity_person", "person_id"),
)


_FIND = select(identity.c.person_id).where(
    identity.c.platform == bindparam("platform"),
    identity.c.external_id == bindparam("external"),
)
_IDENTITIES = (
    select(identity.c.platform, identity.c.external_id)
    .where(identity.c.person_id == bindparam("person"))
    .order_by(identity.c.created_at)
)
_BEGAN = select(person.c.created_at).where(person.c.id == bindparam("person"))


def find(connection: Connection, platform: str, external_id: str) -> str | None:
    """The person behind an identity, if it has been seen."""
    values = {"platform": platform, "external": external_id}
    return connection.execute(_FIND, values).scalar_one_or_none()


def add(
    connection: Connection,
    person_id: str,
    platform: str,
    external_id: str,
    name: str,
    now: datetime,
) -> None:
    """A new person with one identity; the identity's key refuses a second one."""
    connection.execute(insert(person).values(id=person_id, created_at=now))
    connection.execute(
        insert(identity).values(
            platform=platform,
            external_id=external_id,
            person_id=person_id,
            name=name[:100],
            created_at=now,
        )
    )


def rename(connection: Connection, platform: str, external_id: str, name: str) -> None:
    """Keep the name that the platform shows now."""
    connection.execute(
        update(identity)
        .where(identity.c.platform == platform, identity.c.external_id == external_id)
        .values(name=name[:100])
    )


def identities(connection: Connection, person_id: str) -> list[tuple[str, str]]:
    """A person's identities as platform and the platform's id, the first first."""
    rows = connection.execute(_IDENTITIES, {"person": person_id})
    return [(row.platform, row.external_id) for row in rows]


def began(connection: Connection, person_id: str) -> datetime | None:
    """When a person came first."""
    return connection.execute(_BEGAN, {"person": person_id}).scalar_one_or_none()
