"""Upgrade a database to the newest version, one process at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

FOLDER = Path(__file__).parent
LOCK = 0x61746C72
LOCK_WAIT_S_MAX = 60


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing; a second process that comes meanwhile waits, then finds it done."""
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_WAIT_S_MAX})
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _run(connection, revision)
            connection.commit()
        engine.dispose()
    else:
        asyncio.run(_upgrade_postgres(url, revision))


async def _upgrade_postgres(url: str, revision: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        await connection.run_sync(_run, revision)
    await engine.dispose()


def _run(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
