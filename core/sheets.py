"""Tables for spreadsheets: CSV in which no cell can be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """A table; UTF-8 with a mark, so that spreadsheets see what it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: str | int | None) -> str | int | None:
    """No text is a formula, whatever a person has written into it."""
    formula = isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{cell}" if formula else cell
