"""Cards: what people wrote stays as written, and nothing is over Discord's limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import Button, Reply
from bot.discord import render
from bot.discord.buttons import custom_id, read_custom_id
from core.messenger import NEW_ROW, Attached, Delivery, Say, Stage
from tests.fakes import contract
from tests.fakes.discord_world import walk

JOB = "0" * 32


def texts(message: render.Message) -> list[str]:
    return [item["content"] for item in walk(list(message.components)) if item["type"] == 10]


def delivery(**changes: Any) -> Delivery:  # noqa: ANN401
    told: dict[str, Any] = {
        "id": "1",
        "job_id": JOB,
        "operation": "imagine",
        "stage": Stage.SUCCEEDED,
        "lines": (Say(key="receipt-free"),),
    }
    return Delivery(**{**told, **changes})


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a fox, in 4:3 (wide)!", "a fox, in 4:3 (wide)!"),
        ("**b** __u__ ~~s~~ ||h||", r"\*\*b\*\* \_\_u\_\_ \~\~s\~\~ \|\|h\|\|"),
        ("@everyone <@1> <#2> <:e:3>", r"\@everyone \<\@1\> \<#2\> \<:e:3\>"),
        ("[a](http://b) https://c", r"\[a\](http\://b) https\://c"),
        ("# a\n-# b\n- c\n1. d\n> e", "\\# a\n\\-# b\n\\- c\n1\\. d\n\\> e"),
        ("a\\*b", r"a\\\*b"),
    ],
)
def test_literal(typed: str, sent: str) -> None:
    assert render.literal(typed) == sent


def test_values_of_sentences_are_literal_and_links_are_not() -> None:
    lines = (
        Say(key="command-unknown", values={"command": "*x*"}),
        Say(key="original-link", values={"url": "https://page.example/a_b_c"}),
    )
    said = texts(render.reply(Reply(lines=lines), owner="1", language="en"))[0]
    assert r"/\*x\*." in said
    assert "https://page.example/a_b_c" in said


@given(st.text(max_size=2000), st.lists(st.text(max_size=2000), max_size=6))
def test_never_over_the_limits(prompt: str, words: list[str]) -> None:
    lines = tuple(Say(key="command-unknown", values={"command": word}) for word in words)
    message = render.delivery(delivery(prompt=prompt, lines=lines), owner="1", language="en")
    assert sum(len(text) for text in texts(message)) <= render.TEXT_LENGTH_MAX
    assert all(texts(message))


def test_long_prompt_is_cut_between_escapes() -> None:
    message = render.delivery(delivery(prompt="*" * 2000), owner="1", language="en")
    quoted = texts(message)[0]
    assert len(quoted) <= render.PROMPT_LENGTH_MAX
    assert quoted.endswith(r"\*…")
    assert quoted.removeprefix("> ").removesuffix("…").replace(r"\*", "") == ""


def test_pictures_and_rows_of_buttons() -> None:
    attached = tuple(
        Attached(name=f"p{place}.png", media_type="image/png", data=b"x") for place in range(4)
    )
    taken = (f"take-one:{place}" for place in range(1, 5))
    actions = (*taken, NEW_ROW, "again", "original", "delete")
    message = render.delivery(
        delivery(attached=attached, actions=actions, prompt="a fox"), owner="77", language="en"
    )
    payload = message.payload()
    rows = [item for item in walk(payload["components"]) if item["type"] == 1]
    assert [len(row["components"]) for row in rows] == [4, 3]
    assert rows[0]["components"][0]["custom_id"] == f"take-one:{JOB}:1@77"
    assert [item["filename"] for item in payload["attachments"]] == [
        "p0.png", "p1.png", "p2.png", "p3.png",
    ]  # fmt: skip
    described = contract.openapi("discord")
    if described is not None:
        body = {"payload_json": json.dumps(payload), "files[0]": contract.BINARY}
        path = "/api/v10/webhooks/1/t/messages/@original"
        assert described.check("PATCH", path, body) == []


def test_colours_tell_how_it_ended() -> None:
    seen = {
        render.delivery(delivery(stage=stage), owner="1", language="en").components[0][
            "accent_color"
        ]
        for stage in (Stage.RUNNING, Stage.SUCCEEDED, Stage.FAILED, Stage.CANCELLED)
    }
    assert len(seen) == 4


def test_custom_id_there_and_back() -> None:
    longest = Button(command="a" * 25, job_id=JOB, position=9)
    text = custom_id(longest, "9" * 20)
    assert len(text) <= 100
    pressed = read_custom_id(text)
    assert Button.unpack(pressed.packed) == longest
    assert pressed.foreign("1")
    assert not pressed.foreign("9" * 20)


@given(st.text(max_size=300))
def test_forged_custom_ids_are_read(text: str) -> None:
    pressed = read_custom_id(text)
    assert len(pressed.packed) <= 100
    assert pressed.owner is None or pressed.owner.isdigit()


def test_button_that_is_a_link() -> None:
    answer = Reply(
        lines=(Say(key="receipt-free"),),
        buttons=(Button(command="login", url="https://page.example/login/x"),),
    )
    payload = render.reply(answer, owner="1", language="en").payload(ephemeral=True)
    button = next(item for item in walk(payload["components"]) if item["type"] == 2)
    assert button["url"] == "https://page.example/login/x"
    assert "custom_id" not in button
    described = contract.openapi("discord")
    if described is not None:
        assert described.check("POST", "/api/v10/channels/1/messages", payload) == []
