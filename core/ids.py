"""Ids: UUIDv7, which sort by the time they were made, as 32 hex digits."""

from __future__ import annotations

from datetime import UTC, datetime

import uuid_utils

ID_LENGTH = 32


def new_id() -> str:
    """A fresh id."""
    return uuid_utils.uuid7().hex


def first_id_at(moment: datetime) -> str:
    """What sorts before every id made at or after a moment."""
    return f"{int(moment.timestamp() * 1000):012x}" + "0" * (ID_LENGTH - 12)


def made_at(an_id: str) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp(int(an_id[:12], 16) / 1000, UTC)


def is_id(text: str) -> bool:
    """Whether a text from outside has the form of an id."""
    return len(text) == ID_LENGTH and all(letter in "0123456789abcdef" for letter in text)
