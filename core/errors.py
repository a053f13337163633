"""What a person can be told: a locale key and its values, never a sentence."""

from __future__ import annotations

from collections.abc import Mapping

Value = str | int | float


class UserError(Exception):
    """Something the person can understand and mend; `key` names the sentence in the locales."""

    def __init__(self, key: str, **values: Value) -> None:
        super().__init__(key, values)
        self.key = key
        self.values: Mapping[str, Value] = values


class BadOption(UserError):
    """An option of a command is missing, unknown or out of its limits."""


class BadImage(UserError):
    """A picture that the gate does not let in."""


class NotEnoughCredits(UserError):
    """The wallet holds less than the job needs."""

    def __init__(self, *, needs: int, has: int) -> None:
        super().__init__("not-enough-credits", needs=needs, has=has)
        self.has = has


class NotYours(UserError):
    """A button or a job of another person."""

    def __init__(self) -> None:
        super().__init__("not-yours")


class NotFound(UserError):
    """A job or picture that is gone, or never was."""


class Busy(UserError):
    """A limit on how much at once; `key` says which."""
