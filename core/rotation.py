"""Rotation of the master key: every data key is wrapped anew, a few at a time, while everything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.sealing import SealBroken, Seals
from storage import keys
from storage.database import Connection, Database

BATCH = 200
# A process that still has the old master key may wrap with it behind a pass; but not for ever.
PASSES_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How many data keys were wrapped anew, and how many others wrap still, by their version.

    `missing` are those among `left` whose master key is not at hand, `broken` those that do not
    open under the one that is.
    """

    done: int
    left: Mapping[str, int]
    missing: Mapping[str, int]
    broken: int


async def rotate(database: Database, seals: Seals, told: Callable[[int, int], None]) -> Rotated:
    """Wrap all data keys by the newest master key; `told` hears how many are done and how many left.

    It may be ended at any moment and begun again, and any number may run at once.
    """
    done = broken = 0
    left = await database.read(_left, seals)
    for _ in range(PASSES_MAX):
        passed, broken = await _pass(database, seals, sum(left.values()), told)
        done += passed
        left = await database.read(_left, seals)
        unknown = _unknown(left, seals)
        if sum(left.values()) <= sum(unknown.values()) + broken:
            break
    return Rotated(done=done, left=left, missing=unknown, broken=broken)


async def missing(database: Database, seals: Seals) -> Mapping[str, int]:
    """How many data keys each master key wraps that is not at hand, by its version."""
    return _unknown(await database.read(_left, seals), seals)


async def _pass(
    database: Database, seals: Seals, total: int, told: Callable[[int, int], None]
) -> tuple[int, int]:
    """Once through all people: how many data keys were wrapped anew, and how many do not open."""
    done = broken = 0
    after = ""
    while rows := await database.read(keys.stale, seals.version, after, BATCH):
        after = rows[-1].person_id
        changes = []
        for row in rows:
            try:
                changes.append((row, seals.rewrap(row)))
            except SealBroken:
                broken += seals.knows(row.version)
        if changes:
            done += await database.transaction(keys.rewrap, changes)
            told(done, max(total - done, 0))
    return done, broken


def _left(connection: Connection, seals: Seals) -> dict[str, int]:
    """How many data keys are wrapped by others than the newest master key."""
    found = keys.versions(connection)
    return {name: count for name, count in found.items() if name != seals.version}


def _unknown(left: Mapping[str, int], seals: Seals) -> dict[str, int]:
    return {name: count for name, count in left.items() if not seals.knows(name)}
