"""The migrations lead from nothing to exactly the tables, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from migrations.start import head
from migrations.upgrade import upgrade
from storage import database
from storage.tables import metadata


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_upwards_from_empty_and_again(database_url: str) -> None:
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url)
    await asyncio.to_thread(upgrade, url)
    opened = database.connect(url)
    try:
        assert await opened.read(differences) == []
        assert await opened.read(database.schema_version) == head()
    finally:
        await opened.close()


async def test_an_empty_database_has_no_version(database_url: str) -> None:
    opened = database.connect(database_url)
    try:
        assert await opened.read(database.schema_version) is None
    finally:
        await opened.close()


def test_an_unknown_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        database.connect("mysql://somewhere/else")
