"""What all benchmarks share: rounds in turns, medians, and one line for each figure."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure; `good` is whether it meets its target, None where it has none."""

    name: str
    value: str
    target: str = ""
    good: bool | None = None
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def in_turns(
    first: Callable[[], Awaitable[float]],
    second: Callable[[], Awaitable[float]],
    rounds: int = ROUNDS,
) -> tuple[float, float]:
    """The medians of both sides, run in turns so that a busy machine hurts both alike."""
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        for side in ((first, ours), (second, theirs))[:: 1 if number % 2 else -1]:
            side[1].append(await side[0]())
    return statistics.median(ours), statistics.median(theirs)


def show(figure: Figure) -> None:
    """One line."""
    mark = {True: "ok  ", False: "MISS", None: "    "}[figure.good]
    target = f"  (target {figure.target})" if figure.target else ""
    note = f"  {figure.note}" if figure.note else ""
    sys.stdout.write(f"{mark} {figure.name}: {figure.value}{target}{note}\n")
    sys.stdout.flush()
