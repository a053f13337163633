"""The worker: arq carries the bell, slots do the work; the only file that imports arq."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import structlog
from arq import ArqRedis, create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func
from redis.exceptions import RedisError

from bot.news import News
from core import books, notices
from core.app import App
from core.jobs import places
from core.jobs.execute import run_next
from core.jobs.reconcile import carry_overdue, work_waiting
from core.sweep import sweep

log = structlog.get_logger(__name__)

QUEUE = "atelier:bell"
TOPIC = "bell"
WAKE = "wake"
RING_PAUSE_S = 0.02
PASS_ON_S = 0.1
POLL_S = 0.5
RESTART_S = 1.0
WAKE_S_MAX = 10
REDIS_S_MAX = 1.0
SWEEP_FIRST_S = 60.0
SWEEP_S = 3600.0
AUDIT_S = 3600.0
# Jobs whose pictures are made and are being stored and shown, for each slot.
TAILS_PER_SLOT_MAX = 2
# A job is claimed ahead of a free slot by no more than about this: it could run elsewhere.
CLAIM_AHEAD_S = 0.05


def _settings(redis_url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries = 0
    settings.conn_timeout = 2
    return settings


def _write(value: dict[str, Any]) -> bytes:
    # arq also stores the outcome of a call; ours has none, and its error is in our own log.
    return json.dumps(value, default=repr).encode()


class RedisBell:
    """Rings by an arq job that carries nothing but how many rings it stands for, and a hint to look at once.

    The first ring goes out at once, and those of the next moment together: in a crowd, ringing for
    each would cost more than the jobs' own way.
    """

    def __init__(self, redis_url: str, news: News) -> None:
        self._settings = _settings(redis_url)
        self._news = news
        self._pool: ArqRedis | None = None
        self._rings = 0
        self._ringing: asyncio.Task[None] | None = None

    async def ring(self, times: int = 1) -> None:
        """Wake as many slots; where Redis is away, workers find the jobs in the database."""
        self._rings += times
        if self._ringing is None or self._ringing.done():
            # Not awaited: a Redis that hangs must not hold a command whose job is committed.
            self._ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        while self._rings:
            times, self._rings = self._rings, 0
            try:
                async with asyncio.timeout(REDIS_S_MAX):
                    if self._pool is None:
                        self._pool = await create_pool(
                            self._settings, job_serializer=_write, default_queue_name=QUEUE
                        )
                    await self._pool.enqueue_job(WAKE, times)
            except (RedisError, OSError) as error:
                log.warning("bell not rung", error=repr(error))
                self._rings = 0
                return
            await self._news.publish(TOPIC)
            await asyncio.sleep(RING_PAUSE_S)

    async def tell(self, topic: str) -> None:
        """Tell listeners of a topic that there is news in the database."""
        await self._news.publish(topic)

    async def close(self) -> None:
        """Let the last ring go out, and give back the connections."""
        if self._ringing is not None:
            await asyncio.wait({self._ringing}, timeout=REDIS_S_MAX)
            self._ringing.cancel()
            await asyncio.gather(self._ringing, return_exceptions=True)
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
    """As many jobs made at once as the operator set, and no more claimed than will be made in a moment.

    A job has its slot while its pictures are made: before that it is a head (claimed and prepared),
    after it a tail (stored and shown), so that neither the database nor a slow upload keeps a slot
    from working.
    """

    def __init__(self, app: App, count: int) -> None:
        self._app = app
        self._count = count
        self._made = asyncio.Semaphore(count)
        self._tasks: set[asyncio.Task[None]] = set()
        self._heads = 0
        self._busy = 0
        self._tails = 0
        self._left: deque[float] = deque(maxlen=count)
        self._missed = False
        self._open = True

    @property
    def room(self) -> int:
        """How many more jobs could be claimed now."""
        taken = self._heads + self._busy
        return max(0, self._count + self._ahead() - taken) if self._open else 0

    def _ahead(self) -> int:
        """How many slots come free within a moment, by how fast the last ones did: none of long jobs."""
        if len(self._left) < self._count:
            return 0
        span_s = max(self._app.clock.steady_s() - self._left[0], CLAIM_AHEAD_S)
        return min(self._count, int(self._count * CLAIM_AHEAD_S / span_s))

    def start(self, count: int) -> int:
        """Begin with up to `count` jobs; how many it has no room for."""
        begun = min(count, self.room)
        for _ in range(begun):
            self._heads += 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        # Whoever comes free next looks anyway; who has just looked in vain, looks once more.
        self._missed = self._missed or begun < count
        return count - begun

    async def _work(self) -> None:
        seat = _Seat(self)
        found = False
        try:
            found = await run_next(self._app, seat)
        except Exception:  # the supervisor of all jobs: the lease runs out, another try follows
            log.exception("job stopped by an error of ours")
        finally:
            in_time = seat.end()
        if (found and in_time) or self._missed:
            self._missed = False
            self.start(1)

    async def claimed(self) -> None:
        """Wait for a slot for a job that is ready; meanwhile the next one may be made ready."""
        if self._ahead():
            self.start(1)
        await self._made.acquire()
        self._heads -= 1
        self._busy += 1

    def made(self) -> bool:
        """Give a slot to the next job while its own one ends; False where too many do so."""
        if self._tails >= self._count * TAILS_PER_SLOT_MAX:
            return False
        self._free()
        self._tails += 1
        self.start(1)
        return True

    def ended(self, *, busy: bool, tail: bool) -> None:
        """A job is over, in whichever part of its way."""
        if tail:
            self._tails -= 1
        elif busy:
            self._free()
        else:
            self._heads -= 1

    def _free(self) -> None:
        self._busy -= 1
        self._left.append(self._app.clock.steady_s())
        self._made.release()

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
    """One job's way through the slots: taken once, left once."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._busy = False
        self._tail = False

    async def take(self) -> None:
        """The job is ready to be made."""
        if not self._busy:
            await self._slots.claimed()
            self._busy = True

    def leave(self) -> None:
        """The pictures are made."""
        if self._busy and not self._tail:
            self._tail = self._slots.made()

    def end(self) -> bool:
        """The job is over; whether it had its slot until now."""
        self._slots.ended(busy=self._busy, tail=self._tail)
        return not self._tail


