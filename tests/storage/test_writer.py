"""SQLite's writer: what fails undoes itself alone, and processes go by turns."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage.database import Database, connect
from storage.turns import Turns


def _write(connection: Connection, text: str, *, fail: bool = False) -> None:
    connection.exec_driver_sql("INSERT INTO note VALUES (?)", (text,))
    if fail:
        raise ValueError(text)


def _notes(connection: Connection) -> list[str]:
    return list(connection.exec_driver_sql("SELECT text FROM note ORDER BY text").scalars())


async def _opened(path: Path) -> Database:
    database = connect(f"sqlite:///{path}")
    await database.transaction(
        lambda connection: connection.exec_driver_sql("CREATE TABLE note (text)").close()
    )
    return database


async def test_a_transaction_that_fails_alone_leaves_nothing(tmp_path: Path) -> None:
    database = await _opened(tmp_path / "a.db")
    with pytest.raises(ValueError, match="bad"):
        await database.transaction(_write, "bad", fail=True)
    await database.transaction(_write, "good")
    assert await database.read(_notes) == ["good"]
    await database.close()


async def test_one_that_fails_among_others_undoes_itself_alone(tmp_path: Path) -> None:
    database = await _opened(tmp_path / "a.db")
    several = [
        database.transaction(_write, f"{number}", fail=number % 3 == 0) for number in range(10)
    ]
    outcomes = await asyncio.gather(*several, return_exceptions=True)
    assert [isinstance(one, ValueError) for one in outcomes] == [n % 3 == 0 for n in range(10)]
    assert await database.read(_notes) == [f"{n}" for n in range(10) if n % 3]
    await database.close()


def test_who_writes_next_waits_until_the_one_before_is_done(tmp_path: Path) -> None:
    ours, theirs = Turns(tmp_path / "a.db"), Turns(tmp_path / "a.db")
    told = threading.Event()

    def wait() -> None:
        with theirs.taken():
            told.set()

    with ours.taken():
        other = threading.Thread(target=wait)
        other.start()
        assert not told.wait(0.1)
    assert told.wait(10)
    other.join()
    ours.close()
    theirs.close()


def test_a_place_without_locks_goes_without_turns(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "missing" / "a.db")
    with turns.taken():
        pass
    turns.close()
