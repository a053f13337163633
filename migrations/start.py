"""Bringing the database up to date at start, in a child process: alembic would cost 40 MB for good."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog

from storage import database

log = structlog.get_logger(__name__)

VERSIONS = Path(__file__).parent / "versions"


class CannotMigrateError(Exception):
    """The database cannot be brought to our version; the text says what to do."""


def head() -> str:
    """The newest version's number, by the names of the files."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


async def migrate_if_needed(url: str) -> None:
    """Compare the database's version with ours, and upgrade it where it is behind."""
    try:
        address = database.normalized(url)
        opened = database.connect(address)
    except (ValueError, OSError) as error:
        raise CannotMigrateError(f"DATABASE_URL: {error}") from error
    try:
        version = await opened.read(database.schema_version)
    except database.UNREACHABLE as error:
        raise CannotMigrateError(f"The database cannot be reached: {error}") from error
    finally:
        await opened.close()
    if version is not None and version > head():
        raise CannotMigrateError(
            f"The database is at version {version}, newer than this Atelier ({head()}): update it."
        )
    if version != head():
        await _upgrade(address)


async def _upgrade(address: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "migrations",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await child.communicate(address.encode())
    if child.returncode != 0:
        lines = told.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "the child process was killed"
        raise CannotMigrateError(f"The database could not be upgraded: {reason}")
    log.info("database upgraded", version=head())
