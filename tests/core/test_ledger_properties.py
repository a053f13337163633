"""Any sequence of operations: after each step the ledger is as the model, and its invariants hold.

Sequences are short, so that there can be many: seven steps at most, behind a past of up to six
operations. Each runs in one transaction that is undone, each operation of it in a savepoint as in the writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, create_engine, select

from core import accounts, credits
from core.books import difference
from core.credits import Entry, Uncovered
from migrations.upgrade import upgrade
from storage import database
from storage.holds import hold
from storage.ledger import account, transfer
from storage.lots import lot
from tests.core.ledger_model import Account, Model, Short
from tests.fakes.money import add_job, add_person, end_job

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = "test:place"
# In parts: Hypothesis remembers all sequences of a run, and slows down by that.
PARTS = 10
SEQUENCES = {"sqlite": 1_000, "postgresql": 150}
STEPS = 7

people = st.sampled_from(["ann", "ann", "ben"])
few = st.integers(1, 12)
terms = st.none() | st.integers(1, 3)


class Ledger(RuleBasedStateMachine):
    """Everything that core/credits.py offers, on a few people who cross each other's ways."""

    connection: ClassVar[Connection]
    sequences: ClassVar[int] = 0
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).sequences += 1
        self.now = BEGAN
        self.count = 0
        self.model = Model()
        self.done: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []
        self.undo = self.connection.begin_nested()
        for name in ("ann", "ben"):
            self.model.accounts[add_person(self.connection, name, self.now)] = Account()
        self.pool = accounts.pool(PLACE)
        for pool in (self.pool, accounts.SIGNUP_POOL, accounts.PROMOTION_POOL):
            accounts.open_pool(self.connection, pool)
            self.model.accounts[pool] = Account()
        for place in (0, 1, 2):
            self.fill(place, 25)

    @initialize(own=few, scoped=st.integers(0, 6), days=terms, held=st.integers(0, 12))
    def past(self, own: int, scoped: int, days: int | None, held: int) -> None:
        """What ann has at the beginning, of her own and in the community, and what of it is held."""
        self.operator("ann", own, days)
        if scoped:
            self.grant("ann", scoped, days)
        if held:
            self.hold("ann", held, here=True)

    def teardown(self) -> None:
        self.undo.rollback()

    def next(self, kind: str) -> str:
        self.count += 1
        return f"{kind}:{self.count}"

    def entry(self, name: str, debit: str, credit: str, amount: int, kind: str) -> Entry:
        return Entry(id=name, debit=debit, credit=credit, amount=amount, kind=kind)

    def both(
        self,
        work: Callable[..., bool],
        model: Callable[[], None],
        *args: Any,  # noqa: ANN401
        **more: Any,  # noqa: ANN401
    ) -> bool:
        """The same on both sides; what is refused on one is refused on the other, without a trace."""
        try:
            model()
        except Short:
            savepoint = self.connection.begin_nested()
            with pytest.raises(Uncovered):
                work(self.connection, *args, **more)
            savepoint.rollback()
            return False
        assert work(self.connection, *args, **more) is True
        self.done.append((work, args, more))
        return True

    def put(self, entry: Entry, source: str, days: int | None = None) -> bool:
        expires = None if days is None else self.now + timedelta(days=days)
        plain = (entry.id, entry.debit, entry.credit, entry.amount)
        return self.both(
            credits.put,
            lambda: self.model.put(plain, source, self.now, expires),
            entry,
            self.now,
            source=source,
            expires_at=expires,
        )

    def take(self, entry: Entry, **more: Any) -> bool:  # noqa: ANN401
        plain = (entry.id, entry.debit, entry.credit, entry.amount)
        return self.both(
            credits.take, lambda: self.model.take(plain, **more), entry, self.now, **more
        )

    def scoped(self, person: str) -> str:
        name = accounts.open_scoped(self.connection, person, PLACE)
        self.model.accounts.setdefault(name, Account())
        return name

    @rule(pool=st.integers(0, 2), amount=few)
    def fund(self, pool: int, amount: int) -> None:
        self.fill(pool, amount)

    def fill(self, pool: int, amount: int) -> None:
        name = (self.pool, accounts.SIGNUP_POOL, accounts.PROMOTION_POOL)[pool]
        entry = self.entry(self.next("fund"), accounts.OPERATOR, name, amount, "fund")
        plain = (entry.id, entry.debit, entry.credit, entry.amount)
        self.both(credits.fund, lambda: self.model.put(plain, None, self.now), entry, self.now)

    @rule(person=people, amount=few)
    def signup(self, person: str, amount: int) -> None:
        name = f"signup:{person}"
        if name not in self.model.transfers:
            own = accounts.person(person)
            self.put(self.entry(name, accounts.SIGNUP_POOL, own, amount, "signup"), "signup")

    @rule(person=people, amount=few, days=terms)
    def coupon(self, person: str, amount: int, days: int | None) -> None:
        own = accounts.person(person)
        name = self.next("coupon")
        self.put(self.entry(name, accounts.PROMOTION_POOL, own, amount, "coupon"), "coupon", days)

    @rule(person=people, amount=few, days=terms)
    def grant(self, person: str, amount: int, days: int | None) -> None:
        name = self.next("grant")
        self.put(self.entry(name, self.pool, self.scoped(person), amount, "grant"), "grant", days)

    @rule(person=people, amount=few, days=terms)
    def operator(self, person: str, amount: int, days: int | None) -> None:
        own, name = accounts.person(person), self.next("operator")
        self.put(self.entry(name, accounts.OPERATOR, own, amount, "operator"), "operator", days)

    @rule(person=people, amount=few, plan=st.booleans())
    def buy(self, person: str, amount: int, plan: bool) -> None:
        own, name = accounts.person(person), self.next("buy")
        source, days = ("plan", 2) if plan else ("pack", None)
        self.put(self.entry(name, accounts.STRIPE, own, amount, "purchase"), source, days)

    @rule(person=people, amount=st.integers(0, 15), here=st.booleans())
    def order(self, person: str, amount: int, here: bool) -> None:
        self.hold(person, amount, here)

    def hold(self, person: str, amount: int, here: bool) -> None:
        own, job = accounts.person(person), self.next("job")
        community = PLACE if here else None
        scoped = accounts.scoped(person, PLACE) if here else None
        expected = self.model.hold(job, own, scoped, amount, self.now)
        left = credits.hold(self.connection, job, person, amount, community, self.now)
        assert left == expected
        if left is None:
            has = credits.available(self.connection, person, community, self.now)
            assert has == self.model.spendable(own, scoped, self.now)
        else:
            add_job(self.connection, job, person, amount, self.now)

    def pending(self) -> list[str]:
        return [job for job, held in self.model.holds.items() if held.state == "pending"]

    @precondition(lambda self: bool(self.pending()))
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.pending()))
        self.end(job, data.draw(st.integers(0, self.model.holds[job].amount)))

    @precondition(lambda self: bool(self.pending()))
    @rule()
    def void(self) -> None:
        self.end(self.pending()[-1], 0)

    def end(self, job: str, taken: int) -> None:
        own = next(iter(self.model.holds[job].parts))
        self.model.capture(job, own, taken)
        if taken:
            wallet = credits.capture(self.connection, job, taken, self.now)
        else:
            wallet = credits.void(self.connection, job, self.now)
        parts = [self.model.accounts[name] for name in self.model.holds[job].parts]
        assert wallet is not None
        assert wallet.posted == sum(item.posted for item in parts)
        assert wallet.pending == sum(item.pending for item in parts)
        end_job(self.connection, job, taken)
        assert credits.capture(self.connection, job, taken, self.now) is None

    @rule(person=people, days=st.integers(0, 3))
    def expire(self, person: str, days: int) -> None:
        self.now += timedelta(days=days)
        for name in (accounts.person(person), accounts.scoped(person, PLACE)):
            if name in self.model.accounts:
                expected = self.model.expire(name, self.now)
                assert credits.expire(self.connection, name, self.now) == expected
                assert credits.expire(self.connection, name, self.now) == 0

    def of_source(self, *sources: str) -> list[str]:
        return [item.id for item in self.model.lots.values() if item.source in sources]

    @precondition(lambda self: self.of_source("grant"))
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        given = self.model.lots[data.draw(st.sampled_from(self.of_source("grant")))]
        amount = min(given.left, max(self.model.accounts[given.account].free, 0))
        if amount:
            name = self.next("revoke")
            self.take(self.entry(name, given.account, self.pool, amount, "revoke"), first=given.id)

    @rule(person=people, to=people, amount=few)
    def gift(self, person: str, to: str, amount: int) -> None:
        own, other, name = accounts.person(person), accounts.person(to), self.next("gift")
        credits.lock(self.connection, [own, other])
        out = self.entry(f"{name}:out", own, accounts.OPERATOR, amount, "gift")
        if own != other and self.take(out, sources=credits.BOUGHT):
            into = self.entry(f"{name}:in", accounts.OPERATOR, other, amount, "gift")
            self.put(into, "gift")

    @precondition(lambda self: self.of_source("pack", "plan"))
    @rule(data=st.data(), kind=st.sampled_from(["refund", "dispute"]), restored=st.booleans())
    def reverse(self, data: st.DataObject, kind: str, restored: bool) -> None:
        bought = self.model.lots[data.draw(st.sampled_from(self.of_source("pack", "plan")))]
        amount = data.draw(st.integers(1, bought.amount))
        name = self.next(kind)
        back = self.entry(name, bought.account, accounts.STRIPE, amount, kind)
        self.take(back, first=bought.id, may_fall=True)
        if restored:
            won = self.entry(f"{name}:won", accounts.STRIPE, bought.account, amount, "restore")
            self.put(won, "pack")

    @rule(person=people, to=people)
    def merge(self, person: str, to: str) -> None:
        """One person's lots, one by one, to another, each with its source and its end."""
        own, other = accounts.person(person), accounts.person(to)
        if own == other or self.model.accounts[own].pending or self.model.accounts[own].posted < 0:
            return
        credits.lock(self.connection, [own, other])
        for item in self.model.left(own):
            amount, name = item.left, self.next("merge")
            out = self.entry(f"{name}:out", own, accounts.OPERATOR, amount, "merge")
            assert self.take(out, first=item.id)
            into = self.entry(f"{name}:in", accounts.OPERATOR, other, amount, "merge")
            days = None if item.expires is None else (item.expires - self.now).days
            assert self.put(into, item.source, days)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """What comes twice is done once."""
        work, args, more = data.draw(st.sampled_from(self.done))
        assert work(self.connection, *args, **more) is False

    @invariant()
    def the_books_are_right(self) -> None:
        type(self).steps += 1
        wrong = difference(self.connection)
        assert wrong is None, wrong.sentence

    @invariant()
    def all_is_as_in_the_model(self) -> None:
        rows = self.connection.execute(
            select(account.c.id, account.c.posted, account.c.pending).where(
                account.c.kind != "system"
            )
        )
        found = {row[0]: (row[1], row[2]) for row in rows}
        kept = {name: (item.posted, item.pending) for name, item in self.model.accounts.items()}
        assert found == kept
        lots = self.connection.execute(select(lot.c.id, lot.c.account, lot.c.remaining))
        left = {row[0]: (row[1], row[2]) for row in lots}
        assert left == {item.id: (item.account, item.left) for item in self.model.lots.values()}
        holds = self.connection.execute(select(hold.c.job_id, hold.c.state, hold.c.captured))
        ended = {row[0]: (row[1], row[2]) for row in holds}
        assert ended == {
            name: (item.state, item.captured) for name, item in self.model.holds.items()
        }
        posted = self.connection.execute(
            select(transfer.c.id, transfer.c.debit, transfer.c.credit, transfer.c.amount)
        )
        assert {row[0]: tuple(row[1:]) for row in posted} == self.model.transfers


def run(connection: Connection, sequences: int) -> tuple[int, int]:
    """So many sequences on one connection; how many there were, and how many steps."""

    class Bound(Ledger):
        """With counts of its own."""

    Bound.connection = connection
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Bound.sequences, Bound.steps


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_any_sequence_on_sqlite(tmp_path: Path, part: int) -> None:
    url = f"sqlite:///{tmp_path / 'atelier.db'}"
    upgrade(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        for pragma in ("synchronous=OFF", "foreign_keys=ON"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("SAVEPOINT all_of_it")
        sequences, steps = run(connection, SEQUENCES["sqlite"])
    engine.dispose()
    assert sequences >= SEQUENCES["sqlite"]
    assert steps >= sequences * 4


@pytest.mark.timeout(300)
async def test_any_sequence_on_postgresql(postgres_url: str) -> None:
    url = database.normalized(postgres_url)
    await asyncio.to_thread(upgrade, url)
    opened = database.connect(url)
    try:
        sequences, _ = await opened.transaction(run, SEQUENCES["postgresql"])
    finally:
        await opened.close()
    assert sequences >= SEQUENCES["postgresql"]
