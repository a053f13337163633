"""Palettes of pictures of which the colours are known, against the colorthief package."""

from __future__ import annotations

from collections.abc import AsyncIterator
from statistics import mean

import pytest
import pytest_asyncio

from core.images import Images
from tests.fakes.painted import differences, error, painted, thief

IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
OFF_MAX = 5.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


@IN_ONE_LOOP
async def test_found_colours_are_true_and_nearer_than_colorthiefs(images: Images) -> None:
    ours, theirs = [], []
    for number in range(24):
        picture = painted(number)
        true = list(picture.colours)
        palette = await images.palette(picture.data, count=len(true), neutral=True)
        found = [(each.red, each.green, each.blue) for each in palette.colours]
        assert len(found) == len(true)
        apart = differences(found, true)
        assert apart.min(axis=1).max() <= OFF_MAX, (number, found, true)
        assert apart.min(axis=0).max() <= OFF_MAX, (number, found, true)
        ours.append(error(found, true))
        theirs.append(error(thief(picture.data, len(true)), true))
    assert mean(ours) < mean(theirs)
    assert mean(ours) < 1.5
