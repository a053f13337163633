"""Styles to complete an option from: a person's own by their names, then the shipped ones."""

from __future__ import annotations

from bot.command import Suggestion
from core import styles
from core.app import App
from core.messenger import Say
from core.shipped_styles import shipped

WORDS_LENGTH_MAX = 60


def common(typed: str) -> tuple[Suggestion, ...]:
    """Shipped styles whose name or title holds what is typed."""
    plain = typed.lower()
    return tuple(
        _suggestion(style.name, style.title)
        for style in shipped()
        if plain in style.name or plain in style.title.lower()
    )


async def own(app: App, person: str, typed: str) -> tuple[Suggestion, ...]:
    """A person's own styles whose name holds what is typed."""
    mine = (await styles.listed(app, person, None)).mine
    plain = styles.plain(typed)
    return tuple(
        _suggestion(style.name, style.words[:WORDS_LENGTH_MAX])
        for style in mine
        if plain in style.name
    )


def _suggestion(name: str, title: str) -> Suggestion:
    return Suggestion(
        value=name, text=Say(key="style-suggestion", values={"style": name, "title": title})
    )
