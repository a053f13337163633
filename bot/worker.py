"""The worker: arq carries the bell, slots do the work; the only file that imports arq."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import structlog
from arq import ArqRedis, create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func
from redis.exceptions import RedisError

from bot.news import News
from core.app import App
from core.jobs.execute import run_next
from core.jobs.reconcile import carry_overdue, work_waiting
from core.sweep import sweep

log = structlog.get_logger(__name__)

QUEUE = "atelier:bell"
TOPIC = "bell"
POLL_S = 0.5
RESTART_S = 1.0
WAKE_S_MAX = 3600
REDIS_S_MAX = 1.0
SWEEP_FIRST_S = 60.0
SWEEP_S = 3600.0
# Jobs whose pictures are made and are being stored and shown, for each slot.
TAILS_PER_SLOT_MAX = 2


def _settings(redis_url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries = 0
    settings.conn_timeout = 2
    return settings


def _write(value: dict[str, Any]) -> bytes:
    # arq also stores the outcome of a call; ours has none, and its error is in our own log.
    return json.dumps(value, default=repr).encode()


class RedisBell:
    """Rings by an arq job that carries nothing, and a hint that makes workers look at once."""

    def __init__(self, redis_url: str, news: News) -> None:
        self._settings = _settings(redis_url)
        self._news = news
        self._pool: ArqRedis | None = None

    async def ring(self, times: int = 1) -> None:
        """Wake as many slots; where Redis is away, workers find the jobs in the database."""
        try:
            # A Redis that hangs must not hold a command whose job is committed.
            async with asyncio.timeout(REDIS_S_MAX):
                if self._pool is None:
                    self._pool = await create_pool(
                        self._settings, job_serializer=_write, default_queue_name=QUEUE
                    )
                for _ in range(times):
                    await self._pool.enqueue_job("wake")
        except (RedisError, OSError) as error:
            log.warning("bell not rung", error=repr(error))
            return
        await self._news.publish(TOPIC)

    async def tell(self, topic: str) -> None:
        """Tell listeners of a topic that there is news in the database."""
        await self._news.publish(topic)

    async def close(self) -> None:
        """Give back the connections."""
        if self._pool is not None:
            await self._pool.aclose(close_connection_pool=True)


class BellWorker(Worker):
    """arq's worker, which looks into its queue when the bell rings or a slot is free, not only in time."""

    rung: asyncio.Event

    @property
    def connected(self) -> bool:
        """Whether it has had a connection, which is then to be given back."""
        return self._pool is not None

    async def main(self) -> None:
        """Arq's main loop with a wait that the bell ends."""
        self._pool = await create_pool(
            self.redis_settings,
            job_serializer=self.job_serializer,
            job_deserializer=self.job_deserializer,
            default_queue_name=self.queue_name,
        )
        while True:
            self.rung.clear()
            await self._poll_iteration()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.poll_delay_s):
                    await self.rung.wait()

    def _release_sem_dec_counter_on_complete(self) -> None:
        super()._release_sem_dec_counter_on_complete()
        self.rung.set()


