"""Settings at the page: chosen in the composer, filled in where options are left open, in their language."""

from __future__ import annotations

import asyncio
import json
import re

from tests.bot.web.conftest import JSON, Door
from tests.conftest import on_sqlite

pytestmark = on_sqlite


async def test_settings_by_the_composer(quiet_door: Door) -> None:
    door = quiet_door
    assert "Ratio: as usual" in await door.says("/settings")
    shown = await door.says("/settings --ratio 16:9 --count 2 --answers private")
    assert "Ratio: 16:9" in shown
    assert "for you alone" in shown
    status, told = await door.send("", path="/press", button="settings:do=reset")
    assert status == 200
    assert "All forgotten." in str(told)
    assert "There is no model “flux” here." in await door.says("/settings --model flux")


async def test_what_is_left_open_is_filled_and_what_is_named_wins(door: Door) -> None:
    # Where nobody else reads along, answers are what they are.
    await door.says("/settings --ratio 16:9 --count 2 --answers private")
    await door.says("a fox in the snow")
    page = await door.until("Used 2 credits")
    sizes = re.findall(r'<img src="/files[^"]+" width="(\d+)" height="(\d+)"', page)
    assert len(sizes) == 2
    assert all(int(width) > int(height) for width, height in sizes)
    await door.says("/imagine a fox --count 1 --ratio 1:1")
    page = await door.until("Used 1 credit,")
    sizes = re.findall(r'<img src="/files[^"]+" width="(\d+)" height="(\d+)"', page)
    assert [width == height for width, height in sizes] == [False, False, True]


async def test_the_page_speaks_the_language_that_was_chosen(quiet_door: Door) -> None:
    door = quiet_door
    assert 'lang="en"' in await door.html()
    async with door.http.get(door.address + "/events") as stream:
        assert "event: state" in await _heard(stream.content, "\n\n", "event: state")
        assert "Langue : français" in await door.says("/settings --language fr")
        # A stream that began before is in the new language too.
        assert "Langue : français" in await _heard(stream.content, "\n\n", "event: message")
    assert 'lang="fr"' in await door.html()
    assert "La commande /paint n’existe pas" in await door.says("/paint")
    headers = {**JSON, "Accept-Language": "es"}
    async with door.http.get(door.address, headers=headers) as answer:
        assert 'lang="fr"' in await answer.text()
    assert "Language: that of the app" in await door.says("/settings --language auto")
    async with door.http.get(door.address, headers=headers) as answer:
        assert 'lang="es"' in await answer.text()


async def _heard(stream: object, end: str, wanted: str) -> str:
    """What an event stream tells, as soon as this is in it, with its JSON read."""
    told = ""
    async with asyncio.timeout(10):
        while wanted not in told or not told.endswith(end):
            told += (await stream.readany()).decode()  # type: ignore[attr-defined]
    events = [line[6:] for line in told.splitlines() if line.startswith("data: ")]
    return told + " ".join(str(json.loads(item)) for item in events)
