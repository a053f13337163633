"""Ids: UUIDv7, which sort by the time they were made, as 32 hex digits."""

from __future__ import annotations

import uuid_utils

ID_LENGTH = 32


def new_id() -> str:
    """A fresh id."""
    return uuid_utils.uuid7().hex


def is_id(text: str) -> bool:
    """Whether a text from outside has the form of an id."""
    return len(text) == ID_LENGTH and all(letter in "0123456789abcdef" for letter in text)