async def run_worker(app: App, news: News, redis_url: str, slots: int, drain_s: float) -> None:
    """Work until cancelled, then drain. Redis may come and go: the jobs are in the database."""
    seats = Slots(app, slots)
    helpers = [
        asyncio.create_task(_listen(app, news, redis_url, seats)),
        asyncio.create_task(_reconcile(app, seats)),
        *(asyncio.create_task(work) for work in _regular(app)),
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


async def _listen(app: App, news: News, redis_url: str, seats: Slots) -> None:
    """Arq's worker, begun again whenever Redis drops it."""
    while True:
        async with _arq(app, redis_url, seats, news) as worker:
            try:
                await worker.async_run()
            except (RedisError, OSError) as error:
                log.warning("bell interrupted", error=repr(error))
            except Exception:  # a supervisor: whatever ends arq, the jobs go on
                log.exception("bell broken")
        await asyncio.sleep(RESTART_S)


@contextlib.asynccontextmanager
async def _arq(app: App, redis_url: str, seats: Slots, news: News) -> AsyncIterator[BellWorker]:
    async def wake(ctx: dict[Any, Any], times: int = 1) -> None:
        left = seats.start(times)
        if left:
            # Another worker may have room; a moment's pause keeps full ones from ringing in a circle.
            await asyncio.sleep(PASS_ON_S)
            if not seats.room:
                await app.bell.ring()

    worker = BellWorker(
        functions=[func(wake, name=WAKE)],
        queue_name=QUEUE,
        redis_settings=_settings(redis_url),
        handle_signals=False,
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
            if worker.tasks:
                await asyncio.wait(worker.tasks.values(), timeout=REDIS_S_MAX)
            if worker.connected:
                with contextlib.suppress(RedisError, OSError):
                    async with asyncio.timeout(REDIS_S_MAX):
                        await worker.pool.aclose(close_connection_pool=True)


async def _reconcile(app: App, seats: Slots) -> None:
    """Every few seconds: begin what no bell announced, and show what nobody has shown."""
    carrying: asyncio.Task[None] | None = None
    try:
        while True:
            await asyncio.sleep(app.rules.reconcile_s)
            try:
                seats.start(await work_waiting(app, seats.room))
            except (
                Exception
            ):  # a supervisor: a database that is away for a while must not end the worker
                log.exception("reconcile failed")
            if carrying is None or carrying.done():
                carrying = asyncio.create_task(_carry(app))
    finally:
        # It would go on with a database that is closed.
        if carrying is not None:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)


def _regular(app: App) -> list[Coroutine[Any, Any, None]]:
    """What is done beside the jobs."""
    places_s = app.rules.places_s
    return [
        _regularly("places", places.tell, app, first_s=places_s, every_s=places_s),
        # First soon, for machines that never run for long.
        _regularly("sweep", sweep, app, first_s=SWEEP_FIRST_S, every_s=SWEEP_S),
        # What it finds stops paid jobs.
        _regularly("audit", books.check, app, first_s=0.0, every_s=AUDIT_S),
    ]


async def _regularly(
    what: str, work: Callable[[App], Awaitable[object]], app: App, *, first_s: float, every_s: float
) -> None:
    """Do it now and then, whatever becomes of one time."""
    await asyncio.sleep(first_s)
    while True:
        try:
            await work(app)
        except Exception:  # a supervisor, as above
            log.exception("regular work failed", what=what)
        await asyncio.sleep(every_s)


async def _carry(app: App) -> None:
    try:
        await carry_overdue(app)
        await notices.carry_due(app)
    except Exception:  # a supervisor, as above
        log.exception("carrying failed")
