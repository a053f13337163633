"""Which command a Telegram text begins with, and which bot it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,64})(?:@(?P<bot>\w+))?(?P<rest>(?:\s.*)?)", re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A command as typed: its name, the bot it is addressed to (None: any), and the words after it."""

    name: str
    bot: str | None
    rest: str


def spoken(text: str) -> Spoken | None:
    """The command that a text begins with; None where it begins with none."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    return Spoken(name=match["name"].lower(), bot=match["bot"], rest=match["rest"].strip())
