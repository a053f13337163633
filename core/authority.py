"""Authority: what a platform says, at this moment, of the one who speaks in a community."""

from __future__ import annotations

from dataclasses import dataclass

ANONYMOUS = "anonymous administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Where somebody speaks, what the log calls them, and whether they moderate there.

    It is read from the platform's own event, or asked for with it, and never kept: who was demoted
    moderates nothing more at the next command. `anonymous` moderators are nobody: they have no person,
    and may be any of the `among` (`platform:ID`).
    """

    community: str
    actor: str
    moderator: bool = False
    anonymous: bool = False
    among: frozenset[str] = frozenset()
