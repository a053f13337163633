"""What people read about their credits: balance, history by pages and as a file, the low notice."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import i18n
from core import wallets
from core.people import recognise
from tests.fakes.studio import Studio, studio


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """An Atelier with the offline provider."""
    async with studio(database_url, tmp_path) as opened:
        yield opened


async def said(room: Studio, name: str, **arguments: str) -> list[str]:
    reply = await room.run(name, **arguments)
    return [i18n.say("en", line) for line in reply.lines]


async def draw(room: Studio, count: int) -> None:
    for _ in range(count):
        await room.run("imagine", prompt="a fox", model="sketch")
        await room.work()


async def test_balance_tells_lots_and_month(room: Studio) -> None:
    ann = await recognise(room.app, "test", "ann", "")
    await wallets.grant(room.app, ann, 20, days=30)
    await draw(room, 3)
    lines = await said(room, "balance")
    assert lines[0] == "You have 117 credits."
    assert lines[1].startswith("17 of them expire on 20")
    assert lines[1].endswith("(from the operator).")
    assert "Used this month: 3." in lines[2]


async def test_history_goes_back_page_by_page(room: Studio) -> None:
    await draw(room, 12)
    first = await room.run("history")
    assert len(first.lines) == 11
    assert i18n.say("en", first.lines[1]).endswith("−1  used for imagine")
    [more] = first.buttons
    assert len(more.pack().encode()) <= 64
    second = await room.dispatch.press(more.pack(), room.call())
    texts = [i18n.say("en", line) for line in second.lines]
    assert len(texts) == 4
    assert texts[-1].endswith("+100  to begin with")
    assert second.buttons == ()
    assert second.private


async def test_history_as_a_file(room: Studio) -> None:
    await draw(room, 2)
    ann = await recognise(room.app, "test", "ann", "")
    await wallets.grant(room.app, ann, 5, note="=HYPERLINK(1)")
    reply = await room.run("history", file="yes")
    [file] = reply.attached
    assert file.media_type == "text/csv"
    rows = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [row["change"] for row in rows] == ["5", "-1", "-1", "100"]
    assert rows[0]["what"] == "'=HYPERLINK(1)"


async def test_told_once_when_credits_run_low(room: Studio) -> None:
    assert await said(room, "notify", below="99") == [
        "You will be told once when you have fewer than 99 credits."
    ]
    await draw(room, 3)
    keys = [[line.key for line in delivery.lines] for _, delivery in room.chat.delivered]
    assert [("balance-low" in item) for item in keys] == [False, True, False]
    ann = await recognise(room.app, "test", "ann", "")
    await wallets.grant(room.app, ann, 3)
    await draw(room, 2)
    keys = [[line.key for line in delivery.lines] for _, delivery in room.chat.delivered]
    assert [("balance-low" in item) for item in keys[3:]] == [False, True]


@pytest.mark.parametrize("below", ["-5", "1e18", "NaN", "１０", "1.5", "1000001"])
async def test_a_limit_must_be_a_number(room: Studio, below: str) -> None:
    reply = await room.run("notify", below=below)
    assert reply.lines[0].key in {"option-not-number", "option-out-of-range"}
