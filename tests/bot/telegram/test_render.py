"""What a message shows: within the limits, and nothing a person typed comes to life."""

from __future__ import annotations

from bot.command import Button, Reply, buttons_for
from bot.telegram.buttons import keyboard
from bot.telegram.render import CAPTION_MAX, TEXT_MAX, compose, of_reply, plain, units
from core.messenger import NEW_ROW, Say
from tests.fakes.telegram_world import JSON, entities_in

UNKNOWN = Say(key="option-unknown", values={"option": "@someone", "known": "ratio"})


def alive(text: str, entities: object) -> list[str]:
    given: list[JSON] = [item.to_dict() for item in entities]  # type: ignore[attr-defined]
    return [item["type"] for item in entities_in(text, given) if item["type"] != "code"]


def test_a_prompt_neither_pings_nor_links() -> None:
    prompt = "hi @someone see https://evil.example/x or evil.com 😀 #tag /cancel"
    shown = compose("en", prompt, (Say(key="working"),), TEXT_MAX)
    assert alive(shown.text, shown.entities) == []
    assert alive(shown.text, ()) != []


def test_values_of_sentences_are_quiet_but_our_links_are_links() -> None:
    shown = compose("en", None, (UNKNOWN,), TEXT_MAX)
    assert alive(shown.text, shown.entities) == []
    link = Say(key="original-link", values={"url": "https://studio.example.com/files/x"})
    shown = compose("en", None, (link,), TEXT_MAX)
    assert alive(shown.text, shown.entities) == ["url"]


def test_long_words_give_way_to_the_sentences() -> None:
    lines = tuple(Say(key="working") for _ in range(3))
    for prompt in ("x" * 5000, "😀" * 3000):
        shown = compose("en", prompt, lines, CAPTION_MAX)
        assert units(shown.text) <= CAPTION_MAX
        assert shown.text.endswith("Working on it …")
        assert shown.entities[0].offset == 0
        assert shown.entities[0].length <= CAPTION_MAX - 40
    many = tuple(UNKNOWN for _ in range(100))
    shown = compose("en", "a fox", many, CAPTION_MAX)
    assert units(shown.text) <= CAPTION_MAX
    assert all(item.offset + item.length <= units(shown.text) for item in shown.entities)
    assert units(plain("en", many)) <= 200


def test_buttons_carry_their_state_and_stand_in_their_rows() -> None:
    actions = ("take-one:1", "take-one:2", NEW_ROW, "again", "original", "delete")
    markup = keyboard("en", buttons_for("0" * 32, actions))
    assert markup is not None
    rows = [[item.text for item in row] for row in markup.inline_keyboard]
    assert rows == [["U1", "U2"], ["Again", "Original", "Delete"]]
    packed = [str(item.callback_data) for row in markup.inline_keyboard for item in row]
    assert all(1 <= len(item.encode()) <= 64 for item in packed)


def test_an_address_that_no_button_takes_stands_in_the_text() -> None:
    near = Button(command="login", url="http://localhost:8080/login/x")
    far = Button(command="login", url="https://studio.example.com/login/x")
    shown = of_reply("en", Reply(lines=(Say(key="deleted"),), buttons=(near,)))
    assert shown.keyboard is None
    assert shown.text.text.endswith("http://localhost:8080/login/x")
    shown = of_reply("en", Reply(lines=(Say(key="deleted"),), buttons=(far,)))
    assert shown.keyboard is not None
    assert "login/x" not in shown.text.text
