"""What the database holds of people's own keys: nothing in plain, and nothing that opens elsewhere."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from core import keys
from core.app import App, Rules
from core.errors import NotFound, UserError
from core.offers import Plan
from core.people import recognise
from core.sealing import Seals
from providers.base import ProviderError
from storage import keys as stored
from storage.tables import metadata
from tests.fakes.locksmith import GOOD, Locksmith, call
from tests.fakes.studio import MASTER_KEY, studio

RULES = Rules(plans=(Plan(id="free", title="Free", keys=2),))


@pytest.fixture
def lock() -> Locksmith:
    return Locksmith()


@pytest.fixture
async def app(database_url: str, tmp_path: Path, lock: Locksmith) -> AsyncIterator[App]:
    """The rules, with two vendors that people bring keys for."""
    async with studio(database_url, tmp_path, rules=RULES) as opened:
        yield Locksmith("door").beside(lock.beside(opened.app))


async def person(app: App, user: str = "ann") -> str:
    return await recognise(app, "telegram", user, user)


async def test_swapped_rows_do_not_open(app: App) -> None:
    people = [await person(app, user) for user in ("ann", "ben")]
    for each in people:
        await keys.add(app, each, "lock", GOOD)
        await keys.add(app, each, "door", GOOD)
    rows = [row for each in people for row in await app.database.read(stored.of_person, each)]

    def put(connection: Connection, key_id: str, sealed: bytes) -> None:
        table = stored.provider_key
        connection.execute(update(table).where(table.c.id == key_id).values(sealed=sealed))

    for number, row in enumerate(rows):
        for other in rows[:number] + rows[number + 1 :]:
            await app.database.transaction(put, row.id, other.sealed)
            with pytest.raises(UserError, match="keys-unreadable"):
                await call(app, row.person_id, row.vendor)
        await app.database.transaction(put, row.id, row.sealed)
        assert await call(app, row.person_id, row.vendor) == 1


async def test_another_master_key_says_so_and_new_keys_can_be_put_in(app: App) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    await keys.add(app, ann, "door", GOOD)
    lost = dataclasses.replace(app, seals=Seals("another master key, also long enough"))
    with pytest.raises(UserError, match="keys-unreadable"):
        await call(lost, ann)
    with pytest.raises(UserError, match="keys-unreadable"):
        await keys.test(lost, ann, "lock")
    with pytest.raises(UserError, match="keys-unreadable"):
        await keys.add(lost, ann, "lock", GOOD)
    # Nothing was lost by trying, and it comes back with the master key.
    assert await call(app, ann) == 1
    assert await keys.remove(lost, ann, "door")
    await keys.add(lost, ann, "lock", GOOD)
    assert await call(lost, ann) == 1


async def test_whoever_is_deleted_leaves_nothing(app: App) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    await keys.prefer(app, ann, "only", False)
    ticket = await keys.make_ticket(app, ann)
    await app.database.transaction(stored.erase, ann)
    assert await app.database.read(stored.find_data_key, ann) is None
    assert await keys.listed(app, ann) == []
    assert await keys.preference(app, ann) == keys.Preference()
    with pytest.raises(NotFound):
        await keys.use_ticket(app, ticket)
    await keys.add(app, ann, "lock", GOOD)
    assert await call(app, ann) == 1


def every_file(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("atelier.db*")]


async def test_plaintext_is_nowhere_in_the_database(
    app: App, lock: Locksmith, database_url: str, tmp_path: Path
) -> None:
    ann = await person(app)
    ticket = await keys.make_ticket(app, ann)
    await keys.add(app, ann, "lock", GOOD)
    lock.good.clear()
    with pytest.raises(ProviderError):
        await call(app, ann)
    data_key = await app.database.read(stored.find_data_key, ann)
    assert data_key is not None
    secrets = [GOOD.encode(), GOOD[:-4].encode(), ticket.encode(), MASTER_KEY.encode()]

    if database_url.startswith("sqlite"):
        looked = await asyncio.to_thread(every_file, tmp_path)
        assert data_key.wrapped in b"".join(looked)
    else:

        def every_row(connection: Connection) -> list[bytes]:
            found = []
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)):
                    parts = [x if isinstance(x, bytes) else str(x).encode() for x in row]
                    found.append(b"|".join(parts))
            return found

        looked = await app.database.read(every_row)
    assert looked
    for data in looked:
        assert not [secret for secret in secrets if secret in data]
