"""Buttons as inline keyboards: their state is in the message itself, so they work for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.command import Button
from bot.i18n import button_label

ROW_MAX = 4
SHORT_LABEL_MAX = 2

# Telegram refuses a whole message for a button with an address that has no dot in its host.
_LINK = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?")


def of_actions(job_id: str, actions: Iterable[str]) -> tuple[Button, ...]:
    """The buttons of a delivery; `edit-result:2` acts on the second picture."""
    buttons = []
    for action in actions:
        command, _, position = action.partition(":")
        buttons.append(
            Button(command=command, job_id=job_id, position=int(position) if position else None)
        )
    return tuple(buttons)


def keyboard(language: str, buttons: Iterable[Button]) -> InlineKeyboardMarkup | None:
    """The keyboard under a message; numbered buttons have a row of their own."""
    rows: list[list[InlineKeyboardButton]] = []
    kinds: list[bool] = []
    for button in buttons:
        unknown = button.sku is not None
        if unknown or (button.url is not None and not can_show(button.url)):
            continue
        numbered = button.position is not None
        # Words of the operator's own may be long.
        wide = len(button.label or "") > SHORT_LABEL_MAX
        full = len(rows[-1]) == ROW_MAX or wide if rows else True
        if full or kinds[-1] != numbered:
            rows.append([])
            kinds.append(numbered)
        rows[-1].append(_button(language, button))
    return InlineKeyboardMarkup(rows) if rows else None


def can_show(url: str) -> bool:
    """Whether Telegram takes this address on a button; else it belongs into the text."""
    return _LINK.fullmatch(url) is not None


def _button(language: str, button: Button) -> InlineKeyboardButton:
    label = button.label or button_label(language, button.command, button.position)
    if button.url is not None:
        return InlineKeyboardButton(label, url=button.url)
    return InlineKeyboardButton(label, callback_data=button.pack())
