"""Turns: how many jobs a worker makes at once."""

from __future__ import annotations

from typing import Protocol


class Turn(Protocol):
    """A limit on how many jobs are made at once: taken before the work, left when pictures are there."""

    async def take(self) -> None:
        """Wait until this job may be made; again is harmless."""
        ...

    def leave(self) -> None:
        """What follows is storing and showing; again is harmless."""
        ...


class AnyTime:
    """No limit."""

    async def take(self) -> None:
        """At once."""

    def leave(self) -> None:
        """Nobody waits."""
