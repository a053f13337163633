"""What the operator sells and allows: packs of credits, and plans with their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Credits to buy: `amount` in the currency's smallest unit, `stars` in Telegram, `sku` in Discord."""

    id: str
    title: str
    credits: int
    amount: int
    currency: str = "eur"
    stars: int | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a person may do, and gets each month; `amount` 0 is not sold, `on_request` the operator sets.

    `running_max` and `queued_max` of jobs at once (None: as for all); `own_key_jobs` a month (None:
    without limit); `hourly` jobs an hour by operation.
    """

    id: str
    title: str
    amount: int = 0
    currency: str = "eur"
    credits: int = 0
    priority: int = 0
    running_max: int | None = None
    queued_max: int | None = None
    keys: int = 1
    own_key_jobs: int | None = None
    hourly: Mapping[str, int] = field(default_factory=dict)
    on_request: bool = False

    @property
    def is_sold(self) -> bool:
        """Whether people can subscribe to it themselves."""
        return self.amount > 0 and not self.on_request
