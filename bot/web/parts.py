"""What the page needs of a process, so that the wiring may know the page and not the other way round."""

from __future__ import annotations

from typing import Protocol

from bot.dispatch import Dispatch
from bot.links import Links
from bot.news import News
from bot.settings import Settings
from core.app import App


class Parts(Protocol):
    """The parts of a process that the page uses."""

    @property
    def app(self) -> App:
        """What the rules work on."""
        ...

    @property
    def dispatch(self) -> Dispatch:
        """The one way to the commands."""
        ...

    @property
    def news(self) -> News:
        """Hints that a page has changed."""
        ...

    @property
    def links(self) -> Links:
        """Signed addresses of stored pictures."""
        ...

    @property
    def settings(self) -> Settings:
        """What the operator set."""
        ...

    @property
    def redis_url(self) -> str:
        """Where Redis is."""
        ...
