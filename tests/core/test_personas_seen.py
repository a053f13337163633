"""Photos are really looked at: drawn people, alone and in company, far away and out of focus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from core import personas
from core.app import App
from core.messenger import Picture
from core.people import recognise
from core.records import picture_of
from tests.conftest import on_sqlite
from tests.fakes.drawn_people import anybody, draw_person
from tests.fakes.pictures import encode
from tests.fakes.scenes import meadow
from tests.fakes.studio import studio

SIZE = (900, 900)
Spot = tuple[float, float, float]
ALONE: tuple[Spot, ...] = ((450, 420, 240),)
TWO: tuple[Spot, ...] = ((260, 420, 180), (660, 420, 180))
FAR: tuple[Spot, ...] = ((450, 420, 70),)


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    async with studio(database_url, tmp_path) as opened:
        yield opened.app


async def photo(app: App, *people: Spot, soft: float = 0.0, side: int = 900) -> Picture:
    """A meadow with somebody at these places (x, y, half a head); `soft` blurs all of it."""
    dice = np.random.default_rng(7)
    canvas = meadow(dice, SIZE)
    for x, y, half in people:
        draw_person(canvas, anybody(dice), (x, y), half)
    picture = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(soft)).resize((side, side))
    encoded = await app.images.admit(encode(picture, "JPEG", quality=92))
    return picture_of(encoded, await app.blobs.put(encoded.data))


@on_sqlite
async def test_each_photo_is_told_what_is_wrong_with_it(app: App) -> None:
    ann = await recognise(app, "test", "ann", "Ann")
    given = [
        await photo(app, *ALONE),
        await photo(app),
        await photo(app, *TWO),
        await photo(app, *FAR),
        await photo(app, *ALONE, soft=16.0),
    ]
    asked = await personas.create(app, ann, "Anna", given)
    found = await personas.agree(app, ann, asked.id)
    assert (found.state, found.reasons) == (
        "failed",
        {2: "no-face", 3: "several-faces", 4: "too-small", 5: "too-blurred"},
    )
    given = [await photo(app, *ALONE), await photo(app, *ALONE, soft=1.0)]
    asked = await personas.create(app, ann, "Anna", given)
    assert (await personas.agree(app, ann, asked.id)).state == "ready"
    asked = await personas.create(app, ann, "Bea", [await photo(app, *ALONE, side=400)])
    assert (await personas.agree(app, ann, asked.id)).reasons == {1: "too-small"}
