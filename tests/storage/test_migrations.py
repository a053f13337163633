"""The migrations lead from nothing to exactly the tables, on both databases."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from migrations.start import head
from migrations.upgrade import upgrade
from storage import attempts, database, jobs
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


# What stood in a database before people had keys of their own.
FILLED = (
    "INSERT INTO person (id, created_at) VALUES ('p', :now)",
    "INSERT INTO job (id, person_id, operation, model, params, address, count, price, priority,"
    " running_max, state, epoch, cancel_asked, captured, lines, created_at) VALUES ('j', 'p',"
    " 'imagine', 'sketch', '{}', '{}', 1, 1, 0, 1, 'running', 1, false, 0, '[]', :now)",
    "INSERT INTO attempt (id, job_id, vendor, model, state, started_at)"
    " VALUES ('a', 'j', 'sketch', 'sketch', 'intent', :now)",
)


async def test_a_running_job_outlives_the_way_up(database_url: str) -> None:
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url, "0011")
    opened = database.connect(url)
    try:
        await opened.transaction(_fill)
        await asyncio.to_thread(upgrade, url)
        job = await opened.read(jobs.get, "j")
        assert job is not None
        assert job.own_key is False
        attempt = await opened.read(attempts.open_one, "j")
        assert attempt is not None
        assert attempt.own_key is False
        assert await opened.read(differences) == []
    finally:
        await opened.close()


def _fill(connection: Connection) -> None:
    for statement in FILLED:
        connection.execute(text(statement), {"now": datetime(2026, 11, 1)})  # noqa: DTZ001


async def test_an_empty_database_has_no_version(database_url: str) -> None:
    opened = database.connect(database_url)
    try:
        assert await opened.read(database.schema_version) is None
    finally:
        await opened.close()


def test_an_unknown_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        database.connect("mysql://somewhere/else")
