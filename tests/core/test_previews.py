from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from core.errors import BadImage
from core.images import Images
from tests.fakes.photos import opened, photo, psnr
from tests.fakes.pictures import encode, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE = photo(700, 3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_thumbnail(images: Images, kind: str) -> None:
    source = PICTURE.resize((1400, 700))
    found = await images.thumbnail(encode(source, kind))
    assert (found.media_type, found.width, found.height) == ("image/webp", 512, 256)
    assert psnr(opened(found.data), source.resize((512, 256), Image.Resampling.LANCZOS)) > 27


async def test_a_small_picture_is_not_made_larger(images: Images) -> None:
    found = await images.thumbnail(encode(scene()), side=100)
    assert (found.width, found.height) == (48, 32)


async def test_a_thumbnail_keeps_transparency(images: Images) -> None:
    clear = scene((900, 600), "RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 450, 300))
    small = opened((await images.thumbnail(encode(clear), side=90)).data)
    assert (small.mode, small.size) == ("RGBA", (90, 60))
    assert np.asarray(small)[5, 5, 3] == 0
    assert np.asarray(small)[50, 70, 3] == 255


@pytest.mark.parametrize("size", [(1, 1), (1, 8192), (8192, 1), (8192, 3000), (5000, 5000)])
async def test_thumbnails_of_extreme_shapes(images: Images, size: tuple[int, int]) -> None:
    for data in (encode(scene(size)), encode(scene(size), "JPEG")):
        found = await images.thumbnail(data)
        assert max(found.width, found.height) == min(512, max(size))
        assert min(found.width, found.height) >= 1


async def test_previews_are_the_grid_and_each_thumbnail(images: Images) -> None:
    sources = [encode(photo(600, seed)) for seed in range(3)]
    grid, small = await images.previews(sources, side=200)
    assert grid.data == (await images.grid(sources)).data
    for item, source in zip(small, sources, strict=True):
        alone = await images.thumbnail(source, side=200)
        assert (item.media_type, item.width, item.height) == ("image/webp", 200, 200)
        assert psnr(opened(item.data), opened(alone.data)) > 30
    with pytest.raises(ValueError, match="two to four"):
        await images.previews(sources[:1])
    with pytest.raises(BadImage):
        await images.previews([sources[0], sources[1][:5000]])
