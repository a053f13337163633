"""A person's settings: what is taken where a command leaves it open, what language, who sees results."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from typing import TypeVar

import structlog

from core import credits, purse, routing, styles
from core.app import App
from core.choice import Choice
from core.errors import BadOption, UserError
from core.operations.base import Operation
from core.options import Option, options_of, parse
from core.purse import Purse
from storage import links
from storage import preferences as stored
from storage.database import UNREACHABLE, Connection
from storage.preferences import Preferences as Preferences

log = structlog.get_logger(__name__)

P = TypeVar("P")

NONE = Preferences()
GLANCE_S_MAX = 0.3
# In this order: each is tried with what was taken of those before it.
FILLED = ("model", "ratio", "count", "style")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An operation asked for by one person in one place, and what they can pay with."""

    app: App
    operation: Operation
    person_id: str
    community: str | None
    paying: Purse

    def choice(self, params: object) -> Choice | None:
        """Who would do it; raises UserError where nobody can."""
        if self.operation.check is not None:
            self.operation.check(params)
        return routing.choose(self.app, self.operation, params, self.paying)

    def price(self, params: object) -> int:
        """What it would cost, all jobs of it; raises UserError where nobody can do it."""
        return sum(self._price(each) for each in self.operation.several(params))

    def _price(self, params: object) -> int:
        choice = self.choice(params)
        if choice is not None and choice.own_key:
            return self.app.rules.own_key_fee * self.operation.count(params)
        return self.operation.price(params, None if choice is None else choice.model)


async def of_person(app: App, person_id: str) -> Preferences:
    """What a person has chosen."""
    return await app.database.read(stored.find, person_id)


async def glance(app: App, platform: str, external_id: str) -> Preferences:
    """What the person of an identity has chosen, or nothing where that takes too long to find out."""
    return await _in_time(app.database.read(stored.of_identity, platform, external_id))


async def glance_at(app: App, person_id: str) -> Preferences:
    """The same of a person who is known."""
    return await _in_time(of_person(app, person_id))


async def _in_time(reading: Awaitable[Preferences]) -> Preferences:
    try:
        async with asyncio.timeout(GLANCE_S_MAX):
            return await reading
    except UNREACHABLE as error:  # a TimeoutError is an OSError
        log.warning("settings not read in time", error=type(error).__name__)
        return NONE


async def put(app: App, person_id: str, **changes: object) -> Preferences:
    """Choose these anew, None for nothing any more; they were checked. All that is chosen now."""
    return await app.database.transaction(_put, person_id, changes)


def _put(connection: Connection, person_id: str, changes: dict[str, object]) -> Preferences:
    person_id = links.kept(connection, person_id)
    stored.put(connection, person_id, changes)
    return stored.find(connection, person_id)


async def reset(app: App, person_id: str) -> None:
    """Forget all that a person has chosen."""
    await app.database.transaction(_reset, person_id)


def _reset(connection: Connection, person_id: str) -> None:
    stored.drop(connection, links.kept(connection, person_id))


async def check_model(app: App, person_id: str, name: str) -> str:
    """The id of a model that this person can use for something; raises BadOption."""
    paying = await purse.of_person(app, person_id)
    refused = BadOption("option-unknown", option="model", known="-")
    # Backwards, so that what is said at last is about drawing.
    for operation in reversed(_with_option(app, "model")):
        try:
            return routing.named(app, operation, name, paying).model.id
        except BadOption as error:
            refused = error
    raise refused


async def check_ratio(app: App, person_id: str, ratio: str) -> str:
    """A ratio that this person can have of some model; raises BadOption."""
    paying = await purse.of_person(app, person_id)
    known = ratios(app, paying)
    if ratio not in known:
        raise BadOption(
            "option-not-choice", option="ratio", value=ratio[:40], choices=", ".join(known)
        )
    return ratio


def ratios(app: App, paying: Purse) -> list[str]:
    """The ratios that can be asked for, and that some model takes."""
    found: dict[str, None] = {}
    for operation in _with_option(app, "ratio"):
        choices = _option(operation, "ratio").choices
        for choice in routing.choices(app, operation, paying):
            found |= dict.fromkeys(name for name in choices if name in choice.model.ratios)
    return list(found)


def _with_option(app: App, name: str) -> list[Operation]:
    """The operations of vendors that have an option of that name, the drawing first."""
    found = [
        item
        for item in app.operations.values()
        if item.request is not None and any(name == one.name for one in options_of(item.params))
    ]
    return sorted(found, key=lambda item: item.name != "imagine")


def _option(operation: Operation, name: str) -> Option:
    return next(item for item in options_of(operation.params) if item.name == name)


async def applied(
    app: App,
    operation: Operation,
    params: P,
    given: Collection[str],
    chosen: Preferences,
    *,
    person_id: str,
    community: str | None,
) -> tuple[P, frozenset[str]]:
    """The parameters with what was left open filled from a person's settings, and what was filled.

    `given` are the options that were named. A setting that does not fit is left out: nothing that would
    be done without settings is refused because of one.
    """
    wanted = _open(operation, given, chosen)
    if not wanted:
        return params, frozenset()
    paying = purse.CREDITS
    if operation.request is not None:
        paying = await purse.of_person(app, person_id)
    asked = _Asked(
        app=app, operation=operation, person_id=person_id, community=community, paying=paying
    )
    filled: set[str] = set()
    for name, value in wanted.items():
        if name == "style" and not await styles.find(app, str(value), person_id, community):
            continue
        tried = _with(params, name, value)
        if tried is not None and await _can(asked, params, tried):
            params = tried
            filled.add(name)
    return params, frozenset(filled)


def _open(operation: Operation, given: Collection[str], chosen: Preferences) -> dict[str, object]:
    """What is chosen of the options that are left open."""
    options = {item.name: item for item in options_of(operation.params)}
    found = {}
    for name in FILLED:
        item, value = options.get(name), getattr(chosen, name)
        if item is None or item.hidden or name in given or value in (None, item.default):
            continue
        # A ratio or a count that is usually empty means something else there.
        named = name in ("model", "style")
        if item.suggest == f"{name}s" if named else item.default is not None:
            found[name] = value
    return found


def _with(params: P, name: str, value: object) -> P | None:
    """The parameters with one more option; None where it takes no such value."""
    values = {item.name: getattr(params, item.name) for item in options_of(type(params))}
    try:
        return parse(type(params), {**values, name: value})
    except BadOption:
        return None


async def _can(asked: _Asked, before: object, tried: object) -> bool:
    """Whether what is tried can be done, and paid for as well as before."""
    try:
        usual, price = asked.price(before), asked.price(tried)
    except UserError:
        return False
    if price <= usual:
        return True
    # Asked so, what has expired is taken out.
    has = await asked.app.database.transaction(
        credits.available, asked.person_id, asked.community, asked.app.clock.now()
    )
    return price <= has


def as_named(params: P, by_default: Collection[str]) -> P:
    """The parameters without a model that nobody named: another may stand in for a setting."""
    if "model" not in by_default:
        return params
    return dataclasses.replace(params, model=None)  # type: ignore[type-var]
