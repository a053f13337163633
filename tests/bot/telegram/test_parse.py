"""Command texts as people type them."""

from __future__ import annotations

import pytest

from bot.commandline import arguments
from bot.telegram.parse import spoken
from core.errors import BadOption
from core.operations.imagine import Imagine
from core.operations.palette import Palette
from core.options import options_of

IMAGINE = options_of(Imagine)
PALETTE = options_of(Palette)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a fox", {"prompt": "a fox"}),
        ("a fox --count 2", {"prompt": "a fox", "count": "2"}),
        ("--count=2 a fox", {"prompt": "a fox", "count": "2"}),
        ("a fox —ratio 16:9 –count 3", {"prompt": "a fox", "ratio": "16:9", "count": "3"}),
        ("a fox —a red one— asleep", {"prompt": "a fox —a red one— asleep"}),
        (
            "a fox --no text, blur --seed 7",
            {"prompt": "a fox", "negative": "text, blur", "seed": "7"},
        ),
        ('--no "text, blur" a fox', {"prompt": "a fox", "negative": "text, blur"}),
        ("a “big” fox --negative “old hats”", {"prompt": "a “big” fox", "negative": "old hats"}),
        ("a fox --ar 9:16 --n 2", {"prompt": "a fox", "ratio": "9:16", "count": "2"}),
        ("a fox --rat 4:3", {"prompt": "a fox", "ratio": "4:3"}),
        ("--model sketch a fox", {"prompt": "a fox", "model": "sketch"}),
        ("a well--known fox", {"prompt": "a well--known fox"}),
        ("a fox --seed -5", {"prompt": "a fox", "seed": "-5"}),
        ("line one\nline two --count 1", {"prompt": "line one\nline two", "count": "1"}),
        ("", {}),
    ],
)
def test_options_and_the_rest(text: str, values: dict[str, object]) -> None:
    assert arguments(text, IMAGINE) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5", {"colours": "5"}),
        ("5 no", {"colours": "5", "neutral": "no"}),
        ("--neutral", {"neutral": "yes"}),
        ("--neutral off 4", {"neutral": "off", "colours": "4"}),
        ("--no-neutral", {"neutral": "no"}),
        ("--neutral --colours 3", {"neutral": "yes", "colours": "3"}),
    ],
)
def test_switches_and_words_without_a_main_option(text: str, values: dict[str, object]) -> None:
    assert arguments(text, PALETTE) == values


def test_an_unknown_option_names_the_known_ones() -> None:
    with pytest.raises(BadOption) as caught:
        arguments("a fox --shout loud", IMAGINE)
    assert caught.value.key == "option-unknown"
    assert caught.value.values["option"] == "shout"
    assert "ratio" in str(caught.value.values["known"])


def test_a_beginning_that_two_options_have_is_none() -> None:
    with pytest.raises(BadOption):
        arguments("a fox --ne x", (*IMAGINE, *PALETTE))


@pytest.mark.parametrize(
    ("text", "name", "bot", "rest"),
    [
        ("/imagine a fox", "imagine", None, "a fox"),
        ("/Imagine@Some_Bot\na fox", "imagine", "Some_Bot", "a fox"),
        ("  /help ", "help", None, ""),
    ],
)
def test_commands(text: str, name: str, bot: str | None, rest: str) -> None:
    said = spoken(text)
    assert said is not None
    assert (said.name, said.bot, said.rest) == (name, bot, rest)


@pytest.mark.parametrize("text", ["a /imagine", "/", "/imagine!", "", "//x"])
def test_what_is_no_command(text: str) -> None:
    assert spoken(text) is None
