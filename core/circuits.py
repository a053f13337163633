"""Circuits: what a vendor just refused everybody is not asked again for a while, by any worker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from core.choice import Choice
from providers.base import Fault, Model, ProviderError

# How long a circuit stays open. A vendor that is only slow or down is given three chances first.
OPEN_S = {
    Fault.BAD_KEY: 600.0,
    Fault.NO_FUNDS: 300.0,
    Fault.RATE_LIMITED: 30.0,
    Fault.MODEL_GONE: 600.0,
    Fault.UNAVAILABLE: 30.0,
    Fault.UNKNOWN: 30.0,
}
OPEN_S_MAX = 600.0
CHANCES = 3
_BY_CHANCE = frozenset({Fault.UNAVAILABLE, Fault.UNKNOWN})


class TooFast(ProviderError):
    """The operator's own limit, or a rest: the vendor was not asked, and no turn is taken yet."""


class Circuits(Protocol):
    """The circuits that all workers share; where they cannot be reached, every one is closed."""

    async def opened(self, names: Collection[str]) -> frozenset[str]:
        """Those that are open now."""
        ...

    async def failed(self, name: str, open_s: float, chances: int) -> None:
        """The last of `chances` failures in a row opens the circuit for so long."""
        ...

    async def worked(self, name: str) -> None:
        """Forget failures."""
        ...

    async def shut(self, name: str) -> None:
        """Close it now."""
        ...

    async def room(self, name: str, per_minute: int) -> float:
        """Count one call; where this minute has no room for it, in how many seconds the next begins."""
        ...


def names_of(model: Model) -> tuple[str, str]:
    """The circuits that a call to a model on the operator's key goes through."""
    return f"vendor:{model.vendor}", f"model:{model.id}"


async def rest(circuits: Circuits, vendor: str, person_id: str, rest_s: float) -> None:
    """Leave a person's own key alone for a while, as its vendor asks."""
    await circuits.failed(_own_key(vendor, person_id), min(rest_s, OPEN_S_MAX), 1)


async def wake(circuits: Circuits, vendor: str, person_id: str) -> None:
    """Another key of a person's: what its vendor said of the one before is nothing to it."""
    await circuits.shut(_own_key(vendor, person_id))


def _own_key(vendor: str, person_id: str) -> str:
    return f"key:{person_id}:{vendor}"


async def keep_pace(
    circuits: Circuits, limits: Mapping[str, int], choice: Choice, person_id: str
) -> None:
    """Count a call on a vendor's key; raises ProviderError where it rests, or has no more calls now."""
    vendor = choice.model.vendor
    if choice.own_key and await circuits.opened({_own_key(vendor, person_id)}):
        raise TooFast(Fault.RATE_LIMITED, "the vendor asked for a rest")
    per_minute = limits.get(vendor)
    if per_minute is None:
        return
    name = _own_key(vendor, person_id) if choice.own_key else f"vendor:{vendor}"
    wait_s = await circuits.room(name, per_minute)
    if wait_s > 0:
        detail = f"the limit of {per_minute} calls a minute"
        raise TooFast(Fault.RATE_LIMITED, detail, retry_after_s=wait_s)


async def heard(circuits: Circuits, model: Model, error: ProviderError) -> None:
    """Note what a vendor's answer says of the calls to come; a refusal of one request says nothing."""
    open_s = OPEN_S.get(error.fault)
    if open_s is None:
        return
    vendor, one_model = names_of(model)
    name = one_model if error.fault is Fault.MODEL_GONE else vendor
    wait_s = min(error.retry_after_s or open_s, OPEN_S_MAX)
    await circuits.failed(name, wait_s, CHANCES if error.fault in _BY_CHANCE else 1)
