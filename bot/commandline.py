"""Commands as typed: `/imagine a fox --ratio 16:9 --count 2` to a command and raw values by option.

An option is `--name value`, `--name=value` or a beginning of its name that only one option has; all
words that belong to no option go to the main one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.command import Command
from core.errors import BadOption, UserError
from core.options import Kind, Option, options_of

_COMMAND = re.compile(r"/(?P<name>[^\s@]*)(@\w+)?(?P<rest>.*)", re.DOTALL)
# Phones make one long dash of two short ones while people type.
_MARK = re.compile(r"(?<!\S)(?P<dash>--|—|–)(?P<name>[A-Za-z][\w-]*)(?P<equals>=?)")
_WORD = re.compile(r"\S*")
_QUOTED = re.compile(r'(?<!\S)(?:"[^"]*"|“[^”]*”|«[^»]*»|„[^“”]*[“”])(?!\S)')
_VALUE_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“"}
# Names that people know from other image bots, where no option is called so.
_ALIASES = {"no": "negative", "ar": "ratio", "n": "count", "m": "model"}
_BOOLEANS = {"yes", "true", "on", "1", "no", "false", "off", "0"}
_PLAIN = re.compile(r"[\w.,:;#/+-]+")
SHOWN_LENGTH_MAX = 40


@dataclass(frozen=True, slots=True)
class _Mark:
    """A named option in the text: from where to where its name stands, and what it says already."""

    option: Option
    start: int
    end: int
    equals: bool
    value: str | None = None


def parse(text: str, commands: Mapping[str, Command]) -> tuple[Command, dict[str, str]]:
    """The command that a text begins with, and its raw values; raises UserError, BadOption.

    Hidden commands and options cannot be typed. Limits and choices are checked where the values are
    used, not here.
    """
    match = _COMMAND.fullmatch(text.strip())
    name = match["name"] if match is not None else text.split(maxsplit=1)[0] if text.split() else ""
    command = _find_command(name, commands) if match is not None else None
    if match is None or command is None:
        raise UserError("command-unknown", command=name[:SHOWN_LENGTH_MAX])
    return command, arguments(match["rest"], command.options)


def arguments(text: str, options: Sequence[Option]) -> dict[str, str]:
    """Raw values by option from the words behind a command; raises BadOption."""
    marks = list(_marks(text, [item for item in options if not item.hidden]))
    values: dict[str, str] = {}
    free = [text[: marks[0].start] if marks else text]
    ends = [*(item.start for item in marks[1:]), len(text)]
    for mark, following in zip(marks, ends, strict=False):
        value, end = _value(text[:following], mark)
        if not value:
            raise BadOption("option-missing", option=mark.option.name)
        values[mark.option.name] = value
        free.append(text[end:following])
    rest = " ".join(part.strip() for part in free if part.strip())
    return {**values, **_free(rest, values, options)}


def line(name: str, params: object) -> str:
    """A command as it can be typed, with all that differs from the usual; pictures are left out."""
    main = ""
    parts = []
    for item in options_of(type(params)):
        value = getattr(params, item.name)
        if item.hidden or item.kind is Kind.IMAGE or value is None or value == item.default:
            continue
        text = _worded(value)
        if item.main and _MARK.search(text) is None:
            main = text
        else:
            parts.append(f"--{item.name} {_quoted(text)}")
    return " ".join(part for part in (f"/{name}", main, *parts) if part)


def _worded(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quoted(text: str) -> str:
    """In quotes, where it is more than a word; those that it has inside are not taken."""
    if _PLAIN.fullmatch(text):
        return text
    for opening, closing in _VALUE_QUOTES.items():
        if closing not in text and opening not in text:
            return f"{opening}{text}{closing}"
    return '"' + text.replace('"', "”") + '"'


def _find_command(name: str, commands: Mapping[str, Command]) -> Command | None:
    # Telegram's command names have no hyphen.
    wanted = name.lower()
    found = commands.get(wanted) or commands.get(wanted.replace("_", "-"))
    return None if found is None or found.hidden else found


def _marks(text: str, options: Sequence[Option]) -> Iterator[_Mark]:
    """The named options in the order they stand; what stands in quotes names none."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for match in _MARK.finditer(text):
        if any(start < match.start() < end for start, end in quoted):
            continue
        found = _named(match["name"], options, whole=match["dash"] != "--")
        if found is not None:
            option, value = found
            yield _Mark(option, match.start(), match.end(), bool(match["equals"]), value)
        elif match["dash"] == "--":
            known = ", ".join(item.name for item in options)
            raise BadOption(
                "option-unknown", option=match["name"][:SHOWN_LENGTH_MAX], known=known or "-"
            )


