"""People's own keys: tried when they come, kept sealed, opened for one call, switched off once."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from core import keys, purse
from core.app import App, Rules
from core.clock import SystemClock
from core.errors import BadOption, NotFound, UserError
from core.messenger import Say
from core.offers import Plan
from core.people import recognise
from core.records import read_lines
from providers.base import Credentials, Fault, ProviderError
from storage import keys as stored
from storage.notices import notice
from tests.fakes.locksmith import GOOD, OTHER, Locksmith, call
from tests.fakes.studio import Studio, studio

RULES = Rules(plans=(Plan(id="free", title="Free", keys=2), Plan(id="none", title="None", keys=0)))


class Later:
    """The machine's clock, set forward by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def steady_s(self) -> float:
        return SystemClock().steady_s()


@pytest.fixture
def lock() -> Locksmith:
    return Locksmith()


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """An Atelier with the offline provider."""
    async with studio(database_url, tmp_path, rules=RULES) as opened:
        yield opened


@pytest.fixture
def app(room: Studio, lock: Locksmith, clock: Later) -> App:
    """Its rules, with vendors that people bring keys for."""
    more = [Locksmith("key"), Locksmith("door")]
    found = lock.beside(room.app, lock="http://127.0.0.1:9/lock")
    for each in more:
        found = each.beside(found)
    return dataclasses.replace(found, clock=clock)


async def person(app: App, user: str = "ann") -> str:
    return await recognise(app, "telegram", user, user)


async def noticed(app: App) -> list[tuple[str, Say]]:
    """Whom something was told, and what."""

    def read(connection: Connection) -> list[tuple[str, str]]:
        rows = connection.execute(select(notice.c.person_id, notice.c.lines))
        return [(str(who), str(lines)) for who, lines in rows]

    return [(who, read_lines(lines)[0]) for who, lines in await app.database.read(read)]


async def test_a_key_is_tried_and_kept_and_pays(app: App, lock: Locksmith) -> None:
    ann = await person(app)
    added = await keys.add(app, ann, "lock", f"  {GOOD}\n")
    assert (added.title, added.last4, added.replaced) == ("The locksmith", GOOD[-4:], False)
    assert added.checked.models == frozenset({"model-1"})
    assert lock.tried == [Credentials(key=GOOD, base_url="http://127.0.0.1:9/lock")]
    (mine,) = await keys.listed(app, ann)
    assert (mine.vendor, mine.title, mine.last4) == ("lock", "The locksmith", GOOD[-4:])
    assert (mine.state, mine.reason, mine.used) == ("active", None, 0)
    assert mine.last_ok_at is not None
    assert (await purse.of_person(app, ann)).vendors == {"lock"}
    assert await call(app, ann) == 1
    assert lock.open == 0
    ben = await person(app, "ben")
    assert await keys.listed(app, ben) == []
    with pytest.raises(NotFound, match="key-none"):
        await call(app, ben)


async def test_a_key_takes_the_place_of_one_for_the_same_vendor(app: App, lock: Locksmith) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    before = await app.database.read(stored.find, ann, "lock")
    added = await keys.add(app, ann, "lock", OTHER)
    assert added.replaced
    (mine,) = await keys.listed(app, ann)
    assert mine.last4 == OTHER[-4:]
    await call(app, ann)
    assert lock.tried[-1].key == OTHER
    after = await app.database.read(stored.find, ann, "lock")
    assert before is not None
    assert after is not None
    assert after.id != before.id


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Fault.BAD_KEY, "key-refused"),
        (Fault.UNAVAILABLE, "key-not-tried"),
        (Fault.RATE_LIMITED, "key-not-tried"),
        (Fault.UNKNOWN, "key-not-tried"),
    ],
)
async def test_what_the_vendor_does_not_take_is_not_kept(
    app: App, lock: Locksmith, fault: Fault, key: str
) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    lock.fault = fault
    with pytest.raises(UserError, match=key) as raised:
        await keys.add(app, ann, "lock", OTHER)
    assert OTHER not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert [mine.last4 for mine in await keys.listed(app, ann)] == [GOOD[-4:]]
    assert lock.open == 0


