"""What the vendors really have of the models that are offered, and which of these end soon."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.app import App
from providers.base import Catalogued, Model, ProviderError

SOON = timedelta(days=30)
ASK_S_MAX = 60.0


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
    return [_found(row, told[row.vendor], today) for row in offered]


async def _ask(provider: object) -> Mapping[str, date | None] | str | None:
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


def _found(model: Model, told: Mapping[str, date | None] | str | None, today: date) -> Found:
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
