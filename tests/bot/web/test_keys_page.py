"""The page where a key is put in, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from core import keys
from tests.bot.web.test_keys import WRONG, ann, mine, public
from tests.bot.web.test_page import WATCH
from tests.fakes.locksmith import GOOD, Locksmith

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]
)
async def test_a_key_is_put_in(
    browser: Browser,
    tmp_path: Path,
    redis_url: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    async with public(tmp_path, redis_url, Locksmith()) as door:
        context = await browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        page = await context.new_page()
        await page.add_init_script(WATCH)
        person = await ann(door)
        await page.goto(f"{door.address}/keys/{await keys.make_ticket(door.parts.app, person)}")
        box = page.get_by_label("The key", exact=True)
        await page.get_by_label("The locksmith", exact=True).check()
        for key in (WRONG, GOOD):
            await expect(box).to_have_value("")
            await expect(box).to_have_attribute("type", "password")
            await box.fill(key)
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            await page.get_by_role("button", name="Try it and keep it").click()
            if key == WRONG:
                await expect(page.get_by_role("alert")).to_contain_text("does not take this key")
                await expect(page.get_by_label("The locksmith", exact=True)).to_be_checked()
        await expect(page.get_by_role("status")).to_contain_text("works and is kept")
        assert await page.evaluate("broken") == []
        assert await mine(door, person) == [("lock", GOOD[-4:])]
        assert GOOD not in page.url
