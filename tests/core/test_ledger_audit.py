"""The audit: what is wrong anywhere is found and named, paid jobs stop everywhere, free ones go on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import office
from bot.news import News
from bot.processes import BooksWrongError
from bot.settings import Settings
from bot.worker import run_worker
from core import accounts, books, credits, wallets
from core.books import Difference
from core.credits import Entry
from core.messenger import Say
from core.people import recognise
from migrations.upgrade import upgrade
from storage import database, ledger, marks
from tests.conftest import on_sqlite
from tests.fakes.money import add_job, add_person, end_job
from tests.fakes.providers import Scripted, png
from tests.fakes.studio import Studio, studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = "test:place"
STOP_S_MAX = 60.0
PAID = "gpt-image-2.5-flare"
STOPPED = (Say(key="paid-jobs-stopped"),)


def past(connection: Connection) -> None:
    """Some of everything: a captured and a pending hold over two accounts, a voided one, a refund."""
    own = add_person(connection, "ann", NOW)
    scoped = accounts.open_scoped(connection, "ann", PLACE)
    pool = accounts.open_pool(connection, accounts.pool(PLACE))
    credits.fund(connection, entry("fund", accounts.OPERATOR, pool, 50), NOW)
    credits.put(connection, entry("grant", pool, scoped, 5), NOW, source="grant")
    credits.put(connection, entry("buy", accounts.STRIPE, own, 30), NOW, source="pack")
    for job_id, amount, taken in (("made", 8, 7), ("lost", 4, 0), ("open", 3, None)):
        assert credits.hold(connection, job_id, "ann", amount, PLACE, NOW) is not None
        add_job(connection, job_id, "ann", amount, NOW)
        if taken is not None:
            credits.capture(connection, job_id, taken, NOW)
            end_job(connection, job_id, taken)
    add_job(connection, "free", "ann", 0, NOW)
    back = entry("back", own, accounts.STRIPE, 2)
    credits.take(connection, back, NOW, first="buy", may_fall=True)


def entry(name: str, debit: str, credit: str, amount: int, kind: str = "test") -> Entry:
    return Entry(id=name, debit=debit, credit=credit, amount=amount, kind=kind)


def statement(sql: str) -> Callable[[Connection], None]:
    """Plain SQL past all rules; transfers are let be changed for as long as it takes."""

    def work(connection: Connection) -> None:
        sqlite = connection.dialect.name == "sqlite"
        guards: list[str] = []
        if "transfer" in sql and sqlite:
            kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfer'"
            guards = [row[0] for row in connection.exec_driver_sql(kept)]
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER transfer_no_{verb}")
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(sql)
        for guard in guards:
            connection.exec_driver_sql(guard)

    return work


async def test_right_books_are_found_right(room: Studio) -> None:
    await room.app.database.transaction(past)
    await room.run("imagine", prompt="a fox", model=PAID, count="2")
    assert await free(room) is not None
    assert await books.audit(room.app) is None
    await room.app.database.transaction(
        statement("UPDATE job SET state = 'running' WHERE id IN ('open', 'free')")
    )
    await room.work()
    assert await books.audit(room.app) is None
    assert (await books.sizes(room.app)).holds >= 4


# After this, and what is found first: the invariant, and the account or job.
DRIFTS = [
    ("UPDATE account SET posted = posted + 1 WHERE id = 'person:ann'", "I2", "person:ann"),
    ("UPDATE account SET posted = posted + 1 WHERE id = 'revenue'", "I2", "revenue"),
    (
        "UPDATE account SET posted = posted + 1 WHERE id = 'pool:test:place'",
        "I2",
        "pool:test:place",
    ),
    ("UPDATE account SET pending = pending + 1 WHERE id = 'person:ann'", "I3", "person:ann"),
    ("UPDATE account SET pending = pending + 1 WHERE id = 'revenue'", "I3", "revenue"),
    ("UPDATE hold SET amount = amount + 1 WHERE job_id = 'open'", "I3", "person:ann"),
    ("UPDATE hold SET scoped_amount = 1 WHERE job_id = 'open'", "I3", "open"),
    ("UPDATE hold SET amount = amount + 1 WHERE job_id = 'lost'", "I6", "lost"),
    ("UPDATE hold SET scoped_amount = scoped_amount + 1 WHERE job_id = 'made'", "I5", "made"),
    ("UPDATE hold SET captured = captured + 1 WHERE job_id = 'made'", "I5", "made"),
    ("UPDATE hold SET captured = captured + 1 WHERE job_id = 'lost'", "I5", "lost"),
    ("UPDATE hold SET state = 'captured' WHERE job_id = 'lost'", "I5", "lost"),
    ("DELETE FROM hold WHERE job_id = 'made'", "I5", "hold:made:capture"),
    ("UPDATE job SET state = 'failed' WHERE id = 'open'", "I6", "open"),
    ("UPDATE job SET state = 'failed' WHERE id = 'made'", "I6", "made"),
    ("UPDATE job SET captured = captured + 1 WHERE id = 'made'", "I6", "made"),
    ("UPDATE job SET captured = captured + 1 WHERE id = 'lost'", "I6", "lost"),
    ("UPDATE job SET captured = captured + 1 WHERE id = 'free'", "I6", "free"),
    ("UPDATE job SET price = price + 1 WHERE id = 'open'", "I6", "open"),
    ("UPDATE transfer SET amount = amount + 1 WHERE id = 'grant'", "I2", "person:ann:test:place"),
    ("UPDATE transfer SET amount = amount + 1 WHERE id = 'buy'", "I2", "person:ann"),
    ("UPDATE transfer SET amount = amount + 1 WHERE id = 'hold:made:capture'", "I2", "person:ann"),
    ("UPDATE lot SET remaining = remaining + 1 WHERE id = 'buy'", "I8", "person:ann"),
    ("UPDATE lot SET amount = amount + 1 WHERE id = 'buy'", "I8", "buy"),
]


@pytest.mark.parametrize(("drift", "invariant", "subject"), DRIFTS)
async def test_one_credit_too_many_is_found_wherever_it_is(
    room: Studio, drift: str, invariant: str, subject: str
) -> None:
    await room.app.database.transaction(past)
    assert await books.audit(room.app) is None
    await room.app.database.transaction(statement(drift))
    wrong = await books.audit(room.app)
    assert wrong is not None
    assert (wrong.invariant, wrong.subject) == (invariant, subject)
    assert f"{wrong.subject} should have {wrong.expected} and has {wrong.found}" in wrong.sentence


@pytest.mark.parametrize("kind", ["spend", "refund", "dispute"])
async def test_below_zero_only_where_a_payment_was_taken_back(room: Studio, kind: str) -> None:
    def fall(connection: Connection) -> None:
        own = add_person(connection, "ann", NOW)
        back = entry("back", own, accounts.STRIPE, 2, kind)
        credits.take(connection, back, NOW, may_fall=True)

    await room.app.database.transaction(fall)
    wrong = await books.audit(room.app)
    assert (wrong and wrong.invariant) == ("I4" if kind == "spend" else None)


def run(connection: Connection, sql: str) -> None:
    """Just that."""
    connection.exec_driver_sql(sql)


async def test_transfers_can_neither_be_changed_nor_removed(room: Studio) -> None:
    database_of = room.app.database
    await database_of.transaction(past)
    refused = ["UPDATE transfer SET amount = 1", "DELETE FROM transfer WHERE id = 'buy'"]
    if "Postgres" in type(database_of).__name__:
        refused.append("TRUNCATE transfer")
    for sql in refused:
        with pytest.raises(DBAPIError, match="only added"):
            await database_of.transaction(run, sql)
    assert await books.audit(room.app) is None


async def test_without_its_guard_the_table_of_transfers_is_found_open(room: Studio) -> None:
    def open_up(connection: Connection) -> None:
        name = "no_delete" if connection.dialect.name == "sqlite" else "only_added ON transfer"
        connection.exec_driver_sql(f"DROP TRIGGER transfer_{name}")

    await room.app.database.transaction(open_up)
    wrong = await books.audit(room.app)
    assert wrong is not None
    assert (wrong.invariant, wrong.subject) == ("I7", "transfer")


async def test_a_snapshot_sees_nothing_of_what_comes_meanwhile(room: Studio) -> None:
    loop, app = asyncio.get_running_loop(), room.app

    def twice(connection: Connection) -> tuple[object, object]:
        return count(connection), between(connection)

    def count(connection: Connection) -> object:
        return connection.exec_driver_sql("SELECT COUNT(*) FROM transfer").scalar_one()

    def between(connection: Connection) -> object:
        if connection.dialect.name == "sqlite":  # a thread of its own
            asyncio.run_coroutine_threadsafe(app.database.transaction(past), loop).result(20)
        else:
            from sqlalchemy.util import await_only

            await_only(app.database.transaction(past))
        return count(connection)

    first, second = await app.database.snapshot(twice)
    assert first == second == 0
    assert await app.database.read(count) != 0


async def test_wrong_books_stop_paid_jobs_of_every_process_and_right_ones_let_them_go_on(
    database_url: str, tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.worker.AUDIT_S", 0.2)
    url = database_url
    async with (
        studio(url, tmp_path / "one", providers={"openai": Scripted()}) as frontend,
        studio(url, tmp_path / "two", providers={"openai": Scripted()}) as other,
    ):
        person = await recognise(frontend.app, "test", "ann", "ann")
        drift = f"UPDATE account SET posted = posted + 1 WHERE owner = '{person}'"
        back = drift.replace("+ 1", "- 1")
        assert await paid(frontend) is None
        news = News(redis_url)
        working = asyncio.create_task(run_worker(other.app, news, redis_url, 1, 1.0))
        try:
            await frontend.app.database.transaction(statement(drift))
            began = time.monotonic()
            await until(lambda: paid(frontend), "paid-jobs-stopped")
            assert time.monotonic() - began < STOP_S_MAX
            assert await free(frontend) is not None
            await frontend.app.database.transaction(statement(back))
            await until(lambda: paid(frontend), None)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await news.close()
        assert await books.audit(frontend.app) is None


async def paid(room: Studio) -> str | None:
    """Ask for a paid picture; what was said against it."""
    reply = await room.run("imagine", prompt="a fox", model=PAID)
    return None if reply.job_id is not None else reply.lines[0].key


async def free(room: Studio) -> str | None:
    """Ask for what costs nothing; the job."""
    return (await room.dispatch.run("palette", room.call(uploads=[png()]))).job_id


async def until(ask: Callable[[], Any], wanted: str | None) -> None:
    """Ask until the answer is this."""
    async with asyncio.timeout(STOP_S_MAX):
        while await ask() != wanted:  # noqa: ASYNC110 - the database rings no event
            await asyncio.sleep(0.1)


async def test_a_refusal_of_wrong_books_stays_and_costs_nothing(room: Studio) -> None:
    wrong = await drifted(room)
    assert wrong is not None
    call = room.call(prompt="a fox", model=PAID)
    refused = await room.dispatch.run("imagine", call)
    assert refused.lines == STOPPED
    person = await recognise(room.app, "test", "ann", "ann")
    assert (await wallets.balance(room.app, person)).wallet.pending == 0
    await room.app.database.transaction(statement(UNDRIFT))
    assert await books.check(room.app) is None
    assert (await room.dispatch.run("imagine", call)).lines == STOPPED
    assert (await room.run("imagine", prompt="a fox", model=PAID)).job_id is not None


DRIFT = "UPDATE account SET posted = posted + 1 WHERE kind = 'person'"
UNDRIFT = "UPDATE account SET posted = posted - 1 WHERE kind = 'person'"


async def drifted(room: Studio) -> Difference | None:
    """One person with one credit that came from nowhere, found."""
    await recognise(room.app, "test", "ann", "ann")
    await room.app.database.transaction(statement(DRIFT))
    return await books.check(room.app)


async def test_credits_of_a_community_are_stopped_too(room: Studio) -> None:
    await room.app.database.transaction(past)
    await room.app.database.transaction(marks.put, ledger.STOPPED, "{}", room.app.clock.now())
    left = await room.app.database.transaction(credits.hold, "j", "ann", 1, PLACE, NOW)
    free = await room.app.database.transaction(credits.hold, "k", "ann", 0, PLACE, NOW)
    assert left is None
    assert free is not None


async def test_a_mark_that_another_audit_has_set_since_stays(room: Studio) -> None:
    wrong = await drifted(room)
    mark = await room.app.database.read(marks.find, ledger.STOPPED)
    assert wrong is not None
    assert mark is not None
    assert json.loads(mark.value)["subject"] == wrong.subject
    remove = marks.remove
    assert not await room.app.database.transaction(remove, ledger.STOPPED, NOW)
    assert await room.app.database.transaction(remove, ledger.STOPPED, mark.made_at)


@on_sqlite
async def test_the_command_line_counts_or_names_the_first_difference(
    database_url: str, tmp_path: Path, room: Studio
) -> None:
    settings = Settings(
        database_url=database_url,  # type: ignore[arg-type]
        master_key="test" * 8,  # type: ignore[arg-type]
        atelier_data_dir=tmp_path,
    )
    said = await office.audit(settings)
    assert said.startswith("All 8 invariants hold: 7 accounts, 0 transfers, 0 lots, 0 holds")
    assert await drifted(room) is not None
    with pytest.raises(BooksWrongError, match=r"I2 does not hold .* should have 10 and has 11"):
        await office.audit(settings)


async def test_what_was_before_the_ledger_does_not_trip_it(database_url: str) -> None:
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url, "0004")
    opened = database.connect(url)
    try:
        await opened.transaction(old_wallets)
        await asyncio.to_thread(upgrade, url)
        assert await opened.snapshot(books.difference) is None
        taken = await opened.transaction(credits.capture, "open", 2, NOW)
        await opened.transaction(end_job, "open", 2)
        assert taken == credits.Wallet(posted=5, pending=0)
        assert await opened.snapshot(books.difference) is None
    finally:
        await opened.close()


def old_wallets(connection: Connection) -> None:
    """A wallet with a captured, a voided and a pending hold, and one that is empty."""
    for person in ("ann", "ben"):
        stamp = "'2026-01-01 00:00:00'" if connection.dialect.name == "sqlite" else "now()"
        connection.exec_driver_sql(
            f"INSERT INTO person (id, created_at) VALUES ('{person}', {stamp})"
        )
    connection.exec_driver_sql("INSERT INTO wallet VALUES ('ann', 7, 3), ('ben', 0, 0)")
    for job_id, state, amount, captured in (
        ("made", "captured", 4, 3),
        ("lost", "voided", 4, 0),
        ("open", "pending", 3, 0),
    ):
        add_job(connection, job_id, "ann", amount, NOW)
        if state != "pending":
            end_job(connection, job_id, captured)
        connection.exec_driver_sql(
            f"INSERT INTO hold VALUES ('{job_id}', 'ann', {amount}, {captured}, '{state}')"
        )
