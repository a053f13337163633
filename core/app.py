"""What the rules need to work: one frozen value, built by the wiring and passed on explicitly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.circuits import Circuits
from core.clock import Clock
from core.images import Images
from core.messenger import Messenger
from core.offers import Pack, Plan
from core.operations.base import Operation
from core.paces import Paces
from core.sealing import Seals
from core.tills import Till
from providers.base import Model, Provider, Vendor
from storage.blobs import Blobs
from storage.database import Database


class Bell(Protocol):
    """Wakes workers; a lost ring costs a moment, never a job."""

    async def ring(self, times: int = 1) -> None:
        """Wake as many slots; does nothing where the bell is broken."""
        ...

    async def tell(self, topic: str) -> None:
        """Tell listeners of a topic that there is news in the database."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRules:
    """What moderators may grant: by one and to one a day, and how much without a second moderator.

    `operators` are identities (`platform:ID`) that may grant to themselves.
    """

    per_moderator: int = 1000
    per_recipient: int = 500
    approve_above: int = 200
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The operator's numbers: credits, grants, how many jobs at once, time limits in seconds.

    `vendor_order` says whose model is taken first, `vendor_orders` by operation where that differs.
    `vendor_weights` draw the first one by lot, `vendor_limits` are calls a minute on one key; what was
    made with a chosen seed is given again for `cache_s`.
    `moderate`: what is asked for is judged before a vendor is paid.
    `hooks_url` is where vendors may call us, by https; None: they cannot.
    `page_url` is where people reach the page from elsewhere; None: it is the operator's alone.
    `support` and `terms` are the operator's own words to people who pay.
    """

    signup_credits: int = 100
    signup_pool: int = 100_000
    packs: tuple[Pack, ...] = ()
    plans: tuple[Plan, ...] = ()
    support: str = ""
    terms: str = ""
    queued_max: int = 10
    running_max: int = 4
    vendor_order: tuple[str, ...] = ()
    vendor_orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fall_back: bool = True
    own_key_fee: int = 0
    vendor_weights: Mapping[str, int] = field(default_factory=dict)
    vendor_limits: Mapping[str, int] = field(default_factory=dict)
    cache_s: float = 0.0
    moderate: bool = False
    lease_s: float = 20.0
    beat_s: float = 5.0
    call_s_max: float = 320.0
    progress_s: float = 2.0
    places_s: float = 15.0
    reconcile_s: float = 2.0
    page_url: str | None = None
    hooks_url: str | None = None
    login_s_max: float = 600.0
    grants: GrantRules = GrantRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The parts, met in one place; `providers` are the vendors that are configured, opened.

    `addresses` are those that the operator has set for vendors; people's own keys go there too.
    """

    database: Database
    blobs: Blobs
    images: Images
    vendors: Mapping[str, Vendor]
    providers: Mapping[str, Provider]
    addresses: Mapping[str, str]
    models: Mapping[str, Model]
    operations: Mapping[str, Operation]
    messengers: Mapping[str, Messenger]
    tills: Mapping[str, Till]
    bell: Bell
    circuits: Circuits
    clock: Clock
    seals: Seals
    rules: Rules
    paces: Paces = field(default_factory=Paces)
