"""What vendors answer, read with care: nothing in it is believed; and several answers taken as one."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Iterable
from typing import Any

from providers.base import Fault, ImageResult, OutcomeUnknown, ProviderError
from providers.transport import Answer

TOLD_LENGTH_MAX = 16_000
TEXTS_MAX = 4
TEXT_LENGTH_MAX = 2000

_FENCE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
_MARK = r"^[ \t]*(?:\(?\d{1,2}[.):]|[-*•])[ \t]+"
_ITEM = re.compile(rf"{_MARK}(.+?)(?=\n[ \t]*\n|{_MARK}|\Z)", re.MULTILINE | re.DOTALL)
_WRAPPING = "\"'“”*` ,"


def json_in(answer: Answer) -> Any:  # noqa: ANN401
    """The answer's JSON, of whatever shape; None where it is none."""
    try:
        return answer.json()
    except OutcomeUnknown:
        return None


def object_in(answer: Answer) -> dict[str, Any] | None:
    """The answer's JSON object; None where it is none."""
    found = json_in(answer)
    return found if isinstance(found, dict) else None


def objects(found: object) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def texts(found: object) -> list[str]:
    """The texts of a list; none where it is no list."""
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def prompts(told: str, *, by_line: bool = False) -> tuple[str, ...]:
    """The prompts in what a model wrote: a JSON list anywhere in it, or numbered or marked items.

    `by_line`: where there is neither, each line is one.
    """
    plain = _FENCE.sub("", told[:TOLD_LENGTH_MAX]).strip()
    found = _listed(plain) or _ITEM.findall(plain)
    if not found and by_line:
        found = plain.splitlines()
    lines = [" ".join(item.split()).strip(_WRAPPING) for item in found]
    return tuple(line[:TEXT_LENGTH_MAX] for line in lines if line)[:TEXTS_MAX]


def _listed(plain: str) -> list[str]:
    try:
        return texts(json.loads(plain[plain.find("[") : plain.rfind("]") + 1]))
    except (ValueError, RecursionError):
        return []


async def gathered(calls: Iterable[Awaitable[ImageResult]]) -> ImageResult:
    """What calls at once made together; raises the gravest of their errors where none made any.

    The cost is told only where all of it is: a call whose answer was lost may have cost too.
    """
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    results: list[ImageResult] = []
    errors: list[ProviderError] = []
    for outcome in outcomes:
        if isinstance(outcome, ImageResult):
            results.append(outcome)
        elif isinstance(outcome, ProviderError):
            errors.append(outcome)
        else:
            raise outcome
    lost = [error for error in errors if isinstance(error, OutcomeUnknown)]
    if not results:
        gravity = list(Fault)
        raise lost[0] if lost else min(errors, key=lambda error: gravity.index(error.fault))
    return ImageResult(
        images=tuple(data for result in results for data in result.images),
        cost_usd=None if lost else total_usd(*(result.cost_usd for result in results)),
    )


def total_usd(*costs: float | None) -> float | None:
    """The sum of costs; None where one of them is not told."""
    told = [cost for cost in costs if cost is not None]
    return sum(told) if len(told) == len(costs) else None