class Slots:
    """As many jobs made at once as the operator set; wakes beyond that wait for a free slot.

    A slot is free again when a job's pictures are made: a slow upload keeps nobody from working.
    """

    def __init__(self, app: App, count: int) -> None:
        self._app = app
        self._count = count
        self._free = asyncio.Semaphore(count)
        self._tasks: set[asyncio.Task[None]] = set()
        self._tails = 0
        self._open = True

    @property
    def free(self) -> int:
        """How many more jobs could be begun now."""
        return max(0, self._count - (len(self._tasks) - self._tails)) if self._open else 0

    async def wake(self, until: asyncio.Future[None]) -> None:
        """Do jobs for as long as there are any; returns then, or when `until` is over."""
        if self._open:
            await asyncio.wait({self._begin(), until}, return_when=asyncio.FIRST_COMPLETED)

    def start(self, count: int) -> None:
        """Begin with up to `count` jobs without waiting for them."""
        for _ in range(min(count, self.free)):
            self._begin()

    def _begin(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self._work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _work(self) -> None:
        seat = _Seat(self)
        await self._free.acquire()
        try:
            while self._open and not seat.left and await run_next(self._app, seat.leave):
                pass
        except Exception:  # the supervisor of all jobs: the lease runs out, another try follows
            log.exception("job stopped by an error of ours")
        finally:
            if seat.left:
                self._tails -= 1
            else:
                self._free.release()

    def leave(self) -> bool:
        """Give a slot to the next job while its own one ends; False where too many do so."""
        if self._tails >= self._count * TAILS_PER_SLOT_MAX:
            return False
        self._tails += 1
        self._free.release()
        if self._open:
            self._begin()
        return True

    async def drain(self, within_s: float) -> None:
        """Begin nothing more; let running jobs end in time, the others go back to the queue."""
        self._open = False
        if self._tasks:
            log.info("draining", jobs=len(self._tasks))
            await asyncio.wait(self._tasks, timeout=within_s)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Seat:
    """One task's place in a slot, left at most once."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.left = False

    def leave(self) -> None:
        """The pictures are made."""
        if not self.left:
            self.left = self._slots.leave()


async def run_worker(app: App, news: News, redis_url: str, slots: int, drain_s: float) -> None:
    """Work until cancelled, then drain. Redis may come and go: the jobs are in the database."""
    seats = Slots(app, slots)
    helpers = [
        asyncio.create_task(_listen(app, news, redis_url, seats, slots)),
        asyncio.create_task(_reconcile(app, seats)),
        asyncio.create_task(_sweep(app)),
    ]
    try:
        # Not gathered: that would cancel them here and once more below, amid their own ending.
        done, _ = await asyncio.wait(helpers, return_when=asyncio.FIRST_COMPLETED)
        for helper in done:
            helper.result()
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await seats.drain(drain_s)


async def _listen(app: App, news: News, redis_url: str, seats: Slots, slots: int) -> None:
    """Arq's worker, begun again whenever Redis drops it."""
    while True:
        async with _arq(redis_url, seats, slots, news) as worker:
            try:
                await worker.async_run()
            except (RedisError, OSError) as error:
                log.warning("bell interrupted", error=repr(error))
            except Exception:  # a supervisor: whatever ends arq, the jobs go on
                log.exception("bell broken")
        await asyncio.sleep(RESTART_S)


@contextlib.asynccontextmanager
async def _arq(redis_url: str, seats: Slots, slots: int, news: News) -> AsyncIterator[BellWorker]:
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wake(ctx: dict[Any, Any], *_: object, **__: object) -> None:
        await seats.wake(over)

    worker = BellWorker(
        functions=[func(wake, name="wake")],
        queue_name=QUEUE,
        redis_settings=_settings(redis_url),
        handle_signals=False,
        max_jobs=slots,
        job_timeout=WAKE_S_MAX,
        keep_result=0,
        max_tries=1,
        poll_delay=POLL_S,
        retry_jobs=False,
        job_serializer=_write,
        job_deserializer=json.loads,
        log_results=False,
    )
    with news.listen(TOPIC) as rung:
        worker.rung = rung
        try:
            yield worker
        finally:
            # Not cancelled: arq shields its last word to Redis, which would outlive the connection.
            over.set_result(None)
            if worker.tasks:
                await asyncio.wait(worker.tasks.values(), timeout=REDIS_S_MAX)
            if worker.connected:
                with contextlib.suppress(RedisError, OSError):
                    async with asyncio.timeout(REDIS_S_MAX):
                        await worker.pool.aclose(close_connection_pool=True)


async def _reconcile(app: App, seats: Slots) -> None:
    """Every few seconds: begin what no bell announced, and show what nobody has shown."""
    carrying: asyncio.Task[None] | None = None
    while True:
        await asyncio.sleep(app.rules.reconcile_s)
        try:
            seats.start(await work_waiting(app, seats.free))
        except (
            Exception
        ):  # a supervisor: a database that is away for a while must not end the worker
            log.exception("reconcile failed")
        if carrying is None or carrying.done():
            carrying = asyncio.create_task(_carry(app))


async def _sweep(app: App) -> None:
    """Now and then: remove what is over. First soon, for machines that never run for long."""
    await asyncio.sleep(SWEEP_FIRST_S)
    while True:
        try:
            await sweep(app)
        except Exception:  # a supervisor, as above
            log.exception("sweep failed")
        await asyncio.sleep(SWEEP_S)


async def _carry(app: App) -> None:
    try:
        await carry_overdue(app)
    except Exception:  # a supervisor, as above
        log.exception("carrying failed")
