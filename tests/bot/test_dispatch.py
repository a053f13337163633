"""What every frontend gets: the catalogue, buttons under results, ownership, forms."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import catalogue
from bot.command import Button
from bot.i18n import translate
from core.images import BYTES_MAX
from core.operations.base import discover
from storage.blobs import BlobMissing
from tests.fakes.providers import png
from tests.fakes.studio import Studio, studio

JOB = "0" * 32


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    """An Atelier with the offline provider."""
    async with studio(database_url, tmp_path) as opened:
        yield opened


async def drawn(room: Studio, **arguments: str) -> str:
    reply = await room.run("imagine", prompt="a fox", **arguments)
    assert reply.job_id is not None
    await room.work()
    return reply.job_id


def test_the_catalogue() -> None:
    shown = {
        name: [item.name for item in command.options if not item.hidden]
        for name, command in sorted(catalogue.build(discover()).items())
        if not command.hidden
    }
    assert shown == {
        "audit": ["before"],
        "balance": [],
        "billing": [],
        "buy": ["pack"],
        "cancel": ["which"],
        "background": ["image", "subject", "colour", "picture", "words", "model"],
        "blend": [
            "image", "image_2", "image_3", "image_4", "image_5", "prompt", "ratio", "model", "seed",
        ],
        "crop": ["image", "ratio", "focus"],
        "describe": ["image", "model"],
        "design": ["prompt", "style", "ratio", "colours", "negative", "model", "seed"],
        "edit": ["image", "prompt", "image_2", "image_3", "model"],
        "enhance": ["prompt", "model"],
        "expand": ["image", "way", "ratio", "prompt", "model", "seed"],
        "illustrate": [
            "title", "description", "kind", "prompt", "ratio", "count", "model", "negative", "seed",
        ],
        "gallery": ["show", "persona"],
        "gift": ["person", "amount"],
        "grant": ["person", "amount", "reason"],
        "help": [],
        "history": ["file"],
        "imagine": [
            "prompt",
            "count",
            "ratio",
            "model",
            "quality",
            "seed",
            "negative",
            "guidance",
            "steps",
            "style",
            "reference",
            "reference_2",
            "reference_3",
            "reference_4",
            "reference_5",
            "reference_6",
            "reference_7",
            "reference_8",
        ],
        "info": [],
        "keys": ["do", "vendor", "prefer", "fallback"],
        "link": ["code"],
        "login": [],
        "models": ["show"],
        "notify": ["below"],
        "palette": ["image", "colours", "neutral"],
        "paysupport": [],
        "persona": ["do", "name", "photo", "photo_2", "photo_3", "photo_4", "photo_5"],
        "plans": [],
        "pool": [],
        "portrait": [
            "persona",
            "prompt",
            "style", "style_2", "style_3", "style_4",
            "count",
            "ratio",
            "glasses",
            "hair_colour",
            "hair_style",
            "background",
            "example",
            "example_2",
            "model",
            "negative",
            "seed",
        ],
        "premium": [],
        "queue": [],
        "redeem": ["code"],
        "region": ["image", "prompt", "mask", "where", "box", "model", "seed"],
        "restore": ["image", "model"],
        "revoke": ["grant", "reason"],
        "settings": [
            "do",
            "model",
            "ratio",
            "count",
            "style",
            "answers",
            "language",
            "prefer",
        ],
        "stars": ["pack"],
        "styles": ["do", "name", "words", "whose", "negative"],
        "subscribe": ["plan"],
        "upscale": ["image", "scale", "denoise", "details", "model"],
        "vary": ["image", "strength", "prompt", "model", "seed"],
    }  # fmt: skip


def test_a_platform_has_its_own_commands_and_those_of_all() -> None:
    every = catalogue.build(discover())
    own = {
        platform: {"stars", "premium", "paysupport"} & catalogue.typed(every, platform).keys()
        for platform in ("telegram", "discord", "web")
    }
    assert own == {
        "telegram": {"stars", "paysupport"},
        "discord": {"premium", "paysupport"},
        "web": {"paysupport"},
    }


async def test_a_command_of_another_platform_is_unknown(room: Studio) -> None:
    for reply in (await room.run("stars"), await room.dispatch.press("stars:pack=a", room.call())):
        assert reply.error
        assert reply.lines[0].key == "command-unknown"


def test_a_button_carries_an_option() -> None:
    button = Button(command="stars", given=("pack", "small"))
    assert Button.unpack(button.pack()) == button
    assert button.arguments == {"pack": "small"}


@pytest.mark.parametrize(
    "packed",
    ["", "again", "again:", f"again:{JOB}x", "x" * 65, f"again:{JOB.upper()[:-1]}A", "a:b:c:d"],
)
def test_a_forged_button_is_nobodys(packed: str) -> None:
    assert Button.unpack(packed) is None


def test_a_button_carries_its_whole_state() -> None:
    button = Button(command="edit-result", job_id=JOB, position=4)
    assert Button.unpack(button.pack()) == button
    assert len(button.pack().encode()) <= 64
    jobless = Button(command="buy", position=2)
    assert Button.unpack(jobless.pack()) == jobless
    assert jobless.arguments == {"position": 2}


async def test_again_draws_another_one(room: Studio) -> None:
    job_id = await drawn(room, seed="7")
    reply = await room.dispatch.press(f"again:{job_id}", room.call())
    assert reply.job_id is not None
    assert reply.prompt == "a fox"
    await room.work()
    first, second = (delivery.pictures[0].sha256 for _, delivery in room.chat.delivered)
    assert first != second


async def test_edit_asks_for_words_then_edits_that_picture(room: Studio) -> None:
    job_id = await drawn(room, count="2")
    packed = f"edit-result:{job_id}:2"
    form = room.dispatch.form(packed, "test")
    assert form is not None
    assert [item.name for item in form.fields] == ["prompt"]
    reply = await room.dispatch.press(packed, room.call(prompt="make it blue"))
    assert reply.job_id is not None
    await room.work()
    assert room.chat.delivered[-1][1].operation == "edit"


async def test_original_gives_the_stored_files(room: Studio) -> None:
    job_id = await drawn(room, count="2")
    reply = await room.dispatch.press(f"original:{job_id}", room.call())
    stored = room.chat.delivered[0][1].pictures
    assert [item.picture for item in reply.attached] == list(stored)
    assert [len(item.data) for item in reply.attached] == [item.size_bytes for item in stored]


async def test_delete_takes_everything_away(room: Studio) -> None:
    job_id = await drawn(room)
    sha256 = room.chat.delivered[0][1].pictures[0].sha256
    reply = await room.dispatch.press(f"delete:{job_id}", room.call())
    assert reply.lines[0].key == "deleted"
    assert len(room.chat.removed) == 1
    with pytest.raises(BlobMissing):
        await room.app.blobs.get(sha256)
    again = await room.dispatch.press(f"delete:{job_id}", room.call())
    assert again.lines[0].key == "job-gone"


async def test_delete_keeps_what_another_job_uses(room: Studio) -> None:
    job_id = await drawn(room)
    sha256 = room.chat.delivered[0][1].pictures[0].sha256
    await room.dispatch.press(f"edit-result:{job_id}", room.call(prompt="blue"))
    await room.dispatch.press(f"delete:{job_id}", room.call())
    assert await room.app.blobs.get(sha256)
    await room.work()
    assert room.chat.delivered[-1][1].stage == "succeeded"


@pytest.mark.parametrize("command", ["again", "edit-result", "delete", "cancel"])
async def test_somebody_elses(room: Studio, command: str) -> None:
    job_id = await drawn(room)
    reply = await room.dispatch.press(f"{command}:{job_id}", room.call("eve", prompt="x"))
    if command in {"again", "delete", "cancel"}:
        reply = await room.dispatch.press(f"{command}:{job_id}", room.call("eve"))
    assert [line.key for line in reply.lines] == ["not-yours"]
    assert reply.private
    assert translate("en", "not-yours").startswith("This is somebody else's")


async def test_original_is_for_those_who_see_the_message(room: Studio) -> None:
    job_id = await drawn(room)
    here = await room.dispatch.press(f"original:{job_id}", room.call("eve"))
    assert here.attached
    elsewhere = await room.dispatch.press(f"original:{job_id}", room.call("eve", place="other"))
    assert [line.key for line in elsewhere.lines] == ["not-yours"]


async def test_a_button_of_long_ago(room: Studio) -> None:
    for packed in (f"again:{JOB}", f"delete:{JOB}", f"original:{JOB}"):
        reply = await room.dispatch.press(packed, room.call())
        assert [line.key for line in reply.lines] == ["job-gone"]
    gone = await room.dispatch.press(f"morph:{JOB}", room.call())
    assert [line.key for line in gone.lines] == ["button-unknown"]


async def test_files_fill_picture_options_in_order(room: Studio) -> None:
    reply = await room.run("imagine", prompt="x", uploads=[png(), png()])
    assert reply.job_id
    many = await room.run("imagine", prompt="x", uploads=[png()] * 9)
    assert [(line.key, line.values) for line in many.lines] == [("too-many-images", {"max": 8})]
    none = await room.run("balance", uploads=[png()])
    assert translate("en", none.lines[0].key, none.lines[0].values) == (
        "This command takes no pictures."
    )


async def test_nothing_is_fetched_for_a_bad_command(room: Studio) -> None:
    reply = await room.run("palette", uploads=[b"not a picture"], colours="13")
    assert reply.lines[0].key == "option-out-of-range"


@pytest.mark.parametrize(
    ("name", "arguments", "key"),
    [
        ("nothing", {}, "command-unknown"),
        ("imagine", {}, "option-missing"),
        ("imagine", {"prompt": "x", "model": "nope"}, "model-unknown"),
        ("palette", {"uploads": [bytes(BYTES_MAX + 1)]}, "image-too-many-bytes"),
        ("imagine", {"prompt": "x", "uploads": [b""] * 9}, "too-many-images"),
        ("imagine", {"prompt": "x", "uploads": [b"not a picture"]}, None),
    ],
)
async def test_what_is_known_without_waiting(
    room: Studio, name: str, arguments: dict[str, Any], key: str | None
) -> None:
    refused = room.dispatch.check(name, room.call(**arguments))
    assert (refused.lines[0].key if refused else None) == key
    if refused is not None:
        assert refused.error
        assert refused.private
        assert await room.run(name, **arguments) == refused


async def test_what_is_known_of_a_press_without_waiting(room: Studio) -> None:
    refused = room.dispatch.check_press(f"morph:{JOB}", room.call())
    assert refused is not None
    assert refused.lines[0].key == "button-unknown"
    refused = room.dispatch.check_press(f"edit-result:{JOB}", room.call(prompt=" "))
    assert refused is not None
    assert refused.lines[0].key == "option-missing"
    assert room.dispatch.check_press(f"again:{JOB}", room.call()) is None


async def test_an_error_of_ours_is_a_sentence_with_a_number(
    room: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("bot.dispatch.meet", broken)
    reply = await room.run("balance")
    assert reply.lines[0].key == "internal-error"
    assert "secret" not in json.dumps(dict(reply.lines[0].values))
