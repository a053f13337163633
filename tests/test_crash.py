"""Whatever dies and wherever: nothing is lost, everything is charged once, one result is shown.

The processes are the real ones, ended by SIGKILL at each named point or by hand.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import failpoints
from tests.fakes.openai_server import Behaviour
from tests.fakes.processes import Atelier, Books, atelier, died, kill
from tests.fakes.providers import png
from tests.servers import Postgres

COMMAND = "/imagine a fox --model gpt-image-2.5-flare"
PRICE = 1
SIGNUP = 100
START_S_MAX = 30.0
RECOVERY_S_MAX = 30.0
BELL_S_MAX = 10.0
WAKE_S_MAX = 10.0
AT_ONCE = 6

# The vendor cannot be asked what became of a call: one that was cut off after it was made is made anew.
PAID_AGAIN = ("provider-answered", "blob-stored", "finish-before")
LOST_ATTEMPT = ("attempt-committed", *PAID_AGAIN)
# The bell has rung by then: the job may be anywhere, in the same process.
RACING = ("answer-shown",)
# Only a job that runs before its first answer is recorded may leave a waiting message behind.
ORPHANS = ("claim-committed", *LOST_ATTEMPT, "finish-committed")

# Only an album by webhook gets to the one, and a payment to the other; they have tests of their own.
ALBUM, PAYMENT = "album-quiet", "payment-committed"
POINTS = [name for name in failpoints.NAMES if name not in {ALBUM, PAYMENT}]

NewDatabase = Callable[[Path], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Makes fresh empty databases, for installations that run side by side."""
    names = []
    postgres: Postgres | None = None
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")

    def create(folder: Path) -> str:
        if postgres is None:
            return f"sqlite:///{folder / 'atelier.db'}"
        name, url = postgres.create()
        names.append(name)
        return url

    yield create
    for name in names:
        assert postgres is not None
        postgres.drop(name)


def check_books(books: Books, count: int = 1) -> None:
    """So many jobs: each succeeded, captured once, shown; the wallet agrees."""
    assert books.jobs == ["succeeded"] * count
    assert books.holds == [("captured", PRICE)] * count
    assert books.deliveries == ["sent"] * count
    assert (books.posted, books.pending) == (SIGNUP - PRICE * count, 0)


async def ask_balance(studio: Atelier) -> None:
    """A command that is answered only after everything that this person asked before."""
    await studio.say("/balance")
    expected = str(SIGNUP - PRICE)
    shown = await studio.telegram.see(
        studio.chat, lambda item: expected in item.get("text", ""), timeout_s=START_S_MAX
    )
    studio.telegram.remove(shown)


async def die_at(name: str, folder: Path, database_url: str) -> None:
    """One command whose process dies at this point, and what the next process makes of it."""
    async with atelier(folder, database_url) as studio:
        child = await studio.start(failpoint=name)
        await studio.say(COMMAND)
        try:
            await died(child, START_S_MAX)
            await studio.start()
            await studio.until_shown(1, RECOVERY_S_MAX)
            books = await studio.until_closed(1, RECOVERY_S_MAX)
        except TimeoutError as error:
            raise AssertionError(f"{name}: not in time; {studio.log()}") from error
        await ask_balance(studio)

        check_books(books)
        assert await studio.books() == books
        lost = name in LOST_ATTEMPT or (name in RACING and len(books.attempts) == 2)
        assert books.attempts == (["lost", "done"] if lost else ["done"])
        made = 2 if name in PAID_AGAIN else 1
        assert studio.openai.made in ((1, 2) if lost and name in RACING else (made,))
        assert len(studio.results()) == 1
        assert len(studio.leftovers()) <= (1 if name in ORPHANS else 0), studio.leftovers()
        assert not studio.telegram.violations
        assert not studio.errors()


@pytest.mark.timeout(240)
async def test_death_at_every_point(new_database: NewDatabase, tmp_path: Path) -> None:
    seats = asyncio.Semaphore(AT_ONCE)

    async def case(name: str) -> None:
        async with seats:
            folder = tmp_path / name
            folder.mkdir()
            await die_at(name, folder, new_database(folder))

    outcomes = await asyncio.gather(*map(case, POINTS), return_exceptions=True)
    failed = {
        name: repr(outcome)
        for name, outcome in zip(POINTS, outcomes, strict=True)
        if outcome is not None
    }
    assert not failed


