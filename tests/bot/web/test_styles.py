"""Styles at the page: a grid of examples, one's own, and a job in one of them."""

from __future__ import annotations

import asyncio
import io
import re

from PIL import Image
from playwright.async_api import Browser

from core.shipped_styles import example, shipped
from tests.bot.web.conftest import Door
from tests.conftest import on_sqlite

pytestmark = on_sqlite


async def test_a_grid_of_examples(quiet_door: Door) -> None:
    door = quiet_door
    shown = await door.says("/styles")
    assert re.findall(r"<figcaption>([^<]+)", shown) == [style.name for style in shipped()]
    addresses = re.findall(r'<img src="(/static/style-[^"]+)"', shown)
    assert len(addresses) == len(shipped())
    async with door.http.get(door.address + addresses[0]) as answer:
        assert (answer.status, answer.content_type) == (200, "image/webp")
        assert "immutable" in answer.headers["Cache-Control"]
        data = await answer.read()
    assert data == example(shipped()[0].name)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (256, 256)
    # It stands there still when the page is opened again.
    assert await door.html() != ""
    assert addresses[-1] in await door.html()
    await door.html("/static/style-none.webp", 404)


async def test_ones_own_and_a_job_in_it(door: Door) -> None:
    added = await door.says("/styles add soft-gold --words gold leaf, <b>soft</b> light")
    assert "The style soft-gold is kept." in added
    assert "&lt;b&gt;soft&lt;/b&gt;" in await door.says("/styles show soft-gold")
    assert "<figcaption>ink</figcaption>" in await door.says("/styles show ink")
    status, told = await door.send("", path="/press", button="styles:page=mine-1")
    assert status == 200
    assert "soft-gold: gold leaf, &lt;b&gt;soft" in str(told["message"])
    assert "All styles" in str(told["message"])
    await door.says("/imagine a fox --style soft-gold")
    page = await door.until("In the style soft-gold.")
    assert "gold leaf</p>" not in page.partition("In the style")[2]
    assert "There is no style “zzzz”." in await door.says("/imagine a fox --style zzzz")
    refused = await door.says("/styles add x --whose community --words y")
    assert "That is for moderators" in refused
    assert "That is for servers and groups." in await door.says("/styles --whose community")


async def test_the_grid_is_seen_and_no_wider_than_the_screen(
    quiet_door: Door, browser: Browser
) -> None:
    page = await browser.new_page(viewport={"width": 360, "height": 800})
    await page.goto(quiet_door.address)
    await page.fill("#composer textarea", "/styles")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".samples figure:nth-child(20) img")
    await page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    loaded = "[...document.querySelectorAll('.samples img')].every(i => i.naturalWidth === 256)"
    async with asyncio.timeout(10):
        while not await page.evaluate(loaded):  # noqa: ASYNC110 - nothing may wait inside the page
            await asyncio.sleep(0.05)
    box = await page.locator(".samples").bounding_box()
    assert box is not None
    assert box["width"] <= 360
    first = await page.locator(".samples figure").first.bounding_box()
    assert first is not None
    assert first["width"] >= 90
