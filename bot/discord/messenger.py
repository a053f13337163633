"""Carries results to Discord over REST, from any process: an edit, else a message, else a direct one."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import structlog

from bot.discord import rest
from bot.discord.render import Message
from bot.discord.render import delivery as rendered
from bot.discord.rest import JSON, Rest, RestLimited, RestLost, RestRefused, Route
from bot.links import Links
from core.clock import Clock
from core.messenger import Address, Delivery, DeliveryDelayed, Limits, Say, Undeliverable

log = structlog.get_logger(__name__)

FILE_BYTES_MAX = 10 * 2**20
# Where a server may have larger files, a whole request may still not be over 25 MiB.
LARGE_FILE_BYTES_MAX = 24 * 2**20
PICTURES_MAX = 10
LOST_S = 1.0
TIDY_S_MAX = 5.0
TOKEN_S_MAX = timedelta(minutes=14)
_ERRORS = (RestRefused, RestLimited, RestLost)


class DiscordMessenger:
    """The messenger of Discord; needs no gateway."""

    limits = Limits(
        pictures_max=PICTURES_MAX, bytes_max=FILE_BYTES_MAX, file_bytes_max=LARGE_FILE_BYTES_MAX
    )

    def __init__(self, client: Rest, links: Links | None, clock: Clock) -> None:
        self._rest = client
        self._links = links
        self._clock = clock

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        """Edit the waiting message, or fall back; raises Undeliverable or DeliveryDelayed."""
        try:
            return await self._deliver(address, delivery)
        except RestRefused as error:
            if not error.too_large or not delivery.attached:
                raise Undeliverable(f"refused {error.code or error.status}") from error
        except RestLimited as error:
            raise DeliveryDelayed(error.retry_after_s) from error
        except RestLost as error:
            raise DeliveryDelayed(LOST_S) from error
        return await self.deliver(address, self._with_links(delivery))

    async def progress(self, address: Address, delivery: Delivery) -> None:
        """Edit the waiting message in passing."""
        route = self._stands(address)
        if route is None:
            return
        shown = rendered(delivery, owner=address.user, language=address.language)
        try:
            await self._rest.call(route, shown.payload(), shown.files)
        except _ERRORS as error:
            log.info("progress not shown", error=str(error))

    async def remove(self, address: Address) -> None:
        """Take the message away."""
        routes = [self._stands(address, "DELETE")]
        if address.token is not None and address.message is not None and not address.private:
            # Once the token is over, the bot itself can still reach what all can see.
            routes.append(rest.message("DELETE", address.place, address.message))
        for route in filter(None, routes):
            try:
                await self._rest.call(route)
            except RestRefused as error:
                if error.gone:
                    return
                log.info("message not removed", error=str(error))
            except (RestLimited, RestLost) as error:
                log.warning("message not removed", error=str(error))
            else:
                return

    async def close(self) -> None:
        """Give back connections."""
        await self._rest.close()

    async def _deliver(self, address: Address, delivery: Delivery) -> Address:
        shown = rendered(delivery, owner=address.user, language=address.language)
        route = self._stands(address)
        if route is not None:
            try:
                told = await self._rest.call(route, shown.payload(), shown.files)
            except RestRefused as error:
                if error.status not in {401, 403, 404}:
                    raise
                log.info("waiting message gone", error=str(error))
            else:
                return dataclasses.replace(address, message=told["id"])
        stands = await self._anew(address, shown, rest.nonce(delivery.id))
        await self._tidy(address)
        return stands

    def _stands(self, address: Address, method: str = "PATCH") -> Route | None:
        """Where the message can be reached: by the interaction's token, or as one that we posted."""
        if address.token is None:
            if address.message is None:
                return None
            return rest.message(method, address.place, address.message)
        alive = address.token_until is None or self._clock.now() < address.token_until
        if not alive or address.application is None:
            return None
        if not address.beside:
            return rest.original(method, address.application, address.token)
        if address.message is None:
            return None
        return rest.followed(method, address.application, address.token, address.message)

    async def _anew(self, address: Address, shown: Message, nonce: str) -> Address:
        """A new message where it was asked for, or to the person alone; the same one if repeated."""
        body = {**shown.payload(), "nonce": nonce, "enforce_nonce": True}
        if not address.private:
            try:
                return await self._post(address, address.place, body, shown)
            except RestRefused as error:
                if error.status not in {403, 404}:
                    raise
                log.info("channel closed", error=str(error))
        try:
            opened = await self._rest.call(rest.direct(), {"recipient_id": address.user})
            if opened["id"] == address.place and not address.private:
                raise Undeliverable("direct-closed")
            return await self._post(address, opened["id"], body, shown)
        except RestRefused as error:
            if error.too_large:
                raise
            raise Undeliverable(f"direct-closed {error.code or error.status}") from error

    async def _post(self, address: Address, place: str, body: JSON, shown: Message) -> Address:
        # Never to the waiting message: that one goes, and a reply to nothing looks broken.
        asked = address.reply_to
        if asked is not None and place == address.place and not address.private:
            body = {
                **body,
                "message_reference": {"message_id": asked, "fail_if_not_exists": False},
            }
        told = await self._rest.call(rest.messages(place), body, shown.files)
        return dataclasses.replace(
            address, place=place, message=told["id"], token=None, token_until=None, reply_to=None
        )

    async def _tidy(self, address: Address) -> None:
        """Take a waiting message away whose token is over: it would say for ever that it waits."""
        if address.token is None or address.message is None or address.private:
            return
        route = rest.message("DELETE", address.place, address.message)
        try:
            # The result stands but is not recorded yet: a slow deletion must not have it sent again.
            async with asyncio.timeout(TIDY_S_MAX):
                await self._rest.call(route)
        except (*_ERRORS, TimeoutError) as error:
            if not (isinstance(error, RestRefused) and error.gone):
                log.info("waiting message not removed", error=str(error))

    def _with_links(self, delivery: Delivery) -> Delivery:
        """The same without files: pictures by link, where the page can be reached."""
        urls = [self._link(item.sha256, item.media_type) for item in delivery.pictures]
        lines = tuple(Say(key="original-link", values={"url": url}) for url in urls if url)
        return dataclasses.replace(delivery, attached=(), lines=delivery.lines + lines)

    def _link(self, sha256: str, media_type: str) -> str | None:
        if self._links is None:
            return None
        return self._links.url(sha256, f"picture.{media_type.partition('/')[2]}")


def open_messenger(
    *, token: str, api_url: str | None, links: Links | None, clock: Clock
) -> DiscordMessenger:
    """The messenger with a REST client of its own."""
    return DiscordMessenger(Rest(api_url=api_url, token=token, clock=clock), links, clock)
