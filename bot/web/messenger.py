"""Carries deliveries to the page: a row that the page's event stream reads, from any process."""

from __future__ import annotations

import dataclasses

from bot.web import answer
from core import pages
from core.app import App
from core.errors import BadImage
from core.messenger import Address, Delivery, Limits, Undeliverable

PREVIEW_BYTES_MAX = 64 * 2**10
PROGRESS_BYTES_MAX = 20 * 2**20


class PageMessenger:
    """The page's Messenger: it shows stored pictures by link, so no file travels."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def limits(self) -> Limits:
        """No picture in the message itself; a preview of any size is made small here."""
        return Limits(pictures_max=0, bytes_max=PROGRESS_BYTES_MAX)

    async def deliver(self, address: Address, delivery: Delivery) -> Address:
        """Show what the job became; where the person took the message away, nothing is shown."""
        message = address.message
        if message is None and address.beside:
            message = delivery.job_id
        if message is None:
            raise Undeliverable("no message")
        if address.message is None or not delivery.job_id:
            # A notice, or a job whose page died before it was shown, is the first that stands there.
            words = delivery.prompt if address.beside else None
            await pages.add(self._app, address.place, message, words or "")
        shown = answer.write(answer.of_delivery(delivery))
        await pages.show(self._app, message, shown, final=True)
        return dataclasses.replace(address, message=message)

    async def progress(self, address: Address, delivery: Delivery) -> None:
        """Show that the job runs, with its latest preview made small."""
        if address.message is None:
            return
        preview, preview_type = await self._preview(delivery)
        passing = answer.of_delivery(delivery, preview, preview_type)
        await pages.show(self._app, address.message, answer.write(passing))

    async def _preview(self, delivery: Delivery) -> tuple[bytes | None, str]:
        if not delivery.attached:
            return None, ""
        try:
            small = await self._app.images.fit(
                delivery.attached[0].data, bytes_max=PREVIEW_BYTES_MAX, side_sum_max=None
            )
        except BadImage:
            return None, ""
        return small.data, small.media_type

    async def remove(self, address: Address) -> None:
        """Take the message away; gone already is success."""
        if address.message is not None:
            await pages.remove(self._app, address.message)

    async def close(self) -> None:
        """Nothing is open."""
