"""`python -m benchmarks [topic …]`: print the figures of all topics, or of those named."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
import warnings

import structlog

from benchmarks.measure import Figure, show

TOPICS = (
    "pickup",
    "slots",
    "whole",
    "answer",
    "claiming",
    "money",
    "webhook",
    "idle",
    "vendors",
    "cropping",
    "images",
)


async def _run(topics: list[str]) -> list[Figure]:
    figures = []
    for topic in topics:
        async for figure in importlib.import_module(f"benchmarks.{topic}").figures():
            show(figure)
            figures.append(figure)
    return figures


def main() -> None:
    """Run, print a line for each figure, and count."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.disable(logging.ERROR)
    # discord.py's sound part uses a module that will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    topics = sys.argv[1:] or list(TOPICS)
    unknown = sorted(set(topics) - set(TOPICS))
    if unknown:
        sys.exit(f"no topic {', '.join(unknown)}; there are {', '.join(TOPICS)}")
    figures = asyncio.run(_run(topics))
    missed = sum(figure.good is False for figure in figures)
    sys.stdout.write(f"{len(figures)} figures, {missed} missed\n")


if __name__ == "__main__":
    main()
