"""Command texts: `/imagine a fox --ratio 16:9 --count 2 --no text` to arguments by option."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadOption
from core.options import Kind, Option

# Phones make one dash of two while people type.
_MARK = re.compile(r"(?<!\S)(?P<dash>--|—|–)(?P<name>[A-Za-z][\w-]*)(?P<equals>=?)")
_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,64})(?:@(?P<bot>\w+))?(?P<rest>(?:\s.*)?)", re.S)
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "‘": "’", "”": "”"}
# What people bring along from other image bots, where no option has the name itself.
_ALIASES = {"no": "negative", "ar": "ratio", "n": "count"}
_BOOLEANS = {"yes", "true", "on", "1", "no", "false", "off", "0"}


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


def arguments(text: str, options: Sequence[Option]) -> dict[str, object]:
    """Raw values by option; what belongs to no option goes to the main one. Raises BadOption."""
    values: dict[str, object] = {}
    words: list[str] = []
    place = 0
    while (mark := _next(text, place, options)) is not None:
        match, option, said = mark
        words.append(text[place : match.start()])
        place = match.end()
        value: object = said
        if said is None:
            value, place = _value(text, place, match["equals"] == "=", option)
        values[option.name] = value
    words.append(text[place:])
    rest = " ".join(part for part in (word.strip() for word in words) if part)
    if rest:
        _fill(values, rest, options)
    return values


def _next(
    text: str, place: int, options: Sequence[Option]
) -> tuple[re.Match[str], Option, str | None] | None:
    """The next option that is named in the text, and its value where the name says it already."""
    for match in _MARK.finditer(text, place):
        name = match["name"]
        option = _find(name, options)
        if option is not None:
            return match, option, None
        if name.lower().startswith("no-"):
            option = _find(name[3:], options)
            if option is not None and option.kind is Kind.BOOLEAN:
                return match, option, "no"
        # A single long dash before a word is also just how people write.
        if match["dash"] == "--":
            shown = ", ".join(item.name for item in options if not item.hidden)
            raise BadOption("option-unknown", option=name[:40], known=shown or "-")
    return None


def _find(name: str, options: Sequence[Option]) -> Option | None:
    """The option of this name, of a beginning that only one has, or of a well-known short name."""
    wanted = name.lower().replace("-", "_")
    open_ones = {item.name: item for item in options if not item.hidden}
    if wanted in open_ones:
        return open_ones[wanted]
    begun = [item for item in open_ones.values() if item.name.startswith(wanted)]
    if len(begun) == 1 and wanted not in _ALIASES:
        return begun[0]
    return open_ones.get(_ALIASES.get(wanted, ""))


def _value(text: str, place: int, equals: bool, option: Option) -> tuple[object, int]:
    """The value that stands at `place`, and where the text goes on behind it."""
    start = place if equals else len(text) - len(text[place:].lstrip())
    quoted = _quoted(text, start)
    if quoted is not None:
        return quoted
    following = _MARK.search(text, start)
    end = following.start() if following is not None else len(text)
    word = re.compile(r"\S*").match(text, start, end)
    first = word[0] if word is not None else ""
    if option.kind is Kind.BOOLEAN and not equals and first.lower() not in _BOOLEANS:
        return "yes", place
    wordy = option.kind is Kind.TEXT and not option.choices and option.suggest is None
    if wordy:
        return text[start:end].strip(), end
    return first, start + len(first)


def _quoted(text: str, start: int) -> tuple[str, int] | None:
    closing = _QUOTES.get(text[start : start + 1])
    if closing is None:
        return None
    end = text.find(closing, start + 1)
    if end < 0:
        return None
    return text[start + 1 : end].strip(), end + 1


def _fill(values: dict[str, object], rest: str, options: Sequence[Option]) -> None:
    """Give the words that no option named to the main option, else one by one to the open ones."""
    main = next((item for item in options if item.main), None)
    if main is not None:
        named = values.get(main.name)
        values[main.name] = rest if named is None else f"{rest} {named}"
        return
    open_ones = [
        item
        for item in options
        if item.kind is not Kind.IMAGE and not item.hidden and item.name not in values
    ]
    for word, item in zip(rest.split(), open_ones, strict=False):
        values[item.name] = word
