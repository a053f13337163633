"""People's keys through the whole system, whatever their vendors answer: they come to light nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import logging
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from redis.asyncio import Redis

from bot.command import Call, Identity, Reply
from bot.i18n import languages, sentences
from bot.log import configure
from bot.wiring import Parts, open_parts
from bot.worker import run_worker
from core import keys, notices
from core.errors import UserError
from core.ids import new_id
from core.messenger import Address, Delivery
from core.people import recognise
from migrations.upgrade import upgrade
from providers.base import Fault, discover
from storage import database
from tests.bot.web.conftest import settings_for
from tests.fakes.studio import Remembering
from tests.fakes.vendor import FakeVendor, Trouble, fake_of
from tests.providers.test_secrets import CANARIES, forms

PLATFORM = "telegram"
ERRORS_EACH_MAX = 12
FAULTED_MIN = 200
SAID_S_MAX = 20.0
# A key has no spaces: this one would not be taken.
KEYS = tuple(key.replace(" ", "!") for key in CANARIES)
MODELS = {
    "google": "nano-banana-2.1",
    "huggingface": "flux-schnell-hf",
    "openai": "gpt-image-2",
    "pollinations": "pollinations-flux",
    "replicate": "flux-1.1-pro",
    "xai": "grok-imagine-image-2.0",
}
OFFLINE = "http://127.0.0.1:1"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged at DEBUG, as the bot writes it; it knows no key that it would hide."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    out = io.StringIO()
    configure("debug", "json", stream=out)
    yield out
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.calls.WAIT_S_MAX", 0.01)
    # A key that rests would not be faulted again.
    monkeypatch.setattr("core.circuits.OPEN_S_MAX", 0.001)
    for vendor in MODELS:
        module = importlib.import_module(f"providers.{vendor}")
        for name in ("POLL_S", "LOADING_POLL_S"):
            monkeypatch.setattr(module, name, 0.01, raising=False)


class Chat(Remembering):
    """A chat that wakes who waits for its next message."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        done = await super().deliver(address, delivery)
        self.came.set()
        return done


@dataclass(frozen=True, kw_only=True)
class System:
    """Everything that runs, with one server for each vendor; `told` is what was said at once."""

    parts: Parts
    chat: Chat
    servers: dict[str, FakeVendor]
    told: list[str] = field(default_factory=list)
    faulted: list[str] = field(default_factory=list)

    async def say(self, user: str, name: str, **arguments: object) -> Reply:
        call = Call(
            identity=Identity(platform=PLATFORM, id=user, name=user),
            address=Address(platform=PLATFORM, place=user, user=user, message=new_id()),
            inbox=new_id(),
            arguments=arguments,
        )
        reply = await self.parts.dispatch.run(name, call)
        self.told.append(repr(reply))
        self.told.extend(text for code in languages() for text in sentences(code, reply.lines))
        return reply

    async def drawn(self, user: str, vendor: str) -> str:
        """A job on the person's own key; the first line of what came of it."""
        reply = await self.say(user, "imagine", prompt="a fox", model=MODELS[vendor])
        assert reply.job_id is not None, reply
        async with asyncio.timeout(SAID_S_MAX):
            while True:
                self.chat.came.clear()
                for _, delivery in self.chat.delivered:
                    if delivery.job_id == reply.job_id:
                        return delivery.lines[0].key
                await self.chat.came.wait()

    def delivered(self) -> Iterator[str]:
        """All that was said in chats."""
        for address, delivery in self.chat.delivered:
            yield f"{address!r} {delivery!r}"
            for code in languages():
                yield from sentences(code, delivery.lines)
        yield from (repr(delivery) for delivery in self.chat.passing)


