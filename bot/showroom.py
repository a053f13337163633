"""What the operator does with models from the command line; answers with text."""

from __future__ import annotations

from bot.processes import ModelsWrongError, at_hand
from bot.settings import Settings
from core import model_check, model_stats
from core.model_check import Found, Standing
from core.model_stats import Record

_WRONG = frozenset({Standing.ENDED, Standing.MISSING, Standing.NOT_ASKED})


async def check(settings: Settings) -> str:
    """A line for each model; raises ModelsWrongError where one is not there or cannot be asked for."""
    async with at_hand(settings) as parts:
        found = await model_check.check(parts.app)
    text = "\n".join(_line(item) for item in found) or "No model is offered."
    wrong = sum(item.standing in _WRONG for item in found)
    if wrong:
        asked = sum(item.standing is Standing.NOT_ASKED for item in found)
        gone = f"{wrong - asked} of {len(found)} models are gone, {asked} could not be asked for."
        raise ModelsWrongError(f"{text}\n{gone}")
    return text


async def stats(settings: Settings, days: int) -> str:
    """A line for each model that was called in the last days."""
    async with at_hand(settings) as parts:
        records = await model_stats.since(parts.app, days)
    if not records:
        return f"No vendor was called in the last {days} days."
    return "\n".join(_record(item) for item in records)


def _record(record: Record) -> str:
    seconds = "-" if record.seconds is None else f"{record.seconds:.1f} s"
    calls = "1 call" if record.calls == 1 else f"{record.calls} calls"
    share = f"{record.done / record.calls:.0%}" if record.calls else "-"
    return (
        f"{record.model} ({record.vendor}): {calls}, {share} succeeded, {record.lost} lost, "
        f"{record.stopped} stopped, median {seconds}, {record.cost_usd:.4f} USD"
    )


def _line(found: Found) -> str:
    match found.standing:
        case Standing.THERE:
            said = "there"
        case Standing.NOT_TOLD:
            said = "set up; its vendor has no list to look it up in"
        case Standing.ENDS:
            said = f"WARNING: ends on {found.ends}"
        case Standing.ENDED:
            said = f"GONE: ended on {found.ends}"
        case Standing.MISSING:
            said = f"GONE: {found.model.vendor} has no {found.model.vendor_model}"
        case Standing.NOT_ASKED:
            said = f"NOT ASKED: {found.reason}"
    return f"{found.model.id} ({found.model.vendor}): {said}"