async def test_death_after_the_parts_of_an_album_were_answered_with_200(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    async with atelier(tmp_path, new_database(tmp_path)) as studio:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            studio.public_port = listener.getsockname()[1]
        child = await studio.start(failpoint=ALBUM)
        album, words = [png(1), png(2)], "/imagine a fox --model sketch"
        await studio.telegram.message(user=studio.user, media_group=album, caption=words)
        await died(child, START_S_MAX)
        assert studio.telegram.webhook_answers[-2:] == [200, 200]
        assert studio.telegram.world.updates == []

        await studio.start()
        await studio.until_shown(1, RECOVERY_S_MAX)
        books = await studio.until_closed(1, RECOVERY_S_MAX)
        assert (books.jobs, books.deliveries) == (["succeeded"], ["sent"])
        assert len(studio.telegram.asked("file")) == 2
        assert studio.leftovers() == []


def kill_redis(studio: Atelier, child: Process) -> None:
    """The server is gone at once."""
    studio.redis(child).kill()


def empty_redis(studio: Atelier, child: Process) -> None:
    """All that it knew is gone, the server is not."""
    (path,) = [item.laddr for item in studio.redis(child).net_connections("unix") if item.laddr][:1]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(16) == b"+OK\r\n"


@pytest.mark.parametrize("harm", [kill_redis, empty_redis])
async def test_redis_fails_with_a_job_running_and_others_waiting(
    new_database: NewDatabase, tmp_path: Path, harm: Callable[[Atelier, Process], None]
) -> None:
    async with atelier(tmp_path, new_database(tmp_path), limits="slots = 1") as studio:
        studio.openai.script.append(Behaviour(hang_s=2.0))
        child = await studio.start()
        for _ in range(4):
            await studio.say(COMMAND)
        await studio.until_called(1, START_S_MAX)
        await studio.telegram.until(lambda: len(studio.telegram.shown(studio.chat)) == 4)
        assert not studio.results()

        harm(studio, child)

        await studio.until_shown(4, BELL_S_MAX)
        check_books(await studio.until_closed(4, BELL_S_MAX), 4)
        assert studio.openai.made == 4
        assert child.returncode is None
        assert studio.leftovers() == []


async def test_another_worker_ends_what_a_dead_one_began(
    new_database: NewDatabase, tmp_path: Path, redis_url: str
) -> None:
    async with atelier(tmp_path, new_database(tmp_path), redis_url=redis_url) as studio:
        studio.openai.script.append(Behaviour(hang_s=60.0))
        await studio.start("telegram")
        first = await studio.start("worker")
        await studio.say(COMMAND)
        await studio.until_called(1, START_S_MAX)

        await studio.start("worker")
        await kill(first)

        await studio.until_shown(1, RECOVERY_S_MAX)
        books = await studio.until_closed(1, RECOVERY_S_MAX)
        check_books(books)
        assert books.attempts == ["lost", "done"]
        assert studio.openai.made == 2
        assert len(studio.results()) == 1
        assert studio.leftovers() == []


async def test_a_worker_that_was_frozen_and_wakes_late_changes_nothing(
    new_database: NewDatabase, tmp_path: Path, redis_url: str
) -> None:
    async with atelier(tmp_path, new_database(tmp_path), redis_url=redis_url) as studio:
        studio.openai.script.append(Behaviour(hang_s=2.0))
        await studio.start("telegram")
        frozen = await studio.start("worker")
        await studio.say(COMMAND)
        await studio.until_called(1, START_S_MAX)

        frozen.send_signal(signal.SIGSTOP)
        await studio.start("worker")
        await studio.until_shown(1, RECOVERY_S_MAX)
        books = await studio.until_closed(1, RECOVERY_S_MAX)

        # Its own answer has come long ago: it wakes with a picture in its hands.
        frozen.send_signal(signal.SIGCONT)
        frozen.send_signal(signal.SIGTERM)
        async with asyncio.timeout(WAKE_S_MAX):
            assert await frozen.wait() == 0
        check_books(books)
        assert await studio.books() == books
        assert not studio.errors()
        assert books.attempts == ["lost", "done"]
        assert studio.openai.made == 2
        assert len(studio.results()) == 1
        assert studio.leftovers() == []


async def test_a_worker_asked_to_end_gives_back_what_takes_too_long(
    new_database: NewDatabase, tmp_path: Path, redis_url: str
) -> None:
    limits = "drain_s = 1"
    url = new_database(tmp_path)
    async with atelier(tmp_path, url, redis_url=redis_url, limits=limits) as studio:
        studio.openai.script.append(Behaviour(hang_s=60.0))
        await studio.start("telegram")
        worker = await studio.start("worker")
        await studio.say(COMMAND)
        await studio.until_called(1, START_S_MAX)

        worker.send_signal(signal.SIGTERM)

        async with asyncio.timeout(5.0):
            assert await worker.wait() == 0
        assert (await studio.books()).jobs == ["queued"]

        await studio.start("worker")
        await studio.until_shown(1, RECOVERY_S_MAX)
        books = await studio.until_closed(1, RECOVERY_S_MAX)
        check_books(books)
        assert books.attempts == ["lost", "done"]
        assert len(studio.results()) == 1


async def test_a_process_asked_to_end_shows_what_it_can_and_no_update_counts_twice(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    async with atelier(tmp_path, new_database(tmp_path)) as studio:
        studio.openai.script.append(Behaviour(hang_s=1.0))
        child = await studio.start()
        message = await studio.say(COMMAND)
        await studio.until_called(1, START_S_MAX)
        await studio.telegram.until(lambda: len(studio.telegram.shown(studio.chat)) == 1)

        child.send_signal(signal.SIGTERM)

        async with asyncio.timeout(10.0):
            assert await child.wait() == 0
        assert len(studio.results()) == 1
        check_books(await studio.books())

        await studio.telegram.again(studio.telegram.update_of(message))
        await studio.start()
        await ask_balance(studio)
        check_books(await studio.books())
        assert studio.openai.made == 1
        assert len(studio.results()) == 1
        assert studio.leftovers() == []
