"""How the models have done: calls, successes, seconds and cost, as they were measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import timedelta

from core.app import App
from storage import attempts
from storage.attempts import MeasuredRow

ROWS_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A model's calls on our keys and on people's own; `seconds` is the median of those that succeeded.

    `calls` leaves out those that their people stopped; what these cost is in `cost_usd`.
    """

    vendor: str
    model: str
    calls: int
    stopped: int
    done: int
    lost: int
    seconds: float | None
    cost_usd: float


async def since(app: App, days: int) -> list[Record]:
    """The records of the last days, the most used model first; of the newest calls, if they are many."""
    begin = app.clock.now() - timedelta(days=days)
    rows = await app.database.read(attempts.measured, begin, ROWS_MAX)
    grouped: dict[tuple[str, str], list[MeasuredRow]] = {}
    for row in rows:
        grouped.setdefault((row.vendor, row.model), []).append(row)
    records = [_record(vendor, model, mine) for (vendor, model), mine in grouped.items()]
    return sorted(records, key=lambda record: -record.calls)


def _record(vendor: str, model: str, rows: list[MeasuredRow]) -> Record:
    heard = [row for row in rows if row.fault != attempts.CANCELLED]
    seconds = [
        (row.finished_at - row.started_at).total_seconds()
        for row in rows
        if row.state == "done" and row.finished_at is not None
    ]
    return Record(
        vendor=vendor,
        model=model,
        calls=len(heard),
        stopped=len(rows) - len(heard),
        done=sum(row.state == "done" for row in heard),
        lost=sum(row.state == "lost" for row in heard),
        seconds=statistics.median(seconds) if seconds else None,
        cost_usd=sum(row.cost_usd or 0.0 for row in rows if not row.own_key),
    )
