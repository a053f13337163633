"""The sweep: what is over goes, what anybody can still need stays, on each database and store."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import Connection, func, select

from core import albums, logins, notices, sweep
from core.app import App
from core.clock import SystemClock
from core.messenger import Address, Say
from core.people import recognise
from core.questions import Question, recall, remember
from storage import blobs, inbox, payments
from storage import logins as stored_logins
from storage import notices as stored_notices
from storage.albums import album_part
from storage.blobs import FOLDERS, BlobMissing, Blobs
from tests.fakes.providers import png
from tests.fakes.studio import Studio


class Later:
    """The machine's clock, set forward by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def steady_s(self) -> float:
        return SystemClock().steady_s()


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An S3 on this machine with a bucket in it; the store's URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    # What an earlier server held is kept in this process.
    for method, path in (("POST", "moto-api/reset"), ("PUT", "pictures")):
        asked = urllib.request.Request(f"http://{host}:{port}/{path}", method=method)
        urllib.request.urlopen(asked).close()
    yield "s3://pictures/of/atelier"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Each kind of store, empty."""
    if request.param == "folder":
        return blobs.connect(str(tmp_path / "store"))
    return blobs.connect(request.getfixturevalue("s3"))


@pytest.fixture
def app(room: Studio, clock: Later) -> App:
    """An Atelier whose clock the test sets."""
    return dataclasses.replace(room.app, clock=clock)


async def rounds(app: App) -> None:
    """As many rounds as it takes to look at everything."""
    for part in range(sweep.ROUNDS):
        await sweep._blobs(app, part)


async def there(store: Blobs, sha256: str) -> bool:
    try:
        await store.get(sha256)
    except BlobMissing:
        return False
    return True


def test_all_folders_are_looked_at_in_a_day_whenever_a_machine_runs() -> None:
    parts = [FOLDERS[part :: sweep.ROUNDS] for part in range(sweep.ROUNDS)]
    assert sorted(folder for part in parts for folder in part) == sorted(FOLDERS)
    # One hour a day, at the same hour.
    day_s = 24 * 3600.0
    seen = {sweep.round_of(1_800_000_000 + day * day_s) for day in range(sweep.ROUNDS)}
    assert seen == set(range(sweep.ROUNDS))


async def test_old_events_go_and_younger_ones_stay(app: App, clock: Later) -> None:
    await app.database.transaction(inbox.receive, "old", "1" * 32, clock.now())
    clock.ahead = timedelta(days=15)
    await app.database.transaction(inbox.receive, "young", "2" * 32, clock.now())
    clock.ahead = timedelta(days=31)
    await sweep.sweep(app)
    assert await app.database.read(inbox.find, "old") is None
    assert await app.database.read(inbox.find, "young") == "2" * 32


async def test_old_questions_go_and_younger_ones_stay(app: App, clock: Later) -> None:
    question = Question(command="imagine", field="prompt", given={})
    await remember(app, "telegram", "1", "1", question)
    clock.ahead = timedelta(days=15)
    await remember(app, "telegram", "1", "2", question)
    clock.ahead = timedelta(days=31)
    await sweep.sweep(app)
    assert await recall(app, "telegram", "1", "1") is None
    assert await recall(app, "telegram", "1", "2") == question


async def test_links_and_sessions_go_when_they_are_over(app: App, clock: Later) -> None:
    def count(connection: Connection) -> tuple[int, int]:
        tables = (stored_logins.login, stored_logins.session)
        first, second = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        )
        return first, second

    person = await recognise(app, "test", "ann", "Ann")
    session = await logins.enter(app, await logins.invite(app, person))
    assert session is not None
    await logins.invite(app, person)
    await sweep.sweep(app)
    assert await app.database.read(count) == (2, 1)
    clock.ahead = timedelta(hours=1)
    await sweep.sweep(app)
    assert await app.database.read(count) == (0, 1)
    assert await logins.person_of(app, session) == person
    clock.ahead = timedelta(days=31)
    await sweep.sweep(app)
    assert await app.database.read(count) == (0, 0)


async def test_what_was_told_and_said_long_ago_is_blanked(app: App, clock: Later) -> None:
    ann = await recognise(app, "test", "ann", "Ann")
    where = Address(platform="discord", place="1", user="7", token="secret")
    kinds = (("stripe", "x", "merged"), ("stripe", "y", "quarantined"), ("stars", "paid", "merged"))

    def tell(connection: Connection) -> list[bool]:
        for state in ("sent", "pending"):
            notices.add(connection, state, ann, [Say(key="said")], clock.now(), where)
        stored_notices.end(connection, "sent", "sent")
        return [
            payments.receive(
                connection,
                payments.EventRow(
                    id=f"{till}:{kind}",
                    till=till,
                    kind=kind,
                    body="{}",
                    outcome=outcome,
                    reason=None,
                    received_at=clock.now(),
                ),
            )
            for till, kind, outcome in kinds
        ]

    def kept(connection: Connection) -> tuple[list[str], list[str]]:
        bodies = select(payments.event.c.id).where(payments.event.c.body == "{}")
        notice = stored_notices.notice.c
        said = select(notice.id).where(notice.address.contains("secret"))
        first, second = (sorted(connection.execute(query).scalars()) for query in (bodies, said))
        return first, second

    assert all(await app.database.transaction(tell))
    clock.ahead = timedelta(days=29)
    await sweep.sweep(app)
    assert len((await app.database.read(kept))[0]) == 3
    clock.ahead = timedelta(days=31)
    await sweep.sweep(app)
    assert await app.database.read(kept) == (["stars:paid", "stripe:y"], ["pending"])
    assert not any(await app.database.transaction(tell))


async def test_parts_of_albums_are_kept_for_a_day(app: App, clock: Later) -> None:
    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(album_part)).scalar_one()

    await albums.keep(app, 1, "a", "{}")
    clock.ahead = timedelta(hours=13)
    await albums.keep(app, 2, "b", "{}")
    await albums.end(app, "b")
    await sweep.sweep(app)
    assert await app.database.read(count) == 2
    clock.ahead = timedelta(hours=25)
    await sweep.sweep(app)
    assert await app.database.read(count) == 1
    assert await albums.left(app) == {}


async def test_a_round_removes_so_many_rows_at_most_and_copies_do_no_harm(
    app: App, clock: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(connection: Connection) -> None:
        for number in range(10):
            inbox.receive(connection, f"test:{number}", "1" * 32, clock.now())

    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(inbox.inbox)).scalar_one()

    monkeypatch.setattr(sweep, "ROWS_MAX", 4)
    await app.database.transaction(fill)
    clock.ahead = timedelta(days=31)
    await sweep.sweep(app)
    assert await app.database.read(count) == 6
    await asyncio.gather(*(sweep.sweep(app) for _ in range(4)))
    assert await app.database.read(count) <= 2
    await sweep.sweep(app)
    assert await app.database.read(count) == 0


async def test_a_refused_commands_upload_goes_after_a_day_and_pictures_of_jobs_stay(
    room: Studio, app: App, clock: Later, store: Blobs
) -> None:
    app = dataclasses.replace(app, blobs=store)
    drawing = dataclasses.replace(room, app=dataclasses.replace(room.app, blobs=store))
    drawing = dataclasses.replace(
        drawing, dispatch=dataclasses.replace(room.dispatch, app=drawing.app)
    )
    refused = await store.put(b"an upload of a refused command")
    await drawing.run("palette", uploads=[png(1)])
    waiting = {
        item
        for folder in FOLDERS
        for item in await store.older(folder, clock.now() + timedelta(days=1))
    } - {refused}
    assert len(waiting) == 1
    await rounds(app)
    assert await there(store, refused)
    clock.ahead = timedelta(hours=25)
    await asyncio.gather(rounds(app), rounds(app))
    assert not await there(store, refused)
    assert [await there(store, item) for item in waiting] == [True]
    assert await drawing.work() == 1
    await rounds(app)
    assert [await there(store, item) for item in waiting] == [True]


async def test_what_is_put_again_or_referred_to_meanwhile_stays(
    room: Studio, app: App, clock: Later, store: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dataclasses.replace(app, blobs=store)
    sha256 = await store.put(b"old, and uploaded again")
    older = store.older

    async def found(folder: str, before: datetime) -> list[str]:
        return [sha256] if folder == sha256[:2] else await older(folder, before)

    # As if the listing had come before the new upload.
    monkeypatch.setattr(store, "older", found)
    await rounds(app)
    assert await there(store, sha256)
    clock.ahead = timedelta(hours=25)
    await rounds(app)
    assert not await there(store, sha256)


async def test_references_are_looked_at_again_right_before(
    room: Studio, app: App, clock: Later, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.ahead = timedelta(hours=25)
    known = app.database.read
    looks = 0

    async def read(work: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        nonlocal looks
        if work.__name__ == "referred":
            looks += 1
            if looks == 1:
                found = await known(work, *args, **kwargs)
                # Between the two looks a command comes with the very same picture.
                await room.run("palette", uploads=[png(1)])
                _age(tmp_path / "blobs", timedelta(hours=25))
                return found
        return await known(work, *args, **kwargs)

    await room.app.blobs.put((await room.app.images.admit(png(1))).data)
    monkeypatch.setattr(app.database, "read", read)
    await rounds(app)
    assert looks == 2
    assert await room.work() == 1


def _age(folder: Path, by: timedelta) -> None:
    """Make every blob look older, so that its age does not protect it."""
    then = time.time() - by.total_seconds()
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


async def test_a_round_removes_so_many_blobs_at_most(
    app: App, clock: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BLOBS_MAX", 2)
    monkeypatch.setattr(sweep, "CHECKED_AT_ONCE", 3)
    monkeypatch.setattr(sweep, "ROUNDS", 1)
    kept = [await app.blobs.put(f"blob {number}".encode()) for number in range(8)]
    clock.ahead = timedelta(hours=25)
    left = []
    for _ in range(4):
        await sweep.sweep(app)
        left.append(sum([await there(app.blobs, item) for item in kept]))
    assert left == [6, 4, 2, 0]


async def test_what_is_no_blob_of_ours_is_left_alone(
    app: App, clock: Later, tmp_path: Path
) -> None:
    store = blobs.connect(str(tmp_path / "store"))
    folder = tmp_path / "store" / "ab"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    clock.ahead = timedelta(days=2)
    await rounds(dataclasses.replace(app, blobs=store))
    assert (folder / "notes.txt").exists()
    assert await store.put_at("ab" + "0" * 62) is None
    sha256 = await store.put(b"x")
    put_at = await store.put_at(sha256)
    assert put_at is not None
    assert abs(datetime.now(UTC) - put_at) < timedelta(minutes=1)
