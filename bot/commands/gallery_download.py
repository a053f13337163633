"""gallery-download: all pictures that are shown as one zip file, with a table of their parameters."""

from __future__ import annotations

from dataclasses import dataclass

from bot import gallery as pages
from bot.command import Button, Call, Command, Reply
from core import archive
from core.app import App
from core.errors import NotFound, UserError, Value
from core.gallery import Show
from core.messenger import Attached, Say
from core.options import option

FILE_NAME = "gallery.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryDownload:
    """What is shown."""

    at: str = option("The page of a button", length_max=45, hidden=True)


async def _run(app: App, call: Call, params: GalleryDownload) -> Reply:
    place = await pages.place_of(app, call.person, params.at)
    if pages.shows_links(app, call):
        url = f"{pages.ADDRESS}/zip?at={params.at}"
        return Reply(
            lines=(Say(key="gallery-zip-here"),), buttons=(Button(command="file", url=url),)
        )
    return await _file(app, call, place.show)


async def _file(app: App, call: Call, show: Show) -> Reply:
    """As many of the newest as one file of this chat holds."""
    chosen = await archive.newest(app, call.person, show, _bytes_max(app, call))
    where: dict[str, Value] = {}
    if app.rules.page_url is not None:
        where["url"] = f"{app.rules.page_url}{pages.ADDRESS}"
    page = "-page" if where else ""
    if not chosen.pictures and chosen.left_out:
        raise UserError(f"gallery-zip-too-large{page}", **where)
    if not chosen.pictures:
        raise NotFound("gallery-place-gone")
    data = await archive.whole(app, chosen.pictures)
    lines = [Say(key="gallery-zip", values={"count": len(chosen.pictures)})]
    if chosen.left_out:
        values = {"count": chosen.left_out, **where}
        lines.append(Say(key=f"gallery-zip-left{page}", values=values))
    attached = Attached(name=FILE_NAME, media_type="application/zip", data=data)
    return Reply(lines=tuple(lines), attached=(attached,))


def _bytes_max(app: App, call: Call) -> int:
    limits = app.messengers[call.address.platform].limits
    most = limits.file_bytes_max or limits.bytes_max
    return min(most, call.address.bytes_max or most)


COMMAND = Command(
    name="gallery-download",
    summary="All these pictures as one file",
    params=GalleryDownload,
    run=_run,
    private=True,
    hidden=True,
)
