"""Making a job's pictures: by our own code, or by a vendor; then they are let in and stored."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, TypeVar

import structlog

from core import keys, moderation, preferences, records, routing
from core.app import App
from core.choice import Choice
from core.errors import BadImage, Busy, UserError
from core.failpoints import failpoint
from core.images import Encoded
from core.jobs import cache, calls, leftover, library, sitting
from core.jobs.attempt import Paid
from core.jobs.progress import Progress
from core.jobs.state import AttemptState
from core.jobs.turns import Turn
from core.messenger import Picture, Say
from core.operations.base import Operation, Prepared
from core.options import by_default, from_json, pictures_of
from providers.base import Fault, ImageRequest, Model, SourceImage
from storage import attempts
from storage.jobs import JobRow

log = structlog.get_logger(__name__)

GATE_TRIES_MAX = 60
GATE_RETRY_S = 1.0
TEXTS_MAX = 4
# An enlarged picture may be a larger file than people may send.
RESULT_BYTES_MAX = 30 * 2**20

T = TypeVar("T")
Finishing = Callable[[bytes], Awaitable[Encoded]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a job made: stored pictures, what to say of them, and the attempt that is done with it.

    `count` is how many are paid for: pictures, or one where texts were made. `credits_each` is the
    price of what made it: who was told a higher one pays this.
    """

    pictures: tuple[Picture, ...]
    lines: tuple[Say, ...]
    count: int
    attempt_id: str | None = None
    cost_usd: float | None = None
    credits_each: int | None = None
    own_key: bool = False
    cache_key: str | None = None


async def make(app: App, job: JobRow, progress: Progress, turn: Turn) -> Made:
    """Make and store the pictures of a claimed job; raises UserError where it cannot be done."""
    operation = app.operations.get(job.operation)
    if operation is None:
        raise UserError("operation-gone", operation=job.operation)
    params: object = from_json(operation.params, job.params)
    sources = pictures_of(params)
    data = [await app.blobs.get(item.sha256) for item in sources]
    if operation.local is not None and job.model is None:
        await turn.take()
        own = operation.local
        result = await _patiently(lambda: own(app.images, params, tuple(data)))
        turn.leave()
        lines = (*_said(operation, params), *result.lines)
        pictures = await _store(app, result.images)
        return Made(pictures=pictures, lines=lines, count=len(pictures))
    images = tuple(
        SourceImage(data=content, media_type=item.media_type)
        for content, item in zip(data, sources, strict=True)
    )
    sitter = await sitting.photos(app, job.person_id, operation, params)
    return await _by_provider(app, job, operation, params, (*sitter, *images), progress, turn)


async def _by_provider(
    app: App,
    job: JobRow,
    operation: Operation,
    params: object,
    images: tuple[SourceImage, ...],
    progress: Progress,
    turn: Turn,
) -> Made:
    first = app.models.get(job.model or "")
    ask = operation.request
    ours = first is not None and first.vendor in app.providers
    if first is None or ask is None or not (ours or job.own_key):
        raise UserError("model-gone", model=job.model or "-")
    seeded = library.with_seed(params, job.id)
    prepared = Prepared(images=images)
    if operation.prepare is not None:
        prepare = operation.prepare
        prepared = await _patiently(lambda: prepare(app.images, params, images))

    def request(model: Model) -> ImageRequest:
        asked = ask(seeded if model.seed else params, model, prepared.images)
        return dataclasses.replace(asked, mask=prepared.mask)

    # What is paid for already is taken, whatever the moderation says by now.
    paid = await leftover.settle(app, job, request, progress, turn)
    if paid is None:
        await moderation.check(app, params, request(first))
    cache_key = cache.key_of(app, job, first, params)
    if paid is None and cache_key is not None and (again := await cache.find(app, cache_key)):
        return _made_before(operation, params, first, again, own_key=job.own_key)
    choice = Choice(model=first, own_key=job.own_key)
    named = preferences.as_named(params, by_default(job.params))
    routes = routing.routes(app, operation, named, choice)
    if job.own_key and not await _may_fall_back(app, job):
        routes = routes[:1]
    paid = paid or await calls.pay(app, job, routes, request, progress, turn)
    failpoint("provider-answered")
    turn.leave()
    made = Made(
        pictures=(),
        lines=(*_said(operation, params), *_made_by(app, named, choice, paid.choice)),
        count=0,
        attempt_id=paid.attempt_id,
        cost_usd=paid.cost_usd,
        own_key=paid.choice.own_key,
        credits_each=app.rules.own_key_fee
        if paid.choice.own_key
        else operation.each(params, paid.model),
    )
    if operation.texts:
        return await _with_texts(app, made, paid)
    sent = tuple(item.data for item in images)
    encoded = await _admitted(app, paid, _finishing(app, operation, params, sent, prepared))
    return dataclasses.replace(
        made,
        pictures=await _store(app, encoded),
        count=len(encoded),
        cache_key=cache_key if _is_whole(job, paid, first, encoded) else None,
    )


