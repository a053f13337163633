"""Buttons and forms whose whole state is their custom_id: they work after any restart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot import i18n
from bot.command import Button
from core.options import Option

JSON = dict[str, Any]

CUSTOM_ID_LENGTH_MAX = 100
LABEL_LENGTH_MAX = 80
TITLE_LENGTH_MAX = 45
ROW_BUTTONS_MAX = 5
FIELDS_MAX = 5
TEXT_LENGTH_MAX = 4000
QUESTION = "question"
_ROW, _BUTTON, _TEXT_INPUT, _LABEL = 1, 2, 4, 18
_GREY, _RED, _LINK, _PREMIUM = 2, 4, 5, 6
_SHORT, _PARAGRAPH = 1, 2
_RED_COMMANDS = frozenset(
    {"cancel", "delete", "gallery-delete-yes", "keys-remove", "persona-remove"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A custom_id taken apart: the button, and the account it was made for (None: not told).

    The account only decides how the first answer looks; whose the job is, core decides.
    """

    packed: str
    owner: str | None

    def foreign(self, user: str) -> bool:
        """Whether it was surely made for somebody else."""
        return self.owner is not None and self.owner != user


def custom_id(button: Button, owner: str) -> str:
    """A button's state with the account it is made for, at most 100 characters."""
    packed = f"{button.pack()}@{owner}"
    if len(packed) > CUSTOM_ID_LENGTH_MAX:
        raise ValueError(f"custom_id {packed!r} is over {CUSTOM_ID_LENGTH_MAX} characters")
    return packed


def read_custom_id(text: str) -> Pressed:
    """A pressed button's state, which anybody may have forged."""
    packed, at, owner = text[:CUSTOM_ID_LENGTH_MAX].partition("@")
    known = bool(at) and owner.isascii() and owner.isdigit()
    return Pressed(packed=packed, owner=owner if known else None)


def rows(buttons: tuple[Button, ...], *, owner: str, language: str) -> list[JSON]:
    """The buttons in their rows, of at most five each."""
    made = []
    for _, alike in itertools.groupby(buttons, key=lambda button: button.row):
        row = [_component(button, owner, language) for button in alike]
        made += [row[at : at + ROW_BUTTONS_MAX] for at in range(0, len(row), ROW_BUTTONS_MAX)]
    return [{"type": _ROW, "components": row} for row in made]


def _component(button: Button, owner: str, language: str) -> JSON:
    if button.sku is not None:
        # Discord writes the product's own name and price on it, and asks for the money itself.
        return {"type": _BUTTON, "style": _PREMIUM, "sku_id": button.sku}
    words = button.label or i18n.button_label(language, button.command, button.position)
    label = words[:LABEL_LENGTH_MAX]
    if button.url is not None:
        return {"type": _BUTTON, "style": _LINK, "label": label, "url": button.url}
    style = _RED if button.command in _RED_COMMANDS else _GREY
    state = custom_id(button, owner)
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": state}


def form(state: str, title: str, fields: tuple[Option, ...]) -> JSON:
    """The form that asks for text; `state` comes back with the answers."""
    return {
        "custom_id": state,
        "title": title[:TITLE_LENGTH_MAX],
        "components": [_field(item) for item in fields[:FIELDS_MAX]],
    }


def _field(item: Option) -> JSON:
    length_max = min(item.length_max or TEXT_LENGTH_MAX, TEXT_LENGTH_MAX)
    return {
        "type": _LABEL,
        "label": item.text[:TITLE_LENGTH_MAX],
        "component": {
            "type": _TEXT_INPUT,
            "custom_id": item.name,
            "style": _SHORT if item.secret else _PARAGRAPH,
            "required": True,
            "max_length": length_max,
        },
    }
