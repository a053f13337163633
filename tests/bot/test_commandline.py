from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot import catalogue
from bot.commandline import line, parse
from core.errors import UserError
from core.operations.base import discover
from core.operations.imagine import RATIOS, Imagine
from core.options import parse as read

COMMANDS = catalogue.build(discover())


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("/imagine a red fox", "imagine", {"prompt": "a red fox"}),
        (
            "/imagine a fox in the snow --ratio 16:9 --count 2",
            "imagine",
            {"prompt": "a fox in the snow", "ratio": "16:9", "count": "2"},
        ),
        ("/imagine --count 2 a fox", "imagine", {"prompt": "a fox", "count": "2"}),
        (
            "/imagine --count=2 a --seed=7 fox",
            "imagine",
            {"prompt": "a fox", "count": "2", "seed": "7"},
        ),
        ("/imagine a fox —ratio 16:9", "imagine", {"prompt": "a fox", "ratio": "16:9"}),
        ("/imagine a fox –count 3", "imagine", {"prompt": "a fox", "count": "3"}),
        (
            "/imagine a fox — in snow —not green",
            "imagine",
            {"prompt": "a fox — in snow —not green"},
        ),
        ("/imagine a fox --rat 4:3", "imagine", {"prompt": "a fox", "ratio": "4:3"}),
        (
            "/imagine a fox --ar 4:3 --n 2",
            "imagine",
            {"prompt": "a fox", "ratio": "4:3", "count": "2"},
        ),
        (
            "/imagine a fox --no text, signs --seed 5",
            "imagine",
            {"prompt": "a fox", "negative": "text, signs", "seed": "5"},
        ),
        (
            '/imagine a fox --negative "text, signs" in snow',
            "imagine",
            {"prompt": "a fox in snow", "negative": "text, signs"},
        ),
        (
            '/imagine a sign that says "use --force" --count 2',
            "imagine",
            {"prompt": 'a sign that says "use --force"', "count": "2"},
        ),
        ("/imagine don't stop--now", "imagine", {"prompt": "don't stop--now"}),
        ("/imagine a\nfox\n--count 2", "imagine", {"prompt": "a\nfox", "count": "2"}),
        ('/imagine --prompt "a fox" in snow', "imagine", {"prompt": "in snow a fox"}),
        ("/Imagine@atelier_bot a fox", "imagine", {"prompt": "a fox"}),
        ("/imagine", "imagine", {}),
        ("  /palette  ", "palette", {}),
        ("/palette 5", "palette", {"colours": "5"}),
        ("/palette --neutral --colours 5", "palette", {"neutral": "yes", "colours": "5"}),
        ("/palette --no-neutral 5", "palette", {"neutral": "no", "colours": "5"}),
        ("/palette --neutral off", "palette", {"neutral": "off"}),
        ("/cancel all", "cancel", {"which": "all"}),
        ("/balance please", "balance", {}),
        ("/persona", "persona", {}),
        ("/persona create Anna Maria", "persona", {"do": "create", "name": "Anna Maria"}),
        ("/persona Anna Maria", "persona", {"name": "Anna Maria"}),
        ("/persona create", "persona", {"do": "create"}),
        ("/portrait Anna", "portrait", {"persona": "Anna"}),
        (
            '/portrait "Anna Maria" in a garden --style noir',
            "portrait",
            {"persona": "Anna Maria", "prompt": "in a garden", "style": "noir"},
        ),
        ("/persona Anna create", "persona", {"name": "Anna create"}),
        ("/persona --do show create", "persona", {"do": "show", "name": "create"}),
    ],
)
def test_what_people_type(text: str, name: str, values: dict[str, str]) -> None:
    command, found = parse(text, COMMANDS)
    assert (command.name, found) == (name, values)


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("/paint a fox", "command-unknown", {"command": "paint"}),
        ("/", "command-unknown", {"command": ""}),
        ("", "command-unknown", {"command": ""}),
        ("a fox", "command-unknown", {"command": "a"}),
        ("/delete --job 1", "command-unknown", {"command": "delete"}),
        ("/imagine a fox --ratio", "option-missing", {"option": "ratio"}),
        ("/imagine a fox --ratio --count 2", "option-missing", {"option": "ratio"}),
        ("/imagine a fox --negative= ", "option-missing", {"option": "negative"}),
        (
            "/palette --size 3",
            "option-unknown",
            {"option": "size", "known": "image, colours, neutral"},
        ),
        ("/help --me", "option-unknown", {"option": "me", "known": "-"}),
        ("/cancel --job 1", "option-unknown", {"option": "job", "known": "which"}),
        ("/cancel all now", "option-unknown", {"option": "now", "known": "which"}),
    ],
)
def test_what_is_refused(text: str, key: str, values: dict[str, str]) -> None:
    with pytest.raises(UserError) as refused:
        parse(text, COMMANDS)
    assert (refused.value.key, refused.value.values) == (key, values)


def test_a_beginning_that_two_options_have_is_none_of_them() -> None:
    with pytest.raises(UserError) as refused:
        parse("/imagine a fox --re 1", COMMANDS)
    assert refused.value.key == "option-unknown"


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        _, values = parse(f"/imagine {text}", COMMANDS)
    except UserError:
        return
    assert all(isinstance(value, str) for value in values.values())


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Z", "C"], exclude_characters="-—–/"), min_size=1
    )
)
def test_words_without_options_come_through_whole(words: str) -> None:
    _, values = parse(f"/imagine {words}", COMMANDS)
    assert values == {"prompt": words}


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
).map(lambda text: " ".join(text.split()))
WISHED = st.fixed_dictionaries(
    {"prompt": WORDS.filter(bool)},
    optional={
        "negative": WORDS.filter(bool),
        "ratio": st.sampled_from(RATIOS),
        "count": st.integers(1, 4),
        "seed": st.integers(0, 2**31 - 1),
        "guidance": st.integers(0, 300).map(lambda tenths: tenths / 10),
        "quality": st.sampled_from(("low", "high")),
        "model": st.sampled_from(("flux", "gpt-image-2.5-flare")),
    },
)


@given(WISHED)
@settings(max_examples=300, deadline=None)
def test_what_is_written_as_a_line_is_read_as_the_same(wished: dict[str, Any]) -> None:
    # Quotes of every kind at once fit into none: they come back as others.
    assume(not all(mark in str(wished) for mark in "\"'“”‘’"))
    params = Imagine(**wished)
    text = line("imagine", params)
    command, values = parse(text, COMMANDS)
    assert read(command.params, values) == params