async def test_a_key_without_funds_is_kept_and_says_so(app: App, lock: Locksmith) -> None:
    lock.fault = Fault.NO_FUNDS
    added = await keys.add(app, await person(app), "lock", GOOD)
    assert added.checked.funds == "0"


async def test_nobody_can_try_as_many_as_they_like(app: App, lock: Locksmith) -> None:
    ann = await person(app)
    for number in range(keys.TRIES_PER_MINUTE):
        with pytest.raises(UserError, match="key-refused"):
            await keys.add(app, ann, "lock", f"lock-{number:016x}-stolen")
    with pytest.raises(UserError, match="keys-too-often"):
        await keys.add(app, ann, "lock", GOOD)
    assert len(lock.tried) == keys.TRIES_PER_MINUTE


async def test_a_vendor_that_does_not_answer_is_not_waited_for(
    app: App, lock: Locksmith, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("core.keys.CHECK_S_MAX", 0.05)
    monkeypatch.setattr("tests.fakes.locksmith.Opened.check", never)
    with pytest.raises(UserError, match="key-not-tried"):
        await keys.add(app, await person(app), "lock", GOOD)
    assert lock.open == 0


@pytest.mark.parametrize("wrong", ["", "short", "x" * 600, f"{GOOD} and", "ключ" * 8, f"{GOOD}\0"])
async def test_what_is_no_key_goes_nowhere(app: App, lock: Locksmith, wrong: str) -> None:
    with pytest.raises(BadOption, match="key-malformed"):
        await keys.add(app, await person(app), "lock", wrong)
    with pytest.raises(BadOption, match="option-not-choice"):
        await keys.add(app, await person(app), "sketch", GOOD)
    assert lock.tried == []


async def test_the_plan_says_how_many(app: App, lock: Locksmith) -> None:
    ann = await person(app)
    for name in ("key", "door"):
        await keys.add(app, ann, name, GOOD)
    with pytest.raises(UserError, match="keys-too-many") as raised:
        await keys.add(app, ann, "lock", GOOD)
    assert raised.value.values == {"limit": 2}
    assert lock.tried == []
    assert (await keys.add(app, ann, "door", OTHER)).replaced
    await keys.remove(app, ann, "key")
    await keys.add(app, ann, "lock", GOOD)


async def test_many_at_once_keep_to_the_plan(app: App) -> None:
    ann = await person(app)
    adding = (keys.add(app, ann, name, GOOD) for name in ("key", "door", "lock") * 3)
    done = await asyncio.gather(*adding, return_exceptions=True)
    refused = [each for each in done if isinstance(each, BaseException)]
    assert all(isinstance(each, UserError) for each in refused)
    assert len(refused) >= 3
    rows = await keys.listed(app, ann)
    assert len(rows) == 2
    for row in rows:
        assert await call(app, ann, row.vendor) == 1


async def test_a_key_stands_anywhere_in_a_text(app: App, lock: Locksmith) -> None:
    for text in (GOOD, f"my key is {GOOD}, please", f"/keys add lock {GOOD}", f"`{GOOD}`"):
        found = keys.recognise(app, text)
        assert found is not None
        assert found.name == "lock"
    for text in ("", "a fox", "lock-picking", "x" * 100_000):
        assert keys.recognise(app, text) is None
    names = {vendor.name for vendor in keys.vendors(app)}
    assert {"lock", "key", "door"} <= names
    assert "sketch" not in names


async def test_a_key_that_is_refused_is_switched_off_and_its_owner_told_once(
    app: App, lock: Locksmith
) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    lock.good.clear()
    done = await asyncio.gather(*(call(app, ann) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(each, ProviderError | UserError) for each in done)
    await keys.switch_off(app, ann, "lock", "bad-key")
    told = {"vendor": "The locksmith", "last4": GOOD[-4:], "reason": "bad-key"}
    assert await noticed(app) == [(ann, Say(key="key-switched-off", values=told))]
    (mine,) = await keys.listed(app, ann)
    assert (mine.state, mine.reason) == ("off", "bad-key")
    assert (await purse.of_person(app, ann)).vendors == frozenset()
    calls = len(lock.tried)
    with pytest.raises(UserError, match="key-off"):
        await call(app, ann)
    assert (len(lock.tried), lock.open) == (calls, 0)


async def test_other_faults_leave_a_key_on(app: App, lock: Locksmith) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    for lock.fault in (Fault.NO_FUNDS, Fault.UNAVAILABLE, Fault.RATE_LIMITED, Fault.UNKNOWN):
        with pytest.raises(ProviderError):
            await call(app, ann)
    assert (await purse.of_person(app, ann)).vendors == {"lock"}
    assert await noticed(app) == []


async def test_a_key_that_came_meanwhile_is_not_switched_off(app: App, lock: Locksmith) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    with pytest.raises(ProviderError):  # noqa: PT012 - the key changes during the call
        async with keys.opened(app, ann, "lock"):
            await keys.add(app, ann, "lock", OTHER)
            raise ProviderError(Fault.BAD_KEY)
    assert (await purse.of_person(app, ann)).vendors == {"lock"}
    assert await noticed(app) == []


async def test_a_test_switches_off_and_on(app: App, lock: Locksmith, clock: Later) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    lock.good.clear()
    with pytest.raises(UserError, match="key-refused"):
        await keys.test(app, ann, "lock")
    assert (await keys.listed(app, ann))[0].state == "off"
    lock.good.add(GOOD)
    clock.ahead = timedelta(hours=1)
    assert (await keys.test(app, ann, "lock")).funds == "$5"
    (mine,) = await keys.listed(app, ann)
    assert (mine.state, mine.reason) == ("active", None)
    assert mine.last_ok_at is not None
    assert mine.last_ok_at > SystemClock().now()
    # Who asks is answered; only who does not is told.
    assert await noticed(app) == []
    clock.ahead = timedelta(hours=2)
    await keys.worked(app, ann, "lock")
    (later,) = await keys.listed(app, ann)
    assert later.last_ok_at is not None
    assert later.last_ok_at > mine.last_ok_at
    with pytest.raises(NotFound, match="key-none"):
        await keys.test(app, ann, "door")


async def test_a_key_is_removed_and_its_data_key_with_the_last(app: App) -> None:
    ann = await person(app)
    await keys.add(app, ann, "lock", GOOD)
    await keys.add(app, ann, "door", GOOD)
    assert await keys.remove(app, ann, "lock")
    assert not await keys.remove(app, ann, "lock")
    assert await app.database.read(stored.find_data_key, ann) is not None
    assert await call(app, ann, "door") == 1
    assert await keys.remove(app, ann, "door")
    assert await app.database.read(stored.find_data_key, ann) is None
    assert await keys.listed(app, ann) == []


async def test_a_choice_is_kept(app: App) -> None:
    ann = await person(app)
    assert await keys.preference(app, ann) == keys.Preference(prefer="own", fall_back=False)
    for prefer, fall_back in (("only", False), ("credits", True), ("own", True)):
        await keys.prefer(app, ann, prefer, fall_back)
        found = await keys.preference(app, ann)
        assert (found.prefer, found.fall_back) == (prefer, fall_back)
    with pytest.raises(BadOption, match="option-not-choice"):
        await keys.prefer(app, ann, "somebody else", False)


async def test_a_ticket_is_good_once_and_for_ten_minutes(app: App, clock: Later) -> None:
    ann = await person(app)
    ticket = await keys.make_ticket(app, ann)
    assert await keys.peek_ticket(app, ticket) == ann
    assert await keys.peek_ticket(app, ticket) == ann
    used = await asyncio.gather(
        *(keys.use_ticket(app, ticket) for _ in range(5)), return_exceptions=True
    )
    assert [each for each in used if isinstance(each, str)] == [ann]
    assert all(isinstance(each, NotFound) for each in used if not isinstance(each, str))
    late = await keys.make_ticket(app, ann)
    clock.ahead = timedelta(seconds=keys.TICKET_S_MAX + 1)
    for wrong in (ticket, late, "", "x", "x" * 5000, "\x00"):
        for ask in (keys.peek_ticket, keys.use_ticket):
            with pytest.raises(NotFound, match="key-ticket-over"):
                await ask(app, wrong)
    assert await app.database.transaction(stored.purge, app.clock.now(), 10) == 1
