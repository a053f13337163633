"""The buttons under results: what they begin, what they keep, and what they cost."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from core import wallets
from core.jobs import library
from core.messenger import NEW_ROW
from core.operations.imagine import PROMPT_LENGTH_MAX
from core.people import recognise
from storage import jobs, results
from storage.database import Connection
from tests.core.operations.conftest import keys, made, plain, pressed
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio

SINGLE = (
    "vary-subtle", "vary-strong", "upscale-2x", "upscale-4x", NEW_ROW,
    "zoom-out", "pan-left", "pan-right", "pan-up", "pan-down", NEW_ROW,
    "background-remove", "edit-result", NEW_ROW,
    "again", "favourite", "original", "info", "delete",
)  # fmt: skip


async def test_one_picture_can_be_changed_in_every_way(room: Studio) -> None:
    assert (await made(room, "imagine", prompt="a fox")).actions == SINGLE


async def test_one_of_several_is_taken_for_nothing(room: Studio, vendor: Scripted) -> None:
    several = await made(room, "imagine", prompt="a fox", count=4)
    assert several.actions[:4] == ("take-one:1", "take-one:2", "take-one:3", "take-one:4")
    taken = await pressed(room, several.job_id, "take-one:3")
    assert [item.sha256 for item in taken.pictures] == [several.pictures[2].sha256]
    assert taken.prompt == "a fox"
    assert keys(taken) == ["receipt-free"]
    assert taken.actions == tuple(name for name in SINGLE if name != "again")
    assert len(vendor.calls) == 1


async def test_a_variation_is_by_the_same_model_with_the_same_words(
    room: Studio, vendor: Scripted
) -> None:
    several = await made(room, "imagine", prompt="a fox", count=2, model="other")
    taken = await pressed(room, several.job_id, "take-one:2")
    varied = await pressed(room, taken.job_id, "vary-subtle")
    call = vendor.calls[-1]
    assert (call.operation, call.model) == ("edit", "other")
    assert call.prompt.endswith("\na fox")
    assert call.strength is None
    assert varied.prompt == "a fox"
    assert varied.lines[0].values == {"strength": "subtle"}
    await pressed(room, several.job_id, "vary-strong:1")
    assert vendor.calls[-1].images[0].data == await room.app.blobs.get(several.pictures[0].sha256)


async def test_a_model_that_takes_a_number_is_told_no_words(room: Studio, vendor: Scripted) -> None:
    one = await made(room, "imagine", prompt="a fox")
    await pressed(room, one.job_id, "vary-strong")
    assert (vendor.calls[-1].prompt, vendor.calls[-1].strength) == ("a fox", 0.75)


async def test_each_result_knows_what_it_comes_of(room: Studio) -> None:
    first = await made(room, "imagine", prompt="a fox", seed=7)
    second = await pressed(room, first.job_id, "vary-subtle")
    third = await pressed(room, second.job_id, "edit-result", prompt="at night")
    row = await room.app.database.read(jobs.get, third.job_id)
    assert row is not None
    chain = await library.ancestors(room.app, row)
    assert [item.id for item in chain] == [second.job_id, first.job_id]
    told = await room.dispatch.press(f"info:{third.job_id}", room.call())
    assert told.prompt is not None
    assert told.prompt.startswith("/edit at night --model able")
    parents = [line.values["line"] for line in told.lines if line.key == "info-parent"]
    assert parents[1] == "/imagine a fox --model able --seed 7"


async def test_info_is_a_line_that_makes_the_same(room: Studio, vendor: Scripted) -> None:
    first = await made(room, "imagine", prompt="a fox", guidance="3,5", quality="high")
    told = await room.dispatch.press(f"info:{first.job_id}", room.call())
    seed = vendor.calls[0].seed
    assert seed is not None
    assert told.prompt == f"/imagine a fox --model able --quality high --seed {seed} --guidance 3.5"
    assert told.private


async def test_a_quality_that_a_model_has_not_is_told_and_not_paid(
    room: Studio, vendor: Scripted
) -> None:
    for model in room.app.models.values():
        object.__setattr__(model, "qualities", {"low": 1, "medium": 2})
    drawn = await made(room, "imagine", prompt="a fox", quality="high", model="other")
    assert "quality-left-out" in keys(drawn)
    assert vendor.calls[-1].quality is None
    low = await made(room, "imagine", prompt="a fox", quality="low", model="other")
    assert "quality-left-out" not in keys(low)
    assert vendor.calls[-1].quality == "low"


@pytest.mark.parametrize("name", ["upscale-2x", "background-remove"])
async def test_the_same_again_is_given_and_not_made(
    room: Studio, vendor: Scripted, name: str
) -> None:
    one = await made(room, "imagine", prompt="a fox")
    first = await pressed(room, one.job_id, name)
    calls, before = len(vendor.calls), await _free(room)
    again = await room.dispatch.press(f"{name}:{one.job_id}", room.call())
    assert [line.key for line in again.lines] == ["made-before"]
    assert again.pictures == first.pictures
    assert again.attached[0].data == await room.app.blobs.get(first.pictures[0].sha256)
    assert {item.job_id for item in again.buttons} == {first.job_id}
    assert (len(vendor.calls), await _free(room)) == (calls, before)
    # Where the file is gone, it is made anew.
    await room.app.blobs.delete(first.pictures[0].sha256)
    anew = await pressed(room, one.job_id, name)
    assert anew.job_id != first.job_id


async def test_the_same_while_it_is_made_is_refused(room: Studio, vendor: Scripted) -> None:
    one = await made(room, "imagine", prompt="a fox")
    await room.dispatch.press(f"upscale-2x:{one.job_id}", room.call())
    twice = await room.dispatch.press(f"upscale-2x:{one.job_id}", room.call())
    assert [line.key for line in twice.lines] == ["already-being-made"]
    assert await room.work() == 1
    assert [call.operation for call in vendor.calls] == ["imagine", "upscale"]


async def test_pressed_twice_at_once_it_is_made_once(
    room: Studio, vendor: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await made(room, "imagine", prompt="a fox")
    before = results.before

    def slowly(connection: Connection, *asked: str) -> results.Before | None:
        found = before(connection, *asked)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_sleep(0.1)")
        return found

    monkeypatch.setattr(results, "before", slowly)
    packed = f"upscale-2x:{one.job_id}"
    replies = await asyncio.gather(*(room.dispatch.press(packed, room.call()) for _ in range(6)))
    said = sorted(reply.lines[0].key for reply in replies)
    assert said == [*["already-being-made"] * 5, "queued"]
    assert await room.work() == 1
    assert [call.operation for call in vendor.calls] == ["imagine", "upscale"]


async def test_words_that_were_made_may_be_longer_than_people_may_write(
    room: Studio, vendor: Scripted
) -> None:
    one = await made(room, "illustrate", title="t" * 200, description="d" * 2000)
    varied = await pressed(room, one.job_id, "vary-subtle")
    assert varied.prompt is not None
    assert len(varied.prompt) == PROMPT_LENGTH_MAX
    assert one.prompt is not None
    assert one.prompt.startswith(varied.prompt)


async def test_info_passes_by_what_no_operation_is_known_of_any_more(room: Studio) -> None:
    one = await made(room, "imagine", prompt="a fox")
    varied = await pressed(room, one.job_id, "vary-subtle")
    known = {name: item for name, item in room.app.operations.items() if name != "imagine"}
    app = dataclasses.replace(room.app, operations=known)
    later = dataclasses.replace(room.dispatch, app=app)
    told = await later.press(f"info:{varied.job_id}", room.call())
    assert told.prompt is not None
    assert told.prompt.startswith("/vary a fox")
    assert "info-parent" not in [line.key for line in told.lines]


async def test_a_button_is_its_persons_alone_and_dies_with_the_files(room: Studio) -> None:
    several = await made(room, "imagine", prompt="a fox", count=2)
    for action in ("take-one", "vary-strong", "edit-result", "upscale-2x", "zoom-out"):
        call = room.call("ben", prompt="x") if action == "edit-result" else room.call("ben")
        other = await room.dispatch.press(f"{action}:{several.job_id}:1", call)
        assert [line.key for line in other.lines] == ["not-yours"]
        beyond = await room.dispatch.press(
            f"{action}:{several.job_id}:3",
            room.call(prompt="x") if action == "edit-result" else room.call(),
        )
        assert [line.key for line in beyond.lines] == ["job-gone"]
    await room.run("delete", job=several.job_id)
    gone = await room.dispatch.press(f"take-one:{several.job_id}:1", room.call())
    assert [line.key for line in gone.lines] == ["job-gone"]


async def test_a_picture_whose_file_is_lost_costs_nothing(room: Studio, vendor: Scripted) -> None:
    one = await made(room, "imagine", prompt="a fox")
    await room.app.blobs.delete(one.pictures[0].sha256)
    before = await _free(room)
    varied = await pressed(room, one.job_id, "vary-subtle")
    assert keys(varied) == ["storage-failed", "receipt-nothing"]
    assert (len(vendor.calls), await _free(room)) == (1, before)


async def test_what_nobody_can_do_has_no_button(room: Studio) -> None:
    for model in room.app.models.values():
        object.__setattr__(model, "operations", ("imagine",))
    one = await made(room, "imagine", prompt="a fox")
    assert one.actions == (
        "upscale-2x", "upscale-4x", NEW_ROW, "again", "favourite", "original", "info", "delete",
    )  # fmt: skip


async def test_a_palette_is_nothing_to_go_on_with(room: Studio) -> None:
    shown = await made(room, "palette", plain("teal"))
    assert shown.actions == ("favourite", "original", "info", "delete")


async def _free(room: Studio) -> int:
    person = await recognise(room.app, "test", "ann", "")
    return (await wallets.balance(room.app, person)).wallet.free
