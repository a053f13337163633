"""The gallery in a real browser: wide and narrow, light and dark, by mouse, by keys, without script."""

from __future__ import annotations

import asyncio
import zipfile
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from core import gallery
from core.gallery import Show
from tests.bot.web.conftest import Door
from tests.bot.web.test_gallery import filled, keys, owner
from tests.bot.web.test_page import fine, opened_page
from tests.conftest import on_sqlite
from tests.fakes.exhibits import files_of
from tests.fakes.pictures import encode, scene

pytestmark = [pytest.mark.browser, on_sqlite]

PICTURE = encode(scene((96, 64)))


async def gallery_page(
    browser: Browser, door: Door, width: int = 1200, scheme: Literal["light", "dark"] = "light"
) -> tuple[Page, list[str]]:
    page, complaints = await opened_page(browser, door, width=width, scheme=scheme)
    await page.get_by_role("link", name="Gallery").click()
    await expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    return page, complaints


@pytest.mark.parametrize(
    ("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]
)
async def test_looking_starring_and_choosing(
    browser: Browser, quiet_door: Door, width: int, scheme: Literal["light", "dark"]
) -> None:
    made = await filled(quiet_door, 30, files=[PICTURE], prompt="a fox " * 30)
    page, complaints = await gallery_page(browser, quiet_door, width, scheme)
    tiles = page.locator(".tile")
    await expect(tiles).to_have_count(24)
    image = tiles.first.locator("img")
    await expect(image).to_have_js_property("naturalWidth", 96)
    box = await tiles.first.bounding_box()
    assert box is not None
    assert 120 < box["width"] < 300
    await tiles.nth(1).hover()
    star = tiles.nth(1).locator(".star")
    await page.evaluate("window.sameDocument = true")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".bar")).to_be_hidden()
    await tiles.nth(2).locator("[type=checkbox]").check()
    await tiles.nth(4).locator("[type=checkbox]").check()
    await expect(page.locator("#chosen")).to_have_text("Selected: 2")
    assert await page.evaluate("window.sameDocument") is True
    await fine(page, complaints)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download", exact=True).click()
    with zipfile.ZipFile(await (await download.value).path()) as found:
        assert len(found.namelist()) == 3
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_text("Delete these 2 pictures?")).to_be_visible()
    await fine(page, complaints)
    await page.get_by_role("link", name="Keep them").click()
    await expect(tiles).to_have_count(24)
    await page.get_by_role("link", name="Older →").click()
    await expect(tiles).to_have_count(6)
    await page.get_by_role("link", name="★ Favourites").click()
    await expect(tiles).to_have_count(1)
    assert await tiles.first.get_attribute("id") == keys(made)[1]
    await fine(page, complaints)


async def test_several_go_after_yes(browser: Browser, quiet_door: Door) -> None:
    made = await filled(quiet_door, 5)
    page, complaints = await gallery_page(browser, quiet_door)
    await page.locator("[type=checkbox]").first.focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Select all").click()
    await expect(page.locator("#chosen")).to_have_text("Selected: 5")
    await page.get_by_role("button", name="Clear selection").click()
    await expect(page.locator(".bar")).to_be_hidden()
    for number in (0, 3):
        await page.locator("[type=checkbox]").nth(number).check()
    # Enter on a tick is no star and no deletion.
    await page.locator("[type=checkbox]").nth(3).press("Enter")
    await expect(page.locator("#chosen")).to_have_text("Selected: 2")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Yes, delete").click()
    await expect(page.locator("#told")).to_have_text("2 pictures deleted.")
    shown = await page.locator(".tile").evaluate_all("(all) => all.map((one) => one.id)")
    assert shown == keys([made[1], made[2], made[4]])
    await fine(page, complaints)


@pytest.mark.parametrize("width", [1200, 390])
async def test_one_picture_and_the_next_by_arrow_keys(
    browser: Browser, door: Door, width: int
) -> None:
    made = await filled(door, 3, files=[PICTURE], prompt="a red fox")
    page, complaints = await gallery_page(browser, door, width)
    await page.locator("a.shown").nth(1).click()
    await expect(page.get_by_role("heading", name="a red fox")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await page.wait_for_url(f"**/{made[2].job_id}/1?**")
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_url(f"**/{made[1].job_id}/1?**")
    star = page.locator("button.star")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    kept = await (await download.value).path()
    assert await asyncio.to_thread(kept.read_bytes) == PICTURE
    await fine(page, complaints)
    await page.locator("summary").click()
    await page.get_by_label("What to change").fill("make it blue")
    await page.keyboard.press("ArrowLeft")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".words")).to_have_text("Edit: make it blue")
    await expect(page.locator(".picture img")).to_have_count(1, timeout=20_000)
    await page.goto(f"{door.address}/gallery")
    await page.locator("a.shown").first.click()
    await page.get_by_role("link", name="What it was made from").click()
    await page.wait_for_url(f"**/{made[1].job_id}/1")
    await page.keyboard.press("Escape")
    await expect(page.locator(".tile")).to_have_count(4)
    await expect(page.locator(".tile small").nth(2)).to_contain_text("↓ 1")


async def test_a_picture_whose_file_is_gone_says_so(browser: Browser, quiet_door: Door) -> None:
    made = await filled(quiet_door, 2)
    await quiet_door.parts.app.blobs.delete((await files_of(quiet_door.parts.app, made))[0])
    page, _ = await gallery_page(browser, quiet_door)
    await expect(page.locator(".gone")).to_have_count(1)
    said = await page.locator(".gone").evaluate(
        "(one) => getComputedStyle(one, '::before').content"
    )
    assert said == '"The file of this picture is gone."'


async def test_it_works_without_script(browser: Browser, quiet_door: Door) -> None:
    made = await filled(quiet_door, 3)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{quiet_door.address}/gallery")
    await page.locator(".tile").nth(2).hover()
    await page.locator(".star").nth(2).click()
    await expect(page.locator(".star").nth(2)).to_have_attribute("aria-pressed", "true")
    await page.locator("[type=checkbox]").nth(1).press("Enter")
    await expect(page.locator(".star").nth(0)).to_have_attribute("aria-pressed", "false")
    await expect(page.locator("#told")).to_be_empty()
    await page.locator("[type=checkbox]").nth(1).check()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Yes, delete").click()
    await expect(page.locator("#told")).to_have_text("1 picture deleted.")
    found = await gallery.page(
        quiet_door.parts.app, await owner(quiet_door), Show(favourites=True), None, 9
    )
    assert [row.mark for row in found.pictures] == made[2:]
