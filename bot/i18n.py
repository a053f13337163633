"""Sentences: one Fluent file a language; a text that a language lacks is said in English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from fluent.runtime import FluentBundle, FluentResource

from core.errors import Value
from core.messenger import Say

FOLDER = Path(__file__).parent / "locales"
FALLBACK = "en"
# Values that we or the operator wrote: links in them stay links, everywhere.
OURS = frozenset({"url", "operator", "countdown"})


def languages() -> tuple[str, ...]:
    """The languages there are files for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.ftl")))


def translate(language: str, key: str, values: Mapping[str, Value] | None = None) -> str:
    """The sentence of a key in a language (fr-CA falls back to fr, then English)."""
    for code in (language, language.partition("-")[0], FALLBACK):
        bundle = _bundle(code)
        if bundle is None or not bundle.has_message(key):
            continue
        pattern = bundle.get_message(key).value
        if pattern is not None:
            text, _ = bundle.format_pattern(pattern, dict(values or {}))
            return str(text)
    return key


def say(language: str, line: Say) -> str:
    """A line as a sentence."""
    return translate(language, line.key, line.values)


def sentences(language: str, lines: tuple[Say, ...]) -> tuple[str, ...]:
    """All lines of a message as sentences."""
    return tuple(say(language, line) for line in lines)


def button_label(language: str, command: str, position: int | None = None) -> str:
    """What stands on a button."""
    if position is None:
        return translate(language, f"button-{command}")
    return translate(language, f"button-{command}-numbered", {"position": position})


def _ordinal(code: str) -> Callable[..., Any]:
    """The language's class of an ordinal (one for 1st, two for 2nd …), which Fluent's NUMBER lacks."""
    form = Locale.parse(code).ordinal_form
    return lambda number: str(form(int(number)))


@cache
def _bundle(code: str) -> FluentBundle | None:
    path = FOLDER / f"{code}.ftl"
    # The code comes from a platform's message: only names that are files here are opened.
    if code not in languages():
        return None
    bundle = FluentBundle([code], functions={"ORDINAL": _ordinal(code)}, use_isolating=False)
    bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle
