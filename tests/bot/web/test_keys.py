"""Own keys at the page: put in by a ticket or by one's session, and never by the composer."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.web.app import HEADERS
from bot.web.visitor import OPERATOR
from core import keys, logins, pages
from core.ids import new_id
from core.people import recognise
from providers.base import Fault
from tests.bot.web.conftest import JSON, Door, opened, settings_for
from tests.conftest import on_sqlite
from tests.fakes.canary import Canary
from tests.fakes.locksmith import GOOD, OTHER, Locksmith

WRONG = "lock-0000000000000000-wrong"
SAFE = "https://pictures.example"


@pytest.fixture
def lock() -> Locksmith:
    return Locksmith()


@contextlib.asynccontextmanager
async def public(
    folder: Path, redis_url: str, lock: Locksmith, address: str = SAFE
) -> AsyncIterator[Door]:
    """A page that people reach under `address`, with two vendors that they bring keys for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = settings_for(folder, public_url=address, port=port)
    async with opened(settings, redis_url, work=False) as found:
        for each in (lock, Locksmith("door")):
            each.among(found.parts.app)
        yield Door(address=f"http://127.0.0.1:{port}", parts=found.parts, http=found.http)


async def put(door: Door, path: str, **fields: str) -> tuple[int, str]:
    """Send the form; the status and the page that came back."""
    async with door.http.post(door.address + path, data=fields) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        return answer.status, await answer.text()


async def ann(door: Door) -> str:
    return await recognise(door.parts.app, "telegram", "7", "Ann <3")


async def mine(door: Door, person: str) -> list[tuple[str, str]]:
    return [(own.vendor, own.last4) for own in await keys.listed(door.parts.app, person)]


async def test_a_ticket_takes_one_key_and_forgives_what_is_wrong(
    tmp_path: Path, redis_url: str, lock: Locksmith, canary: Canary
) -> None:
    async with public(tmp_path, redis_url, lock) as door:
        app, person = door.parts.app, await ann(door)
        path = f"/keys/{await keys.make_ticket(app, person)}"
        shown = await door.html(path)
        assert "Ann &lt;3 (telegram) will use it" in shown
        assert 'type="password"' in shown
        assert 'autocomplete="off"' in shown
        assert 'href="https://lock.test/keys"' in shown
        assert "checked" not in shown
        assert 'value="door" required checked' in await door.html(path + "?vendor=door")
        refused = {"vendor": "lock", "key": WRONG}
        status, page = await put(door, path, **refused)
        assert (status, "does not take this key" in page) == (400, True)
        assert 'value="lock" required checked' in page
        lock.fault = Fault.UNAVAILABLE
        status, page = await put(door, path, vendor="lock", key=GOOD)
        assert (status, "could not be asked" in page) == (400, True)
        lock.fault = None
        for vendor, key, said in (
            ("lock", "short", "does not look like a key"),
            ("sketch", GOOD, "vendor can be"),
            ("", "", "vendor can be"),
        ):
            status, page = await put(door, path, vendor=vendor, key=key)
            assert (status, said in page) == (400, True)
            assert GOOD not in page
        assert await mine(door, person) == []
        status, page = await put(door, path, vendor="lock", key=f" {GOOD} ")
        assert status == 200
        assert f"ends in {GOOD[-4:]} works and is kept" in page
        assert "It may use one model there." in page
        assert "Left at The locksmith: $5" in page
        assert "<form" not in page
        for again in (GOOD, OTHER):
            status, page = await put(door, path, vendor="lock", key=again)
            assert (status, "This link is over, or it was used." in page) == (410, True)
        assert "This link is over" in await door.html(path, 410)
        assert await mine(door, person) == [("lock", GOOD[-4:])]
    for secret in (GOOD, WRONG, OTHER, path.rpartition("/")[2]):
        assert canary.seen(secret) == []


async def test_of_two_at_once_one_is_kept(tmp_path: Path, redis_url: str, lock: Locksmith) -> None:
    async with public(tmp_path, redis_url, lock) as door:
        person = await ann(door)
        path = f"/keys/{await keys.make_ticket(door.parts.app, person)}"
        given = (GOOD, OTHER) * 3
        done = await asyncio.gather(*(put(door, path, vendor="lock", key=key) for key in given))
        statuses = [status for status, _ in done]
        assert sorted(statuses) == [200, *[410] * 5]
        assert await mine(door, person) == [("lock", given[statuses.index(200)][-4:])]


async def test_keys_are_not_tried_without_end(
    tmp_path: Path, redis_url: str, lock: Locksmith
) -> None:
    async with public(tmp_path, redis_url, lock) as door:
        path = f"/keys/{await keys.make_ticket(door.parts.app, await ann(door))}"
        for _ in range(keys.TRIES_PER_MINUTE):
            assert (await put(door, path, vendor="lock", key=WRONG))[0] == 400
        status, page = await put(door, path, vendor="lock", key=GOOD)
        assert (status, "Wait a minute" in page) == (429, True)
        assert len(lock.tried) == keys.TRIES_PER_MINUTE


async def test_only_a_good_ticket_opens_the_form(
    tmp_path: Path, redis_url: str, lock: Locksmith, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with public(tmp_path, redis_url, lock) as door:
        monkeypatch.setattr("core.keys.TICKET_S_MAX", -1.0)
        late = await keys.make_ticket(door.parts.app, await ann(door))
        for wrong in (late, "x", "x" * 5000, "%00", "..%2f"):
            assert "This link is over" in await door.html(f"/keys/{wrong}", 410)
            status, _ = await put(door, f"/keys/{wrong}", vendor="lock", key=GOOD)
            assert status == 410
        assert lock.tried == []
        assert "Send /login" in await door.html("/keys", 401)
        async with door.http.post(
            f"{door.address}/keys/{late}", data={}, headers={"Sec-Fetch-Site": "cross-site"}
        ) as answer:
            assert answer.status == 403


@pytest.mark.parametrize("address", ["http://pictures.example", "http://127.0.0.1:9"])
async def test_no_key_where_others_can_read_along(
    tmp_path: Path, redis_url: str, lock: Locksmith, address: str
) -> None:
    async with public(tmp_path, redis_url, lock, address) as door:
        app, person = door.parts.app, await ann(door)
        path = f"/keys/{await keys.make_ticket(app, person)}"
        assert "set PUBLIC_URL to an https address" in await door.html(path, 403)
        status, _ = await put(door, path, vendor="lock", key=GOOD)
        assert status == 403
        assert lock.tried == []
        token = await logins.invite(app, person)
        await door.html(f"/login/{token}")
        assert "set PUBLIC_URL to an https address" in await door.html("/keys", 403)
        assert "set PUBLIC_URL to an https address" in await door.says("/keys add")


@on_sqlite
async def test_who_is_known_at_the_page_needs_no_ticket(quiet_door: Door, lock: Locksmith) -> None:
    door = quiet_door
    lock.among(door.parts.app)
    assert "You have no keys of your own here." in await door.says("/keys")
    assert 'href="/keys?vendor=lock"' in await door.says("/keys add lock")
    assert 'href="/keys"' in await door.says("/keys add")
    shown = await door.html("/keys?vendor=lock")
    assert 'value="lock" required checked' in shown
    found = re.search(r'name="token" value="([0-9a-f]+)"', shown)
    assert found is not None
    status, _ = await put(door, "/keys", vendor="lock", key=GOOD, token="0" * 64)
    assert status == 403
    status, page = await put(door, "/keys", vendor="lock", key=GOOD, token=found[1])
    assert (status, 'href="/"' in page) == (200, True)
    person = await recognise(door.parts.app, "web", OPERATOR, OPERATOR)
    assert await mine(door, person) == [("lock", GOOD[-4:])]
    listed = await door.says("/keys")
    assert f"The locksmith, key ending in {GOOD[-4:]}: works." in listed
    assert "Test The locksmith" in listed
    status, told = await door.send("", path="/press", button="keys-test:vendor=lock")
    assert str(told["notice"]).startswith("Your key for The locksmith works.")
    assert "only your own keys pay" in (await door.says("/keys prefer only")).lower()
    assert "is forgotten here" in await door.says("/keys remove")
    assert await mine(door, person) == []


@on_sqlite
@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"a fox {GOOD} in the snow",
        f"/imagine a fox --negative {GOOD}",
        f"/keys add lock {GOOD}",
        f"/{GOOD}",
        "x" * 5900 + f" {GOOD}",
    ],
)
async def test_a_key_in_the_composer_goes_nowhere(
    quiet_door: Door, lock: Locksmith, canary: Canary, text: str
) -> None:
    door = quiet_door
    lock.among(door.parts.app)
    status, told = await door.send(text)
    assert status == 400
    notice = str(told["notice"])
    assert "There was a key of The locksmith" in notice
    assert "revoke it at https://lock.test/keys" in notice
    assert GOOD not in str(told)
    form = {"token": await door.token(), "id": new_id(), "text": text}
    async with door.http.post(door.address + "/send", data=form) as plain:
        assert plain.status == 400
        assert "There was a key of The locksmith" in await plain.text()
    person = await recognise(door.parts.app, "web", OPERATOR, OPERATOR)
    assert await pages.latest(door.parts.app, person, 9) == []
    assert lock.tried == []
    assert "You have 100 credits." in await door.says("/balance")
    assert canary.seen(GOOD) == []


@on_sqlite
async def test_a_key_in_a_form_or_a_files_name_goes_nowhere(
    quiet_door: Door, lock: Locksmith, canary: Canary
) -> None:
    door = quiet_door
    lock.among(door.parts.app)
    button = f"edit-result:{'0' * 32}:1"
    status, told = await door.send("", path="/press", button=button, prompt=f"use {GOOD}")
    assert (status, "There was a key" in str(told["notice"])) == (400, True)
    status, told = await door.send("/palette", (f"{GOOD}.png", b"x"))
    assert (status, "There was a key" in str(told["notice"])) == (400, True)
    assert canary.seen(GOOD) == []


@on_sqlite
async def test_an_error_of_ours_shows_no_ticket(
    quiet_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> str:
        await asyncio.sleep(0)
        raise RuntimeError("no")

    monkeypatch.setattr("core.keys.peek_ticket", broken)
    ticket = "t" * 32
    address = f"{quiet_door.address}/keys/{ticket}"
    with capture_logs() as lines:
        async with quiet_door.http.get(address, headers=JSON) as answer:
            assert answer.status == 500
            assert ticket not in await answer.text()
    assert [line["path"] for line in lines] == ["/keys/{ticket}"]
    assert ticket not in str(lines)
