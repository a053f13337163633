"""A model and who pays for it."""

from __future__ import annotations

from dataclasses import dataclass

from providers.base import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A model, and whether the person's own key pays for it."""

    model: Model
    own_key: bool = False