def _said(operation: Operation, params: object) -> tuple[Say, ...]:
    """What was done, where the words of the job do not tell it."""
    said = None if operation.said is None else operation.said(params)
    return () if said is None else (said,)


def _made_before(
    operation: Operation,
    params: object,
    first: Model,
    pictures: tuple[Picture, ...],
    *,
    own_key: bool,
) -> Made:
    by = (Say(key="made-by", values={"model": first.title}), Say(key="made-before"))
    lines = (*_said(operation, params), *by)
    count = len(pictures)
    return Made(pictures=pictures, lines=lines, count=count, credits_each=0, own_key=own_key)


async def _with_texts(app: App, made: Made, paid: Paid) -> Made:
    """The texts of an answer, each with its number, before what is said of who made them."""
    texts = paid.result.texts[:TEXTS_MAX]
    if not texts:
        await _nothing_came(app, paid)
    lines = library.texts_said(texts)
    return dataclasses.replace(made, lines=(*lines, *made.lines), count=1)


def _finishing(
    app: App, operation: Operation, params: object, sent: tuple[bytes, ...], prepared: Prepared
) -> Finishing:
    """From a vendor's bytes to the picture that people get."""

    async def finished(data: bytes) -> Encoded:
        admitted = await app.images.admit(data, bytes_max=RESULT_BYTES_MAX)
        if operation.finish is None:
            return admitted
        return await operation.finish(app.images, params, sent, prepared, admitted)

    return finished


async def _may_fall_back(app: App, job: JobRow) -> bool:
    """Whether credits are held that could pay where the own key cannot, and their owner lets them."""
    if job.price <= app.rules.own_key_fee * job.count:
        return False
    # Asked anew: the fee alone may have been held, and be less by now.
    chosen = await keys.preference(app, job.person_id)
    return chosen.fall_back and chosen.prefer != "only"


def _is_whole(job: JobRow, paid: Paid, asked: Model, made: Sequence[Encoded]) -> bool:
    """Whether a result may stand for its request: all of it, by who was asked, and not on an own key."""
    return paid.model is asked and not paid.choice.own_key and len(made) >= job.count


def _made_by(app: App, params: object, first: Choice, by: Choice) -> tuple[Say, ...]:
    """Who made it, why it is not who was asked, and who paid where that is not plain."""
    model, asked = by.model, getattr(params, "model", None)
    lines = [Say(key="made-by", values={"model": model.title})]
    if model.id != first.model.id:
        values = {"model": model.title, "asked": first.model.title}
        lines = [Say(key="made-by-other", values=values)]
    elif asked is not None and routing.is_old_name(model, asked):
        lines.append(Say(key="model-old-name", values={"asked": asked, "model": model.id}))
    lines += [
        Say(key=f"{name}-left-out", values={"model": model.title})
        for name in routing.left_out(model, params)
    ]
    vendor = app.vendors[first.model.vendor].title
    if by.own_key:
        lines.append(Say(key="paid-by-own-key", values={"vendor": vendor}))
    elif first.own_key:
        lines.append(Say(key="own-key-fell-back", values={"vendor": vendor}))
    return tuple(lines)


async def _admitted(app: App, paid: Paid, finished: Finishing) -> tuple[Encoded, ...]:
    """The vendor's pictures through the same gate as anybody's; those that fail are left out."""
    admitted = []
    for data in paid.result.images:
        try:
            admitted.append(await _patiently(partial(finished, data)))
        except BadImage as error:
            log.warning("vendor's picture refused", vendor=paid.model.vendor, key=error.key)
    if not admitted:
        await _nothing_came(app, paid)
    return tuple(admitted)


async def _nothing_came(app: App, paid: Paid) -> NoReturn:
    """End the attempt of an answer that nothing can be made of; raises UserError."""
    await app.database.statement(
        attempts.end,
        paid.attempt_id,
        AttemptState.DONE,
        app.clock.now(),
        fault=Fault.UNAVAILABLE,
        cost_usd=paid.cost_usd,
    )
    key = "own-key-no-picture" if paid.choice.own_key else "provider-no-picture"
    raise UserError(key, model=paid.model.title)


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Our own work on pictures waits for its turn, however many uploads wait as well."""
    for _ in range(GATE_TRIES_MAX):
        try:
            return await work()
        except Busy:
            await asyncio.sleep(GATE_RETRY_S)
    return await work()


async def _store(app: App, images: tuple[Encoded, ...]) -> tuple[Picture, ...]:
    stored = []
    for encoded in images:
        sha256 = await app.blobs.put(encoded.data)
        stored.append(records.picture_of(encoded, sha256))
    failpoint("blob-stored")
    return tuple(stored)