def _named(
    name: str, options: Sequence[Option], *, whole: bool
) -> tuple[Option, str | None] | None:
    """The option of a name, and "no" where the name is its denial (`--no-neutral`).

    `whole` names only: a long dash before a word is also just how people write.
    """
    wanted = name.lower().replace("-", "_")
    option = _find_option(wanted, options, whole=whole)
    if option is not None:
        return option, None
    denied = _find_option(wanted.removeprefix("no_"), options, whole=whole)
    if wanted.startswith("no_") and denied is not None and denied.kind is Kind.BOOLEAN:
        return denied, "no"
    return None


def _find_option(wanted: str, options: Sequence[Option], *, whole: bool) -> Option | None:
    by_name = {item.name: item for item in options}
    known = by_name.get(wanted) or by_name.get(_ALIASES.get(wanted, ""))
    if known is not None or whole:
        return known
    begun = [item for item in options if item.name.startswith(wanted)]
    return begun[0] if len(begun) == 1 else None


def _value(text: str, mark: _Mark) -> tuple[str, int]:
    """The value of a named option in the text up to the next one, and where it ends."""
    if mark.value is not None:
        return mark.value, mark.end
    behind = text[mark.end :]
    start = mark.end if mark.equals else len(text) - len(behind.lstrip())
    closing = _VALUE_QUOTES.get(text[start : start + 1])
    end = text.find(closing, start + 1) if closing is not None else -1
    if end >= 0:
        return text[start + 1 : end].strip(), end + 1
    match = _WORD.match(text, start)
    word = match[0] if match is not None else ""
    option = mark.option
    if option.kind is Kind.BOOLEAN and not mark.equals and word.lower() not in _BOOLEANS:
        return "yes", mark.end
    if option.kind is Kind.TEXT and not option.choices and option.suggest is None:
        return text[start:].strip(), len(text)
    return word, start + len(word)


def _free(rest: str, named: Mapping[str, str], options: Sequence[Option]) -> dict[str, str]:
    """The words that no option named: for the main option, else one by one for the others.

    A word each goes to what stands before the main option, where it is needed or the word is one of
    its choices. Words in quotes are one.
    """
    main = next((item for item in options if item.main and not item.hidden), None)
    if not rest:
        return {}
    if main is not None:
        values = {}
        for item in options[: options.index(main)]:
            word, behind = _first_word(rest)
            takes = item.required and not item.hidden and item.kind is not Kind.IMAGE
            if (takes or word in item.choices) and item.name not in named and rest:
                values[item.name], rest = word, behind
        if rest and main.name in named:
            rest = f"{rest} {named[main.name]}"
        return {**values, main.name: rest} if rest else values
    takers = [item for item in options if not item.hidden and item.kind is not Kind.IMAGE]
    waiting = [item.name for item in takers if item.name not in named]
    words = rest.split()
    if takers and len(words) > len(waiting):
        known = ", ".join(item.name for item in takers)
        raise BadOption(
            "option-unknown", option=words[len(waiting)][:SHOWN_LENGTH_MAX], known=known
        )
    return dict(zip(waiting, words, strict=False))


def _first_word(text: str) -> tuple[str, str]:
    quoted = _QUOTED.match(text)
    if quoted is not None and len(quoted[0]) > len('""'):
        return quoted[0][1:-1], text[quoted.end() :].lstrip()
    word, *behind = text.split(maxsplit=1) or [""]
    return word, behind[0] if behind else ""
