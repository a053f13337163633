"""The event stream: what changed on a person's page, as fragments that the script puts in place."""

from __future__ import annotations

import asyncio
import contextlib
import json

from aiohttp import web

from bot.web.chat import SHOWN_MAX
from bot.web.site import SITE, Turned, known
from bot.web.visitor import Visitor
from core import pages
from core.pages import PageMessage

LOOK_S = 2.0
STREAM_S_MAX = 600.0
STREAMS_MAX = 500
QUIET_LOOKS_MAX = 8
PERSON_STREAMS_MAX = 12
RETRY_MS = 1000

STREAMS: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("streams")


def routes() -> list[web.RouteDef]:
    """The stream's address."""
    return [web.get("/events", events, allow_head=False)]


async def events(request: web.Request) -> web.StreamResponse:
    """Everything that is shown now, then each change; ends after a while, and the browser returns."""
    visitor = await known(request)
    streams = request.app[STREAMS]
    if len(streams) >= STREAMS_MAX:
        raise Turned("page-busy", 503)
    response = web.StreamResponse(
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    await response.prepare(request)
    # One person's many tabs must not use up the places of all: one of theirs makes room.
    theirs = [stream for stream in streams if stream.get_name() == visitor.person]
    if len(theirs) >= PERSON_STREAMS_MAX:
        theirs[0].cancel()
    stream = asyncio.create_task(_stream(request, response, visitor), name=visitor.person)
    streams.add(stream)
    try:
        # A stream also ends with the server, and when its reader has gone.
        await asyncio.wait({stream})
        if not stream.cancelled():
            stream.result()
    finally:
        stream.cancel()
        streams.discard(stream)
    return response


async def end_streams(app: web.Application) -> None:
    """Let go of all readers: the server is ending."""
    streams = app[STREAMS]
    for stream in tuple(streams):
        stream.cancel()


async def _stream(request: web.Request, response: web.StreamResponse, visitor: Visitor) -> None:
    site = request.app[SITE]
    clock = site.parts.app.clock
    until_s = clock.steady_s() + STREAM_S_MAX
    seen: dict[str, int] | None = None
    quiet = 0
    with (
        site.parts.news.listen(pages.topic(visitor.person)) as news,
        contextlib.suppress(ConnectionError),
    ):
        await response.write(f"retry: {RETRY_MS}\n\n".encode())
        while clock.steady_s() < until_s:
            news.clear()
            rows = await pages.latest(site.parts.app, visitor.person, SHOWN_MAX)
            if seen is not None and {row.id: row.revision for row in rows} != seen:
                # The language may have been changed since the stream began.
                visitor = await site.door.visitor(request) or visitor
            told = _changes(request, visitor, rows, seen)
            quiet = 0 if told else quiet + 1
            if quiet > QUIET_LOOKS_MAX:
                quiet = 0
                told = ": still here\n\n"  # finds out that the reader has gone
            if told:
                await response.write(told.encode())
            seen = {row.id: row.revision for row in rows}
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await news.wait()


def _changes(
    request: web.Request,
    visitor: Visitor,
    rows: list[PageMessage],
    seen: dict[str, int] | None,
) -> str:
    renderer = request.app[SITE].renderer
    before = seen or {}
    told = []
    ids = [row.id for row in rows]
    # What is older than a full window was only pushed out of it.
    oldest = ids[0] if len(ids) >= SHOWN_MAX else ""
    gone = [item for item in before if item not in ids and item > oldest]
    if seen is None:
        told.append(_event("state", {"ids": ids, "oldest": oldest}))
    told += [_event("removed", item) for item in gone]
    for row in rows:
        if row.revision and before.get(row.id) != row.revision:
            html = renderer.message(row, visitor)
            told.append(_event("message", {"id": row.id, "revision": row.revision, "html": html}))
    return "".join(told)


def _event(name: str, value: object) -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"
