"""Typed options: a parameters dataclass says what a command takes; every frontend reads it from here."""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.errors import BadOption
from core.messenger import Picture

P = TypeVar("P")
_DECIMAL = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)

# Beside the options in a stored job's parameters.
BY_DEFAULT = "by_default"


class Kind(StrEnum):
    """What an option's value is."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    IMAGE = "image"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """Somebody who is meant, as their platform knows them; `name` is only for show."""

    platform: str
    id: str
    name: str
    is_bot: bool = False

    @property
    def label(self) -> str:
        """As a text that names nobody else."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a command; `main` takes the free text, `suggest` names a list to complete from.

    A `secret` is asked for where nobody else sees it, and is never typed with the command.
    """

    name: str
    kind: Kind
    text: str
    required: bool
    default: object = None
    min: int | None = None
    max: int | None = None
    length_max: int | None = None
    choices: tuple[str, ...] = ()
    suggest: str | None = None
    main: bool = False
    hidden: bool = False
    secret: bool = False


def option(
    text: str,
    *,
    default: object = dataclasses.MISSING,
    min: int | None = None,  # noqa: A002 - the field's own word
    max: int | None = None,  # noqa: A002
    length_max: int | None = None,
    choices: tuple[str, ...] = (),
    suggest: str | None = None,
    main: bool = False,
    hidden: bool = False,
    secret: bool = False,
) -> Any:  # noqa: ANN401
    """Declare an option as a dataclass field: its help text, limits and choices."""
    meta = {
        "text": text,
        "min": min,
        "max": max,
        "length_max": length_max,
        "choices": choices,
        "suggest": suggest,
        "main": main,
        "hidden": hidden,
        "secret": secret,
    }
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=meta)
    return dataclasses.field(default=default, metadata=meta)


_KINDS: Mapping[object, Kind] = {
    str: Kind.TEXT,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    bool: Kind.BOOLEAN,
    Picture: Kind.IMAGE,
    Mentioned: Kind.PERSON,
}


def options_of(params: type) -> tuple[Option, ...]:
    """The options that a parameters dataclass declares, in their order."""
    known = _KNOWN.get(params)
    if known is None:
        known = _KNOWN[params] = _read(params)
    return known


# Reading type hints costs more than all else in accepting a command.
_KNOWN: dict[type, tuple[Option, ...]] = {}


def _read(params: type) -> tuple[Option, ...]:
    hints = typing.get_type_hints(params)
    found = []
    for field in dataclasses.fields(params):
        hint = hints[field.name]
        if isinstance(hint, types.UnionType):
            hint = next(arm for arm in typing.get_args(hint) if arm is not type(None))
        required = field.default is dataclasses.MISSING
        found.append(
            Option(
                name=field.name,
                kind=_KINDS[hint],
                required=required,
                default=None if required else field.default,
                **field.metadata,
            )
        )
    return tuple(found)


def parse(params: type[P], values: Mapping[str, object]) -> P:
    """Build the parameters from raw values (text, numbers, pictures); raises BadOption."""
    options = {item.name: item for item in options_of(params)}
    for name in values:
        if name not in options:
            known = ", ".join(item.name for item in options.values() if not item.hidden)
            raise BadOption("option-unknown", option=name, known=known or "-")
    built: dict[str, object] = {}
    for name, item in options.items():
        value = values.get(name)
        if isinstance(value, str) and item.kind is not Kind.IMAGE:
            value = value.strip()
        if value is None or value == "":
            if item.required:
                raise _missing(options.values(), item, some=bool(built))
            continue
        built[name] = _checked(item, value)
    return params(**built)


def _missing(options: Iterable[Option], item: Option, *, some: bool) -> BadOption:
    """What is said of an option without a value; `some` of those before it have one."""
    if item.kind is not Kind.IMAGE:
        return BadOption("option-missing", option=item.name)
    needs = sum(other.required for other in options if other.kind is Kind.IMAGE)
    if needs > 1 and some:
        return BadOption("too-few-images", min=needs)
    return BadOption("image-missing", option=item.name)


def _checked(item: Option, value: object) -> object:
    match item.kind:
        case Kind.INTEGER:
            return _integer(item, value)
        case Kind.NUMBER:
            return _number(item, value)
        case Kind.BOOLEAN:
            return _boolean(item, value)
        case Kind.IMAGE:
            if not isinstance(value, Picture):
                raise BadOption("option-not-image", option=item.name)
            return value
        case Kind.PERSON:
            if not isinstance(value, Mentioned):
                raise BadOption("option-not-person", option=item.name)
            return value
        case Kind.TEXT:
            return _text(item, str(value))


def _integer(item: Option, value: object) -> int:
    text = str(value)
    # int() also takes "１０", "1_0" and " 7 "; only plain decimal digits mean what people see.
    digits = text.removeprefix("-")
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise BadOption("option-not-number", option=item.name, value=text[:40])
    number = int(text)
    _check_range(item, number)
    return number


def _number(item: Option, value: object) -> float:
    """With a point, or with the comma that many write."""
    text = str(value).replace(",", ".")
    if isinstance(value, bool) or not _DECIMAL.fullmatch(text):
        raise BadOption("option-not-decimal", option=item.name, value=text[:40])
    number = float(text)
    _check_range(item, number)
    return number


def _check_range(item: Option, number: float) -> None:
    if (item.min is not None and number < item.min) or (item.max is not None and number > item.max):
        raise BadOption(
            "option-out-of-range",
            option=item.name,
            value=number,
            min=item.min if item.min is not None else "-",
            max=item.max if item.max is not None else "-",
        )


def _boolean(item: Option, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in {"yes", "true", "on", "1"}:
        return True
    if word in {"no", "false", "off", "0"}:
        return False
    raise BadOption("option-not-choice", option=item.name, value=word[:40], choices="yes, no")


def _text(item: Option, text: str) -> str:
    if item.choices and text not in item.choices:
        raise BadOption(
            "option-not-choice",
            option=item.name,
            value=text[:40],
            choices=", ".join(item.choices),
        )
    if item.length_max is not None and len(text) > item.length_max:
        raise BadOption("option-too-long", option=item.name, length=len(text), max=item.length_max)
    if "\x00" in text:
        raise BadOption("option-control-characters", option=item.name)
    return text


def to_json(params: object, by_default: Collection[str] = ()) -> str:
    """The parameters as JSON, to be stored with the job; `by_default` were filled from settings."""
    # Not asdict for all of it: that copies deeply, and only pictures are nested.
    values = {item.name: getattr(params, item.name) for item in dataclasses.fields(params)}  # type: ignore[arg-type]
    if by_default:
        values[BY_DEFAULT] = sorted(by_default)
    return json.dumps(values, ensure_ascii=False, default=dataclasses.asdict)


def from_json(params: type[P], text: str) -> P:
    """The parameters of a stored job; they were checked when they were stored."""
    kinds = {item.name: item.kind for item in options_of(params)}
    values = {
        name: Picture(**value) if kinds[name] is Kind.IMAGE and value is not None else value
        for name, value in json.loads(text).items()
        if name in kinds
    }
    return params(**values)


def by_default(text: str) -> frozenset[str]:
    """Which options of a stored job were filled from its person's settings."""
    return frozenset(json.loads(text).get(BY_DEFAULT, ()))


def pictures_of(params: object) -> tuple[Picture, ...]:
    """The pictures among the parameters, in the order of their options."""
    values = (getattr(params, item.name) for item in options_of(type(params)))
    return tuple(value for value in values if isinstance(value, Picture))
