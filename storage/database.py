"""The database: SQLite in one writer thread, or PostgreSQL; a transaction is one plain function."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    make_url,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from storage.turns import Turns
from storage.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")

LOCK_WAIT_S_MAX = 30.0
LOCK_RETRY_S = 0.004
READERS = 2
POSTGRES_CONNECTIONS_MAX = 10
UNREACHABLE = (DBAPIError, PoolTimeout, sqlite3.Error, OSError)

__all__ = [
    "UNREACHABLE",
    "Connection",
    "Database",
    "Moment",
    "connect",
    "metadata",
    "normalized",
    "schema_version",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC, on a database that knows zones and on one that does not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps naive text that sorts as time."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What comes back is aware."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Database(Protocol):
    """Runs plain functions `work(connection, …)` whole: all of it is committed, or nothing."""

    async def transaction(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` as one transaction that may write."""
        ...

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` that only reads; it never waits for a writer."""
        ...

    async def snapshot(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` that only reads, all of its statements on the same state."""
        ...

    async def statement(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` that is one statement: a transaction by itself, without two more round trips."""
        ...

    async def close(self) -> None:
        """Give back threads and connections."""
        ...


class SqliteDatabase:
    """SQLite: one writer thread (a thread hop per transaction is what costs), and a few readers."""

    def __init__(self, url: str) -> None:
        self._writer_engine = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool=1)
        self._reader_engine = _sqlite_engine(url, begin="BEGIN", pool=READERS)
        path = make_url(url).database
        assert path, "SQLite's database is a file"
        self._writer = Writer(self._writer_engine, Turns(Path(path)))
        self._readers = ThreadPoolExecutor(READERS, "sqlite-reader")

    async def transaction(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` in the writer thread, under BEGIN IMMEDIATE, with what else waits."""
        done: T = await self._writer.run(lambda connection: work(connection, *args, **kwargs))
        return done

    statement = transaction

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` on a snapshot in a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, _run, self._reader_engine, work, args, kwargs
        )

    snapshot = read

    async def close(self) -> None:
        """Let running transactions end, then close."""
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown)
        self._writer_engine.dispose()
        self._reader_engine.dispose()


class PostgresDatabase:
    """PostgreSQL over asyncpg; the same functions run through SQLAlchemy's run_sync."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=POSTGRES_CONNECTIONS_MAX,
            max_overflow=0,
            hide_parameters=True,  # they are prompts and tokens
        )
        self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._still = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def transaction(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` on one pooled connection."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` on one pooled connection, each statement for itself: that saves two round trips."""
        async with self._alone.connect() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    statement = read

    async def snapshot(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work` in one transaction that sees nothing of what is committed meanwhile."""
        async with self._still.begin() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


def normalized(url: str) -> str:
    """The URL with the driver that we use, whatever driver it named (postgres:// included)."""
    scheme, _, rest = url.partition("://")
    match scheme.partition("+")[0]:
        case "sqlite":
            return f"sqlite://{rest}"
        case "postgres" | "postgresql":
            return f"postgresql+asyncpg://{rest}"
        case _:
            raise ValueError(
                f"DATABASE_URL must begin with sqlite:// or postgresql://, not {scheme!r}"
            )


def connect(url: str) -> Database:
    """Open the database that the URL names."""
    url = normalized(url)
    if url.startswith("sqlite"):
        path = make_url(url).database
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        return SqliteDatabase(url)
    return PostgresDatabase(url)


def _run(
    engine: Engine, work: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    with engine.begin() as connection:
        return work(connection, *args, **kwargs)


def _sqlite_engine(url: str, *, begin: str, pool: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 0},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            _patiently(connection, f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        _patiently(raw, begin)

    return engine


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement that takes the lock, with short even retries: SQLite's own waits have a long tail."""
    deadline = time.monotonic() + LOCK_WAIT_S_MAX
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise OperationalError(statement, None, error) from error
            time.sleep(LOCK_RETRY_S)
        else:
            return


def schema_version(connection: Connection) -> str | None:
    """The migration that the database stands at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if version is None else str(version)
