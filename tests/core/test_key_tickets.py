"""A ticket goes with the key that it was for; texts are looked through however long they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import keys
from core.app import App
from core.errors import NotFound, UserError
from core.people import account, recognise
from providers.base import Fault
from tests.fakes.locksmith import GOOD, OTHER, Locksmith
from tests.fakes.studio import studio


@pytest.fixture
def lock() -> Locksmith:
    return Locksmith()


@pytest.fixture
async def app(database_url: str, tmp_path: Path, lock: Locksmith) -> AsyncIterator[App]:
    """An Atelier with a vendor that people bring keys for."""
    async with studio(database_url, tmp_path) as opened:
        yield lock.beside(opened.app)


async def test_a_ticket_is_used_by_a_key_that_is_kept_and_by_one_alone(
    app: App, lock: Locksmith
) -> None:
    ann = await recognise(app, "telegram", "7", "Ann")
    assert await account(app, ann) == "Ann (telegram)"
    ticket = await keys.make_ticket(app, ann)
    for lock.fault in (Fault.BAD_KEY, Fault.UNAVAILABLE):
        with pytest.raises(UserError):
            await keys.add(app, ann, "lock", GOOD, ticket=ticket)
    lock.fault = None
    assert await keys.peek_ticket(app, ticket) == ann
    given = (GOOD, OTHER) * 4
    done = await asyncio.gather(
        *(keys.add(app, ann, "lock", key, ticket=ticket) for key in given),
        return_exceptions=True,
    )
    kept = [found for found in done if isinstance(found, keys.Added)]
    assert all(isinstance(found, keys.Added | NotFound) for found in done)
    assert [own.last4 for own in await keys.listed(app, ann)] == [found.last4 for found in kept]


@pytest.mark.parametrize("before", [0, 9_990, 10_000, 9_488, 50_000])
async def test_a_key_is_found_in_a_text_of_any_length(app: App, before: int) -> None:
    keys.check_text(app, " " * before)
    with pytest.raises(keys.KeyPasted) as raised:
        keys.check_text(app, " " * before + GOOD + " " * 20_000)
    assert raised.value.values == {"vendor": "The locksmith", "url": "https://lock.test/keys"}
    assert GOOD not in repr(raised.value)