@contextlib.asynccontextmanager
async def system(folder: Path, redis_url: str) -> AsyncIterator[System]:
    """A worker, a real Redis, SQLite, and every vendor that draws."""
    async with contextlib.AsyncExitStack() as stack:
        servers, vendors = {}, {"REMOVEBG_BASE_URL": OFFLINE}
        for name in MODELS:
            fake = fake_of(name)
            assert fake is not None
            servers[name] = await stack.enter_async_context(fake())
        known = discover()
        vendors |= {known[name].url_setting or "": server.url for name, server in servers.items()}
        settings = settings_for(folder, vendors=vendors)
        await asyncio.to_thread(upgrade, database.normalized(settings.database))
        parts = await stack.enter_async_context(open_parts(settings, redis_url))
        chat = Chat()
        assert isinstance(parts.app.messengers, dict)
        parts.app.messengers[PLATFORM] = chat
        working = asyncio.create_task(
            run_worker(parts.app, parts.news, redis_url, slots=4, drain_s=1)
        )
        try:
            yield System(parts=parts, chat=chat, servers=servers)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def tormented(here: System, vendor: str, key: str, number: int) -> None:
    """One person's key through every way in which its vendor can fail."""
    app, server, user = here.parts.app, here.servers[vendor], f"{vendor}{number}"
    person = await recognise(app, PLATFORM, user, user)
    vars(server)["key"] = "another-key-0123456789"
    await refused(here, keys.add(app, person, vendor, key))
    await refused(here, keys.add(app, person, "removebg", key))
    vars(server)["key"] = key
    await keys.add(app, person, vendor, key)
    await keys.prefer(app, person, "only", fall_back=False)
    errors = sorted(server.errors)
    start = number * ERRORS_EACH_MAX % len(errors)
    for error in [*errors[start:], *errors[:start]][:ERRORS_EACH_MAX]:
        server.script.append(Trouble(error=error, echo=True, retry_after=key))
        said = await here.drawn(user, vendor)
        assert said != "made-by", (vendor, error)
        here.faulted.append(said)
        server.script.clear()
        (mine,) = await keys.listed(app, person)
        if mine.state == "off":
            assert server.errors[error] is Fault.BAD_KEY
            await keys.test(app, person, vendor)
    server.script.append(Trouble(lose=True))
    here.faulted.append(await here.drawn(user, vendor))
    server.script.clear()
    vars(server)["key"] = "another-key-0123456789"
    await refused(here, keys.test(app, person, vendor))
    vars(server)["key"] = key
    await keys.test(app, person, vendor)
    vars(server)["key"] = "another-key-0123456789"
    here.faulted.append(await here.drawn(user, vendor))
    (mine,) = await keys.listed(app, person)
    assert (mine.state, mine.reason) == ("off", "bad-key")
    await here.say(user, "keys")
    if number % 2:
        await here.say(user, "keys", do="remove", vendor=vendor)


async def refused(here: System, trying: object) -> None:
    with pytest.raises(UserError) as caught:
        await trying  # type: ignore[misc]
    here.faulted.append(caught.value.key)
    here.told.append(repr(caught.value) + repr(caught.value.values))


async def in_redis(redis_url: str) -> list[bytes]:
    """Every key there and what it holds."""
    found: list[bytes] = []
    redis = Redis.from_url(redis_url)
    async for key in redis.scan_iter():
        found += [key, await redis.dump(key) or b""]
        match await redis.type(key):
            case b"string":
                found.append(await redis.get(key) or b"")
            case b"list":
                found += await redis.lrange(key, 0, -1)
            case b"hash":
                found += [item for pair in (await redis.hgetall(key)).items() for item in pair]
            case b"set":
                found += list(await redis.smembers(key))
            case b"zset":
                found += await redis.zrange(key, 0, -1)
    await redis.aclose()
    return found


def in_files(folder: Path) -> dict[str, bytes]:
    """The database with its log, and all that is stored."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def seen(
    places: dict[str, bytes], secrets: Iterable[str] = (*KEYS, *CANARIES)
) -> list[tuple[str, str]]:
    """Where a key stands in one of its forms."""
    return [
        (name, form)
        for name, held in places.items()
        for secret in secrets
        for form in forms(secret)
        if form.encode() in held
    ]


async def test_no_key_comes_to_light(tmp_path: Path, redis_url: str, logged: io.StringIO) -> None:
    async with system(tmp_path, redis_url) as here:

        async def all_of(vendor: str, place: int) -> None:
            for number, key in enumerate(KEYS[place :: len(MODELS)]):
                await tormented(here, vendor, key, number)

        await asyncio.gather(*(all_of(name, place) for place, name in enumerate(MODELS)))
        for key in set(CANARIES) - set(KEYS):
            await refused(here, keys.add(here.parts.app, "nobody", "openai", key))
        await notices.carry_due(here.parts.app)
        said = "\n".join([*here.told, *here.delivered()]).encode()
        places = {
            "redis": b"\n".join(await in_redis(redis_url)),
            "chat": said,
            **in_files(tmp_path),
        }
    places |= {f"closed {name}": held for name, held in in_files(tmp_path).items()}
    places["log"] = logged.getvalue().encode()
    assert len(here.faulted) >= FAULTED_MIN
    for name in ("atelier.db", "atelier.db-wal", "redis", "log"):
        assert places[name], name
    assert b"key-switched-off" in said
    assert b"own-key-unknown" in said
    assert b"attempt failed" in places["log"]
    assert seen(places) == []


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_that_came_to_light_would_be_seen(
    tmp_path: Path, redis_url: str, key: str
) -> None:
    """The test of the test: each place and each form."""
    redis = Redis.from_url(redis_url)
    await redis.set("a", f"x{key}x")
    await redis.rpush("b", "x" * 40, f"x{key}x")
    await redis.hset("c", "x", f"x{key}x")
    await redis.zadd("d", {f"x{key}x": 1})
    await redis.aclose()
    held = await in_redis(redis_url)
    assert len([item for item in held if seen({"redis": item}, [key])]) >= 4
    for form in forms(key):
        (tmp_path / "a.db-wal").write_text(f"x{form}x", encoding="utf-8")
        assert ("a.db-wal", form) in seen(in_files(tmp_path), [key])
