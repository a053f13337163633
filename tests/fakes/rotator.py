"""A process that rotates the master key: `python -m tests.fakes.rotator <database> <newest> <old>`.

It prints a line for each batch, and at the end how many are left.
"""

from __future__ import annotations

import asyncio
import sys

from core import rotation
from core.sealing import Seals
from storage.database import connect


def told(done: int, left: int) -> None:
    print(done, left, flush=True)


async def _main(url: str, newest: str, old: str) -> None:
    database = connect(url)
    found = await rotation.rotate(database, Seals(newest, [old]), told)
    print("left", sum(found.left.values()), found.broken, flush=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
