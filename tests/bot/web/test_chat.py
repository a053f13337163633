from __future__ import annotations

import asyncio
import dataclasses
import html
import re

import aiohttp
import pytest

from core import linking, pages
from core.ids import new_id
from core.jobs import places
from core.jobs.execute import run_next
from core.messenger import Address, Attached, Delivery, Say, Stage
from core.operations.imagine import RATIOS
from core.people import recognise
from tests.bot.web.conftest import Door, plain

# aiohttp warns of a call that its own multipart reader makes.
pytestmark = pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")

FOX = "/imagine a red fox --ratio 16:9"


async def test_a_command_becomes_a_picture_and_stays_after_a_reload(door: Door) -> None:
    queued = await door.says(FOX)
    assert "In the queue, 1st." in queued
    assert "1 credit held, 99 left." in queued
    page = await door.until("Used 1 credit, 99 left.")
    path = re.search(r'<img src="(/files/[^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)"', page)
    assert path is not None
    assert path[4] == "a red fox"
    assert abs(int(path[2]) / int(path[3]) - 16 / 9) < 0.02
    async with door.http.get(door.address + path[1]) as picture:
        assert (picture.status, picture.content_type.partition("/")[0]) == (200, "image")
        assert picture.headers["Cache-Control"].endswith("immutable")


async def test_words_without_a_slash_are_drawn(quiet_door: Door) -> None:
    assert "In the queue, 1st." in await quiet_door.says("a red fox --count 2")
    assert "2 credits held, 98 left." in await quiet_door.html()


async def test_refusals_say_what_is_wrong(quiet_door: Door) -> None:
    for text, sentence in {
        "/imagine": "Something is missing: prompt. Say it and try again.",
        "/imagine a fox --count 5": "count must be from 1 to 4, not 5.",
        "/imagine a fox --ratio 2:1": f"ratio can be {', '.join(RATIOS)}, not “2:1”.",
        "/imagine a fox --ratio": "Something is missing: ratio. Say it and try again.",
        "/paint a fox": "There is no command /paint. /help shows what there is.",
        "/palette --size 3": "There is no option size. Options here: image, colours, neutral.",
        "/palette": "A picture is missing. Attach one, or reply to one, and try again.",
        "x"
        * 2001: "prompt is too long: 2,001 characters, 2,000 at the most. Shorten it and try again.",
    }.items():
        assert sentence in html.unescape(await quiet_door.says(text)), text


async def test_a_dropped_picture_gives_its_palette(door: Door) -> None:
    assert "Free of charge." in await door.says("/palette --colours 3", ("one.png", plain()))
    page = await door.until('class="colour"')
    assert '<span class="file">one.png</span>' in page
    assert re.search(r'<rect [^>]*fill="#[0-9a-f]{6}"', page)


async def test_a_file_of_26_mb_is_refused_with_the_gates_own_sentence(quiet_door: Door) -> None:
    said = await quiet_door.says("/palette", ("big.png", b"\x89PNG" + bytes(26 * 2**20)))
    assert "26 MB" in said
    assert "20 MB" in said


async def test_the_same_message_sent_again_does_nothing_new(quiet_door: Door) -> None:
    message_id = new_id()
    first = await quiet_door.send(FOX, message_id=message_id)
    again = await quiet_door.send(FOX, message_id=message_id)
    assert _html_without_ids(first[1]) == _html_without_ids(again[1])
    assert (await quiet_door.html()).count('class="message"') == 1
    assert "You have 99 credits, and 1 held" in await quiet_door.says("/balance")


