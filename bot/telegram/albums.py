"""Albums by webhook: each part is committed before 200; a quiet album is one command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from functools import partial

import structlog
from telegram import Bot, Message, Update

from bot.dispatch import Dispatch
from bot.telegram.receive import (
    AGAIN_S,
    ALBUM_PARTS_MAX,
    ALBUM_S,
    TRIES_MAX,
    Receiver,
    group_of,
    place_of,
)
from core import albums
from core.errors import UserError
from core.failpoints import failpoint
from core.ids import new_id

log = structlog.get_logger(__name__)

# The album is quiet when so many looks in a row, spread over ALBUM_S, found nothing new.
LOOKS = 4


class Albums:
    """Carries out the albums of one webhook; what they are made of is in the database.

    Several processes may each get some parts of one album: each of them waits until it is quiet,
    and the one that takes it gets the parts of all.
    """

    def __init__(self, dispatch: Dispatch, bot: Bot, receiver: Receiver) -> None:
        self._dispatch = dispatch
        self._app = dispatch.app
        self._bot = bot
        self._receiver = receiver
        self._owner = new_id()
        self._running: dict[str, asyncio.Task[None]] = {}

    async def keep(self, update: Update, body: str) -> None:
        """Commit one part, and see to its album."""
        group = group_of(update)
        assert group is not None
        try:
            for text in _texts(json.loads(body)):
                self._dispatch.check_text(text)
        except UserError as error:
            await self._refuse(update, group, error)
            return
        if await albums.keep(self._app, update.update_id, group, body):
            self._see_to(group, place_of(update))

    async def _refuse(self, update: Update, group: str, error: UserError) -> None:
        """End an album that has a key in it: the part is counted without what it says."""
        if await albums.keep(self._app, update.update_id, group, ""):
            await albums.end(self._app, group)
            await self._receiver.refuse_key(update, error)

    async def take_up(self) -> None:
        """See to what a process that died has left."""
        for group, body in (await albums.left(self._app)).items():
            self._see_to(group, place_of(_update(body, self._bot)))

    async def close(self) -> None:
        """Leave what is not carried out yet to the next start."""
        left = list(self._running.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _see_to(self, group: str, place: str) -> None:
        if group not in self._running:
            task = asyncio.create_task(self._carry(group, place))
            self._running[group] = task
            task.add_done_callback(lambda _: self._running.pop(group, None))

    async def _carry(self, group: str, place: str) -> None:
        """Carry an album out in its chat's order, again where our own fault cut it off."""
        for _ in range(TRIES_MAX):
            task = self._receiver.start(place, self._gathered(group, place))
            await asyncio.wait({task})
            if task.cancelled() or task.exception() is None:
                return
            await asyncio.sleep(AGAIN_S)
        log.error("album given up until the next start", album=group)

    async def _gathered(self, group: str, place: str) -> None:
        await self._quiet(group)
        failpoint("album-quiet")
        bodies = await albums.take(self._app, group, self._owner)
        parts = [_update(body, self._bot).message for body in bodies]
        messages = [part for part in parts if isinstance(part, Message)]
        if messages:
            ended = partial(albums.end, self._app, group)
            await self._receiver.album(place, group, messages, ended)

    async def _quiet(self, group: str) -> None:
        """Wait until no part has come for a moment, to this process or to another."""
        seen = await albums.count(self._app, group)
        looks = 0
        while looks < LOOKS and seen < ALBUM_PARTS_MAX:
            await asyncio.sleep(ALBUM_S / LOOKS)
            found = await albums.count(self._app, group)
            looks = looks + 1 if found == seen else 0
            seen = found


def _texts(value: object) -> Iterator[str]:
    """Every text in what Telegram sent, for a part is kept as a whole; ids are chance, not words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if not name.endswith("_id"):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _update(body: str, bot: Bot) -> Update:
    return Update.de_json(json.loads(body), bot)
