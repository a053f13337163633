from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFilter

from core.errors import BadImage
from core.images import Images
from tests.fakes.photos import array, noisy, opened, photo, psnr
from tests.fakes.pictures import encode, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE = photo(512, 3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images() -> AsyncIterator[Images]:
    workshop = Images()
    yield workshop
    await workshop.close()


def step(low: int, high: int) -> Image.Image:
    """A soft edge from the left to the right half."""
    picture = Image.new("RGB", (128, 128), (low,) * 3)
    picture.paste((high,) * 3, (64, 0, 128, 128))
    return picture.filter(ImageFilter.GaussianBlur(2))


def steepest(picture: Image.Image) -> float:
    return float(np.abs(np.diff(array(picture.convert("L")), axis=1)).max(axis=1).mean())


@pytest.mark.parametrize("scale", [2, 4])
async def test_a_picture_is_enlarged_by_lanczos(images: Images, scale: int) -> None:
    small = PICTURE.resize((128, 128), Image.Resampling.LANCZOS)
    found = await images.upscale(encode(small), scale=scale)
    assert (found.media_type, found.width, found.height) == ("image/png", 128 * scale, 128 * scale)
    wanted = small.resize((128 * scale, 128 * scale), Image.Resampling.LANCZOS)
    assert opened(found.data).tobytes() == wanted.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
async def test_a_lossy_picture_stays_of_its_kind(images: Images, kind: str) -> None:
    found = await images.upscale(encode(PICTURE, kind, quality=90), scale=2)
    assert found.media_type == f"image/{kind.lower()}"
    assert psnr(opened(found.data).resize(PICTURE.size), PICTURE) > 29


async def test_transparency_is_enlarged_without_a_dark_rim(images: Images) -> None:
    cutout = Image.new("RGBA", (64, 64))
    ImageDraw.Draw(cutout).ellipse((8, 8, 56, 56), fill=(255, 250, 240, 255))
    found = await images.upscale(encode(cutout, "WEBP", quality=90), scale=4)
    larger = opened(found.data)
    assert (larger.mode, larger.size, found.media_type) == ("RGBA", (256, 256), "image/png")
    pixels = np.asarray(larger)
    assert pixels[0, 0, 3] == 0
    assert pixels[128, 128, 3] == 255
    assert pixels[pixels[..., 3] > 100][:, :3].min() > 225


@pytest.mark.parametrize(
    ("size", "scale"), [((2501, 2501), 2), ((1251, 1251), 4), ((4097, 1), 2), ((1, 2049), 4)]
)
async def test_what_would_be_too_large_is_told_before_anything_is_decoded(
    images: Images, size: tuple[int, int], scale: int
) -> None:
    data = encode(Image.new("1", size))[:60]
    with pytest.raises(BadImage) as caught:
        await images.upscale(data, scale=scale)
    assert (caught.value.key, dict(caught.value.values)) == (
        "upscale-too-large",
        {
            "width": size[0] * scale,
            "height": size[1] * scale,
            "side_max": 8192,
            "pixels_max_mp": 25,
        },
    )


async def test_the_largest_results_two_at_once(images: Images) -> None:
    clear = scene((2500, 2500), "RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 900, 900))
    four = scene((2048, 700))
    one, two = await asyncio.gather(
        images.upscale(encode(clear), scale=2), images.upscale(encode(four), scale=4)
    )
    assert (one.width, one.height, two.width, two.height) == (5000, 5000, 8192, 2800)
    assert opened(one.data).getpixel((100, 100)) == (0, 0, 0, 0)


async def test_unknown_scales_and_strengths(images: Images) -> None:
    data = encode(scene())
    with pytest.raises(ValueError, match="2 or 4"):
        await images.upscale(data, scale=3)
    for work in (images.denoise, images.sharpen):
        with pytest.raises(ValueError, match="light or strong"):
            await work(data, strength="off")


@pytest.mark.parametrize("sigma", [4, 10, 20])
async def test_noise_goes_and_edges_stay(images: Images, sigma: int) -> None:
    dirty = noisy(PICTURE, sigma)
    before = psnr(dirty, PICTURE)
    light, strong = [
        opened((await images.denoise(encode(dirty), strength=strength)).data)
        for strength in ("light", "strong")
    ]
    assert psnr(light, PICTURE) > before + 5
    assert psnr(strong, PICTURE) > before + 6
    blurred = max(psnr(dirty.filter(ImageFilter.GaussianBlur(r)), PICTURE) for r in (0.5, 1, 1.5))
    assert psnr(strong, PICTURE) > blurred + 3
    edges = np.abs(np.diff(array(PICTURE.convert("L")), axis=1)) > 40
    sharp = [
        np.abs(np.diff(array(item.convert("L")), axis=1))[edges].mean()
        for item in (PICTURE, strong)
    ]
    assert sharp[1] > 0.9 * sharp[0]


async def test_where_there_is_no_noise_nothing_is_taken(images: Images) -> None:
    for clean in (scene((300, 200)), PICTURE):
        light, strong = [
            opened((await images.denoise(encode(clean), strength=strength)).data)
            for strength in ("light", "strong")
        ]
        assert np.abs(array(light) - array(clean)).max() <= 1
        assert psnr(strong, clean) > 42


async def test_denoising_1024_px_is_quick(images: Images) -> None:
    dirty = encode(noisy(photo(1024, 4), 10))
    await images.denoise(encode(scene()), strength="strong")
    began = time.perf_counter()
    await images.denoise(dirty, strength="strong")
    assert time.perf_counter() - began < 6  # 0.5 s where nothing else runs


@pytest.mark.parametrize("strength", ["light", "strong"])
async def test_details_come_out_without_halos(images: Images, strength: str) -> None:
    soft = step(60, 190)
    sharp = opened((await images.sharpen(encode(soft), strength=strength)).data)
    assert steepest(sharp) > (1.05 if strength == "light" else 1.2) * steepest(soft)
    darkest, brightest = array(sharp).min(), array(sharp).max()
    assert 58 <= darkest <= brightest <= 192
    small = PICTURE.resize((256, 256), Image.Resampling.LANCZOS)
    larger = small.resize(PICTURE.size, Image.Resampling.LANCZOS)
    found = opened((await images.sharpen(encode(larger), strength=strength)).data)
    assert psnr(found, PICTURE) > psnr(larger, PICTURE) - 1.5
    near = np.asarray(larger.convert("L").filter(ImageFilter.MaxFilter(5)), np.int16)
    assert (array(found.convert("L")) <= near + 4).mean() > 0.99


async def test_sharpening_brings_out_no_noise(images: Images) -> None:
    flat = noisy(Image.new("RGB", (256, 256), (120, 120, 120)), 1)
    found = opened((await images.sharpen(encode(flat), strength="light")).data)
    assert array(found).std() < 1.3 * array(flat).std()


async def test_bands_leave_no_seam(images: Images) -> None:
    """Rows where one band of work ends and the next begins look like all others."""
    tall = noisy(photo(600, 6), 10)
    for work in (images.denoise, images.sharpen):
        whole = array(opened((await work(encode(tall), strength="strong")).data))
        turned = tall.transpose(Image.Transpose.ROTATE_90)
        other = opened((await work(encode(turned), strength="strong")).data)
        apart = np.abs(whole - array(other.transpose(Image.Transpose.ROTATE_270))).mean(axis=(1, 2))
        assert apart[250:262].max() < 3 * max(apart.mean(), 0.5)


async def test_transparency_stays_where_it_was(images: Images) -> None:
    clear = PICTURE.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(PICTURE.size))
    for work in (images.denoise, images.sharpen):
        found = opened((await work(encode(clear), strength="light")).data)
        assert found.getchannel("A").tobytes() == clear.getchannel("A").tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 8192), (8192, 3), (7, 20)])
async def test_extreme_shapes(images: Images, size: tuple[int, int]) -> None:
    data = encode(scene(size))
    for work in (images.denoise, images.sharpen):
        for strength in ("light", "strong"):
            found = await work(data, strength=strength)
            assert (found.width, found.height) == size


async def test_too_large_to_denoise(images: Images) -> None:
    with pytest.raises(BadImage) as caught:
        await images.denoise(encode(Image.new("1", (4000, 2501)))[:60], strength="light")
    assert (caught.value.key, dict(caught.value.values)) == (
        "denoise-too-large",
        {"width": 4000, "height": 2501, "pixels_max_mp": 10},
    )
    largest = encode(scene((4000, 2500)), "JPEG")
    assert (await images.denoise(largest, strength="light")).width == 4000
    large = encode(scene((8192, 3000)), "JPEG")
    assert (await images.sharpen(large, strength="strong")).width == 8192
