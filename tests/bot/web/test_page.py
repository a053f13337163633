"""The page in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from bot.web.assets import STATIC
from tests.bot.web.conftest import Door, opened, plain, settings_for
from tests.conftest import on_sqlite

# aiohttp warns of a call that its own multipart reader makes.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning"),
]

WAIT_MS = 20_000
SCRIPT_BYTES_MAX = 15 * 1024
# Counts what breaks the content security policy.
WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (event) => broken.push(event.violatedDirective));
"""


async def opened_page(
    browser: Browser,
    door: Door,
    *,
    width: int = 1200,
    scheme: Literal["light", "dark"] = "light",
) -> tuple[Page, list[str]]:
    """The page in a window, and the list of what its console complains of."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.add_init_script(WATCH)
    await page.goto(door.address)
    return page, complaints


async def fine(page: Page, complaints: list[str]) -> None:
    """Nothing was complained of, and nothing sticks out to the side."""
    assert complaints == []
    assert await page.evaluate("broken") == []
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


@on_sqlite
@pytest.mark.parametrize(
    ("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]
)
async def test_typing_a_command_with_the_menu_shows_its_pictures(
    browser: Browser, door: Door, width: int, scheme: Literal["light", "dark"]
) -> None:
    page, complaints = await opened_page(browser, door, width=width, scheme=scheme)
    box = page.get_by_role("combobox")
    await box.press_sequentially("/")
    await expect(page.get_by_role("option").first).to_contain_text("/imagine")
    await expect(page.get_by_role("option", name="/delete")).to_have_count(0)
    await box.press_sequentially("im")
    await box.press("Tab")
    await box.press_sequentially("a red fox in the snow --ra")
    await expect(page.get_by_role("option")).to_contain_text("--ratio")
    await box.press("Enter")
    await expect(page.get_by_role("option")).to_have_count(10)
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/imagine a red fox in the snow --ratio 16:9 ")
    await box.press_sequentially("--count 2")
    await box.press("Enter")
    await expect(page.locator(".picture img")).to_have_count(2, timeout=WAIT_MS)
    picture = page.locator(".picture img").first
    await expect(picture).to_have_attribute("alt", "a red fox in the snow")
    await expect(picture).to_have_js_property("complete", value=True)
    assert await picture.evaluate("(image) => image.naturalWidth") > 100
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    dark = int(re.findall(r"\d+", ground)[0]) < 128
    assert dark == (scheme == "dark")
    await fine(page, complaints)


@on_sqlite
async def test_the_buttons_of_a_result(browser: Browser, door: Door) -> None:
    page, complaints = await opened_page(browser, door)
    await page.get_by_role("combobox").fill("a red fox")
    await page.get_by_role("combobox").press("Enter")
    messages = page.locator(".message")
    results = messages.filter(has=page.locator(".picture"))
    await expect(results).to_have_count(1, timeout=WAIT_MS)
    await page.evaluate("window.sameDocument = true")
    await page.get_by_role("button", name="Again").click()
    await expect(results).to_have_count(2, timeout=WAIT_MS)
    await results.first.locator("summary").click()
    await results.first.get_by_label("What to change").fill("make it blue")
    await results.first.get_by_role("button", name="Send").click()
    await expect(results).to_have_count(3, timeout=WAIT_MS)
    await expect(results.last.locator(".words")).to_have_text("Edit: make it blue")
    await results.first.get_by_role("button", name="Original").click()
    await expect(messages.last.locator(".downloads a")).to_contain_text("atelier-")
    assert await page.evaluate("window.sameDocument") is True
    await page.reload()
    await expect(results).to_have_count(3)
    await results.first.locator(".picture").click()
    await expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    await page.keyboard.press("Escape")
    await results.first.get_by_role("button", name="Delete").click()
    await expect(results).to_have_count(2)
    await expect(page.locator("#notice")).to_have_text("Deleted.")
    await fine(page, complaints)


@on_sqlite
async def test_a_dropped_picture_and_one_tap_give_its_palette(browser: Browser, door: Door) -> None:
    page, complaints = await opened_page(browser, door, width=390)
    transfer = await page.evaluate_handle(
        """(bytes) => {
            const held = new DataTransfer();
            held.items.add(new File([new Uint8Array(bytes)], "one.png", { type: "image/png" }));
            held.items.add(new File([new Uint8Array(bytes)], "two.png", { type: "image/png" }));
            return held;
        }""",
        list(plain()),
    )
    await page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    await expect(page.locator("#drop")).to_be_visible()
    await page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    await expect(page.locator("#thumbs img")).to_have_count(2)
    await page.get_by_role("button", name="Remove two.png").click()
    await expect(page.locator("#thumbs img")).to_have_count(1)
    await page.get_by_role("button", name="/palette").click()
    await expect(page.locator(".colour").first).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator("#thumbs img")).to_have_count(0)
    await expect(page.locator(".file")).to_have_text("one.png")
    await fine(page, complaints)


@on_sqlite
async def test_what_could_not_be_sent_stays_in_the_box(browser: Browser, door: Door) -> None:
    page, _ = await opened_page(browser, door)
    await page.route("**/send", lambda route: route.abort())
    box = page.get_by_role("combobox")
    await box.fill("a red fox")
    await box.press("Enter")
    await expect(page.locator("#notice")).to_contain_text("Your words are still here")
    await expect(box).to_have_value("a red fox")
    await expect(page.locator(".message")).to_have_count(0)
    await page.unroute("**/send")
    await box.press("Enter")
    await expect(page.locator(".picture")).to_have_count(1, timeout=WAIT_MS)
    await expect(page.locator(".message")).to_have_count(1)


async def test_the_page_catches_up_after_a_restart(
    browser: Browser, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    async with opened(settings_for(tmp_path, database_url), redis_url, work=False) as door:
        port = int(door.address.rpartition(":")[2])
        page, _ = await opened_page(browser, door)
        box = page.get_by_role("combobox")
        await box.fill("a red fox")
        await box.press("Enter")
        await expect(page.locator(".message")).to_contain_text("In the queue, 1st.")
    await expect(page.locator("#lost")).not_to_be_empty()
    async with opened(settings_for(tmp_path, database_url, port=port), redis_url):
        await expect(page.locator(".picture")).to_have_count(1, timeout=WAIT_MS)
        await expect(page.locator(".message")).to_have_count(1)
        await expect(page.locator("#lost")).to_be_empty()
        await page.get_by_role("button", name="Again").click()
        await expect(page.locator(".picture")).to_have_count(2, timeout=WAIT_MS)


@on_sqlite
async def test_it_works_without_script(browser: Browser, door: Door) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(door.address)
    await page.get_by_role("combobox").fill("a red fox")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".message")).to_have_count(1)
    await door.until('class="picture')
    await page.reload()
    await expect(page.locator(".picture img")).to_be_visible()


def test_the_script_stays_small() -> None:
    assert (STATIC / "page.js").stat().st_size < SCRIPT_BYTES_MAX
