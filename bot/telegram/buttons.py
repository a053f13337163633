"""Buttons as inline keyboards: their state is in the message itself, so they work for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.command import Button
from bot.i18n import button_label

ROW_MAX = 5
SHORT_LABEL_MAX = 18
# In letters, of what a phone shows of one row; each button takes some for its edges.
ROW_LENGTH_MAX = 44
LABEL_EDGE = 3

# Telegram refuses a whole message for a button with an address that has no dot in its host.
_LINK = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?")


def keyboard(language: str, buttons: Iterable[Button]) -> InlineKeyboardMarkup | None:
    """The keyboard under a message: as many in a row as can be read."""
    rows: list[list[InlineKeyboardButton]] = []
    last, room = -1, 0
    for button in buttons:
        unknown = button.sku is not None
        if unknown or (button.url is not None and not can_show(button.url)):
            continue
        made = _button(language, button)
        room -= len(made.text) + LABEL_EDGE
        # Words of the operator's own may be long.
        wide = len(button.label or "") > SHORT_LABEL_MAX
        if button.row != last or room < 0 or len(rows[-1]) == ROW_MAX or wide:
            rows.append([])
            last, room = button.row, ROW_LENGTH_MAX - len(made.text) - LABEL_EDGE
        rows[-1].append(made)
    return InlineKeyboardMarkup(rows) if rows else None


def can_show(url: str) -> bool:
    """Whether Telegram takes this address on a button; else it belongs into the text."""
    return _LINK.fullmatch(url) is not None


def _button(language: str, button: Button) -> InlineKeyboardButton:
    label = button.label or button_label(language, button.command, button.position)
    if button.url is not None:
        return InlineKeyboardButton(label, url=button.url)
    return InlineKeyboardButton(label, callback_data=button.pack())
