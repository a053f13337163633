"""Updates to commands: in order within a chat, albums as one, the same update once at a time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import structlog
from telegram import Message, Update

from bot.telegram.inbound import PLATFORM, heard_message, heard_press
from bot.telegram.stars import Stars
from bot.telegram.talk import Answer, Talk
from core.errors import UserError

log = structlog.get_logger(__name__)

ALBUM_S = 1.0
ALBUM_PARTS_MAX = 10
ALBUMS_REMEMBERED_MAX = 200
AGAIN_S = 1.0
TRIES_MAX = 30
FAILURES_REMEMBERED_MAX = 1000


class Failures:
    """How often the work of an update was cut off by a fault of ours: it is tried again, up to a limit."""

    def __init__(self) -> None:
        self._counts: OrderedDict[int, int] = OrderedDict()

    def again(self, update_id: int, task: asyncio.Task[None]) -> bool:
        """Whether an update whose task is done has to come again."""
        count = self._counts.pop(update_id, 0) + 1
        error = task.exception()
        if error is None:
            return False
        log.error("update failed", update=update_id, tries=count, exc_info=error)
        if count >= TRIES_MAX:
            return False
        self._counts[update_id] = count
        while len(self._counts) > FAILURES_REMEMBERED_MAX:
            self._counts.popitem(last=False)
        return True


class Receiver:
    """Takes updates; each gives a task that ends when the update's command is committed."""

    def __init__(self, talk: Talk, stars: Stars, *, album_s: float = ALBUM_S) -> None:
        self._talk = talk
        self._stars = stars
        self._album_s = album_s
        self._running: dict[int, asyncio.Task[None]] = {}
        self._commands = Lanes()
        self._answers = Lanes()
        self._albums: OrderedDict[str, _Album] = OrderedDict()

    def take(self, update: Update) -> asyncio.Task[None]:
        """Begin to work on an update, or find the task that already does."""
        task = self._running.get(update.update_id)
        if task is None:
            task = self._begin(update)
            self._running[update.update_id] = task
            task.add_done_callback(lambda _: self._running.pop(update.update_id, None))
        return task

    async def drain(self, within_s: float) -> None:
        """Let what was begun end in time; what is stopped comes again, or the worker shows it."""
        await self._commands.drain(within_s)
        await self._answers.drain(within_s)

    def start(self, place: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Work on something else in its turn among the commands of a chat."""
        return self._commands.start(place, work)

    async def album(
        self,
        place: str,
        group: str,
        parts: Sequence[Message],
        committed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Commit what an album asks for; `committed` is called between that and the answer."""
        heard = heard_message(parts, f"{PLATFORM}:album:{group}")
        answer = await self._talk.message(heard) if heard is not None else None
        if committed is not None:
            await committed()
        if answer is not None:
            self._answers.start(place, answer())

    async def refuse_key(self, update: Update, error: UserError) -> None:
        """Refuse a message with a key in it that is not to be kept anywhere."""
        message = update.message
        heard = heard_message([message], f"{PLATFORM}:{update.update_id}") if message else None
        if heard is not None:
            answer = await self._talk.refuse_key(heard, error)
            self._answers.start(place_of(update), answer())

    def _begin(self, update: Update) -> asyncio.Task[None]:
        if update.pre_checkout_query is not None:
            # It waits for nobody: after 10 seconds the person cannot pay.
            query = update.pre_checkout_query
            return self._commands.start(f"checkout:{query.id}", self._stars.check(query))
        place = place_of(update)
        message, group = update.message, group_of(update)
        if message is None or group is None:
            return self._commands.start(place, self._one(update))
        album = self._albums.get(group)
        if album is None:
            album = _Album(group)
            album.task = self._commands.start(place, self._gathered(place, album))
            self._albums[group] = album
            while len(self._albums) > ALBUMS_REMEMBERED_MAX:
                self._albums.popitem(last=False)
        album.add(message)
        assert album.task is not None
        return album.task

    async def _one(self, update: Update) -> None:
        """Commit what one update asks for."""
        inbox = f"{PLATFORM}:{update.update_id}"
        query = update.callback_query
        answer: Answer | None = None
        if update.message is not None and await self._stars.hear(update.message):
            return
        if update.message is not None:
            heard = heard_message([update.message], inbox)
            answer = await self._talk.message(heard) if heard is not None else None
        elif query is not None:
            heard = heard_press(query, inbox)
            if heard is not None:
                answer = await self._talk.press(heard, query.id, query.data or "")
        if answer is not None:
            self._answers.start(place_of(update), answer())

    async def _gathered(self, place: str, album: _Album) -> None:
        """Commit what an album asks for, when no more of its parts come."""
        await album.complete(self._album_s)
        await self.album(place, album.group, album.parts)


class Lanes:
    """Tasks that run one after the other in each lane, and beside those of other lanes."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}
        self._open: set[asyncio.Task[None]] = set()

    def start(self, lane: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run this when all that was started in its lane has ended."""
        task = asyncio.create_task(self._after(self._last.get(lane), work))
        self._last[lane] = task
        self._open.add(task)
        task.add_done_callback(lambda done: self._ended(lane, done))
        return task

    async def drain(self, within_s: float) -> None:
        """Wait for all tasks, then stop what is left."""
        if self._open:
            await asyncio.wait(self._open, timeout=within_s)
        left = list(self._open)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @staticmethod
    async def _after(
        before: asyncio.Task[None] | None, work: Coroutine[object, object, None]
    ) -> None:
        try:
            if before is not None:
                await asyncio.wait({before})
        except asyncio.CancelledError:
            work.close()
            raise
        await work

    def _ended(self, lane: str, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        if self._last.get(lane) is task:
            del self._last[lane]
        if not task.cancelled() and task.exception() is not None:
            log.error("update failed", exc_info=task.exception())


class _Album:
    """The parts of one album as they come in."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.parts: list[Message] = []
        self.task: asyncio.Task[None] | None = None
        self._came = asyncio.Event()

    def add(self, message: Message) -> None:
        """Take a part in; what comes after the end is left out."""
        known = any(item.message_id == message.message_id for item in self.parts)
        if not known and self.task is not None and not self.task.done():
            self.parts.append(message)
            self.parts.sort(key=lambda item: item.message_id)
            self._came.set()

    async def complete(self, quiet_s: float) -> None:
        """Wait until no part has come for a moment."""
        while len(self.parts) < ALBUM_PARTS_MAX:
            self._came.clear()
            try:
                async with asyncio.timeout(quiet_s):
                    await self._came.wait()
            except TimeoutError:
                return


def place_of(update: Update) -> str:
    """What must stay in order: a chat."""
    chat = update.effective_chat
    return str(chat.id) if chat is not None else "-"


def group_of(update: Update) -> str | None:
    """The album that an update is a part of, if it is one."""
    return update.message.media_group_id if update.message is not None else None
