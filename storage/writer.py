"""The SQLite writer: one thread, and what waits together is committed together (group commit)."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from storage.turns import Turns

BATCH_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """One transaction that somebody awaits."""

    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of it: an error, or else the result."""

    order: _Order
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Hand it over, in the loop that waits for it."""
        if self.order.future.done():
            return
        if self.error is not None:
            self.order.future.set_exception(self.error)
        else:
            self.order.future.set_result(self.result)


class Writer:
    """Runs transactions in order; each has a savepoint, so that one that fails undoes only itself.

    A commit waits for the disk once for all that were waiting, and each wake-up of the event loop
    brings all their results: thread hops are what transactions on SQLite cost most.
    """

    def __init__(self, engine: Engine, turns: Turns) -> None:
        self._engine = engine
        self._turns = turns
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401
        """Run one transaction; returns when it is durable."""
        loop = asyncio.get_running_loop()
        order = _Order(work=work, loop=loop, future=loop.create_future())
        self._orders.put(order)
        return await order.future

    async def close(self) -> None:
        """Let what waits be committed, then end."""
        self._orders.put(None)
        await asyncio.to_thread(self._thread.join)
        self._turns.close()

    def _run(self) -> None:
        while (first := self._orders.get()) is not None:
            batch = [first]
            while len(batch) < BATCH_MAX and not self._orders.empty():
                order = self._orders.get()
                if order is None:
                    self._orders.put(None)
                    break
                batch.append(order)
            self._settle(self._commit(batch))

    def _commit(self, batch: list[_Order]) -> list[_Outcome]:
        try:
            with self._turns.taken(), self._engine.begin() as connection:
                if len(batch) == 1:  # it needs no savepoint: its failure is the transaction's
                    return [_Outcome(order=batch[0], result=batch[0].work(connection))]
                return [self._one(connection, order) for order in batch]
        except Exception as error:  # noqa: BLE001 - it is raised again where it is awaited
            return [_Outcome(order=order, error=error) for order in batch]

    def _one(self, connection: Connection, order: _Order) -> _Outcome:
        raw: Any = connection.connection.driver_connection
        raw.execute("SAVEPOINT one")
        try:
            result = order.work(connection)
        except Exception as error:  # noqa: BLE001 - it is raised again where it is awaited
            raw.execute("ROLLBACK TO one")
            return _Outcome(order=order, error=error)
        raw.execute("RELEASE one")
        return _Outcome(order=order, result=result)

    def _settle(self, outcomes: list[_Outcome]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
        for outcome in outcomes:
            by_loop.setdefault(outcome.order.loop, []).append(outcome)
        for loop, told in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell_all, told)


def _tell_all(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        outcome.tell()
