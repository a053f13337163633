"""A picture workshop that finds what a test says in photos, told apart by how wide they are."""

from __future__ import annotations

import asyncio

from core import personas
from core.app import App
from core.errors import UserError
from core.images import Images
from core.messenger import Picture
from core.picture_header import read_header
from core.portraits import PortraitCheck
from core.records import picture_of
from storage.blobs import BlobMissing
from tests.fakes.providers import png


class Critic(Images):
    """`blames` are reasons by a photo's width; `fails` comes instead, once for each."""

    def __init__(self) -> None:
        super().__init__()
        self.blames: dict[int, str] = {}
        self.fails: list[UserError] = []
        self.looked: list[int] = []

    async def portrait_check(self, data: bytes) -> PortraitCheck:
        """What the test says."""
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        width = read_header(data).width
        self.looked.append(width)
        return PortraitCheck(reason=self.blames.get(width))


def photo(width: int) -> bytes:
    """A photo so wide."""
    return png(width, width)


async def upload(app: App, *widths: int) -> list[Picture]:
    """Photos as a command hands them on: let in, and stored."""
    found = []
    for width in widths:
        encoded = await app.images.admit(photo(width))
        found.append(picture_of(encoded, await app.blobs.put(encoded.data)))
    return found


async def made(app: App, who: str, name: str = "Anna", *widths: int) -> personas.Persona:
    """A persona that was agreed to."""
    asked = await personas.create(app, who, name, await upload(app, *(widths or (64,))))
    return await personas.agree(app, who, asked.id)


async def there(app: App, *pictures: Picture) -> list[bool]:
    """Whether the files are in the store."""
    found = []
    for picture in pictures:
        try:
            found.append(bool(await app.blobs.get(picture.sha256)))
        except BlobMissing:
            found.append(False)
    return found
