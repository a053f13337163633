"""What Discord is told of an event: the first answer, and what comes after it."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import structlog

from bot.command import Reply
from bot.discord import render, rest
from bot.discord.events import Event
from bot.discord.rest import JSON, File, Rest, RestLimited, RestLost, RestRefused, Route
from bot.links import Links
from core.messenger import Address, Attached, Say

log = structlog.get_logger(__name__)

MESSAGE_BYTES_MAX = 24 * 2**20
TRIES_MAX = 3
PAUSE_S = 0.3
_ACKNOWLEDGED = 40060
DEFERRED, CHOICES, MODAL, MESSAGE = 5, 8, 9, 4
_ERRORS = (RestRefused, RestLimited, RestLost)


class Saying:
    """Sends answers by an interaction's token; what fails is logged, for nobody could be told."""

    def __init__(self, client: Rest, links: Links | None) -> None:
        self._rest = client
        self._links = links

    async def refuse(self, event: Event, reply: Reply, *, private: bool) -> None:
        """Show a refusal to the person alone, also where the waiting message is for all to see."""
        if private or not await self._take_back(event):
            await self.show(event, reply)
        else:
            await self._follow_up(event, reply)

    async def _take_back(self, event: Event) -> bool:
        """Delete the waiting message: while it stands, a follow-up would be as public as it is."""
        route = rest.original("DELETE", event.application, event.token)
        try:
            await self._send(route)
        except _ERRORS as error:
            if isinstance(error, RestRefused) and error.gone:
                return True
            log.warning("waiting message not deleted", error=str(error))
            return False
        return True

    async def _follow_up(self, event: Event, reply: Reply) -> None:
        route = rest.followup(event.application, event.token)
        try:
            await self._send(route, _new(event, reply, private=True))
        except _ERRORS as error:
            log.warning("refusal not shown", error=str(error))

    async def beside(self, event: Event, reply: Reply, address: Address) -> Address:
        """Put a waiting job's words into a further message; where it stands, as far as that is known."""
        try:
            return await self._beside(event, reply, address)
        except _ERRORS as error:
            log.warning("answer not shown", error=str(error))
            return address

    async def _beside(self, event: Event, reply: Reply, address: Address) -> Address:
        body = _new(event, reply, private=address.private)
        if not address.private:
            # As the bot's own message: that can be sent again without being there twice.
            once = {"nonce": rest.nonce(f"waiting {reply.job_id}"), "enforce_nonce": True}
            try:
                told = await self._send(rest.messages(address.place), {**body, **once})
            except RestRefused as error:
                if error.status not in {403, 404}:
                    raise
                log.info("channel closed", error=str(error))
            else:
                message = str(told["id"])
                return dataclasses.replace(address, message=message, token=None, token_until=None)
        told = await self._rest.call(rest.followup(event.application, event.token), body)
        return dataclasses.replace(address, message=str(told["id"]))

    async def withdraw(self, address: Address) -> None:
        """Delete a further message of a job that is shown elsewhere by now."""
        message = address.message or ""
        route = rest.message("DELETE", address.place, message)
        if address.token is not None and address.application is not None:
            route = rest.followed("DELETE", address.application, address.token, message)
        try:
            await self._send(route)
        except _ERRORS as error:
            log.warning("late answer not deleted", error=str(error))

    async def show(self, event: Event, reply: Reply) -> str | None:
        """Put an answer where the person waits; the message's id, None where that failed."""
        reply = self._fitted(reply, event.bytes_max)
        language = reply.language or event.language
        shown = render.reply(reply, owner=event.user, language=language)
        route = rest.original("PATCH", event.application, event.token)
        try:
            told = await self._send(route, shown.payload(), shown.files)
        except _ERRORS as error:
            log.warning("answer not shown", error=str(error))
            return None
        return str(told["id"])

    async def _send(
        self, route: Route, body: JSON | None = None, files: tuple[File, ...] = ()
    ) -> Any:  # noqa: ANN401 - JSON
        """A request that does no harm twice; it is sent again where its answer was lost."""
        for attempt in range(1, TRIES_MAX):
            try:
                return await self._rest.call(route, body, files)
            except RestLost as error:
                log.warning("answer lost", error=str(error), attempt=attempt)
                await asyncio.sleep(PAUSE_S * attempt)
        return await self._rest.call(route, body, files)

    def _fitted(self, reply: Reply, bytes_max: int) -> Reply:
        """The answer with only the files that one message takes; the others by link."""
        kept: list[Attached] = []
        lines = list(reply.lines)
        room = MESSAGE_BYTES_MAX
        for item in reply.attached:
            size = len(item.data)
            if size <= min(bytes_max, room) and len(kept) < render.PICTURES_MAX:
                room -= size
                kept.append(item)
            else:
                lines.append(self._by_link(item))
        return dataclasses.replace(reply, attached=tuple(kept), lines=tuple(lines))

    def _by_link(self, item: Attached) -> Say:
        if self._links is not None and item.picture is not None:
            url = self._links.url(item.picture.sha256, item.name)
            if url is not None:
                return Say(key="original-link", values={"url": url})
        return Say(key="original-too-large")

    async def say_privately(self, event: Event, reply: Reply) -> None:
        """Answer for the first time, to the person alone."""
        await self.respond(event, MESSAGE, _new(event, reply, private=True))

    async def defer(self, event: Event, *, private: bool) -> bool:
        """Show for the first time that it is being worked on; False as in `respond`."""
        data = {"flags": render.EPHEMERAL} if private else None
        return await self.respond(event, DEFERRED, data)

    async def respond(self, event: Event, kind: int, data: JSON | None) -> bool:
        """The first answer; False where the interaction is over, and nothing must run for it."""
        body: JSON = {"type": kind} if data is None else {"type": kind, "data": data}
        route = rest.callback(event.id, event.token)
        again = False
        try:
            try:
                await self._rest.call(route, body)
            except RestLost:
                again = True
                # There is just time for one more; if the first came through, this one is refused.
                await self._rest.call(route, body)
        except RestRefused as error:
            log.warning("first answer refused", error=str(error))
            # Where the first was refused so, another process has answered and runs the command.
            return again and error.code == _ACKNOWLEDGED
        except (RestLimited, RestLost) as error:
            log.warning("first answer not sent", error=str(error))
            return isinstance(error, RestLost)
        return True


def _new(event: Event, reply: Reply, *, private: bool) -> JSON:
    """The JSON of a new message, without files; a private one only the person sees."""
    shown = render.reply(reply, owner=event.user, language=reply.language or event.language)
    payload = shown.payload(ephemeral=private)
    del payload["attachments"]
    return payload
