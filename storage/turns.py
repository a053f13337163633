"""Processes that write one SQLite file take turns, in the order in which they came."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO


class Turns:
    """A lock file beside the database, by which the kernel wakes who is next.

    It is there for order alone: SQLite's own lock keeps the file whole, but who polls for that gets it
    by luck, and one in a hundred waits long. Where the file cannot be locked, luck it is.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-turns")
        self._file: IO[bytes] | None = None

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, and give it on at the end; the end of the process gives it on, too."""
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if self._file is not None:
                with contextlib.suppress(OSError):
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Nobody writes any more."""
        if self._file is not None:
            self._file.close()
