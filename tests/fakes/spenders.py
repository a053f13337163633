"""A process of people who all spend one account at once: `python -m tests.fakes.spenders <database> <tasks>`.

It prints a line when it is ready. For each line it reads, every task tries to hold credits; it answers
with how many credits were held in all.
"""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import Connection, delete, update

from core import accounts, credits
from core.clock import SystemClock
from core.ids import new_id
from storage.database import Database, connect
from storage.holds import hold
from storage.ledger import account

PERSON = "ann"
EACH = 2


async def spend(database: Database, tasks: int) -> int:
    """So many tasks at once, each of which wants EACH credits; what they got in all."""
    return sum(await asyncio.gather(*(_one(database) for _ in range(tasks))))


async def _one(database: Database) -> int:
    now = SystemClock().now()
    left = await database.transaction(credits.hold, new_id(), PERSON, EACH, None, now)
    return 0 if left is None else EACH


def give_back(connection: Connection) -> int:
    """All holds as if they had never been; how many there were."""
    count = connection.execute(delete(hold)).rowcount
    own = accounts.person(PERSON)
    connection.execute(update(account).where(account.c.id == own).values(pending=0))
    return count


async def _main(url: str, tasks: int) -> None:
    database = connect(url)
    print(await spend(database, 0), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(await spend(database, tasks), flush=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
