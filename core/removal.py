"""Several pictures thrown away at once: each picture for itself, a job with the last one of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from core import questions, records
from core.app import App
from core.errors import NotFound
from core.ids import is_id, new_id
from core.jobs import library
from core.messenger import Address
from core.questions import Question
from storage import gallery as stored
from storage import jobs
from storage import pictures as files
from storage.database import Connection
from storage.gallery import Mark

log = structlog.get_logger(__name__)

AT_ONCE_MAX = 100
MESSAGES_S_MAX = 30.0
MESSAGES_AT_ONCE = 4
_ABOUT = "gallery"
_PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many pictures went, and of how many jobs others stay: their messages in the chat do too."""

    pictures: int
    stay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    removed: Removed
    unused: list[str]
    addresses: list[str]


async def ask(app: App, person_id: str, marks: Sequence[Mark]) -> str:
    """Keep which pictures a person is asked about, before they are thrown away; the question's id."""
    question_id = new_id()
    told = " ".join(f"{mark.job_id}:{mark.position}" for mark in marks)
    question = Question(command="gallery-delete-yes", field="", given={_PICTURES: told})
    await questions.remember(app, _ABOUT, person_id, question_id, question)
    return question_id


async def asked(app: App, person_id: str, question_id: str) -> tuple[Mark, ...]:
    """The pictures that this very person was asked about; raises NotFound."""
    question = None
    if is_id(question_id):
        question = await questions.recall(app, _ABOUT, person_id, question_id)
    if question is None:
        raise NotFound("gallery-question-over")
    told = (item.partition(":") for item in question.given[_PICTURES].split())
    return tuple(Mark(job_id, int(position)) for job_id, _, position in told)


async def remove(app: App, person_id: str, marks: Collection[Mark]) -> Removed:
    """Throw pictures of a person's own away, with their messages where nothing else is shown there.

    What is gone already, or is somebody else's, is passed over.
    """
    known = frozenset(mark for mark in marks if is_id(mark.job_id))
    done = await app.database.transaction(_remove, person_id, known, app.clock.now())
    await library.forget(app, done.unused)
    await _take_away(app, [records.read_address(text) for text in done.addresses])
    return done.removed


def _remove(connection: Connection, person_id: str, marks: frozenset[Mark], now: datetime) -> _Done:
    held = stored.hold(connection, person_id, {mark.job_id for mark in marks})
    there = stored.left(connection, {job.id for job in held})
    going = marks & there.keys()
    staying = {mark.job_id for mark in there.keys() - going}
    unused: set[str] = set()
    addresses = []
    for job in held:
        if job.id in staying or not any(mark.job_id == job.id for mark in going):
            continue
        unused.update(files.drop(connection, job.id))
        jobs.mark_deleted(connection, job.id, now)
        addresses.append(job.address)
    some = {mark for mark in going if mark.job_id in staying}
    stored.empty(connection, some)
    hashes = sorted({there[mark] for mark in some})
    unused.update(set(hashes) - files.referred(connection, hashes))
    stay = len({mark.job_id for mark in some})
    return _Done(
        removed=Removed(pictures=len(going), stay=stay),
        # What two of the jobs shared was still referred to when the first of them went.
        unused=sorted(unused - files.referred(connection, sorted(unused))),
        addresses=addresses,
    )


async def _take_away(app: App, addresses: list[Address]) -> None:
    """Remove messages from their chats, as many as there is time for."""
    slots = asyncio.Semaphore(MESSAGES_AT_ONCE)

    async def one(address: Address) -> None:
        messenger = app.messengers.get(address.platform)
        if messenger is None:
            return
        async with slots:
            await messenger.remove(address)

    try:
        async with asyncio.timeout(MESSAGES_S_MAX):
            await asyncio.gather(*(one(address) for address in addresses))
    except TimeoutError:
        log.warning("messages left standing", jobs=len(addresses))
