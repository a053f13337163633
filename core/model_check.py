"""What the vendors really have of the models that are offered, and which of these end soon."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.app import App
from providers.base import Catalogued, Model, PartlyCatalogued, ProviderError

SOON = timedelta(days=30)
ASK_S_MAX = 60.0

# A vendor's models, or why it does not tell; None: it has no list.
Told = Mapping[str, date | None] | str | None


class Standing(StrEnum):
    """How a model stands with its vendor."""

    THERE = "there"
    NOT_TOLD = "not-told"
    ENDS = "ends"
    ENDED = "ended"
    MISSING = "missing"
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One model: how it stands, the day it ends if that is known, and why its vendor did not tell."""

    model: Model
    standing: Standing
    ends: date | None = None
    reason: str = ""


async def check(app: App) -> list[Found]:
    """Ask every vendor that is set up; the models in their order."""
    names = list(app.providers)
    answers = await asyncio.gather(*(_ask(app.providers[name]) for name in names))
    told = dict(zip(names, answers, strict=True))
    today = app.clock.now().date()
    offered = [row for row in app.models.values() if row.vendor in told and row.operations]
    return [
        _found(row, _told_of(row, app.providers[row.vendor], told[row.vendor]), today)
        for row in offered
    ]


async def _ask(provider: object) -> Told:
    """A vendor's models, or why it does not tell; None: it has no list."""
    if not isinstance(provider, Catalogued):
        return None
    try:
        async with asyncio.timeout(ASK_S_MAX):
            return await provider.catalogue()
    except ProviderError as error:
        return error.detail or str(error.fault)
    except TimeoutError:
        return f"no answer in {ASK_S_MAX:g} s"


def _told_of(model: Model, provider: object, told: Told) -> Told:
    """What a vendor tells that may speak of this model: not a list that could not name it."""
    if isinstance(told, str) or not isinstance(provider, PartlyCatalogued):
        return told
    return told if provider.lists(model.vendor_model) else None


def _found(model: Model, told: Told, today: date) -> Found:
    if isinstance(told, str):
        return Found(model=model, standing=Standing.NOT_ASKED, ends=model.ends, reason=told)
    ends = model.ends
    if told is not None:
        if model.vendor_model not in told:
            return Found(model=model, standing=Standing.MISSING)
        ends = told[model.vendor_model] or ends
    standing = Standing.THERE if told is not None else Standing.NOT_TOLD
    if ends is not None and ends <= today:
        standing = Standing.ENDED
    elif ends is not None and ends - today <= SOON:
        standing = Standing.ENDS
    return Found(model=model, standing=standing, ends=ends)
