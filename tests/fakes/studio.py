"""A whole Atelier in the test's own process: real database, real pictures, a messenger that remembers."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any

from bot import catalogue
from bot.command import Call, Identity, Reply, Upload
from bot.dispatch import Dispatch
from core.app import App, Rules
from core.clock import SystemClock
from core.ids import new_id
from core.images import Images
from core.jobs.execute import run_next
from core.jobs.reconcile import work_waiting
from core.messenger import Address, Delivery, Limits, Messenger
from core.operations.base import discover as discover_operations
from core.sealing import Seals
from migrations.upgrade import upgrade
from providers.base import Credentials, Provider, load_models
from providers.base import discover as discover_vendors
from storage import blobs, database

LOOKS_MAX = 20
LOOK_S = 0.01
MASTER_KEY = "a master key for tests, long enough"


class Remembering:
    """A messenger that keeps what it was given; set `fail` to the errors of the next deliveries."""

    def __init__(self, pictures_max: int = 4) -> None:
        self.limits = Limits(pictures_max=pictures_max, bytes_max=10 * 2**20)
        self.delivered: list[tuple[Address, Delivery]] = []
        self.passing: list[Delivery] = []
        self.removed: list[Address] = []
        self.fail: list[Exception] = []

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        """Keep it."""
        if self.fail:
            raise self.fail.pop(0)
        self.delivered.append((address, delivery))
        return address

    async def progress(self, address: Address, delivery: Delivery) -> None:
        """Keep it."""
        self.passing.append(delivery)

    async def remove(self, address: Address) -> None:
        """Keep it."""
        self.removed.append(address)

    async def close(self) -> None:
        """Nothing is open."""


class SilentBell:
    """A bell that counts; tests run the jobs themselves."""

    def __init__(self) -> None:
        self.rings = 0

    async def ring(self, times: int = 1) -> None:
        """Count."""
        self.rings += times

    async def tell(self, topic: str) -> None:
        """Nobody listens."""


class HouseCircuits:
    """The circuits of one process; `open` holds those that are open, until a test closes them."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.failures: list[str] = []
        self.calls: list[str] = []
        self.wait_s = 30.0

    async def opened(self, names: Collection[str]) -> frozenset[str]:
        """Those that are open."""
        return frozenset(self.open & set(names))

    async def failed(self, name: str, open_s: float, chances: int) -> None:
        """Count, and open after the last chance."""
        self.failures.append(name)
        if self.failures.count(name) >= chances:
            self.open.add(name)

    async def worked(self, name: str) -> None:
        """Forget failures."""
        self.failures = [item for item in self.failures if item != name]

    async def shut(self, name: str) -> None:
        """No longer open."""
        self.open.discard(name)

    async def room(self, name: str, per_minute: int) -> float:
        """Count, until a test says that a minute is over by `calls.clear()`."""
        self.calls.append(name)
        return 0.0 if self.calls.count(name) <= per_minute else self.wait_s


@dataclasses.dataclass(frozen=True, kw_only=True)
class Studio:
    """The app with a way to speak to it."""

    app: App
    dispatch: Dispatch
    chat: Remembering
    bell: SilentBell

    def call(
        self,
        user: str = "ann",
        *,
        uploads: Sequence[bytes] = (),
        inbox: str | None = None,
        place: str = "room",
        **arguments: Any,  # noqa: ANN401
    ) -> Call:
        """A command as the test platform would hand it on."""
        return Call(
            identity=Identity(platform="test", id=user, name=user),
            address=Address(platform="test", place=place, user=user, message=new_id()),
            inbox=inbox or f"test:{new_id()}",
            arguments=arguments,
            uploads=tuple(upload(data) for data in uploads),
        )

    async def run(self, name: str, /, user: str = "ann", **arguments: Any) -> Reply:  # noqa: ANN401
        """Give a command."""
        return await self.dispatch.run(name, self.call(user, **arguments))

    async def work(self, limit: int = 100) -> int:
        """Run what waits, one after the other; how many jobs there were."""
        for count in range(limit):
            if not await self._next():
                return count
        return limit

    async def _next(self) -> bool:
        for _ in range(LOOKS_MAX):
            if await run_next(self.app):
                return True
            if not await work_waiting(self.app, 1):
                return False
            # A job whose first answer is being written down at this moment is passed over.
            await asyncio.sleep(LOOK_S)
        return False


def upload(data: bytes, name: str = "picture.png") -> Upload:
    """A file as it comes with a command."""

    async def read() -> bytes:
        await asyncio.sleep(0)
        return data

    return Upload(name=name, size_bytes=len(data), read=read)


@contextlib.asynccontextmanager
async def studio(
    database_url: str,
    folder: Path,
    *,
    rules: Rules | None = None,
    providers: dict[str, Provider] | None = None,
) -> AsyncIterator[Studio]:
    """Open one, with the offline provider unless others are given."""
    url = database.normalized(database_url)
    await asyncio.to_thread(upgrade, url)
    opened = database.connect(url)
    images = Images()
    chat = Remembering()
    messengers: dict[str, Messenger] = {"test": chat}
    bell = SilentBell()
    vendors = discover_vendors()
    sketch = vendors["sketch"].open(Credentials())
    assert sketch is not None
    operations = discover_operations()
    app = App(
        database=opened,
        blobs=blobs.connect(str(folder / "blobs")),
        images=images,
        vendors=vendors,
        providers={"sketch": sketch, **(providers or {})},
        addresses={},
        models=load_models(),
        operations=operations,
        messengers=messengers,
        tills={},
        bell=bell,
        circuits=HouseCircuits(),
        clock=SystemClock(),
        seals=Seals(MASTER_KEY),
        rules=rules or Rules(vendor_order=("openai", "sketch")),
    )
    try:
        yield Studio(
            app=app,
            dispatch=Dispatch(app, catalogue.build(operations)),
            chat=chat,
            bell=bell,
        )
    finally:
        await images.close()
        await opened.close()