async def test_words_that_a_crash_cut_off_are_carried_out_when_sent_again(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    person, message_id = await recognise(app, "web", "operator", ""), new_id()
    await pages.add(app, person, message_id, FOX)
    status, told = await quiet_door.send(FOX, message_id=message_id)
    assert (status, "In the queue, 1st." in str(told)) == (200, True)


async def test_buttons_work_on_the_result(door: Door) -> None:
    await door.says(FOX)
    page = await door.until('value="original:')
    job = re.search(r'value="again:([0-9a-f]{32})"', page)
    assert job is not None
    status, told = await door.send("", path="/press", button=f"original:{job[1]}")
    assert (status, "The file in full quality:" in str(told)) == (200, True)
    link = re.search(r'href="(/picture/[^"]+\?download)"', str(told))
    assert link is not None
    async with door.http.get(door.address + link[1]) as kept:
        assert kept.status == 200
        assert kept.headers["Content-Disposition"].startswith(
            "attachment; filename*=UTF-8''atelier-"
        )
    _, told = await door.send("", path="/press", button=f"edit-result:{job[1]}")
    assert "Something is missing: prompt" in str(told)
    _, told = await door.send("", path="/press", button=f"delete:{job[1]}")
    assert told["notice"] == "Deleted."
    assert job[1] not in await door.html()
    async with door.http.get(door.address + link[1]) as gone:
        assert gone.status == 404


async def test_the_stream_tells_what_is_there_and_then_what_changes(door: Door) -> None:
    await door.says("/balance")
    async with door.http.get(door.address + "/events") as stream, asyncio.timeout(15):
        assert stream.content_type == "text/event-stream"
        assert "event: state" in await _heard(stream.content, "event: message")
        await door.says(FOX)
        assert "In the queue" in await _heard(stream.content, "Used 1 credit")


async def test_a_form_without_script_sends_and_leads_back(quiet_door: Door) -> None:
    form = {"token": await quiet_door.token(), "id": new_id(), "text": "a fox"}
    async with quiet_door.http.post(quiet_door.address + "/send", data=form) as response:
        assert (response.status, response.url.path) == (200, "/")
        assert "In the queue, 1st." in await response.text()


async def test_earlier_messages_are_a_page_back(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    person = await recognise(app, "web", "operator", "")
    for number in range(35):
        message_id = new_id()
        await pages.add(app, person, message_id, f"note {number:02}")
        await pages.show(app, message_id, "{}", final=True)
    page = await quiet_door.html()
    assert "note 05" in page
    assert "note 04" not in page
    link = re.search(r'href="(/\?before=[0-9a-f]{32})"', page)
    assert link is not None
    before = await quiet_door.html(link[1])
    assert [f"note {number:02}" in before for number in (0, 4, 5)] == [True, True, False]


async def test_what_people_write_is_shown_literally(quiet_door: Door) -> None:
    said = await quiet_door.says("<script>alert(1)</script> <b>fox</b>")
    assert "<script" not in said
    assert "&lt;b&gt;fox&lt;/b&gt;" in said


async def test_another_persons_message_cannot_be_seen_changed_or_taken(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    other, message_id = await recognise(app, "discord", "7", "Bea"), new_id()
    await pages.add(app, other, message_id, "a secret garden")
    await pages.show(app, message_id, "{}", final=True)
    assert "secret" not in await quiet_door.html()
    assert (await quiet_door.send(FOX, message_id=message_id))[0] == 403
    await quiet_door.html(f"/picture/{message_id}/1", 404)
    await quiet_door.html(f"/preview/{message_id}/1", 404)
    await quiet_door.send("", path="/dismiss", message=message_id)
    assert await pages.find(app, other, message_id) is not None


async def test_a_message_can_be_dismissed(quiet_door: Door) -> None:
    message_id = new_id()
    await quiet_door.send("/help", message_id=message_id)
    await quiet_door.send("", path="/dismiss", message=message_id)
    assert message_id not in await quiet_door.html()


async def test_a_late_first_answer_does_not_overwrite_the_result(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    person, message_id = await recognise(app, "web", "operator", ""), new_id()
    await pages.add(app, person, message_id, FOX)
    await pages.show(app, message_id, '{"result": 1}', final=True)
    await pages.show(app, message_id, '{"queued": 1}', first=True)
    await pages.show(app, message_id, '{"passing": 1}')
    found = await pages.find(app, person, message_id)
    assert found is not None
    assert found.answer == '{"result": 1}'
    await app.messengers["web"].remove(
        Address(platform="web", place=person, user=person, message=message_id)
    )
    assert await pages.find(app, person, message_id) is None


async def test_a_glimpse_is_shown_until_the_result_comes(quiet_door: Door) -> None:
    app, message_id = quiet_door.parts.app, new_id()
    person = await recognise(app, "web", "operator", "")
    await pages.add(app, person, message_id, FOX)
    stands = Address(platform="web", place=person, user=person, message=message_id)
    glimpse = Attached(name="preview.png", media_type="image/png", data=plain())
    passing = Delivery(
        id=new_id(),
        job_id=new_id(),
        operation="imagine",
        stage=Stage.RUNNING,
        lines=(Say(key="working"),),
        attached=(glimpse,),
        actions=("cancel",),
    )
    messenger = app.messengers["web"]
    await messenger.progress(stands, passing)
    page = await quiet_door.html()
    path = re.search(r'<img class="preview" src="([^"]+)"', page)
    assert path is not None
    assert "Working on it" in page
    async with quiet_door.http.get(quiet_door.address + path[1]) as shown:
        assert (shown.status, await shown.read()) == (200, plain())
    final = dataclasses.replace(passing, stage=Stage.FAILED, lines=(Say(key="cancelled"),))
    assert await messenger.deliver(stands, final) == stands
    await messenger.progress(stands, passing)
    page = await quiet_door.html()
    assert ("Cancelled." in page, "Working on it" in page) == (True, False)
    await quiet_door.html(path[1], 404)


async def test_too_many_files_are_told(quiet_door: Door) -> None:
    files = [(f"{number}.png", plain()) for number in range(9)]
    status, told = await quiet_door.send("/imagine a fox", *files)
    assert status == 413
    assert told["notice"] == "That is too much at once: at most 8 files and 100 MB together."
    said = await quiet_door.says("/edit make it blue", *files[:4])
    assert "This command takes up to 3 pictures." in said


def _html_without_ids(told: dict[str, object]) -> str:
    return re.sub(r'name="id" value="[0-9a-f]{32}"', "", str(told))


async def _heard(stream: aiohttp.StreamReader, wanted: str) -> str:
    heard = ""
    while wanted not in heard:
        heard += (await stream.readline()).decode()
    return heard


async def test_a_code_typed_here_asks_first(quiet_door: Door) -> None:
    app = quiet_door.parts.app
    bea = await recognise(app, "discord", "7", "Bea")
    asked = await quiet_door.says(f"/link {await linking.make_code(app, bea)}")
    assert "into that of Bea (discord)?" in asked
    yes = re.search(r'value="(link-yes:[0-9a-f]{32})"', asked)
    assert yes is not None
    assert await recognise(app, "web", "operator", "") != bea
    _, told = await quiet_door.send("", path="/press", button=yes[1])
    assert "Both accounts are one now: 100 credits" in str(told["notice"])
    assert await recognise(app, "web", "operator", "") == bea
    _, told = await quiet_door.send("", path="/press", button=yes[1])
    assert "This question is over" in str(told)


async def test_the_place_in_the_queue_is_kept_up_to_date(quiet_door: Door) -> None:
    for words, place in (("a fox", "1st"), ("a hare", "2nd")):
        assert f"In the queue, {place}." in await quiet_door.says(f"/imagine {words}")
    assert await run_next(quiet_door.parts.app)
    await places.tell(quiet_door.parts.app)
    shown = await quiet_door.html()
    assert "In the queue, 1st." in shown
    assert "In the queue, 2nd." not in shown
